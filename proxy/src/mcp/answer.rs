//! Reads an answer while it passes: whether it is whole, what it says about success, how large its result is.
//!
//! The bytes go on untouched and nothing is kept of them but a few flags, whatever the answer's size.

use std::borrow::Cow;

use memchr::memchr2;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::sse;

const MAX_DEPTH: usize = 127;
const SCALAR: usize = 24;

/// What has been learned of one JSON-RPC message.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Answer {
    pub(crate) has_id: bool,
    pub(crate) has_method: bool,
    pub(crate) has_result: bool,
    pub(crate) has_error: bool,
    /// `result.isError` is true.
    pub(crate) tool_error: bool,
    /// `error.code`.
    pub(crate) error_code: Option<i64>,
    /// Bytes of the value of `result`.
    pub(crate) result_bytes: u64,
    /// `result._meta.usage.input_tokens` and `.output_tokens`.
    pub(crate) input_tokens: Option<u32>,
    pub(crate) output_tokens: Option<u32>,
}

impl Answer {
    /// Whether it ends a request: a result or an error, with an id.
    pub(crate) fn is_response(&self) -> bool {
        !self.has_method && (self.has_result || self.has_error)
    }
}

/// The members on whose path something is learned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Member {
    Other,
    Id,
    Method,
    Result,
    Error,
    IsError,
    Code,
    Meta,
    Usage,
    InputTokens,
    OutputTokens,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Expect {
    Value,
    Key,
    /// After a value: a comma, a colon or an end.
    Next,
}

#[derive(Debug)]
pub(crate) struct Scanner {
    answer: Answer,
    depth: usize,
    /// Bit n: the container at depth n is an object.
    objects: u128,
    path: [Member; 5],
    expect: Expect,
    in_string: bool,
    escaped: bool,
    is_key: bool,
    /// The key or scalar being read, as far as it matters.
    text: [u8; SCALAR],
    length: usize,
    consumed: u64,
    result_from: Option<u64>,
    last_significant: u64,
    started: bool,
    finished: bool,
    malformed: bool,
}

impl Default for Scanner {
    fn default() -> Self {
        Self {
            answer: Answer::default(),
            depth: 0,
            objects: 0,
            path: [Member::Other; 5],
            expect: Expect::Value,
            in_string: false,
            escaped: false,
            is_key: false,
            text: [0; SCALAR],
            length: 0,
            consumed: 0,
            result_from: None,
            last_significant: 0,
            started: false,
            finished: false,
            malformed: false,
        }
    }
}

