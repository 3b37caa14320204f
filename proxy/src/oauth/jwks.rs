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
/// Keys of one id and kind. There should be one (RFC 7517 §4.5), and a made-up token makes us try them all.
const MAX_NAMESAKES: usize = 2;
/// Of an RSA modulus: 4096 bits.
const MAX_MODULUS: usize = 512;

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
        let mut kept: Vec<Jwk> = Vec::new();
        for key in set.keys.into_iter().filter_map(usable) {
            let namesakes =
                kept.iter().filter(|other| other.id == key.id && other.key.is_like(&key.key)).count();
            if namesakes < MAX_NAMESAKES {
                kept.push(key);
            }
            if kept.len() == MAX_KEYS {
                break;
            }
        }
        Self(kept)
    }

    /// The keys that may have signed: those of that id, or the only one there is.
    pub(crate) fn find<'a>(
        &'a self,
        id: Option<&'a str>,
        algorithm: Algorithm,
    ) -> Result<impl Iterator<Item = &'a PublicKey> + use<'a>, Refusal> {
        let named = self.0.iter().filter(move |key| id.is_none() || key.id.as_deref() == id);
        match (id, named.clone().count()) {
            (_, 0) => return Err(Refusal::UnknownKey),
            (None, 2..) => return Err(Refusal::NamesNoKey),
            _ => {}
        }
        let fitting = named
            .filter(move |key| key.key.fits(algorithm) && key.algorithm.is_none_or(|only| only == algorithm))
            .map(|key| &key.key);
        if fitting.clone().next().is_none() { Err(Refusal::Algorithm) } else { Ok(fitting) }
    }

    /// Whether a key may still come that is the one of that id.
    pub(crate) fn lacks(&self, id: Option<&str>, algorithm: Algorithm) -> bool {
        self.find(id, algorithm).err() == Some(Refusal::UnknownKey)
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
            ("RSA", _) => {
                let n = unsigned(self.n).filter(|n| n.len() <= MAX_MODULUS)?;
                PublicKey::Rsa { n, e: unsigned(self.e)? }
            }
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rsa(id: &str, bytes: usize) -> serde_json::Value {
        static COUNT: std::sync::atomic::AtomicU8 = std::sync::atomic::AtomicU8::new(1);
        let n = vec![COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed); bytes];
        json!({ "kty": "RSA", "kid": id, "n": URL_SAFE_NO_PAD.encode(n), "e": "AQAB" })
    }

    #[test]
    fn a_made_up_token_makes_us_try_two_keys_at_most_and_none_that_is_huge() {
        let ec = json!({ "kty": "EC", "kid": "1", "crv": "P-256",
            "x": URL_SAFE_NO_PAD.encode([1; 32]), "y": URL_SAFE_NO_PAD.encode([2; 32]) });
        let mut keys: Vec<_> = (0..50).map(|_| rsa("1", 256)).collect();
        keys.extend([ec, rsa("2", 512), rsa("3", 513)]);
        let set = Jwks::parse(json!({ "keys": keys }).to_string().as_bytes());
        let tried = |id, algorithm| set.find(Some(id), algorithm).map(Iterator::count);
        assert_eq!(tried("1", Algorithm::Rs256), Ok(2));
        assert_eq!(tried("1", Algorithm::Es256), Ok(1), "of another kind");
        assert_eq!(tried("2", Algorithm::Ps256), Ok(1), "4096 bits");
        assert_eq!(tried("3", Algorithm::Rs256), Err(Refusal::UnknownKey), "more");
    }
}
