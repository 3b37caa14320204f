//! Answers: the scanner that sees them pass learns what a parser finds in the whole.

use serde_json::Value;

use super::{
    input::cuttings,
    json::{Members, is_json},
};
use crate::mcp::answer::{Answer, Scanner, scan};

pub(super) fn check(input: &[u8]) {
    let mut whole = Scanner::default();
    whole.feed(input);
    for pieces in cuttings(input) {
        let mut cut = Scanner::default();
        pieces.iter().for_each(|piece| cut.feed(piece));
        assert_eq!(cut.finish(), whole.finish(), "cut: {pieces:?}");
        assert_eq!(cut.is_malformed(), whole.is_malformed(), "cut: {pieces:?}");
    }
    // A broken answer may say anything, but not that it is larger than it is.
    assert!(whole.finish().is_none_or(|answer| answer.result_bytes <= input.len() as u64), "{whole:?}");
    let Ok(input) = std::str::from_utf8(input) else { return };
    let Some(members) = is_json(input).then(|| Members::of(input)).flatten() else { return };
    // A parser gives up at the depth at which the scanner does.
    if serde_json::from_str::<Value>(input).is_ok() {
        assert!(scan(input.as_bytes()).is_some(), "an object is an answer");
    }
    if let (Some(found), Some(expected)) = (scan(input.as_bytes()), expected(&members)) {
        assert_eq!(found, expected);
    }
}

/// None: keys are repeated or escaped, and then the scanner may see what it likes.
fn expected(message: &Members<'_>) -> Option<Answer> {
    let result = message.object("result");
    let meta = result.as_ref().and_then(|result| result.object("_meta"));
    let usage = meta.as_ref().and_then(|meta| meta.object("usage"));
    let error = message.object("error");
    let looked_at = [Some(message), result.as_ref(), meta.as_ref(), usage.as_ref(), error.as_ref()];
    if !looked_at.into_iter().flatten().all(Members::is_plain) {
        return None;
    }
    let tokens = |name| usage.as_ref()?.get(name)?.parse().ok();
    Some(Answer {
        has_id: message.get("id").is_some(),
        has_method: message.get("method").is_some(),
        has_result: message.get("result").is_some(),
        has_error: message.get("error").is_some(),
        tool_error: result.as_ref().and_then(|result| result.get("isError")) == Some("true"),
        error_code: error.as_ref().and_then(|error| error.get("code")?.parse().ok()),
        result_bytes: message.get("result").map_or(0, |result| result.len() as u64),
        input_tokens: tokens("input_tokens"),
        output_tokens: tokens("output_tokens"),
    })
}
