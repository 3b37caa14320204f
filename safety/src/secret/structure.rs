//! Secrets that are told by how they are built: private keys, JSON Web Tokens, passwords in URLs and headers.

use std::ops::Range;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE as URL_SAFE_ALPHABET},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use memchr::memmem;

use super::{
    Secret,
    shape::{ALNUM, BASE64, DIGITS, DOTTED, HEX, URL_SAFE, begins_word},
    value,
};
use crate::{
    finding::Severity::{Critical, High, Low},
    scan::work,
};

/// Looks at a mark; what it has read to the end need not be read again.
pub(super) type Look = fn(&str, Range<usize>, &mut usize) -> Option<Secret>;

pub(super) const LOOKS: &[(&str, Look)] = &[
    ("-----BEGIN ", private_key),
    ("eyJ", json_web_token),
    ("://", url_password),
    ("bearer ", bearer),
    ("basic ", basic),
    ("SSWS ", bearer),
    (".atlasv1.", terraform),
    ("8Q~", azure_client_secret),
    ("AZDO", azure_token),
    ("JQQJ99", azure_token),
    ("NRAL", new_relic),
    ("-us", mailchimp),
    (":A", telegram),
    ("_mmk", maxmind),
    (".apps.googleusercontent.com", google_client_id),
    ("/telemetry", device_token),
    ("LS0tLS1CRUdJTi", encoded_private_key),
];

/// Longest key block that is looked through.
const MAX_BLOCK: usize = 16 << 10;
/// Longest token, and the longest first part of one.
const MAX_TOKEN: usize = 8 << 10;
const MAX_HEADER: usize = 1 << 10;
/// Longest name and password in a URL.
const MAX_USERINFO: usize = 256;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE_ALPHABET, LENIENT);
const BASE64_STANDARD: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);

/// RFC 7468: up to the end line, or as far as the block goes.
fn private_key(text: &str, at: Range<usize>, read_to: &mut usize) -> Option<Secret> {
    let rest = &text.as_bytes()[at.end..text.len().min(at.end + MAX_BLOCK)];
    let label_length = memmem::find(&rest[..rest.len().min(64)], b"-----")?;
    memmem::find(&rest[..label_length], b"PRIVATE KEY")?;
    let body = at.end + label_length + 5;
    let rest = &text.as_bytes()[body..text.len().min(body + MAX_BLOCK)];
    let next = memmem::find(rest, b"-----");
    work::reads(next.unwrap_or(rest.len()));
    let end = match next {
        Some(next) if rest[next..].starts_with(b"-----END ") => {
            let line = &rest[next + 9..rest.len().min(next + 73)];
            body + next + 9 + memmem::find(line, b"-----").map_or(line.len(), |close| close + 5)
        }
        _ => body,
    };
    let end = text.ceil_char_boundary(end);
    *read_to = end;
    // A first line alone is mostly somebody who speaks of keys.
    let is_keyed = BASE64.run(text.as_bytes()[body..].trim_ascii_start(), 32) >= 4;
    let confidence = if end > body || is_keyed { 0.95 } else { 0.6 };
    Some(Secret { rule: "private_key", severity: Critical, confidence, span: at.start..end })
}

/// The same block in base64, as configuration carries it.
fn encoded_private_key(text: &str, at: Range<usize>, read_to: &mut usize) -> Option<Secret> {
    let length = BASE64.run(&text.as_bytes()[at.start..], MAX_BLOCK);
    let head = &text[at.start..at.start + length.min(80) / 4 * 4];
    let decoded = BASE64_STANDARD.decode(head).ok()?;
    memmem::find(&decoded, b"PRIVATE KEY")?;
    let span = at.start..at.start + length;
    *read_to = span.end;
    Some(Secret { rule: "private_key", severity: Critical, confidence: 0.95, span })
}

