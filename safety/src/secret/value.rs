//! What a value looks like: drawn at random, chosen by a person, written by a programmer, or standing in for a secret.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use super::shape::{ALNUM, HEX};
use crate::scan::work;

/// Longer values are judged by their beginning.
const LOOK_AT: usize = 128;

/// Words inside a value that say "put yours here", the first of them also where a token is expected; then what programs
/// and templates write for a value that comes later.
const STAND_INS: [&str; 25] = [
    "your",
    "placeholder",
    "change",
    "redacted",
    "insert",
    "replace",
    "xxxx",
    "****",
    "<",
    "_here",
    "-here",
    "masked",
    "removed",
    "....",
    "hidden",
    "not-set",
    "not_set",
    "unset",
    "${",
    "{{",
    "$(",
    "#{",
    "%(",
    "<%",
    "%s",
];
const FILLERS: usize = 10;
const EXAMPLES: [&str; 4] = ["example", "sample", "dummy", "fake"];

static STAND_IN_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&STAND_INS));
static FILLER_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&STAND_INS[..FILLERS]));
static EXAMPLE_WORDS: LazyLock<AhoCorasick> = LazyLock::new(|| automaton(&EXAMPLES));

fn automaton(words: &[&str]) -> AhoCorasick {
    let builder =
        AhoCorasick::builder().ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA)).build(words);
    builder.expect("words of our own make an automaton")
}

/// Values that mean none, or a type, or their own name.
const EMPTY_WORDS: [&str; 51] = [
    "none",
    "null",
    "nil",
    "true",
    "false",
    "undefined",
    "string",
    "str",
    "required",
    "optional",
    "empty",
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "value",
    "text",
    "yes",
    "no",
    "n/a",
    "int",
    "integer",
    "varchar",
    "env",
    "bytes",
    "bearer",
    "basic",
    "default",
    "type",
    "name",
    "object",
    "char",
    "bool",
    "boolean",
    "number",
    "and",
    "or",
    "the",
    "not",
    "input",
    "field",
    "api_key",
    "apikey",
    "unknown",
    "invalid",
    "missing",
    "any",
];

/// One character repeated, or an invitation to fill in.
pub(super) fn is_filler(value: &str) -> bool {
    let bytes = head(value);
    distinct(bytes) <= 2 || FILLER_WORDS.is_match(bytes)
}

/// A token that its own letters call an example.
pub(super) fn is_example(value: &str) -> bool {
    EXAMPLE_WORDS.is_match(head(value))
}

/// Stands in for a secret, or is program text that fetches one.
pub(super) fn is_stand_in(value: &str) -> bool {
    let bytes = head(value);
    let Some(&first) = bytes.first() else { return true };
    matches!(first, b'$' | b'{' | b'<' | b'[' | b'(' | b'&')
        || (first == b'%' && bytes.len() > 2 && bytes.ends_with(b"%"))
        || distinct(bytes) <= 2
        || EMPTY_WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
        || STAND_IN_WORDS.is_match(bytes)
}

/// A password in a URL that is none; words like `secret` are used in earnest there.
pub(super) fn is_stand_in_for_url(value: &str) -> bool {
    !matches!(value, "secret" | "password" | "pass" | "token") && is_stand_in(value)
}

/// Program text: a call, a path through objects, a name.
pub(super) fn is_expression(value: &str) -> bool {
    value.contains('(')
        || value.contains("::")
        || value.contains("->")
        || value.starts_with("process.")
        || value.starts_with("os.")
        || is_dotted_path(value)
}

fn is_dotted_path(value: &str) -> bool {
    let parts = value.split('.');
    value.contains('.')
        && parts.clone().count() <= 6
        && parts.clone().all(|part| {
            part.len() >= 2
                && part.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'[' | b']'))
        })
}

/// A constant or a type: `LM_OWF_PASSWORD`, `__u32`.
pub(super) fn is_identifier(value: &str) -> bool {
    let is_constant = value.contains('_') && !value.bytes().any(|byte| byte.is_ascii_lowercase());
    value.starts_with(['*', '_'])
        || is_constant && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Letters with a digit or a sign among them, as people are made to choose passwords.
pub(super) fn is_chosen(value: &str) -> bool {
    let bytes = head(value);
    let has_letter = bytes.iter().any(|byte| byte.is_ascii_alphabetic() || *byte >= 128);
    let has_other = bytes.iter().any(|&byte| byte.is_ascii_digit() || is_sign(byte));
    bytes.len() >= 5 && has_letter && has_other
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'!' | b'#' | b'$' | b'%' | b'^' | b'&' | b'*' | b'?' | b'@' | b'~' | b'+' | b'=' | b'`')
}

/// `8-4-4-4-12`, as vendors give keys and everybody gives ids.
pub(super) fn is_uuid(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(at, &byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => ALNUM.has(byte),
        })
}

/// No word, no name, no number: as if drawn.
pub(super) fn is_random(value: &str) -> bool {
    let bytes = head(value);
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    if bytes.len() < 8 || digits == bytes.len() || bytes.iter().any(|&byte| byte <= b' ' || byte >= 127) {
        return false;
    }
    if bytes.len() >= 16 && digits > 0 && bytes.iter().all(|&byte| HEX.has(byte) || byte == b'-') {
        return entropy(bytes) >= 2.0;
    }
    let changes = changes(bytes);
    if is_path(value) {
        return false;
    }
    match bytes.len() {
        8..=15 => digits > 0 && changes >= 4,
        16..=19 => changes >= 5 || (digits > 0 && changes >= 4),
        _ => changes * 8 >= bytes.len() || (entropy(bytes) >= 4.0 && !has_words(value)),
    }
}

