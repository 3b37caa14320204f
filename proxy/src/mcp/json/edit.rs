//! JSON seen as text: where members and items stand in it, and replacing parts of it.

use std::{borrow::Cow, fmt, ops::Range};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// The members of an object in their order, repeated keys included.
pub(crate) struct Object<'a> {
    pub(crate) members: Vec<Member<'a>>,
}

/// Key and value as written; both are parts of the text they were read from.
pub(crate) struct Member<'a> {
    pub(crate) key: &'a str,
    pub(crate) value: &'a str,
}

impl<'a> Object<'a> {
    /// None: not JSON, or not an object.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Every value under a key. Parsers differ on which of several counts, so all of them do here.
    pub(crate) fn get(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.members.iter().filter(move |member| says(member.key, name)).map(|member| member.value)
    }

    /// As [`Self::get`], of the values that are objects.
    pub(crate) fn objects(&self, name: &str) -> impl Iterator<Item = Object<'a>> {
        self.get(name).filter_map(Object::parse)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    members.push(Member { key: key.get(), value: value.get() });
                }
                Ok(Object { members })
            }
        }
        deserializer.deserialize_map(Walk)
    }
}

/// The items of an array as written; none if it is no array.
pub(crate) fn items(text: &str) -> Vec<&str> {
    let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
    items.into_iter().map(RawValue::get).collect()
}

/// Whether a value as written is the string `expected`, escaped or not.
pub(crate) fn says(raw: &str, expected: &str) -> bool {
    let Some(content) = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    if content.contains('\\') {
        serde_json::from_str::<String>(raw).is_ok_and(|text| text == expected)
    } else {
        content == expected
    }
}

/// What follows `expected` in the content of a string as written, escaped or not. `expected` is ASCII.
pub(crate) fn spelled<'a>(content: &'a str, expected: &str) -> Option<&'a str> {
    expected
        .chars()
        .try_fold(content, |rest, wanted| rest.strip_prefix(wanted).or_else(|| escaped(rest, wanted)))
}

fn escaped(rest: &str, wanted: char) -> Option<&str> {
    let escape = rest.strip_prefix('\\')?;
    if wanted == '/' && escape.starts_with('/') {
        return escape.strip_prefix('/');
    }
    let (digits, rest) = escape.strip_prefix('u')?.split_at_checked(4)?;
    (u32::from_str_radix(digits, 16).ok()? == u32::from(wanted)).then_some(rest)
}

/// Replacements in one text, made in one go.
pub(crate) struct Edits<'a> {
    text: &'a str,
    edits: Vec<(Range<usize>, Cow<'a, str>)>,
}

impl<'a> Edits<'a> {
    pub(crate) fn of(text: &'a str) -> Self {
        Self { text, edits: Vec::new() }
    }

    /// Where `part`, a slice of the text, stands in it.
    pub(crate) fn range(&self, part: &'a str) -> Range<usize> {
        let start = part.as_ptr().addr() - self.text.as_ptr().addr();
        start..start + part.len()
    }

    pub(crate) fn replace(&mut self, part: &'a str, with: impl Into<Cow<'a, str>>) {
        self.edits.push((self.range(part), with.into()));
    }

    pub(crate) fn insert_before(&mut self, part: &'a str, inserted: String) {
        self.insert_at(self.range(part).start, inserted);
    }

    pub(crate) fn insert_at(&mut self, position: usize, inserted: String) {
        self.edits.push((position..position, inserted.into()));
    }

    pub(crate) fn remove(&mut self, range: Range<usize>) {
        self.edits.push((range, Cow::Borrowed("")));
    }

    /// The edited text; None if there are no edits.
    pub(crate) fn changed(self) -> Option<String> {
        (!self.edits.is_empty()).then(|| self.splice())
    }

    /// The edited text. An edit inside a part that is replaced as a whole is dropped with it.
    pub(crate) fn splice(mut self) -> String {
        self.edits.sort_by_key(|(range, _)| range.start);
        let grown: usize = self.edits.iter().map(|(_, with)| with.len()).sum();
        let mut edited = String::with_capacity(self.text.len() + grown);
        let mut done = 0;
        for (range, with) in &self.edits {
            if let Some(kept) = self.text.get(done..range.start) {
                edited.push_str(kept);
                edited.push_str(with);
                done = range.end;
            }
        }
        edited.push_str(&self.text[done..]);
        edited
    }
}
