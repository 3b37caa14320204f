//! Signatures after Standard Webhooks: a receiver that holds the secret can tell who sent a message, that nobody changed
//! it, and when it was sent (contract 6.3).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue};
use ring::hmac;

pub const ID: &str = "webhook-id";
pub const TIMESTAMP: &str = "webhook-timestamp";
pub const SIGNATURE: &str = "webhook-signature";

/// What secrets begin with that are written as the standard says; the rest is base64 of the key.
pub const SECRET_PREFIX: &str = "whsec_";

/// Whether a text is one, or only looks like it.
#[must_use]
pub fn is_secret(text: &str) -> bool {
    text.strip_prefix(SECRET_PREFIX)
        .is_none_or(|encoded| STANDARD.decode(encoded).is_ok_and(|key| !key.is_empty()))
}

/// A key to sign with.
pub struct Secret(hmac::Key);

impl Secret {
    /// `whsec_` and base64 of the key; any other text is the key as it stands.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let decoded = text.strip_prefix(SECRET_PREFIX).and_then(|encoded| STANDARD.decode(encoded).ok());
        let key = decoded.unwrap_or_else(|| text.as_bytes().to_vec());
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut signed = hmac::Context::with_key(&self.0);
        signed.update(format!("{id}.{timestamp}.").as_bytes());
        signed.update(body);
        format!("v1,{}", STANDARD.encode(signed.sign()))
    }
}

/// The headers of one attempt: `id` is the same at each, `timestamp` (Unix seconds) is that of the attempt. While a secret
/// is rotated there are two; without one nothing is signed.
///
/// # Panics
/// Never: an id is made of visible ASCII, and so is everything else here.
#[must_use]
pub fn headers(id: &str, timestamp: i64, body: &[u8], secrets: &[Secret]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let value = |text: &str| HeaderValue::from_str(text).expect("visible ASCII");
    headers.insert(ID, value(id));
    headers.insert(TIMESTAMP, timestamp.into());
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    if !signatures.is_empty() {
        headers.insert(SIGNATURE, value(&signatures.join(" ")));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with openssl: HMAC-SHA256 under 24 bytes, `MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw`.
    #[test]
    fn a_signature_covers_id_time_and_body() {
        let secret = Secret::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed =
            headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#, &[secret]);
        assert_eq!(signed[ID], "msg_p5jXN8AQM9LWM0D4loKWxJek");
        assert_eq!(signed[TIMESTAMP], "1614265330");
        assert_eq!(signed[SIGNATURE], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_secrets_give_two_signatures_and_none_gives_no_header() {
        let secrets = [Secret::read("whsec_c2VjcmV0"), Secret::read("secret")];
        let signed = headers("evt_1", 1, b"{}", &secrets);
        let text = signed[SIGNATURE].to_str().unwrap();
        let (first, second) = text.split_once(' ').unwrap();
        assert_eq!(first, second, "base64 of the key and the key itself are one secret");
        assert!(!headers("evt_1", 1, b"{}", &[]).contains_key(SIGNATURE));
    }
}
