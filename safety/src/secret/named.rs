//! Values that their name says are secret: `api_key = …`, `password: …`, `--token …`.

use std::ops::Range;

use super::{Secret, value};
use crate::finding::Severity::{High, Low, Medium};

/// How much a word in a name says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Class {
    /// People choose these, so that they need not look random.
    Password,
    /// Machines draw these.
    Key,
    /// Often about something else: only what surely is random counts.
    Weak,
    /// A service whose keys have no form of their own: what looks drawn and stands beside its name may be one.
    Service,
    /// Names a client and is no secret in itself, but no matter for everybody either.
    Client,
}

pub(super) const WORDS: &[(&str, Class)] = &[
    ("pass", Class::Password),
    ("pwd", Class::Password),
    ("pw", Class::Password),
    ("pswd", Class::Password),
    ("psswd", Class::Password),
    ("paswd", Class::Password),
    ("paswrd", Class::Password),
    ("pswrd", Class::Password),
    ("identified by", Class::Password),
    ("securestring", Class::Password),
    ("secret", Class::Key),
    ("token", Class::Key),
    ("key", Class::Key),
    ("credential", Class::Key),
    ("auth", Class::Weak),
    ("access", Class::Weak),
    ("private", Class::Weak),
    ("license", Class::Weak),
    ("salt", Class::Weak),
    ("pat", Class::Weak),
    ("login", Class::Weak),
    ("crumb", Class::Weak),
];

/// More names, of services and of what clients go by.
pub(super) const NAMES: &[(&str, Class)] = &[
    ("client_id", Class::Client),
    ("client-id", Class::Client),
    ("clientid", Class::Client),
    ("client.id", Class::Client),
    ("client id", Class::Client),
    ("algolia", Class::Service),
    ("amplitude", Class::Service),
    ("asana", Class::Service),
    ("bitbucket", Class::Service),
    ("blazemeter", Class::Service),
    ("bugsnag", Class::Service),
    ("chartmogul", Class::Service),
    ("circleci", Class::Service),
    ("clearbit", Class::Service),
    ("cloudinary", Class::Service),
    ("cloudsmith", Class::Service),
    ("codecov", Class::Service),
    ("coinbase", Class::Service),
    ("confluent", Class::Service),
    ("coveralls", Class::Service),
    ("datadog", Class::Service),
    ("deepgram", Class::Service),
    ("dropbox", Class::Service),
    ("etherscan", Class::Service),
    ("everhour", Class::Service),
    ("fastly", Class::Service),
    ("finnhub", Class::Service),
    ("freshdesk", Class::Service),
    ("heroku", Class::Service),
    ("honeycomb", Class::Service),
    ("infura", Class::Service),
    ("intercom", Class::Service),
    ("jumpcloud", Class::Service),
    ("launchdarkly", Class::Service),
    ("mailchimp", Class::Service),
    ("mailgun", Class::Service),
    ("mailjet", Class::Service),
    ("mapbox", Class::Service),
    ("mixpanel", Class::Service),
    ("netlify", Class::Service),
    ("newsapi", Class::Service),
    ("nicereply", Class::Service),
    ("openweather", Class::Service),
    ("opsgenie", Class::Service),
    ("owm", Class::Service),
    ("pagerduty", Class::Service),
    ("pingdom", Class::Service),
    ("pipedrive", Class::Service),
    ("postmark", Class::Service),
    ("rapidapi", Class::Service),
    ("recaptcha", Class::Service),
    ("rollbar", Class::Service),
    ("runscope", Class::Service),
    ("sauce", Class::Service),
    ("scrapingbee", Class::Service),
    ("smartsheet", Class::Service),
    ("snyk", Class::Service),
    ("sparkpost", Class::Service),
    ("splunk", Class::Service),
    ("sumologic", Class::Service),
    ("trello", Class::Service),
    ("typeform", Class::Service),
    ("wandb", Class::Service),
    ("wakatime", Class::Service),
    ("zendesk", Class::Service),
];

