//! Signatures of messages to webhooks, and the form of the secrets they are made with, as the Standard Webhooks
//! specification has them (contract 6.1, 6.3).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue, header::InvalidHeaderValue};
use ring::hmac;

/// Of a message: the same at every attempt.
pub const ID_HEADER: &str = "webhook-id";
/// Of an attempt, in Unix seconds.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// One signature or several with spaces between, any of which fits.
pub const SIGNATURE_HEADER: &str = "webhook-signature";

/// Before the base64 of the key.
const PREFIX: &str = "whsec_";
/// How many bytes a key has.
const KEY_LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// The text of a secret is none.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be whsec_ and the base64 of 24 to 64 bytes")]
pub struct NotASecret;

/// What is shown of a key to those who verify by it.
#[must_use]
pub fn secret_of(key: &[u8]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(key))
}

/// # Errors
/// It is not of the form.
pub fn key_of(secret: &str) -> Result<Vec<u8>, NotASecret> {
    let text = secret.strip_prefix(PREFIX).ok_or(NotASecret)?;
    let key = STANDARD.decode(text).map_err(|_| NotASecret)?;
    if KEY_LENGTH.contains(&key.len()) { Ok(key) } else { Err(NotASecret) }
}

/// The key of a secret that somebody chose elsewhere: one of the form is read, any other text is the key as it stands.
///
/// # Errors
/// It only looks like one of the form.
pub fn key_in(secret: &str) -> Result<Vec<u8>, NotASecret> {
    if secret.starts_with(PREFIX) { key_of(secret) } else { Ok(secret.as_bytes().to_vec()) }
}

/// The headers of one attempt: `id` is the same at each, `timestamp` (Unix seconds) is that of the attempt. While a secret
/// is rotated there are two keys; without one nothing is signed.
///
/// # Errors
/// The id is no header's value.
pub fn headers(
    id: &str,
    timestamp: i64,
    body: &[u8],
    keys: &[Vec<u8>],
) -> Result<HeaderMap, InvalidHeaderValue> {
    let mut headers = HeaderMap::new();
    headers.insert(ID_HEADER, HeaderValue::from_str(id)?);
    headers.insert(TIMESTAMP_HEADER, timestamp.into());
    let signatures: Vec<_> = keys.iter().map(|key| sign(key, id, timestamp, body)).collect();
    if !signatures.is_empty() {
        headers.insert(SIGNATURE_HEADER, HeaderValue::from_str(&signatures.join(" "))?);
    }
    Ok(headers)
}

/// The signature of a message by one key, as it stands in the header.
#[must_use]
pub fn sign(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    let mut signed = format!("{id}.{timestamp}.").into_bytes();
    signed.extend_from_slice(body);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), &signed);
    format!("v1,{}", STANDARD.encode(tag))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_signature_is_the_one_that_others_make() {
        let key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn two_keys_give_two_signatures_and_none_gives_no_header() {
        let keys = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "any other text"].map(|it| key_in(it).unwrap());
        let signed = headers("evt_1", 1, b"{}", &keys).unwrap();
        let both: Vec<_> = signed[SIGNATURE_HEADER].to_str().unwrap().split(' ').collect();
        assert_eq!(both, keys.each_ref().map(|key| sign(key, "evt_1", 1, b"{}")));
        assert!(!headers("evt_1", 1, b"{}", &[]).unwrap().contains_key(SIGNATURE_HEADER));
        assert!(headers("evt\n", 1, b"{}", &[]).is_err());
    }

    #[test]
    fn a_text_of_another_form_is_no_secret() {
        let short = secret_of(&[1; 23]);
        let long = secret_of(&[1; 65]);
        for text in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!", &short, &long] {
            assert_eq!(key_of(text), Err(NotASecret), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_secret_leads_back_to_its_key(key in proptest::collection::vec(any::<u8>(), 24..=64)) {
            prop_assert_eq!(key_of(&secret_of(&key)), Ok(key));
        }

        #[test]
        fn whatever_is_changed_changes_the_signature(
            key in any::<[u8; 32]>(), body in ".{0,40}", timestamp in 0_i64..4_000_000_000,
        ) {
            let whole = sign(&key, "evt_1", timestamp, body.as_bytes());
            prop_assert_ne!(&whole, &sign(&key, "evt_2", timestamp, body.as_bytes()));
            prop_assert_ne!(&whole, &sign(&key, "evt_1", timestamp + 1, body.as_bytes()));
            prop_assert_ne!(&whole, &sign(&key, "evt_1", timestamp, format!("{body} ").as_bytes()));
        }
    }
}
