//! MCP tokens: Ed25519 JWTs that live for minutes and open MCP endpoints (contract 1.6, 6.1). Signed here, verified by
//! proxies, kept by nobody.

use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde::Serialize;
use uuid::Uuid;

use super::ed25519;
use crate::{
    error::{Error, Result},
    id::OrgId,
};

/// PKCS#8 of an Ed25519 key, up to its seed (RFC 8410).
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// What signs.
#[derive(Clone)]
pub struct TokenKey {
    private: EncodingKey,
    public: [u8; 32],
}

/// What a token says. Its holder is a user or an API key; the globs narrow what the holder may do.
#[derive(Debug, Serialize)]
pub struct Claims<'a> {
    pub iss: &'a str,
    pub aud: &'a str,
    pub sub: Uuid,
    pub org: OrgId,
    /// Space-separated.
    pub scope: String,
    pub servers: &'a [String],
    pub tools: &'a [String],
    /// Of a key: how the digest begins of the secret that it was asked for with. Proxies take it for as long as they take
    /// that one.
    #[serde(rename = "gwo_secret", skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    #[serde(with = "chrono::serde::ts_seconds")]
    pub iat: DateTime<Utc>,
    #[serde(with = "chrono::serde::ts_seconds")]
    pub exp: DateTime<Utc>,
    pub jti: Uuid,
}

impl TokenKey {
    /// # Panics
    /// Never: any 32 bytes are a seed.
    #[must_use]
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        ed25519::install();
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).expect("any 32 bytes are a seed");
        let mut public = [0; 32];
        public.copy_from_slice(pair.public_key().as_ref());
        Self { private: EncodingKey::from_ed_der(&[&PKCS8[..], seed].concat()), public }
    }

    /// With what proxies verify.
    #[must_use]
    pub fn public(&self) -> &[u8; 32] {
        &self.public
    }

    /// The token as it is handed out.
    ///
    /// # Errors
    /// None that a caller could cause.
    pub fn sign(&self, claims: &Claims<'_>) -> Result<String> {
        jsonwebtoken::encode(&Header::new(Algorithm::EdDSA), claims, &self.private).map_err(Error::internal)
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use ring::signature::{ED25519, UnparsedPublicKey};
    use serde_json::{Value, json};

    use super::*;

    fn token(key: &TokenKey) -> String {
        let at = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let claims = Claims {
            iss: "https://ops.example.com",
            aud: "https://mcp.example.com",
            sub: Uuid::nil(),
            org: OrgId(Uuid::nil()),
            scope: "mcp:read".into(),
            servers: &["*".into()],
            tools: &[],
            secret: None,
            iat: at,
            exp: at + chrono::Duration::seconds(60),
            jti: Uuid::nil(),
        };
        key.sign(&claims).unwrap()
    }

    #[test]
    fn a_token_is_a_jwt_that_the_public_key_verifies_and_no_other() {
        let key = TokenKey::from_seed(&[7; 32]);
        let token = token(&key);
        let (content, signature) = token.rsplit_once('.').unwrap();
        let (header, claims) = content.split_once('.').unwrap();
        let open =
            |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
        assert_eq!(open(header), json!({"typ": "JWT", "alg": "EdDSA"}));
        assert_eq!((&open(claims)["exp"], &open(claims)["servers"]), (&json!(1_800_000_060), &json!(["*"])));
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        let verifies = |public: &[u8]| {
            UnparsedPublicKey::new(&ED25519, public).verify(content.as_bytes(), &signature).is_ok()
        };
        assert!(verifies(key.public()) && !verifies(TokenKey::from_seed(&[8; 32]).public()));
    }

    #[test]
    fn the_public_key_of_the_specification_belongs_to_its_seed() {
        // RFC 8032, 7.1, test 1.
        let seed = hex::decode("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60").unwrap();
        let key = TokenKey::from_seed(&seed.try_into().unwrap());
        assert_eq!(
            hex::encode(key.public()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        );
    }
}