/// RFC 7519: three parts, of which the first is a JSON object that names an algorithm or a type. That one is read first,
/// and no further than such objects reach, because each of many marks in one long run may begin one.
fn json_web_token(text: &str, at: Range<usize>, read_to: &mut usize) -> Option<Secret> {
    if !begins_word(text, at.start) {
        return None;
    }
    let bytes = &text.as_bytes()[at.start..];
    let header_length = URL_SAFE.run(bytes, MAX_HEADER);
    if bytes.get(header_length) != Some(&b'.') {
        return None;
    }
    let header = BASE64_URL.decode(&bytes[..header_length]).ok()?;
    let names = |name: &[u8]| memmem::find(&header, name).is_some();
    if !header.starts_with(b"{") || !(names(b"\"alg\"") || names(b"\"typ\"") || names(b"\"kid\"")) {
        return None;
    }
    let length = DOTTED.run(bytes, MAX_TOKEN);
    let token = text[at.start..at.start + length].trim_end_matches(['.', '-']);
    let mut parts = token.split('.').skip(1);
    let payload = parts.next()?;
    let has_signature = parts.next().is_some();
    if payload.len() < 4 || !(has_signature || payload.starts_with("eyJ")) {
        return None;
    }
    let span = at.start..at.start + token.len();
    *read_to = span.end;
    Some(Secret { rule: "json_web_token", severity: High, confidence: 0.95, span })
}

