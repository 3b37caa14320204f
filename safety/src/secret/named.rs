//! Values that their name says are secret: `api_key = …`, `password: …`, `--token …`.

mod reader;
mod words;

use std::ops::Range;

pub(super) use self::words::{Class, NAMES, WORDS};
use self::{
    reader::{Link, MAX_VALUE, Reader, Value},
    words::{COMPOUNDS, HARMLESS, HARMLESS_ENDS, KEPT_ENDS},
};
use super::{Secret, shape::URL_SAFE, value};
use crate::{
    finding::Severity::{High, Low, Medium},
    scan::work,
};

/// Values this long hold no name of another.
const LONG_VALUE: usize = 64;
/// Characters of a name behind its word.
const MAX_SUFFIX: usize = 48;
/// Longest word of a name that is known.
const MAX_WORD: usize = 16;

/// Reads on from a word of a name; `read_to` is set to the end of what was read.
pub(super) fn verify(text: &str, word: Range<usize>, class: Class, read_to: &mut usize) -> Option<Secret> {
    let (end, class) = name_end(text, &word, class)?;
    if class != Class::Service {
        *read_to = end;
    }
    if is_harmless(text, word.start) {
        return None;
    }
    let mut found = Reader { text, at: end }.value(class == Class::Key)?;
    if found.link == Link::Beside && is_flag(text, word.start) && !text[found.span.clone()].starts_with('-') {
        found.link = Link::Assigned;
    }
    let span = found.span.clone();
    let secret = judge(text, found, class);
    // Long values are judged once; a short one may be a name that has a value.
    if secret.is_none() && span.len() >= LONG_VALUE {
        *read_to = span.end;
    }
    secret
}

/// A member of a JSON object: its name with the words that stand in it, and its value as a whole.
pub(super) fn verify_member(
    name: &str,
    member: &str,
    words: impl Iterator<Item = (Range<usize>, Class)>,
) -> Option<Secret> {
    if member.is_empty() || member.len() > MAX_VALUE {
        return None;
    }
    for (word, class) in words {
        let Some((end, class)) = name_end(name, &word, class) else { continue };
        if end == name.len() && !is_harmless(name, word.start) {
            let value = Value {
                span: 0..member.len(),
                is_quoted: true,
                is_cut: false,
                ends_line: true,
                link: Link::Assigned,
            };
            return judge(member, value, class);
        }
    }
    None
}

/// The end of the name that a word stands in, if it is a word there and not a part of another, and what the name as a
/// whole says.
fn name_end(text: &str, word: &Range<usize>, class: Class) -> Option<(usize, Class)> {
    let spelled = &text[word.clone()];
    if class == Class::Client || class == Class::Service {
        let begins_word = begins(text, word.start, true);
        let goes_on = text.as_bytes().get(word.end).is_some_and(u8::is_ascii_alphanumeric);
        return (begins_word && !goes_on).then_some((word.end, class));
    }
    let (mut end, is_whole) = spelled_out(text, word);
    let glues = is_whole
        || class == Class::Password && spelled.len() > 4
        || ["token", "secret", "pwd", "credential"].iter().any(|word| spelled.eq_ignore_ascii_case(word));
    if !begins(text, word.start, glues) {
        return None;
    }
    let bytes = text.as_bytes();
    let tail = suffix(text, end);
    let Some(&first) = tail.as_bytes().first() else { return Some((end, class)) };
    let before = bytes[end - 1];
    let is_glued = first.is_ascii_lowercase() && before.is_ascii_lowercase()
        || first.is_ascii_uppercase() && before.is_ascii_uppercase();
    end += tail.len();
    let last = last_word(tail);
    let is_one_of = |words: &[&str]| words.iter().any(|word| last.eq_ignore_ascii_case(word));
    if is_one_of(&["pass", "password", "passwd", "passphrase", "pwd"]) {
        return Some((end, Class::Password));
    }
    if is_one_of(&["key", "token", "secret"]) {
        return Some((end, Class::Key));
    }
    if is_one_of(&KEPT_ENDS) || last.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((end, class));
    }
    if is_one_of(&HARMLESS_ENDS) || is_glued || spelled.len() == 2 {
        return None;
    }
    Some((end, if class == Class::Password { class } else { Class::Weak }))
}

/// The end of the word that a mark begins, and whether it is longer than the mark: `pass` of `passphrase`.
fn spelled_out(text: &str, word: &Range<usize>) -> (usize, bool) {
    let rest = &text.as_bytes()[word.end..];
    let goes_on = |ends: &[&str]| {
        let fits =
            |end: &&&str| rest.len() >= end.len() && rest[..end.len()].eq_ignore_ascii_case(end.as_bytes());
        ends.iter().find(fits).map_or(0, |end| end.len())
    };
    let more = match &text[word.clone()] {
        pass if pass.eq_ignore_ascii_case("pass") => {
            goes_on(&["words", "word", "wd", "wrd", "phrase", "code", "key"])
        }
        auth if auth.eq_ignore_ascii_case("auth") => goes_on(&["orization", "entication", "enticator"]),
        _ => 0,
    };
    (word.end + more, more > 0)
}

/// The rest of an identifier. What is joined to it and looks drawn at random is its value: `api-key-7f3a…`.
fn suffix(text: &str, from: usize) -> &str {
    let bytes = &text.as_bytes()[from..];
    let mut end = 0;
    while end < MAX_SUFFIX {
        let joint = usize::from(matches!(bytes.get(end), Some(b'_' | b'-' | b'.')));
        let word = bytes[end + joint..]
            .iter()
            .take(MAX_SUFFIX)
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        // `API_KEY_2` is a name too.
        let starts_well =
            joint == 0 || word <= 2 || bytes.get(end + joint).is_some_and(u8::is_ascii_alphabetic);
        let digits =
            bytes[end + joint..end + joint + word].iter().filter(|byte| byte.is_ascii_digit()).count();
        if word == 0 || !starts_well || (joint == 1 && word >= 6 && digits >= 2) {
            break;
        }
        end += joint + word;
    }
    &text[from..from + work::reads(end)]
}

