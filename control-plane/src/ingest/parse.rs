//! An entry's fields, understood: what came in, or why nothing can be made of it (contract 6.2).

use std::borrow::Cow;

use chrono::{DateTime, Duration, Utc};
use gatewayops_proto::event::{KeyUsed, Payload, Span, VERSION, kind};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use super::entry::Entry;

/// A proxy's clock may run ahead, and a spool may wait for long; what lies beyond would only make odd partitions.
const OLDEST: Duration = Duration::days(400);
const NEWEST: Duration = Duration::days(2);

#[derive(Debug)]
pub(super) enum Event<'a> {
    Span(Box<Span<'a>>),
    Detection(Box<Detection>),
    Payload(Box<Payload<'a>>),
    Audit(Box<Audit>),
    KeyUsed(KeyUsed<'a>),
}

/// A detection: what the ingester must know of it, and all columns as they came.
#[derive(Debug)]
pub(super) struct Detection {
    pub(super) created_at: DateTime<Utc>,
    pub(super) row: Value,
}

/// Something a proxy did that belongs into the audit log.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Audit {
    #[serde(deserialize_with = "action")]
    pub(super) action: String,
    #[serde(deserialize_with = "outcome")]
    pub(super) outcome: String,
    #[serde(deserialize_with = "actor_type")]
    pub(super) actor_type: String,
    pub(super) actor_id: Option<String>,
    pub(super) actor_name: Option<String>,
    pub(super) resource_id: Option<String>,
    pub(super) resource_name: Option<String>,
    #[serde(default)]
    pub(super) details: serde_json::Map<String, Value>,
    pub(super) ip_address: Option<std::net::IpAddr>,
    pub(super) request_id: Option<String>,
    pub(super) trace_id: Option<String>,
    pub(super) occurred_at: DateTime<Utc>,
    /// The stream entry, by which a second delivery is known: audit rows get their ids here.
    #[serde(skip)]
    pub(super) entry: String,
    #[serde(skip)]
    pub(super) delivered_before: bool,
}

/// What proxies do that is audited (contract 4.8).
const ACTIONS: [&str; 3] = ["api_key.rejected", "approval.use", "mcp.blocked"];

fn action<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    one_of(&ACTIONS, deserializer)
}

fn outcome<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    one_of(&["success", "failure", "denied"], deserializer)
}

fn actor_type<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    one_of(&["user", "api_key", "system", "proxy"], deserializer)
}

fn one_of<'de, D: Deserializer<'de>>(known: &[&str], deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if known.contains(&text.as_str()) {
        return Ok(text);
    }
    Err(serde::de::Error::custom(format!("{text} is none of {}", known.join(", "))))
}

/// An event and the organization it belongs to.
#[derive(Debug)]
pub(super) struct Received<'a> {
    pub(super) org_id: Uuid,
    pub(super) event: Event<'a>,
}

/// The JSON of an entry, with what Postgres cannot hold mended: see [`without_nul`].
pub(super) fn payload(entry: &Entry) -> Cow<'_, str> {
    without_nul(String::from_utf8_lossy(entry.field("d").unwrap_or_default()))
}

/// Reads an entry; an error is the reason of its dead letter.
pub(super) fn parse<'a>(entry: &Entry, payload: &'a str, now: DateTime<Utc>) -> Result<Received<'a>, String> {
    let text = |name: &str| entry.field(name).and_then(|value| std::str::from_utf8(value).ok());
    match text("v") {
        Some(VERSION) => {}
        _ if entry.fields.is_empty() => {
            return Err("was trimmed from the stream before it could be stored".into());
        }
        Some(other) => return Err(format!("version {other} of the entry layout is not known")),
        None => return Err("field v is missing".into()),
    }
    let org_id =
        text("org").and_then(|org| org.parse().ok()).ok_or("field org is not an organization's id")?;
    let kind = text("kind").ok_or("field kind is missing")?;
    let event = match kind {
        kind::SPAN => span(payload, org_id, now)?,
        kind::DETECTION => detection(payload, org_id, now)?,
        kind::PAYLOAD => payload_of(payload, org_id, now)?,
        kind::AUDIT => Event::Audit(Box::new(Audit {
            entry: entry.id.clone(),
            delivered_before: entry.deliveries > 1,
            ..json(payload)?
        })),
        kind::KEY_USED => Event::KeyUsed(json(payload)?),
        other => return Err(format!("kind {other} is not known")),
    };
    Ok(Received { org_id, event })
}

fn span(payload: &str, org_id: Uuid, now: DateTime<Utc>) -> Result<Event<'_>, String> {
    let span: Box<Span<'_>> = json(payload)?;
    if span.org_id != org_id {
        return Err("org_id of the span is not the entry's org".into());
    }
    within_reach("started_at", span.started_at, now)?;
    Ok(Event::Span(span))
}

