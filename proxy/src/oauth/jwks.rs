//! An issuer's keys, from its JSON Web Key Set (RFC 7517). What cannot check a signature of ours is left out.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    algorithm::{Algorithm, PublicKey},
    refusal::Refusal,
};

/// Of one issuer.
const MAX_KEYS: usize = 64;
const MAX_BYTES: usize = 256 * 1024;

#[derive(Debug, Default)]
pub(crate) struct Jwks(Vec<Jwk>);

#[derive(Debug)]
struct Jwk {
    id: Option<Box<str>>,
    /// The only one that it may be used with, if it says so.
    algorithm: Option<Algorithm>,
    key: PublicKey,
}

#[derive(Deserialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Written {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Jwks {
    /// An empty one if it is none: then its issuer's tokens wait for the next.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        if bytes.len() > MAX_BYTES {
            return Self::default();
        }
        let Ok(set) = serde_json::from_slice::<Set<'_>>(bytes) else { return Self::default() };
        let usable =
            |raw: &RawValue| serde_json::from_str::<Written>(raw.get()).ok().and_then(|key| key.read());
        Self(set.keys.into_iter().filter_map(usable).take(MAX_KEYS).collect())
    }

    /// The keys that may have signed: those of that id, or the only one there is.
    pub(crate) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Vec<&PublicKey>, Refusal> {
        let named: Vec<_> = match id {
            Some(id) => self.0.iter().filter(|key| key.id.as_deref() == Some(id)).collect(),
            None => self.0.iter().collect(),
        };
        match (id, named.len()) {
            (Some(_), 0) | (None, 0) => return Err(Refusal::UnknownKey),
            (None, 2..) => return Err(Refusal::NamesNoKey),
            _ => {}
        }
        let fitting = named
            .into_iter()
            .filter(|key| key.key.fits(algorithm) && key.algorithm.is_none_or(|only| only == algorithm));
        let fitting: Vec<_> = fitting.map(|key| &key.key).collect();
        if fitting.is_empty() { Err(Refusal::Algorithm) } else { Ok(fitting) }
    }
}

impl Written {
    fn read(self) -> Option<Jwk> {
        let is_for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures {
            return None;
        }
        let algorithm = match self.alg.as_deref() {
            // One for another purpose, or of a kind that is never accepted.
            Some(name) => Some(Algorithm::named(name)?),
            None => None,
        };
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => PublicKey::Rsa { n: unsigned(self.n)?, e: unsigned(self.e)? },
            ("EC", Some("P-256")) => PublicKey::P256(point::<65>(self.x, self.y)?.into()),
            ("EC", Some("P-384")) => PublicKey::P384(point::<97>(self.x, self.y)?.into()),
            ("OKP", Some("Ed25519")) => PublicKey::Ed25519(decoded(self.x)?.try_into().ok()?),
            _ => return None,
        };
        Some(Jwk { id: self.kid.map(Into::into), algorithm, key })
    }
}

fn decoded(text: Option<String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

/// Some issuers write a leading zero that RFC 7518 §6.3.1.1 does not want, and neither does ring.
fn unsigned(text: Option<String>) -> Option<Box<[u8]>> {
    let bytes = decoded(text)?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    Some(bytes[first..].into())
}

/// `0x04 ‖ x ‖ y` (SEC 1 §2.3.3).
fn point<const N: usize>(x: Option<String>, y: Option<String>) -> Option<[u8; N]> {
    let length = (N - 1) / 2;
    let (x, y) = (decoded(x)?, decoded(y)?);
    if x.len() != length || y.len() != length {
        return None;
    }
    let mut point = [0; N];
    point[0] = 4;
    point[1..=length].copy_from_slice(&x);
    point[1 + length..].copy_from_slice(&y);
    Some(point)
}