/// What may stand directly before a word that is otherwise only the end of another (`monkey`, `compass`).
const COMPOUNDS: [&str; 32] = [
    "api",
    "access",
    "secret",
    "private",
    "auth",
    "app",
    "client",
    "master",
    "encrypt",
    "encryption",
    "signing",
    "session",
    "aes",
    "ssh",
    "gpg",
    "rsa",
    "deploy",
    "service",
    "account",
    "storage",
    "shared",
    "user",
    "db",
    "my",
    "sql",
    "license",
    "admin",
    "root",
    "token",
    "consumer",
    "project",
    "query",
];
/// Names that end in the same words and hold no secret.
const HARMLESS: [&str; 36] = [
    "public",
    "primary",
    "foreign",
    "sort",
    "partition",
    "cache",
    "index",
    "unique",
    "translation",
    "object",
    "group",
    "registry",
    "next",
    "nextpage",
    "page",
    "continuation",
    "continue",
    "cancellation",
    "max",
    "min",
    "total",
    "input",
    "output",
    "prompt",
    "completion",
    "sync",
    "cursor",
    "idempotency",
    "hot",
    "arrow",
    "map",
    "row",
    "natural",
    "cached",
    "per",
    "candidate",
];
/// What may follow the word and leaves the value a secret.
const HARMLESS_ENDS: [&str; 30] = [
    "id", "ids", "name", "names", "path", "file", "filename", "url", "uri", "endpoint", "arn", "type",
    "types", "length", "len", "size", "count", "hash", "label", "hint", "field", "policy", "expires",
    "expiry", "ttl", "version", "ring", "board", "word", "index",
];
/// Ends after which the value is still what the word says.
const KEPT_ENDS: [&str; 32] = [
    "",
    "s",
    "value",
    "val",
    "str",
    "string",
    "data",
    "text",
    "base64",
    "b64",
    "hex",
    "raw",
    "prod",
    "production",
    "dev",
    "test",
    "staging",
    "default",
    "new",
    "old",
    "current",
    "admin",
    "env",
    "key",
    "token",
    "secret",
    "password",
    "pass",
    "pwd",
    "code",
    "plain",
    "plaintext",
];

/// Longest value that is read.
const MAX_VALUE: usize = 4096;
/// Values this long hold no name of another.
const LONG_VALUE: usize = 64;
/// Characters of a name behind its word.
const MAX_SUFFIX: usize = 48;
/// Longest word of a name that is known.
const MAX_WORD: usize = 16;
/// Blanks that may align a value.
const MAX_BLANKS: usize = 32;

/// How a value is tied to its name, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
enum Link {
    /// A dash, an underscore.
    Joined,
    /// A blank, or a comma after a quoted name.
    Beside,
    /// `is`, `are`.
    Spoken,
    /// `=`, `:`, `=>`, a tag's `>`.
    Assigned,
}

struct Value {
    span: Range<usize>,
    is_quoted: bool,
    /// Nothing but a comment or another assignment follows.
    ends_line: bool,
    link: Link,
}

/// Reads on from a word of a name; `read_to` is set to the end of what was read.
pub(super) fn verify(text: &str, word: Range<usize>, class: Class, read_to: &mut usize) -> Option<Secret> {
    let (end, class) = name_end(text, &word, class)?;
    if class != Class::Service {
        *read_to = end;
    }
    if is_harmless(text, word.start) {
        return None;
    }
    let found = Reader { text, at: end }.value()?;
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
            let value =
                Value { span: 0..member.len(), is_quoted: true, ends_line: true, link: Link::Assigned };
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
        let starts_well = joint == 0 || bytes.get(end + joint).is_some_and(u8::is_ascii_alphabetic);
        let digits =
            bytes[end + joint..end + joint + word].iter().filter(|byte| byte.is_ascii_digit()).count();
        if word == 0 || !starts_well || (joint == 1 && word >= 6 && digits >= 2) {
            break;
        }
        end += joint + word;
    }
    &text[from..from + end]
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