fn payload_of(json_text: &str, org_id: Uuid, now: DateTime<Utc>) -> Result<Event<'_>, String> {
    let payload: Box<Payload<'_>> = json(json_text)?;
    if payload.org_id != org_id {
        return Err("org_id of the payload is not the entry's org".into());
    }
    within_reach("started_at", payload.started_at, now)?;
    Ok(Event::Payload(payload))
}

fn detection(payload: &str, org_id: Uuid, now: DateTime<Utc>) -> Result<Event<'_>, String> {
    #[derive(Deserialize)]
    struct Known {
        org_id: Uuid,
        created_at: DateTime<Utc>,
    }
    let row: Value = json(payload)?;
    let known = Known::deserialize(&row).map_err(|error| error.to_string())?;
    if known.org_id != org_id {
        return Err("org_id of the detection is not the entry's org".into());
    }
    within_reach("created_at", known.created_at, now)?;
    Ok(Event::Detection(Box::new(Detection { created_at: known.created_at, row })))
}

fn json<'a, T: Deserialize<'a>>(payload: &'a str) -> Result<T, String> {
    serde_json::from_str(payload).map_err(|error| format!("d cannot be read: {error}"))
}

fn within_reach(field: &str, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), String> {
    if at < now - OLDEST || at > now + NEWEST {
        return Err(format!("{field} {at} is too far from now"));
    }
    Ok(())
}

/// JSON may escape U+0000, Postgres text cannot hold it, and a client chooses the names in a span: such a call stays
/// on record with U+FFFD in its place.
fn without_nul(json: Cow<'_, str>) -> Cow<'_, str> {
    const NUL: &str = "\\u0000";
    if !json.contains(NUL) {
        return json;
    }
    let mut mended = String::with_capacity(json.len());
    let mut rest = &*json;
    while let Some(backslash) = rest.find('\\') {
        let (before, escape) = rest.split_at(backslash);
        mended.push_str(before);
        // An escaped backslash must not lend its second half to what follows it.
        let length = if escape.starts_with(NUL) {
            NUL.len()
        } else {
            escape.chars().take(2).map(char::len_utf8).sum()
        };
        mended.push_str(if length == NUL.len() { "\\ufffd" } else { &escape[..length] });
        rest = &escape[length..];
    }
    mended.push_str(rest);
    Cow::Owned(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: &str = "0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c";

    fn entry(v: &str, kind: &str, org: &str, d: &str) -> Entry {
        let fields = [("v", v), ("kind", kind), ("org", org), ("d", d)];
        Entry {
            id: "1-0".into(),
            fields: fields.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).to_vec(),
            deliveries: 1,
        }
    }

    fn reason(entry: &Entry) -> String {
        parse(entry, &payload(entry), Utc::now()).unwrap_err()
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let cases = [
            (entry("2", "span", ORG, "{}"), "version 2 of the entry layout is not known"),
            (entry("1", "riddle", ORG, "{}"), "kind riddle is not known"),
            (entry("1", "span", "acme", "{}"), "field org is not an organization's id"),
            (
                entry("1", "key_used", ORG, "{"),
                "d cannot be read: EOF while parsing an object at line 1 column 1",
            ),
            (
                entry("1", "key_used", ORG, "{}"),
                "d cannot be read: missing field `api_key_id` at line 1 column 2",
            ),
            (
                entry("1", "audit", ORG, r#"{"action":"user.delete"}"#),
                "d cannot be read: user.delete is none of api_key.rejected, approval.use, mcp.blocked at line 1 column 24",
            ),
        ];
        for (entry, expected) in &cases {
            assert_eq!(reason(entry), *expected);
        }
    }

    #[test]
    fn a_clock_far_off_is_no_event() {
        let d = format!(r#"{{"org_id": "{ORG}", "created_at": "2001-01-01T00:00:00Z"}}"#);
        assert_eq!(
            reason(&entry("1", "detection", ORG, &d)),
            "created_at 2001-01-01 00:00:00 UTC is too far from now"
        );
    }

    #[test]
    fn one_organization_cannot_write_for_another() {
        let d = r#"{"org_id": "0198c0de-7a11-7c3e-9b2a-000000000000", "created_at": "2026-01-01T00:00:00Z"}"#;
        assert_eq!(
            reason(&entry("1", "detection", ORG, d)),
            "org_id of the detection is not the entry's org"
        );
    }

    #[test]
    fn an_escaped_nul_is_mended_and_nothing_else_changes() {
        for (json, mended) in [
            (r#""a\u0000b""#, r#""a\ufffdb""#),
            (r#""\\u0000 \n\u0000""#, r#""\\u0000 \n\ufffd""#),
            (r#""\\\u0000é""#, r#""\\\ufffdé""#),
            (r#""plain""#, r#""plain""#),
        ] {
            assert_eq!(without_nul(json.into()), mended);
        }
    }
}