impl Scanner {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let mut position = 0;
        while position < bytes.len() && !self.malformed {
            if self.in_string {
                position = self.string(bytes, position);
            } else {
                self.structure(bytes[position], self.consumed + position as u64);
                position += 1;
            }
        }
        self.consumed += bytes.len() as u64;
    }

    /// The answer, once the text has been one whole JSON object; None if it is broken or not yet whole.
    pub(crate) fn finish(&self) -> Option<Answer> {
        (self.finished && !self.malformed).then_some(self.answer)
    }

    /// Whether this can no longer become a JSON object.
    pub(crate) fn is_malformed(&self) -> bool {
        self.malformed
    }

    fn string(&mut self, bytes: &[u8], mut position: usize) -> usize {
        if self.escaped {
            self.escaped = false;
            self.push(bytes[position]);
            return position + 1;
        }
        let end = memchr2(b'"', b'\\', &bytes[position..]).map_or(bytes.len(), |found| position + found);
        if self.is_key {
            while position < end && self.length <= SCALAR {
                self.push(bytes[position]);
                position += 1;
            }
        }
        match bytes.get(end) {
            None => return end,
            Some(b'\\') => {
                self.escaped = true;
                self.push(b'\\');
            }
            Some(_) => {
                self.in_string = false;
                self.last_significant = self.consumed + end as u64 + 1;
                if self.is_key {
                    self.key();
                }
                self.expect = Expect::Next;
            }
        }
        end + 1
    }

    fn structure(&mut self, byte: u8, offset: u64) {
        if byte.is_ascii_whitespace() {
            return;
        }
        if self.finished || (!self.started && byte != b'{') {
            self.malformed = true;
            return;
        }
        if self.expect == Expect::Value && self.at(1, Member::Result) && self.result_from.is_none() {
            self.result_from = Some(offset);
        }
        match byte {
            b'{' | b'[' => self.open(byte == b'{'),
            b'}' | b']' => self.close(byte == b'}'),
            b',' => self.comma(),
            b':' => {
                self.length = 0;
                self.expect = Expect::Value;
            }
            b'"' => {
                self.in_string = true;
                self.is_key = self.expect == Expect::Key;
                self.length = 0;
            }
            _ => {
                self.push(byte);
                self.expect = Expect::Next;
            }
        }
        self.last_significant = offset + 1;
    }

    fn open(&mut self, is_object: bool) {
        if self.depth >= MAX_DEPTH || self.expect != Expect::Value {
            self.malformed = true;
            return;
        }
        self.started = true;
        self.depth += 1;
        let bit = 1u128 << self.depth;
        self.objects = if is_object { self.objects | bit } else { self.objects & !bit };
        self.forget();
        self.expect = if is_object { Expect::Key } else { Expect::Value };
    }

    fn close(&mut self, is_object: bool) {
        let lacks_value = is_object && self.expect == Expect::Value;
        if self.depth == 0 || is_object != self.in_object() || lacks_value {
            self.malformed = true;
            return;
        }
        self.value_ended();
        self.depth -= 1;
        self.length = 0;
        self.expect = Expect::Next;
        self.finished = self.depth == 0;
    }

    fn comma(&mut self) {
        if self.expect != Expect::Next {
            self.malformed = true;
            return;
        }
        self.value_ended();
        self.forget();
        self.expect = if self.in_object() { Expect::Key } else { Expect::Value };
    }

    /// A member's value is over; scalars are in `text`.
    fn value_ended(&mut self) {
        if self.at(1, Member::Result)
            && let Some(from) = self.result_from
        {
            self.answer.result_bytes = self.last_significant - from;
        }
        if self.depth < self.path.len() {
            match self.path[self.depth] {
                Member::IsError => self.answer.tool_error = self.scalar() == Some("true"),
                Member::Code => self.answer.error_code = self.scalar().and_then(|text| text.parse().ok()),
                Member::InputTokens => {
                    self.answer.input_tokens = self.scalar().and_then(|text| text.parse().ok())
                }
                Member::OutputTokens => {
                    self.answer.output_tokens = self.scalar().and_then(|text| text.parse().ok())
                }
                _ => {}
            }
        }
        self.length = 0;
    }

    fn key(&mut self) {
        if self.depth == 0 || self.depth >= self.path.len() {
            return;
        }
        let parent = if self.depth == 1 { None } else { Some(self.path[self.depth - 1]) };
        let name = self.text.get(..self.length).unwrap_or_default();
        let member = match (parent, name) {
            (None, b"id") => Member::Id,
            (None, b"method") => Member::Method,
            (None, b"result") => Member::Result,
            (None, b"error") => Member::Error,
            (Some(Member::Result), b"isError") => Member::IsError,
            (Some(Member::Result), b"_meta") => Member::Meta,
            (Some(Member::Error), b"code") => Member::Code,
            (Some(Member::Meta), b"usage") => Member::Usage,
            (Some(Member::Usage), b"input_tokens") => Member::InputTokens,
            (Some(Member::Usage), b"output_tokens") => Member::OutputTokens,
            _ => Member::Other,
        };
        match member {
            Member::Id => self.answer.has_id = true,
            Member::Method => self.answer.has_method = true,
            Member::Result => self.answer.has_result = true,
            Member::Error => self.answer.has_error = true,
            _ => {}
        }
        self.path[self.depth] = member;
    }

    fn at(&self, depth: usize, member: Member) -> bool {
        self.depth == depth && self.path[depth] == member
    }

    fn in_object(&self) -> bool {
        self.objects & (1u128 << self.depth) != 0
    }

    fn forget(&mut self) {
        if self.depth < self.path.len() {
            self.path[self.depth] = Member::Other;
        }
        self.length = 0;
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.text.get_mut(self.length) {
            *slot = byte;
        }
        self.length = (self.length + 1).min(SCALAR + 1);
    }

    fn scalar(&self) -> Option<&str> {
        std::str::from_utf8(self.text.get(..self.length)?).ok()
    }
}

