//! Signatures of messages to webhooks, and the form of the secrets they are made with, as the Standard Webhooks
//! specification has them (contract 6.1, 6.3).

use base64::{Engine, engine::general_purpose::STANDARD};
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
