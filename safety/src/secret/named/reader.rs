//! From the end of a name to its value: what ties them, where the value begins and ends.

use std::ops::Range;

use memchr::memchr2;

use crate::scan::work;

/// Longest value that is read.
pub(super) const MAX_VALUE: usize = 4096;
/// Blanks that may align a value.
const MAX_BLANKS: usize = 32;

/// How a value is tied to its name, loosest first.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) enum Link {
    /// A dash, an underscore.
    Joined,
    /// A blank, or a comma after a quoted name.
    Beside,
    /// `is`, `are`.
    Spoken,
    /// `=`, `:`, `=>`, a tag's `>`.
    Assigned,
}

pub(super) struct Value {
    pub(super) span: Range<usize>,
    pub(super) is_quoted: bool,
    /// Dots say that there is more of it elsewhere.
    pub(super) is_cut: bool,
    /// Nothing but a comment or another assignment follows.
    pub(super) ends_line: bool,
    pub(super) link: Link,
}

/// Reads from the end of a name to the value.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl Reader<'_> {
    /// `is_method`: the name may be that of a method of JSON-RPC, and its parameter the value.
    pub(super) fn value(mut self, is_method: bool) -> Option<Value> {
        let was_quoted = self.closers();
        let blanks = self.blanks();
        let mut link = self.link(was_quoted, blanks > 0)?;
        self.blanks();
        self.line_break();
        // JSON-RPC: `{"method": "login_with_api_key", "params": ["…"]}`
        if is_method && self.eat_any(&["\"params\""]) {
            self.blanks();
            self.eat_any(&[":"]);
            self.blanks();
            self.eat_any(&["["]);
            self.blanks();
        }
        // `<add key="Password" value="…">`, `{"name": "token", "value": "…"}`
        if self.eat_any(&["value=", "\"value\":", "\"value\" :", "'value':"]) {
            link = Link::Assigned;
            self.blanks();
        }
        if self.eat_word(&["bearer ", "basic ", "token ", "apikey ", "digest ", "ntlm ", "negotiate "]) {
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
        let quote = ["\"\"\"", "'''", "\\\"", "\\'", "&quot;", "\"", "'", "`"]
            .into_iter()
            .find(|quote| self.rest().starts_with(quote.as_bytes()));
        let Some(quote) = quote else {
            self.at = before;
            return None;
        };
        let start = self.at + quote.len();
        let rest = &self.text.as_bytes()[start..self.text.len().min(start + MAX_VALUE)];
        let Some(length) = closing(rest, quote.as_bytes()) else {
            self.at = start;
            return self.bare(link);
        };
        Some(Value { span: start..start + length, is_quoted: true, is_cut: false, ends_line: true, link })
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
        let end = self.text.floor_char_boundary(self.at + work::reads(length));
        let value = &self.text[self.at..end];
        let is_cut = value.ends_with("...") || value.ends_with('…');
        let value = value.trim_end_matches(['.', ':', '?']);
        let next = self.text.as_bytes().get(end);
        let ends_line = next.is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b';' | b'"'));
        (!value.is_empty()).then(|| Value {
            span: self.at..self.at + value.len(),
            is_quoted: false,
            is_cut,
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

/// Where a quote stands again on the same line.
fn closing(bytes: &[u8], quote: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += work::reads(memchr2(quote[0], b'\n', &bytes[at..])?);
        if bytes[at..].starts_with(quote) {
            return Some(at);
        }
        if bytes[at] == b'\n' {
            return None;
        }
        at += 1;
    }
}