/// Reads a whole answer at once.
pub(crate) fn scan(text: &[u8]) -> Option<Answer> {
    let mut scanner = Scanner::default();
    scanner.feed(text);
    scanner.finish()
}

/// The value of `result` in a message, or among the events of a stream; None if there is no whole one.
pub(crate) fn result_in(text: &str) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Answered<'a> {
        #[serde(borrow)]
        result: Option<&'a RawValue>,
    }
    fn of_message(text: &str) -> Option<&str> {
        serde_json::from_str::<Answered<'_>>(text).ok()?.result.map(RawValue::get)
    }
    if text.trim_start().starts_with('{') {
        return of_message(text).map(Cow::Borrowed);
    }
    let events = sse::data_of_events(text);
    let result = events.iter().rev().find_map(|data| of_message(data));
    result.map(|result| Cow::Owned(result.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULT: &str = r#"{"jsonrpc":"2.0","id":1,"result": {"content":[{"type":"text","text":"a \"}{\\\" b"}],"isError":true,"_meta":{"x":{"usage":{"input_tokens":9}},"usage":{"input_tokens":12, "output_tokens" : 34 }}} }"#;

    #[test]
    fn success_tokens_and_size_are_learned() {
        let answer = scan(RESULT.as_bytes()).unwrap();
        let result = RESULT.split_once("\"result\": ").unwrap().1.strip_suffix(" }").unwrap();
        assert!(answer.is_response() && answer.has_id && answer.tool_error);
        assert_eq!((answer.input_tokens, answer.output_tokens), (Some(12), Some(34)));
        assert_eq!(answer.result_bytes, result.len() as u64);
    }

    #[test]
    fn it_does_not_matter_where_the_bytes_are_cut() {
        let whole = scan(RESULT.as_bytes());
        for cut in 0..RESULT.len() {
            let mut scanner = Scanner::default();
            scanner.feed(&RESULT.as_bytes()[..cut]);
            assert_eq!(scanner.finish(), None, "not whole at {cut}");
            scanner.feed(&RESULT.as_bytes()[cut..]);
            assert_eq!(scanner.finish(), whole);
        }
        let mut scanner = Scanner::default();
        RESULT.bytes().for_each(|byte| scanner.feed(&[byte]));
        assert_eq!(scanner.finish(), whole);
    }

    #[test]
    fn errors_notifications_and_requests_are_told_apart() {
        let error = scan(br#"{"id":"a","error":{"message":"no","code":-32602,"data":{"code":1}}}"#).unwrap();
        assert_eq!((error.is_response(), error.error_code), (true, Some(-32602)));
        let request = scan(br#"{"id":0,"method":"sampling/createMessage","params":{"result":1}}"#).unwrap();
        assert!(!request.is_response());
        let deep = scan(br#"{"id":1,"result":{"content":[{"isError":true,"error":{"code":1}}]}}"#).unwrap();
        assert!(!deep.tool_error && deep.error_code.is_none());
        let scalar = scan(br#"{"id":1,"result":true}"#).unwrap();
        assert_eq!((scalar.has_result, scalar.result_bytes), (true, 4));
    }

    #[test]
    fn what_is_no_object_is_malformed() {
        for text in ["<html>", "[1]", "\"text\"", "{}}", "{]", "{\"a\":1}{", "null", "{,}", "[,]"] {
            assert_eq!(scan(text.as_bytes()), None, "{text}");
        }
        for text in [r#"{"id":1,"result": ,"a":1}"#, r#"{"id":1,"result": }"#] {
            assert_eq!(scan(text.as_bytes()), None, "there is no value: {text}");
        }
        assert_eq!(scan(format!("{{\"a\":{}", "[".repeat(200)).as_bytes()), None);
        let mut html = Scanner::default();
        html.feed(b"  <");
        assert!(html.is_malformed());
    }
}
