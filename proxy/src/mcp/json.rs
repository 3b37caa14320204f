//! JSON as text: bounds that are checked before anything is made of it, and changes that leave the rest byte for byte.

use memchr::memchr2;
use serde_json::value::RawValue;

pub(crate) mod edit;
mod member;

pub(crate) use member::{insert_member, remove_member, replace_members};

/// Nesting that is still accepted (R1.21).
pub(crate) const MAX_DEPTH: usize = 64;

/// Whether no array or object stands deeper than [`MAX_DEPTH`]. The text need not be valid JSON.
pub(crate) fn is_shallow(text: &[u8]) -> bool {
    let mut depth = 0usize;
    let mut position = 0;
    while let Some(&byte) = text.get(position) {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return false;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => match end_of_string(text, position + 1) {
                Some(end) => position = end,
                None => return true,
            },
            _ => {}
        }
        position += 1;
    }
    true
}

/// The text with another one in place of `value`, which is a part of it.
pub(crate) fn with_value(text: &[u8], value: &RawValue, replacement: &str) -> Vec<u8> {
    with_part(text, value.get(), replacement)
}

/// The same for any part of the text, such as the inside of a string.
pub(crate) fn with_part(text: &[u8], part: &str, replacement: &str) -> Vec<u8> {
    let from = part.as_ptr().addr() - text.as_ptr().addr();
    [&text[..from], replacement.as_bytes(), &text[from + part.len()..]].concat()
}

/// Position of the quote that ends a string whose content starts at `from`.
fn end_of_string(text: &[u8], mut from: usize) -> Option<usize> {
    loop {
        let found = from + memchr2(b'"', b'\\', text.get(from..)?)?;
        if text[found] == b'"' {
            return Some(found);
        }
        from = found + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_counts_structure_and_not_text() {
        let nested = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        assert!(is_shallow(nested(MAX_DEPTH).as_bytes()));
        assert!(!is_shallow(nested(MAX_DEPTH + 1).as_bytes()));
        assert!(is_shallow(format!("{:?}", "[".repeat(1000)).as_bytes()), "brackets in a string are text");
        assert!(
            is_shallow(format!(r#"["\"{}"]"#, "[".repeat(1000)).as_bytes()),
            "an escaped quote ends nothing"
        );
    }

    #[test]
    fn one_value_is_replaced_and_the_rest_stays_as_it_was() {
        #[derive(serde::Deserialize)]
        struct Message<'a> {
            #[serde(borrow)]
            id: &'a RawValue,
        }
        let text = r#"{"n":1.10, "id" : 7 ,"x":[7]}"#;
        let message: Message<'_> = serde_json::from_str(text).unwrap();
        assert_eq!(with_value(text.as_bytes(), message.id, r#""s""#), br#"{"n":1.10, "id" : "s" ,"x":[7]}"#);
    }

    #[test]
    fn broken_text_is_left_to_the_parser() {
        for text in ["\"open", "]]]]", "\"\\", ""] {
            assert!(is_shallow(text.as_bytes()));
        }
    }
}