/// RFC 3986 §3.2.1: `scheme://user:password@host`.
fn url_password(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let rest = &text.as_bytes()[at.end..text.len().min(at.end + MAX_USERINFO)];
    let stop = rest.iter().position(|&byte| {
        matches!(byte, b'@' | b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>' | b'`') || byte <= b' '
    })?;
    let mut end = work::reads(stop);
    if rest[end] != b'@' {
        return None;
    }
    // A user may be a mail address, a password may hold an @: the last one before the host counts.
    let tail = &rest[end + 1..];
    let host_end = tail.iter().position(|&byte| {
        !(ALNUM.has(byte) || matches!(byte, b'@' | b'.' | b'-' | b'_' | b':' | b'!' | b')'))
    });
    if let Some(another) = tail[..host_end.unwrap_or(tail.len())].iter().rposition(|&byte| byte == b'@') {
        end += 1 + another;
    }
    let colon = rest[..end].iter().position(|&byte| byte == b':')?;
    let span = at.end + colon + 1..at.end + end;
    let password = text.get(span.clone())?;
    if value::is_stand_in_for_url(password) {
        return None;
    }
    let is_word = password.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let confidence = if is_word { 0.6 } else { 0.9 };
    Some(Secret { rule: "url_password", severity: High, confidence, span })
}

/// RFC 6750 §2.1, and Okta's scheme of the same kind.
fn bearer(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    if !begins_word(text, at.start) {
        return None;
    }
    let bytes = text.as_bytes();
    let alphabet = DOTTED.and(b"+/~=");
    let length = alphabet.run(&bytes[at.end..], MAX_TOKEN);
    let token = text[at.end..at.end + length].trim_end_matches('.');
    let is_good = token.len() >= 12 && !value::is_stand_in(token) && !value::is_example(token);
    let is_plain = !value::is_random(token) && !value::is_uuid(token);
    if !is_good || is_plain || (token.len() > 20 && value::is_expression(token)) {
        return None;
    }
    let span = at.end..at.end + token.len();
    Some(Secret { rule: "bearer_token", severity: High, confidence: 0.85, span })
}

/// RFC 7617: `user:password` in base64.
fn basic(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let length = BASE64.run(&text.as_bytes()[at.end..], 512);
    let token = &text[at.end..at.end + length];
    if length < 8 || !begins_word(text, at.start) {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(token).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    if user.chars().chain(password.chars()).any(char::is_control) || value::is_stand_in(password) {
        return None;
    }
    Some(Secret { rule: "basic_credentials", severity: High, confidence: 0.9, span: at.end..at.end + length })
}

/// `<14>.atlasv1.<60 and more>`: Terraform Cloud.
fn terraform(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let before = ALNUM.run_back(&bytes[..at.start], 14);
    let after = URL_SAFE.run(&bytes[at.end..], 90);
    let span = at.start - before..at.end + after;
    (before == 14 && (60..=90).contains(&after)).then_some(Secret {
        rule: "terraform_token",
        severity: Critical,
        confidence: 0.95,
        span,
    })
}

/// Entra ID: three characters, `8Q~` (or `7Q~`), 34 more.
fn azure_client_secret(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let alphabet = DOTTED.and(b"~");
    let before = alphabet.run_back(&bytes[..at.start], 3);
    let after = alphabet.run(&bytes[at.end..], 34);
    let span = at.start.checked_sub(3)?..at.end + after;
    (before == 3 && (31..=34).contains(&after)).then_some(Secret {
        rule: "azure_client_secret",
        severity: Critical,
        confidence: 0.95,
        span,
    })
}

/// Microsoft's common annotated keys: a signature in the middle of a long run.
fn azure_token(text: &str, at: Range<usize>, read_to: &mut usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let before = ALNUM.run_back(&bytes[..at.start], 80);
    let after = ALNUM.run(&bytes[at.end..], 80);
    let padding = bytes[at.end + after..].iter().take(2).take_while(|&&byte| byte == b'=').count();
    let span = at.start - before..at.end + after + padding;
    *read_to = at.end + after;
    let is_token = (80..=92).contains(&span.len()) && value::is_random(&text[span.clone()]);
    if !is_token || !text[span.clone()].contains("AZDO") && !text[span.clone()].contains("JQQJ99") {
        return None;
    }
    Some(Secret { rule: "azure_token", severity: Critical, confidence: 0.9, span })
}

/// 36 characters and `NRAL`.
fn new_relic(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let before = ALNUM.run_back(&bytes[..at.start], 36);
    let is_whole = bytes.get(at.end).is_none_or(|&byte| !ALNUM.has(byte));
    let span = at.start - before.min(at.start)..at.end;
    (before == 36 && is_whole && &text[at] == "NRAL").then_some(Secret {
        rule: "newrelic_license_key",
        severity: High,
        confidence: 0.95,
        span,
    })
}

/// 32 hexadecimal digits, `-us` and the number of a data centre.
fn mailchimp(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let before = HEX.run_back(&bytes[..at.start], 32);
    let after = DIGITS.run(&bytes[at.end..], 2);
    let span = at.start - before.min(at.start)..at.end + after;
    (before == 32 && (1..=2).contains(&after)).then_some(Secret {
        rule: "mailchimp_key",
        severity: High,
        confidence: 0.95,
        span,
    })
}

/// The number of a bot, then 34 or 35 characters of which the first two are mostly `AA`.
fn telegram(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let bytes = text.as_bytes();
    let before = DIGITS.run_back(&bytes[..at.start], 10);
    let after = URL_SAFE.run(&bytes[at.end..], 34);
    let span = at.start - before.min(at.start)..at.end + after;
    ((8..=10).contains(&before) && (33..=34).contains(&after)).then_some(Secret {
        rule: "telegram_bot_token",
        severity: High,
        confidence: 0.95,
        span,
    })
}

/// Six characters, `_`, 29 more, `_mmk`.
fn maxmind(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let start = at.start.checked_sub(36)?;
    let key = text.get(start..at.end)?.as_bytes();
    let is_key = key[6] == b'_' && key[..6].iter().chain(&key[7..36]).all(|&byte| ALNUM.has(byte));
    is_key.then_some(Secret { rule: "maxmind_key", severity: High, confidence: 0.95, span: start..at.end })
}

/// A number, a dash, mostly 32 characters: the name of an application at Google. No secret by itself.
fn google_client_id(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let before = URL_SAFE.run_back(&text.as_bytes()[..at.start], 64);
    let start = at.start - before.min(at.start);
    let (number, name) = text[start..at.start].split_once('-')?;
    let is_id = number.len() >= 8 && number.bytes().all(|byte| byte.is_ascii_digit()) && name.len() >= 20;
    is_id.then_some(Secret { rule: "client_id", severity: Low, confidence: 0.5, span: start..at.end })
}

/// `/api/v1/<20>/telemetry`: what a device shows ThingsBoard.
fn device_token(text: &str, at: Range<usize>, _: &mut usize) -> Option<Secret> {
    let bytes = &text.as_bytes()[..at.start];
    let before = ALNUM.run_back(bytes, 20);
    let span = at.start - before.min(at.start)..at.start;
    let is_token = before == 20 && bytes[..span.start].ends_with(b"/api/v1/");
    is_token.then_some(Secret { rule: "device_token", severity: High, confidence: 0.9, span })
}