/// Digits, or letters and digits in some order: no word, but not drawn either.
pub(super) fn is_regular(value: &str) -> bool {
    let bytes = head(value.trim_end_matches('='));
    let digits = bytes.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_plain = bytes.iter().all(u8::is_ascii_alphanumeric);
    let is_mixed = digits >= 3 && bytes.len() - digits >= 3;
    is_plain && (is_mixed && bytes.len() >= 8 || bytes.len() >= 24) && distinct(bytes) >= 4
}

/// Capitals and digits in groups of one length, as people are given keys to type in: `7QX2M-9KLPR-4TTVB`.
pub(super) fn is_grouped(value: &str) -> bool {
    const GROUPS: usize = 4;
    let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let length = value.find('-').unwrap_or_default();
    let mut groups = value.split('-');
    (4..=8).contains(&length)
        && groups.clone().count() >= GROUPS
        && groups.all(|group| group.len() == length && group.bytes().all(is_capital))
        && value.bytes().any(|byte| byte.is_ascii_uppercase())
        && value.bytes().any(|byte| byte.is_ascii_digit())
}

/// What comes behind the words that some services begin their keys with: `key-…`, `live_…`, `scp-test-…`.
pub(super) fn behind_words(value: &str) -> &str {
    const WORDS: usize = 2;
    const LONGEST_WORD: usize = 12;
    let mut rest = value;
    for _ in 0..WORDS {
        match rest.split_once(['-', '_']) {
            Some((word, behind))
                if (1..=LONGEST_WORD).contains(&word.len())
                    && word.bytes().all(|byte| byte.is_ascii_alphabetic()) =>
            {
                rest = behind;
            }
            _ => break,
        }
    }
    rest
}

/// Slashes or dots between words: files, hosts, packages.
fn is_path(value: &str) -> bool {
    value.contains("//")
        || value.starts_with(['/', '.', '~'])
        || value.matches(['/', '.']).count() >= 2
            && (has_words(value) || value.rsplit('.').next().is_some_and(is_domain))
}

/// The last label of a host.
fn is_domain(label: &str) -> bool {
    matches!(label, "com" | "net" | "org" | "io" | "dev" | "cloud" | "local" | "internal")
}

/// Joined by dashes, underscores and the like into parts that are each all letters, but for the last.
fn has_words(value: &str) -> bool {
    let separators = ['-', '_', '.', '/', ':', ' '];
    let mut parts = value.split(separators).filter(|part| !part.is_empty());
    let words = parts.clone().filter(|part| part.bytes().all(|byte| byte.is_ascii_alphabetic())).count();
    parts.next().is_some() && value.contains(separators) && words * 2 > parts.count()
}

/// How often digits, capitals and small letters give way to each other; a capital that begins a word is no change.
fn changes(bytes: &[u8]) -> usize {
    let is_lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let pairs = bytes.windows(2).enumerate();
    pairs
        .filter(|(at, pair)| match (pair[0], pair[1]) {
            (b'0'..=b'9', b'a'..=b'z' | b'A'..=b'Z') | (b'a'..=b'z' | b'A'..=b'Z', b'0'..=b'9') => true,
            (b'a'..=b'z', b'A'..=b'Z') => !(is_lower(at + 2) && is_lower(at + 3)),
            _ => false,
        })
        .count()
}

/// Bits a character (Shannon).
fn entropy(bytes: &[u8]) -> f32 {
    let mut counts = [0u16; 128];
    for &byte in bytes {
        counts[usize::from(byte & 127)] += 1;
    }
    let length = bytes.len() as f32;
    let each = counts.iter().filter(|&&count| count > 0).map(|&count| f32::from(count) / length);
    each.map(|share| -share * share.log2()).sum()
}

fn distinct(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0u128, |seen, &byte| seen | 1 << (byte & 127)).count_ones()
}

fn head(value: &str) -> &[u8] {
    &value.as_bytes()[..work::reads(value.len().min(LOOK_AT))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_told_from_what_is_written() {
        for value in [
            "9qLw3vTz8KpR",
            "f3a91c07be554d20",
            "kR7bQzX2mW9pLsT4vN8c",
            "d2f7a8b09c1e4f6a8b7c6d5e4f3a2b1c",
            "Zt4/pLq9+Wx2Rv8sKm3Yb7Nc1Hd6Gf5=",
        ] {
            assert!(is_random(value), "{value}");
        }
        for value in [
            "customer_name",
            "internal-service-account-2",
            "getUserPreferences",
            "2024-01-01",
            "1234567890",
            "application/vnd.api+json",
            "com.example.service.TokenProvider",
            "/var/run/secrets/token",
            "authentication_required",
            "AuthenticationTokenFactory",
        ] {
            assert!(!is_random(value), "{value}");
        }
    }

    #[test]
    fn words_before_a_value_are_not_the_value() {
        for (value, behind) in [
            ("key-9f2c", "9f2c"),
            ("scp-test-9f2c", "9f2c"),
            ("a-b-c-9f2c", "c-9f2c"),
            ("9f2c-test", "9f2c-test"),
            ("", ""),
        ] {
            assert_eq!(behind_words(value), behind);
        }
    }

    #[test]
    fn stand_ins_are_known() {
        for value in [
            "",
            "xxxxxxxx",
            "your-key-here",
            "${TOKEN}",
            "$TOKEN",
            "<token>",
            "{{ secret }}",
            "%PASSWORD%",
            "null",
            "changeme",
            "[REDACTED:secret]",
            "********",
            "Password",
        ] {
            assert!(is_stand_in(value), "{value}");
        }
        for value in ["hunter2", "Tr0ub4dor&3", "f3a91c07be554d20"] {
            assert!(!is_stand_in(value), "{value}");
        }
    }
}
