//! Issuers for tests. They sign with OpenSSL, so that what ring checks was made by somebody else.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use openssl::{
    bn::BigNumContext,
    ec::{EcGroup, EcKey},
    ecdsa::EcdsaSig,
    hash::{MessageDigest, hash},
    nid::Nid,
    pkey::{PKey, Private},
    rsa::{Padding, Rsa},
    sign::{RsaPssSaltlen, Signer as OpenSsl},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    algorithm::{Algorithm, PublicKey},
    issuer::{Issuer, Trust},
};

pub(crate) const ISSUER: &str = "https://idp.example.com/realm";
pub(crate) const PUBLIC_URL: &str = "https://console.example.com";
pub(crate) const PROXY_URL: &str = "https://gw.example.com";
/// In all of these tests it is this time, in seconds.
pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const NOW_MS: i64 = NOW * 1000;

/// A key of an issuer.
pub(crate) struct Signer {
    pub(crate) id: Option<String>,
    pub(crate) algorithm: Algorithm,
    key: PKey<Private>,
}

impl Signer {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let ec = |curve| {
            let group = EcGroup::from_curve_name(curve)?;
            PKey::from_ec_key(EcKey::generate(&group)?)
        };
        let key = match algorithm {
            Algorithm::Es256 => ec(Nid::X9_62_PRIME256V1),
            Algorithm::Es384 => ec(Nid::SECP384R1),
            Algorithm::EdDsa => PKey::generate_ed25519(),
            _ => Rsa::generate(2048).and_then(PKey::from_rsa),
        };
        Self { id: Some(format!("{}-1", algorithm.name())), algorithm, key: key.unwrap() }
    }

    pub(crate) fn with_id(self, id: Option<&str>) -> Self {
        Self { id: id.map(str::to_owned), ..self }
    }

    /// The same key under another algorithm of its kind.
    pub(crate) fn by(&self, algorithm: Algorithm) -> Self {
        Self { id: self.id.clone(), algorithm, key: self.key.clone() }
    }

    pub(crate) fn jwk(&self) -> Value {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match self.algorithm {
            Algorithm::Es256 | Algorithm::Es384 => {
                let key = self.key.ec_key().unwrap();
                let (curve, length) =
                    if self.algorithm == Algorithm::Es256 { ("P-256", 32) } else { ("P-384", 48) };
                let mut context = BigNumContext::new().unwrap();
                let bytes = key
                    .public_key()
                    .to_bytes(key.group(), openssl::ec::PointConversionForm::UNCOMPRESSED, &mut context)
                    .unwrap();
                let (x, y) = bytes[1..].split_at(length);
                json!({ "kty": "EC", "crv": curve, "x": encode(x), "y": encode(y) })
            }
            Algorithm::EdDsa => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(&self.key.raw_public_key().unwrap()) })
            }
            _ => {
                let key = self.key.rsa().unwrap();
                json!({ "kty": "RSA", "n": encode(&key.n().to_vec()), "e": encode(&key.e().to_vec()) })
            }
        };
        jwk["use"] = "sig".into();
        if let Some(id) = &self.id {
            jwk["kid"] = id.as_str().into();
        }
        jwk
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_of(&self.header(), claims)
    }

    pub(crate) fn header(&self) -> Value {
        let mut header = json!({ "alg": self.algorithm.name(), "typ": "at+jwt" });
        if let Some(id) = &self.id {
            header["kid"] = id.as_str().into();
        }
        header
    }

    pub(crate) fn token_of(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let digest = match self.algorithm {
            Algorithm::Rs384 | Algorithm::Ps384 | Algorithm::Es384 => MessageDigest::sha384(),
            Algorithm::Rs512 | Algorithm::Ps512 => MessageDigest::sha512(),
            _ => MessageDigest::sha256(),
        };
        match self.algorithm {
            Algorithm::EdDsa => {
                OpenSsl::new_without_digest(&self.key).unwrap().sign_oneshot_to_vec(message).unwrap()
            }
            Algorithm::Es256 | Algorithm::Es384 => {
                let length = if self.algorithm == Algorithm::Es256 { 32 } else { 48 };
                let hashed = hash(digest, message).unwrap();
                let signature = EcdsaSig::sign(&hashed, &*self.key.ec_key().unwrap()).unwrap();
                [signature.r(), signature.s()].map(|half| half.to_vec_padded(length).unwrap()).concat()
            }
            _ => {
                let mut signer = OpenSsl::new(digest, &self.key).unwrap();
                if matches!(self.algorithm, Algorithm::Ps256 | Algorithm::Ps384 | Algorithm::Ps512) {
                    signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
                    signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
                    signer.set_rsa_mgf1_md(digest).unwrap();
                }
                signer.sign_oneshot_to_vec(message).unwrap()
            }
        }
    }

    /// As the control plane sends the key of its own tokens.
    pub(crate) fn ed25519(&self) -> [u8; 32] {
        self.key.raw_public_key().unwrap().try_into().unwrap()
    }
}

pub(crate) fn set(keys: &[&Signer]) -> Bytes {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() }).to_string().into()
}

/// Of one organization in [`ISSUER`] with these keys, and in the control plane with those.
pub(crate) fn trust(keys: &[&Signer], own: &[&Signer]) -> Trust {
    let mut trust = Trust {
        own_keys: own.iter().map(|key| PublicKey::Ed25519(key.ed25519())).collect::<Vec<_>>().into(),
        ..Trust::default()
    };
    let issuer = Issuer::new(Uuid::from_u128(7), Uuid::from_u128(2), ISSUER, set(keys));
    std::sync::Arc::make_mut(&mut trust.issuers).put(issuer);
    trust
}

/// A good access token for `/mcp/github`.
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": format!("{PROXY_URL}/mcp/github"),
        "iat": NOW - 10, "exp": NOW + 300, "scope": "openid mcp:read mcp:call",
    })
}

/// A good token of the control plane for user or key `subject`.
pub(crate) fn own_claims(subject: Uuid) -> Value {
    json!({
        "iss": PUBLIC_URL, "sub": subject, "org": Uuid::from_u128(2), "aud": PROXY_URL,
        "exp": NOW + 600, "jti": "1", "scope": "mcp:read mcp:call", "servers": ["*"], "tools": ["*"],
    })
}

/// The claims with some members replaced; null takes one away.
pub(crate) fn with(mut claims: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        let members = claims.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    claims
}
