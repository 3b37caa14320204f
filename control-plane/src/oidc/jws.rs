//! A signed token in its three parts (RFC 7515), for what must be read before it is believed, and for those that are no
//! ID tokens. A signature is checked by the library.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::Value;

use super::{Reason, Refusal, claims::Claims, keys::Keys};

/// Longer ones are nobody's.
const LONGEST_TOKEN: usize = 65_536;

/// Public-key signatures only: neither `none`, nor one made with a secret that we share with the provider.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) kid: Option<String>,
    pub(super) typ: Option<String>,
    crit: Option<Value>,
}

/// Nothing of it is to be believed yet.
pub(super) struct Unverified<'a> {
    pub(super) header: Header,
    pub(super) claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Unverified<'a> {
    pub(super) fn read(token: &'a str) -> Result<Self, Refusal> {
        Self::parts(token).ok_or_else(|| Refusal::new(Reason::TokenInvalid, "the token is no signed JWT"))
    }

    fn parts(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST_TOKEN)?;
        let (header, payload) = signed.split_once('.')?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let Value::Object(claims) = serde_json::from_slice(&decode(payload)?).ok()? else { return None };
        Some(Self {
            header: serde_json::from_slice(&decode(header)?).ok()?,
            claims: Claims(claims),
            signed,
            signature: decode(signature)?,
        })
    }

    /// The claims, once the signature fits one of the keys.
    pub(super) fn verified(self, keys: &Keys) -> Result<Claims, Refusal> {
        let invalid = |detail: &'static str| Refusal::new(Reason::TokenInvalid, detail);
        if self.header.crit.is_some() {
            return Err(invalid("the token has critical header fields"));
        }
        let alg: CoreJwsSigningAlgorithm = serde_json::from_value(Value::from(self.header.alg.as_str()))
            .ok()
            .filter(|alg| ALGORITHMS.contains(alg))
            .ok_or_else(|| invalid("the token's signature is of a kind that is not accepted"))?;
        let set = keys.set();
        let mut fitting = set.keys().iter().filter(|key| fits(key, &alg, self.header.kid.as_deref()));
        if fitting.clone().next().is_none() {
            return Err(invalid("the token is signed with a key that is not the provider's"));
        }
        // A token need not name its key, and while keys are changed there are several.
        let signed = self.signed.as_bytes();
        if fitting.any(|key| key.verify_signature(&alg, signed, &self.signature).is_ok()) {
            return Ok(self.claims);
        }
        Err(invalid("the token's signature is wrong"))
    }
}

fn fits(key: &CoreJsonWebKey, alg: &CoreJwsSigningAlgorithm, key_id: Option<&str>) -> bool {
    let named = key_id.is_none_or(|wanted| key.key_id().is_some_and(|id| id.as_str() == wanted));
    let for_signing = key.key_use().is_none_or(JsonWebKeyUse::allows_signature);
    let for_alg = match key.signing_alg() {
        JsonWebKeyAlgorithm::Algorithm(of) => of == alg,
        JsonWebKeyAlgorithm::Unspecified => true,
        JsonWebKeyAlgorithm::Unsupported => false,
    };
    named && for_signing && for_alg && alg.key_type().as_ref() == Some(key.key_type())
}
