//! Mail addresses.

use super::Datum;
use crate::{finding::Severity::Low, scan::work};

const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 253;
/// Mailboxes of nobody in particular.
const ROLES: [&str; 24] = [
    "info",
    "support",
    "hello",
    "contact",
    "admin",
    "sales",
    "help",
    "security",
    "noreply",
    "no-reply",
    "donotreply",
    "do-not-reply",
    "abuse",
    "webmaster",
    "postmaster",
    "notifications",
    "team",
    "office",
    "press",
    "privacy",
    "legal",
    "billing",
    "user",
    "username",
];
/// What follows a point and is a file: `logo@2x.png`.
const FILES: [&str; 12] =
    ["png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "js", "ts", "css", "md", "json"];

/// The address around the `@` at `at`.
pub(super) fn verify(text: &str, at: usize) -> Option<Datum> {
    let bytes = text.as_bytes();
    let is_local =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'\'');
    let length = bytes[..at].iter().rev().take(MAX_LOCAL + 1).take_while(|&&byte| is_local(byte)).count();
    let local = text[at - work::reads(length)..at].trim_start_matches(['.', '-', '\'', '%', '+']);
    let start = at - local.len();
    if local.is_empty()
        || local.len() > MAX_LOCAL
        || local.ends_with('.')
        || local.contains("..")
        || local == "git"
    {
        return None;
    }
    // `scheme://user:password@host` is a URL.
    if start > 0 && matches!(bytes[start - 1], b':' | b'/') && text[..start].ends_with("://") {
        return None;
    }
    let domain = domain(&text[at + 1..])?;
    let confidence = if is_nobody(local, domain) { 0.55 } else { 0.9 };
    Some(Datum { rule: "email", severity: Low, confidence, span: start..at + 1 + domain.len() })
}

/// The longest run of labels that ends in a name of letters.
fn domain(rest: &str) -> Option<&str> {
    let is_domain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let length = rest.bytes().take(MAX_DOMAIN + 1).take_while(|&byte| is_domain(byte)).count();
    let domain = rest[..work::reads(length)].trim_end_matches(['.', '-']);
    let (labels, last) = domain.rsplit_once('.')?;
    let is_name = (2..=24).contains(&last.len()) && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        || last.starts_with("xn--");
    let is_good =
        labels.split('.').all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-'));
    let is_file = FILES.iter().any(|file| last.eq_ignore_ascii_case(file));
    (is_name && is_good && !is_file && domain.len() <= MAX_DOMAIN).then_some(domain)
}

/// RFC 2606, and mailboxes of roles.
fn is_nobody(local: &str, domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let is_reserved = ["example.com", "example.org", "example.net", "localhost.localdomain"]
        .iter()
        .any(|reserved| domain == *reserved || domain.ends_with(&format!(".{reserved}")))
        || [".test", ".example", ".invalid", ".local"].iter().any(|reserved| domain.ends_with(reserved));
    is_reserved || ROLES.iter().any(|role| local.eq_ignore_ascii_case(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<&str> {
        let datum = verify(text, text.find('@').unwrap())?;
        Some(&text[datum.span])
    }

    #[test]
    fn addresses_are_found_to_their_ends() {
        for (text, expected) in [
            ("write to jane.doe+x@mail.acme.co.uk.", Some("jane.doe+x@mail.acme.co.uk")),
            ("<o'neil@acme.de>", Some("o'neil@acme.de")),
            ("(JANE@ACME.IO)", Some("JANE@ACME.IO")),
            ("git@github.com:a/b", None),
            ("logo@2x.png", None),
            ("left-pad@1.3.0", None),
            ("@scope/name", None),
            ("a @ b.com", None),
            ("user@localhost", None),
            ("a@-b.com", None),
        ] {
            assert_eq!(found(text), expected, "{text}");
        }
    }

    #[test]
    fn mailboxes_of_nobody_are_less_sure() {
        assert!(verify("jane@acme.io", 4).unwrap().confidence > 0.7);
        for (text, at) in [("jane@example.com", 4), ("support@acme.io", 7)] {
            assert!(verify(text, at).unwrap().confidence < 0.7);
        }
    }
}
