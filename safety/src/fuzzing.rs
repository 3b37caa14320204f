//! What must hold of every text, for fuzz targets and property tests.

use std::sync::LazyLock;

use crate::{
    finding::{Kind, Surface},
    json,
    policy::{Direction, Place, Policies, PolicySource, Verdict},
};

/// All detectors, as eager as they come, redact what they find; patterns of an admin's own beside them.
static POLICIES: LazyLock<Policies> = LazyLock::new(|| {
    let source = PolicySource {
        mode: "redact".into(),
        sensitivity: "strict".into(),
        detectors: Kind::ALL.map(|kind| kind.as_str().into()).to_vec(),
        directions: vec!["request".into(), "response".into()],
        mcp_servers: vec!["*".into()],
        tools: vec!["*".into()],
        block_patterns: vec!["(?i)falcon".into(), "[äöü]+x".into()],
        allow_patterns: vec!["allowed".into()],
        min_severity: "low".into(),
        ..PolicySource::default()
    };
    Policies::compile([source]).0
});

/// Judges the input as a text and as JSON, on every surface.
///
/// # Panics
/// A promise of the crate is broken.
pub fn judge(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    for surface in [Surface::Arguments, Surface::Result, Surface::Prompt, Surface::Definition] {
        let place = Place { direction: Direction::Request, surface, server: "server", tool: Some("tool") };
        let verdict = POLICIES.judge_text(&text, &place);
        keeps_its_word(&text, &verdict);
        let verdict = POLICIES.judge_json(&text, &place);
        keeps_its_word(&text, &verdict);
        if let Some(redacted) = &verdict.redacted {
            keeps_its_shape(&text, redacted);
        }
    }
}

fn keeps_its_word(text: &str, verdict: &Verdict) {
    assert_eq!(verdict.action.is_none(), verdict.detections.is_empty());
    for detection in &verdict.detections {
        let found = text.get(detection.span.clone()).expect("a span lies on character boundaries");
        assert!(!found.is_empty(), "{detection:?}");
        assert!((0.0..=1.0).contains(&detection.confidence), "{detection:?}");
        assert!(detection.snippet.chars().count() <= 200, "{detection:?}");
        let is_sensitive = matches!(detection.kind, Kind::Secret | Kind::Pii);
        assert!(!is_sensitive || !detection.snippet.contains(found), "{detection:?}");
    }
}

/// Everything but the content of strings is as it was, and what was JSON is JSON.
fn keeps_its_shape(raw: &str, redacted: &str) {
    assert_eq!(bones(raw), bones(redacted), "{raw}\n{redacted}");
    if serde_json::from_str::<&serde_json::value::RawValue>(raw).is_ok() {
        serde_json::from_str::<&serde_json::value::RawValue>(redacted).expect("redacted JSON is JSON");
    }
}

fn bones(raw: &str) -> String {
    let mut bones = String::new();
    let mut copied = 0;
    for piece in json::strings(raw) {
        bones.push_str(&raw[copied..piece.raw.start]);
        copied = piece.raw.end;
    }
    bones + &raw[copied..]
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Pieces that detectors stop at, in any order, with and without what belongs behind them.
    pub(crate) fn fragment() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(
                &[
                    "ghp_",
                    "sk-",
                    "AKIA",
                    "eyJ",
                    "eyJhbGciOiJIUzI1NiJ9",
                    ".",
                    "://",
                    "user:",
                    "pass",
                    "@",
                    "password",
                    "=",
                    ": ",
                    "\"",
                    "\\\"",
                    "'",
                    "key",
                    "token",
                    "_",
                    "-----BEGIN ",
                    "PRIVATE KEY-----",
                    "-----END ",
                    "-----",
                    "4111 ",
                    "1111",
                    "DE89",
                    "(0",
                    "+4",
                    "../",
                    "..%2f",
                    "$(",
                    "`",
                    "; ",
                    "curl ",
                    "![](",
                    "https://",
                    "?q=",
                    "[",
                    "]",
                    "{",
                    "}",
                    ",",
                    ":",
                    "\\u00e9",
                    "\\ud83d\\ude00",
                    "\\",
                    "é",
                    "😀",
                    "\n",
                    "169.254.169.254",
                    "bearer ",
                    "basic ",
                    "a1B2c3D4e5F6g7H8",
                    "127.1",
                    "falcon",
                    "allowed",
                    "AZDO",
                    "8Q~",
                    ".atlasv1.",
                    "-us",
                    "NRAL",
                    "_mmk",
                    ":A",
                    "0123456789",
                    "123-45-6789",
                    "is ",
                    "&quot;",
                    "value=",
                    " or ",
                    "==",
                ][..]
            )
            .prop_map(str::to_owned),
            "[a-zA-Z0-9]{1,40}",
            ".{0,5}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn every_text_is_judged_as_promised(fragments in prop::collection::vec(fragment(), 0..40)) {
            judge(fragments.concat().as_bytes());
        }

        #[test]
        fn every_json_is_judged_as_promised(
            strings in prop::collection::vec(prop::collection::vec(fragment(), 0..8), 1..8),
            names in prop::collection::vec(prop::sample::select(&["password", "phone", "api_key", "text", "n"][..]), 8),
        ) {
            let strings: Vec<String> = strings.into_iter().map(|fragments| fragments.concat()).collect();
            let members: serde_json::Map<_, _> =
                names.iter().zip(&strings).map(|(name, text)| (name.to_string(), text.as_str().into())).collect();
            let elements: Vec<_> = strings.iter().map(|text| serde_json::json!({ "type": "text", "text": text })).collect();
            judge(serde_json::json!({ "one": members, "content": elements, "all": strings }).to_string().as_bytes());
        }
    }
}
