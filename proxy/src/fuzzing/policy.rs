//! What a principal reaches, and headers that repeat what a body says.

use gatewayops_proto::{access::Coverage, control::HeaderParameter as Declared, glob};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::value::RawValue;

use crate::mcp::{
    header::{self, MAX_LENGTH, Single},
    header_parameter::{HeaderParameter, check as check_parameters, mirror},
};

/// Longer texts are left out of the comparison with the model, whose table grows with both.
const LONGEST: usize = 128;

/// The input by lines: server, tool, a header's value, arguments, globs.
pub fn check(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.split('\n');
    let mut line = || lines.next().unwrap_or_default();
    let (server, tool, value, arguments) = (line(), line(), line(), line());
    let globs: Vec<_> = lines.take(16).collect();
    reached(server, tool, &globs);
    // Line ends are what a header has to be kept safe from.
    for value in [value, &text] {
        carried(value);
    }
    repeated(arguments, value);
}

fn reached(server: &str, tool: &str, globs: &[&str]) {
    let name = format!("{server}__{tool}");
    if globs.iter().chain([&&*name]).any(|text| text.len() > LONGEST) {
        return;
    }
    for glob in globs {
        assert_eq!(
            glob::matches(glob, &name),
            model_matches(glob.as_bytes(), name.as_bytes()),
            "{glob} {name}"
        );
    }
    let owned = || globs.iter().map(|glob| (*glob).to_owned()).collect();
    let coverage = Coverage { servers: owned(), tools: owned() };
    assert_eq!(coverage.tool(server, tool), model_admits(globs, &name), "{globs:?} {name}");
    assert_eq!(coverage.server(server), model_admits(globs, server), "{globs:?} {server}");
    assert!(!coverage.every_tool() || coverage.tool(server, tool));
}

/// By a table: whether the first n bytes of the text match the pattern so far.
fn model_matches(pattern: &[u8], text: &[u8]) -> bool {
    let mut matched: Vec<bool> = (0..=text.len()).map(|n| n == 0).collect();
    for &byte in pattern {
        let before = matched.clone();
        for n in 0..=text.len() {
            matched[n] = if byte == b'*' {
                before[..=n].contains(&true)
            } else {
                n > 0 && before[n - 1] && text[n - 1] == byte
            };
        }
    }
    matched[text.len()]
}

fn model_admits(globs: &[&str], text: &str) -> bool {
    let is_match = |glob: &str| model_matches(glob.as_bytes(), text.as_bytes());
    let is_excluded = globs.iter().filter_map(|glob| glob.strip_prefix('!')).any(is_match);
    !is_excluded && globs.iter().any(|glob| !glob.starts_with('!') && is_match(glob))
}

/// What is encoded is a header that says what was meant; what came is never taken for a frame that it is not.
fn carried(value: &str) {
    let encoded = header::encode(value);
    assert_eq!(header::decode(&encoded).as_deref(), Some(value), "{encoded}");
    let sent = HeaderValue::from_str(&encoded).expect("what is encoded is a header's value");
    if sent.len() <= MAX_LENGTH {
        let Single::Value(received) = Single::<'_>::of([sent.as_bytes()].into_iter()) else {
            panic!("{encoded} cannot be read")
        };
        assert_eq!(header::decode(received).as_deref(), Some(value), "{encoded}");
    }
    if let Some(decoded) = header::decode(value).filter(|decoded| decoded != value) {
        assert!(value.starts_with("=?base64?") && value.ends_with("?="), "{value} became {decoded}");
    }
}

/// A call of our own passes our own check; any other passes or is told why not.
fn repeated(arguments: &str, value: &str) {
    let declared = [
        ("Region", "string", &["region"][..]),
        ("Floor", "integer", &["where", "floor"]),
        ("Dry", "boolean", &["dry"]),
    ]
    .map(|(header, kind, path)| {
        let path = path.iter().map(|&name| name.to_owned()).collect();
        let message = Declared { header: header.into(), path, r#type: kind.into() };
        HeaderParameter::from_proto(&message).expect("a header's name")
    });
    let arguments: Option<&RawValue> = serde_json::from_str(arguments).ok();
    let mut own = HeaderMap::new();
    for line in mirror(&declared, arguments).split_terminator("\r\n") {
        let (name, value) = line.split_once(": ").expect("a line is a header");
        let name: HeaderName = name.parse().expect("a header's name");
        own.insert(name, value.parse().expect("a header's value"));
    }
    let is_short = own.values().all(|value| value.len() <= MAX_LENGTH);
    assert!(!is_short || check_parameters(&declared, arguments, &own) == Ok(()), "{own:?}");

    let mut others = own;
    for name in ["mcp-param-region", "mcp-param-floor", "mcp-param-dry"] {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            others.insert(name, value);
            let _ = check_parameters(&declared, arguments, &others);
        }
    }
}