/// The last word of an identifier: after the last separator, or from the last capital.
fn last_word(name: &str) -> &str {
    let word = name.rsplit(['_', '-', '.']).next().unwrap_or(name);
    let bytes = word.as_bytes();
    let camel = (1..bytes.len())
        .rev()
        .find(|&at| bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase());
    camel.map_or(word, |at| &word[at..])
}

/// Whether a word begins at `at`: after something that is no letter, at a capital, or behind a word it is often joined to.
fn begins(text: &str, at: usize, glues: bool) -> bool {
    let bytes = text.as_bytes();
    let Some(&before) = at.checked_sub(1).and_then(|at| bytes.get(at)) else { return true };
    if glues || !before.is_ascii_alphabetic() || before.is_ascii_lowercase() != bytes[at].is_ascii_lowercase()
    {
        return before < 128;
    }
    let start = at - bytes[..at].iter().rev().take(16).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let part = &bytes[start..at];
    let last = before.to_ascii_lowercase();
    COMPOUNDS.iter().filter(|word| word.as_bytes()[word.len() - 1] == last).any(|word| {
        part.len() >= word.len() && part[part.len() - word.len()..].eq_ignore_ascii_case(word.as_bytes())
    })
}

/// Whether the word before says that this is no secret: `public_key`, `nextPageToken`.
fn is_harmless(text: &str, at: usize) -> bool {
    let bytes = &text.as_bytes()[..at];
    let skipped =
        bytes.iter().rev().take(2).take_while(|byte| matches!(byte, b'_' | b'-' | b' ' | b'.')).count();
    let bytes = &bytes[..at - skipped];
    let letters = bytes.iter().rev().take(MAX_WORD).take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = last_word(&text[bytes.len() - letters..bytes.len()]);
    HARMLESS.iter().any(|harmless| word.eq_ignore_ascii_case(harmless))
}

/// `--access-token …` on a command line.
fn is_flag(text: &str, at: usize) -> bool {
    let before = &text.as_bytes()[..at];
    let flag = &before[before.len() - URL_SAFE.run_back(before, MAX_SUFFIX)..];
    flag.starts_with(b"--") && !flag.starts_with(b"--no-") && !flag.starts_with(b"--skip-")
}

fn judge(text: &str, found: Value, class: Class) -> Option<Secret> {
    let value = &text[found.span.clone()];
    if value.len() > MAX_VALUE
        || found.is_cut
        || value::is_stand_in(value)
        || (!found.is_quoted && (value::is_expression(value) || value::is_identifier(value)))
    {
        return None;
    }
    let confidence = match class {
        Class::Password => password(value, &found)?,
        Class::Key => key(value, &found)?,
        Class::Client if value.ends_with(".apps.googleusercontent.com") => 0.5,
        Class::Client if found.link == Link::Assigned && value.len() >= 16 && value::is_random(value) => 0.5,
        Class::Client => return None,
        Class::Service => key(value, &found).filter(|&sure| sure >= 0.6 && value.len() >= 20)? - 0.1,
        Class::Weak => key(value, &found).filter(|_| value.len() >= 16 && found.link != Link::Spoken)? - 0.05,
    };
    let (rule, severity) = match class {
        Class::Password => ("password", if confidence >= 0.7 { High } else { Medium }),
        Class::Client => ("client_id", Low),
        _ => ("named_secret", if confidence >= 0.7 { High } else { Medium }),
    };
    Some(Secret { rule, severity, confidence, span: found.span })
}

fn password(value: &str, found: &Value) -> Option<f32> {
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    let is_one_word =
        !value.contains([' ', '\t']) && !value.starts_with(['/', ',', ':', ';', ')', '+', '\'']);
    // `passwordField = "#new-password"` names a field.
    let names_itself = !has_digit && value.len() > 8 && value.to_ascii_lowercase().contains("password");
    if value.len() < 4 || value.len() > 128 || !is_one_word || names_itself {
        return None;
    }
    let is_chosen = value::is_chosen(value);
    let is_long = value.len() >= 6;
    match (found.link, found.is_quoted) {
        (Link::Assigned, true) if is_chosen => Some(0.85),
        (Link::Assigned, false) if is_chosen => Some(0.75),
        (Link::Spoken, _) if is_chosen => Some(0.7),
        (Link::Beside, _) if is_chosen && is_long => Some(0.6),
        (Link::Assigned, true) if is_long => Some(0.6),
        (Link::Spoken, true) if is_long => Some(0.55),
        (Link::Assigned, false) if is_long && found.ends_line => Some(0.5),
        _ => None,
    }
}

fn key(value: &str, found: &Value) -> Option<f32> {
    let is_uuid = value::is_uuid(value);
    let is_random = is_uuid || value::is_random(value);
    let behind = value::behind_words(value);
    let is_regular = || {
        value::is_regular(value)
            || behind.len() >= 16 && value::is_regular(behind)
            || value::is_grouped(value)
    };
    if value.contains(' ') || (!is_random && !is_regular()) {
        return None;
    }
    Some(match found.link {
        Link::Assigned if !is_random => 0.55,
        Link::Assigned if is_uuid => 0.7,
        Link::Assigned if value.len() >= 16 => 0.85,
        Link::Assigned => 0.75,
        _ if value.len() < 16 => return None,
        _ if !is_random => 0.5,
        Link::Spoken => 0.7,
        Link::Beside | Link::Joined => 0.65,
    })
}
