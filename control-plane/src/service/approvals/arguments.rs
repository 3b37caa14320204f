//! The arguments of a call as approvals know them: their hash, which is of the original ones, and the form that people
//! see and that is kept, which shows no secrets.

use serde_json::Value;

use crate::error::{Error, Result};

/// Stands in the place of what is not shown.
const MASK: &str = "[redacted]";
/// A name that holds one of these has a secret for its value.
const SECRET_NAMES: [&str; 11] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "authorization",
    "cookie",
];
/// A run of letters and digits that is shorter is taken for a word.
const SHORTEST_SECRET: usize = 20;
/// Bits a character: words of people and paths of files stay below, drawn keys are above.
const LEAST_ENTROPY: f64 = 3.6;
/// `report-2026-v3` changes from letters to digits and back a few times, a drawn key all the time.
const LEAST_CHANGES: usize = 4;

/// SHA-256, in hex, of the RFC 8785 form.
///
/// # Errors
/// The arguments have no such form.
pub fn hash(arguments: &Value) -> Result<String> {
    let hash = gatewayops_proto::approval::arguments_hash(&arguments.to_string());
    hash.map(hex::encode)
        .ok_or_else(|| Error::internal(anyhow::anyhow!("arguments without a canonical form")))
}

/// The arguments with secrets masked, as far as names and looks give them away: too much rather than too little. The
/// shape stays, so that a reviewer sees what is where.
#[must_use]
pub fn redact(arguments: &Value) -> Value {
    match arguments {
        Value::Object(fields) => {
            let masked = |name: &str, value: &Value| match value {
                Value::Null | Value::Bool(_) => value.clone(),
                _ if is_secret_name(name) => Value::from(MASK),
                _ => redact(value),
            };
            fields.iter().map(|(name, value)| (name.clone(), masked(name, value))).collect()
        }
        Value::Array(items) => items.iter().map(redact).collect(),
        Value::String(text) => Value::from(redact_text(text)),
        other => other.clone(),
    }
}

/// Postgres keeps no U+0000; the caller's arguments may hold it all the same.
#[must_use]
pub fn storable(value: Value) -> Value {
    let clean = |text: String| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text };
    match value {
        Value::String(text) => Value::String(clean(text)),
        Value::Array(items) => items.into_iter().map(storable).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (clean(name), storable(value))).collect())
        }
        other => other,
    }
}

/// `api_key`, `X-Api-Key` and `apiKey` are the same name; a bare `key` is one too, `keyboard` is none.
fn is_secret_name(name: &str) -> bool {
    let plain: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    plain == "key"
        || plain == "auth"
        || plain == "pin"
        || SECRET_NAMES.iter().any(|secret| plain.contains(secret))
}

/// Judges each stretch of the characters that keys are written in.
fn redact_text(text: &str) -> String {
    let outside = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '='));
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(outside) {
        let run = piece.trim_end_matches(outside);
        shown.push_str(if is_drawn(run) { MASK } else { run });
        shown.push_str(&piece[run.len()..]);
    }
    shown
}

/// Drawn by a machine: long, now letters, now digits, and without the repetitions of a language.
fn is_drawn(run: &str) -> bool {
    // A UUID is a name; written without hyphens it looks like any other key.
    let is_uuid = run.contains('-') && uuid::Uuid::try_parse(run).is_ok();
    if run.len() < SHORTEST_SECRET || is_uuid {
        return false;
    }
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic) && changes(run) >= LEAST_CHANGES;
    is_mixed && (entropy(run) >= LEAST_ENTROPY || (run.len() >= 32 && is_hex(run)))
}

/// How often small letters, capitals and digits take turns.
fn changes(run: &str) -> usize {
    let kind = |byte: &u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let written: Vec<_> =
        run.as_bytes().iter().filter(|byte| byte.is_ascii_alphanumeric()).map(kind).collect();
    written.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

fn is_hex(run: &str) -> bool {
    run.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Shannon's, in bits a byte.
fn entropy(run: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in run.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = run.len() as f64;
    let share = |count: u32| f64::from(count) / length;
    counts.iter().filter(|count| **count > 0).map(|count| -share(*count) * share(*count).log2()).sum()
}

#[cfg(test)]
mod tests {
    use ring::digest;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_hash_is_of_the_meaning_and_every_value_counts() {
        assert_eq!(hash(&json!({"b": 1.0, "a": null})).unwrap(), hash(&json!({"a": null, "b": 1})).unwrap());
        assert_ne!(hash(&json!({"a": null})).unwrap(), hash(&json!({})).unwrap());
        let known = hex::encode(digest::digest(&digest::SHA256, br#"{"path":"/tmp/x"}"#));
        assert_eq!(hash(&json!({"path": "/tmp/x"})).unwrap(), known);
    }

    #[test]
    fn what_is_named_like_a_secret_is_masked_whatever_it_is() {
        let given = json!({
            "password": "a", "X-Api-Key": {"v": 1}, "clientSecret": ["x"], "access_token": 7, "key": "k",
            "keyboard": "dvorak", "nested": [{"passphrase": "b c"}], "token_required": true,
        });
        assert_eq!(
            redact(&given),
            json!({
                "password": MASK, "X-Api-Key": MASK, "clientSecret": MASK, "access_token": MASK, "key": MASK,
                "keyboard": "dvorak", "nested": [{"passphrase": MASK}], "token_required": true,
            })
        );
    }

    #[test]
    fn what_looks_drawn_is_masked_where_it_stands() {
        for secret in [
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
            "AKIAI44QH8DHBEXAMPLE",
            "gwo_dev_TTab81hZq0PxYw7RnK2sVd93LmEf",
            "9f86d081884c7d659a2feaa0c55ad015",
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        ] {
            let text = format!("curl -H 'Authorization: Bearer {secret}' https://example.com");
            let redacted = redact(&json!([text]));
            assert_eq!(
                redacted,
                json!([format!("curl -H 'Authorization: Bearer {MASK}' https://example.com")]),
                "{secret}"
            );
        }
    }

    #[test]
    fn what_a_reviewer_needs_is_left() {
        for text in [
            "/srv/data/2026/reports/quarterly-figures-final.xlsx",
            "monthly-report-2026-01-final-version-3.pdf",
            "select count(*) from customers where country = 'CH'",
            "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c",
            "https://example.com/a/b?page=2",
            "Donaudampfschifffahrtsgesellschaft",
            "1234567890123456789012",
            "",
        ] {
            assert_eq!(redact(&json!({"a": text})), json!({"a": text}));
        }
    }
}