fn judge(text: &str, found: Value, class: Class) -> Option<Secret> {
    let value = &text[found.span.clone()];
    if value.len() > MAX_VALUE
        || value::is_stand_in(value)
        || (!found.is_quoted && value::is_expression(value))
    {
        return None;
    }
    let confidence = match class {
        Class::Password => password(value, &found)?,
        Class::Key => key(value, &found)?,
        Class::Client if found.link == Link::Assigned && value.len() >= 16 && value::is_random(value) => 0.5,
        Class::Client => return None,
        Class::Service => key(value, &found).filter(|&sure| sure >= 0.6 && value.len() >= 20)? - 0.1,
        Class::Weak => key(value, &found).filter(|_| value.len() >= 16 && found.link != Link::Spoken)? - 0.1,
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
    if value.contains(' ') || (!is_random && !value::is_regular(value)) {
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

/// Reads from the end of a name to the value.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(mut self) -> Option<Value> {
        let was_quoted = self.closers();
        let blanks = self.blanks();
        let mut link = self.link(was_quoted, blanks > 0)?;
        self.blanks();
        self.line_break();
        // `<add key="Password" value="…">`, `{"name": "token", "value": "…"}`
        if self.eat_any(&["value=", "\"value\":", "\"value\" :", "'value':"]) {
            link = Link::Assigned;
            self.blanks();
        }
        if self.eat_word(&["bearer ", "basic ", "token ", "apikey ", "digest "]) {
            self.blanks();
        }
        self.quoted(link).or_else(|| self.bare(link))
    }

    fn rest(&self) -> &[u8] {
        &self.text.as_bytes()[self.at..]
    }

    fn eat_any(&mut self, parts: &[&str]) -> bool {
        let found = parts.iter().find(|part| self.rest().starts_with(part.as_bytes()));
        self.at += found.map_or(0, |part| part.len());
        found.is_some()
    }

    fn eat_word(&mut self, words: &[&str]) -> bool {
        let rest = self.rest();
        let found = words
            .iter()
            .find(|word| rest.len() > word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes()));
        self.at += found.map_or(0, |word| word.len());
        found.is_some()
    }

    fn blanks(&mut self) -> usize {
        let count =
            self.rest().iter().take(MAX_BLANKS).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.at += count;
        count
    }

    /// A value on the line below its name, if it is quoted.
    fn line_break(&mut self) {
        let before = self.at;
        if self.eat_any(&["\r\n", "\n"]) {
            self.blanks();
            if !matches!(self.rest().first(), Some(b'"' | b'\'')) {
                self.at = before;
            }
        }
    }

    /// What closes a quoted or bracketed name.
    fn closers(&mut self) -> bool {
        let mut any = false;
        for _ in 0..3 {
            if !self.eat_any(&["\\\"", "\\'", "\"", "'", "`", "&quot;", "]", ")", "}", "*"]) {
                break;
            }
            any = true;
        }
        any
    }

    fn link(&mut self, was_quoted: bool, has_blanks: bool) -> Option<Link> {
        if self.eat_any(&[
            "=>", ":=", "===", "!==", "==", "!=", "=", ":", "||", "??", ">", "%3D", "%3d", "\\u003d",
        ]) {
            // `::` is a path, `:/` a URL.
            return (!self.rest().starts_with(b":") && !self.rest().starts_with(b"//"))
                .then_some(Link::Assigned);
        }
        if was_quoted && self.eat_any(&[","]) {
            return Some(Link::Beside);
        }
        if self.rest().starts_with(b"(") && matches!(self.rest().get(1), Some(b'"' | b'\'')) {
            self.at += 1;
            return Some(Link::Beside);
        }
        if has_blanks && self.eat_any(&["is ", "are ", "is: ", "was "]) {
            return Some(Link::Spoken);
        }
        if has_blanks && self.eat_any(&["or "]) {
            return Some(Link::Assigned);
        }
        if has_blanks {
            return Some(Link::Beside);
        }
        self.eat_any(&["-", "_", "."]).then_some(Link::Joined)
    }

    fn quoted(&mut self, link: Link) -> Option<Value> {
        let before = self.at;
        if matches!(self.rest(), [b'b' | b'r' | b'f' | b'u' | b'L' | b'@' | b'$', b'"' | b'\'', ..]) {
            self.at += 1;
        }
        let quote = ["\\\"", "\\'", "&quot;", "\"", "'", "`"]
            .into_iter()
            .find(|quote| self.rest().starts_with(quote.as_bytes()));
        let Some(quote) = quote else {
            self.at = before;
            return None;
        };
        let start = self.at + quote.len();
        let line = &self.text.as_bytes()[start..self.text.len().min(start + MAX_VALUE)];
        let line = &line[..line.iter().position(|&byte| byte == b'\n').unwrap_or(line.len())];
        let length = memchr::memmem::find(line, quote.as_bytes())?;
        Some(Value { span: start..start + length, is_quoted: true, ends_line: true, link })
    }

    fn bare(&self, link: Link) -> Option<Value> {
        let rest = self.rest();
        let is_end = |at: &usize| match rest[*at] {
            // `&` is a sign like others, but for the one before the next parameter of a query.
            b'&' => is_parameter(&rest[at + 1..]),
            byte => byte <= b' ' || b"\"'`<>,;)}]|\\".contains(&byte),
        };
        let most = rest.len().min(MAX_VALUE + 1);
        let length = (0..most).find(is_end).unwrap_or(most);
        let end = self.text.floor_char_boundary(self.at + length);
        let value = self.text[self.at..end].trim_end_matches(['.', ':', '?']);
        let next = self.text.as_bytes().get(end);
        let ends_line = next.is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b';' | b'"'));
        (!value.is_empty()).then(|| Value {
            span: self.at..self.at + value.len(),
            is_quoted: false,
            ends_line,
            link,
        })
    }
}

fn is_parameter(bytes: &[u8]) -> bool {
    let name = bytes
        .iter()
        .take(32)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte))
        .count();
    name > 0 && matches!(bytes.get(name), Some(b'=' | b';'))
}
