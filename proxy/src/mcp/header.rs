//! `Mcp-*` headers of modern requests, which must say what the body says (R2.1 to R2.4).

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{message::Message, method::NamedBy};

pub(crate) const PROTOCOL_VERSION: &str = "mcp-protocol-version";
pub(crate) const METHOD: &str = "mcp-method";
pub(crate) const NAME: &str = "mcp-name";
pub(crate) const SESSION_ID: &str = "mcp-session-id";
pub(crate) const PARAMETER_PREFIX: &str = "mcp-param-";
/// One `Mcp-*` value may have so many bytes (R1.21).
pub(crate) const MAX_LENGTH: usize = 8 * 1024;

/// The standard headers as they came: every value of each.
#[derive(Debug, Default)]
pub(crate) struct Standard<'a> {
    pub(crate) protocol_version: Single<'a>,
    pub(crate) method: Single<'a>,
    pub(crate) name: Single<'a>,
}

/// A header that may stand once.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Single<'a> {
    #[default]
    Absent,
    Value(&'a str),
    /// Repeated, too long or not visible ASCII.
    Unusable,
}

impl<'a> Single<'a> {
    pub(crate) fn of<'h>(mut values: impl Iterator<Item = &'h [u8]>) -> Single<'h> {
        let Some(value) = values.next() else { return Single::Absent };
        if values.next().is_some() || value.len() > MAX_LENGTH {
            return Single::Unusable;
        }
        match std::str::from_utf8(value) {
            Ok(text) => Single::Value(text.trim_matches([' ', '\t'])),
            Err(_) => Single::Unusable,
        }
    }

    pub(crate) fn value(self) -> Option<&'a str> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Unusable => None,
        }
    }
}

/// Checks a modern request's headers against its body.
///
/// # Errors
/// What contradicts what, for -32020 `HeaderMismatch`.
pub(crate) fn check(headers: &Standard<'_>, message: &Message<'_>, version: &str) -> Result<(), String> {
    equal("MCP-Protocol-Version", headers.protocol_version, version)?;
    equal("Mcp-Method", headers.method, message.method_name())?;
    let Some(named_by) = message.method().named_by() else { return Ok(()) };
    let params = message.params.as_ref();
    let in_body = match named_by {
        NamedBy::Name => params.and_then(|params| params.name.as_deref()),
        NamedBy::Uri => params.and_then(|params| params.uri.as_deref()),
    };
    // A body without the member is the upstream's to refuse: -32602 says more than a header mismatch.
    let Some(in_body) = in_body else { return Ok(()) };
    match headers.name {
        Single::Value(raw) => {
            let decoded = decode(raw).ok_or("Mcp-Name is not valid Base64 of UTF-8 text")?;
            if decoded == in_body { Ok(()) } else { Err("Mcp-Name differs from the body".into()) }
        }
        other => equal("Mcp-Name", other, in_body),
    }
}

fn equal(name: &str, header: Single<'_>, body: &str) -> Result<(), String> {
    match header {
        Single::Value(value) if value == body => Ok(()),
        Single::Value(_) => Err(format!("{name} differs from the body")),
        Single::Absent => Err(format!("{name} is missing")),
        Single::Unusable => Err(format!("{name} is repeated, too long or not text")),
    }
}

/// Decodes `=?base64?…?=`; anything without exactly that frame is a literal (R2.4).
pub(crate) fn decode(value: &str) -> Option<Cow<'_, str>> {
    let Some(encoded) = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) else {
        return Some(Cow::Borrowed(value));
    };
    let bytes = STANDARD.decode(encoded).ok()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Writes a value so that it survives a header: as it is, or in the Base64 frame (R2.8).
pub(crate) fn encode(value: &str) -> Cow<'_, str> {
    let is_plain = value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        && value.trim() == value
        && !value.is_empty()
        && !value.starts_with("=?base64?");
    if is_plain { Cow::Borrowed(value) } else { Cow::Owned(format!("=?base64?{}?=", STANDARD.encode(value))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] =
        br#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"gr\u00fc\u00dfe"}}"#;

    fn checked(version: &[&[u8]], method: &[&[u8]], name: &[&[u8]]) -> Result<(), String> {
        let headers = Standard {
            protocol_version: Single::of(version.iter().copied()),
            method: Single::of(method.iter().copied()),
            name: Single::of(name.iter().copied()),
        };
        check(&headers, &Message::parse(BODY).unwrap(), "2026-07-28")
    }

    #[test]
    fn headers_that_say_what_the_body_says_pass() {
        assert_eq!(checked(&[b" 2026-07-28 "], &[b"tools/call"], &[b"=?base64?Z3LDvMOfZQ==?="]), Ok(()));
    }

    #[test]
    fn missing_repeated_and_contradicting_headers_are_refused() {
        let name: &[&[u8]] = &[b"=?base64?Z3LDvMOfZQ==?="];
        for (version, method, name, reason) in [
            (&[][..], &[&b"tools/call"[..]][..], name, "MCP-Protocol-Version is missing"),
            (&[&b"2025-11-25"[..]], &[b"tools/call"], name, "MCP-Protocol-Version differs"),
            (&[b"2026-07-28"], &[], name, "Mcp-Method is missing"),
            (&[b"2026-07-28"], &[b"Tools/Call"], name, "Mcp-Method differs"),
            (&[b"2026-07-28"], &[b"tools/call", b"tools/call"], name, "Mcp-Method is repeated"),
            (&[b"2026-07-28"], &[b"tools/call"], &[], "Mcp-Name is missing"),
            (&[b"2026-07-28"], &[b"tools/call"], &[b"other"], "Mcp-Name differs"),
            (&[b"2026-07-28"], &[b"tools/call"], &[b"=?base64?Z3LDvMOfZQ?="], "Mcp-Name is not valid Base64"),
        ] {
            let error = checked(version, method, name).unwrap_err();
            assert!(error.starts_with(reason), "{error} / {reason}");
        }
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        for value in ["plain", "gr\u{fc}\u{df}e", " edge ", "", "=?base64?YQ==?=", "line\nbreak"] {
            assert_eq!(decode(&encode(value)).as_deref(), Some(value));
        }
    }

    #[test]
    fn only_the_exact_frame_is_base64() {
        for literal in ["=?BASE64?YQ==?=", "=?base64?YQ==", "base64?YQ==?=", "plain"] {
            assert_eq!(decode(literal).as_deref(), Some(literal));
        }
        assert_eq!(decode("=?base64?YQ==?=").as_deref(), Some("a"));
        assert_eq!(decode("=?base64?/w==?="), None, "not UTF-8");
    }
}
