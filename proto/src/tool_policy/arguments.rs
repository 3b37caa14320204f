//! The arguments of a call, looked into without building them: the outermost object is read once, when the first rule
//! asks, and from there only what a pointer leads to.

use std::{borrow::Cow, cell::OnceCell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    pointer::{Pointer, Step},
    scalar::Text,
};

/// Arguments with more members than this are read anew for each rule.
const LISTED: usize = 24;

pub(super) struct Arguments<'a> {
    text: Option<&'a str>,
    members: OnceCell<Members<'a>>,
}

/// What a pointer leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Found<'a> {
    /// Its JSON.
    Value(&'a str),
    Absent,
    /// The arguments are not known or cannot be read, or a name on the way stands there twice.
    Unclear,
}

#[expect(clippy::large_enum_variant, reason = "made on the stack, and it stays where it is made")]
enum Members<'a> {
    Listed { names: [Cow<'a, str>; LISTED], values: [&'a str; LISTED], count: usize },
    TooMany,
    Unreadable,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(text: Option<&'a str>) -> Self {
        Self { text, members: OnceCell::new() }
    }

    pub(super) fn find(&self, pointer: &Pointer) -> Found<'a> {
        let (Some(text), Some((first, rest))) = (self.text, pointer.steps().split_first()) else {
            return Found::Unclear;
        };
        let mut found = match self.members.get_or_init(|| Members::read(text)) {
            Members::Listed { names, values, count } => {
                let members = names.iter().zip(values).take(*count);
                only(members.filter(|(name, _)| ***name == *first.name).map(|(_, value)| *value))
            }
            Members::TooMany => follow(text, first),
            Members::Unreadable => Found::Unclear,
        };
        for step in rest {
            let Found::Value(value) = found else { return found };
            found = follow(value, step);
        }
        found
    }
}

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Self {
        let mut json = serde_json::Deserializer::from_str(text);
        let read = json.deserialize_map(ListMembers);
        read.and_then(|members| json.end().map(|()| members)).unwrap_or(Self::Unreadable)
    }
}

fn only<'a>(mut values: impl Iterator<Item = &'a str>) -> Found<'a> {
    match (values.next(), values.next()) {
        (Some(value), None) => Found::Value(value),
        (None, _) => Found::Absent,
        (Some(_), Some(_)) => Found::Unclear,
    }
}

/// One step into a value.
fn follow<'a>(value: &'a str, step: &Step) -> Found<'a> {
    let mut json = serde_json::Deserializer::from_str(value);
    let found = match value.trim_start().as_bytes().first() {
        Some(b'{') => json.deserialize_map(Member(&step.name)),
        Some(b'[') => match step.index {
            Some(index) => json.deserialize_seq(Element(index)),
            None => return Found::Absent,
        },
        _ => return Found::Absent,
    };
    found.unwrap_or(Found::Unclear)
}

struct ListMembers;

impl<'de> Visitor<'de> for ListMembers {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut names = [const { Cow::Borrowed("") }; LISTED];
        let mut values = [""; LISTED];
        let mut count = 0;
        while let Some((Text(name), value)) = object.next_entry::<Text<'de>, &'de RawValue>()? {
            if count == LISTED {
                while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(Members::TooMany);
            }
            (names[count], values[count]) = (name, value.get());
            count += 1;
        }
        Ok(Members::Listed { names, values, count })
    }
}

/// The member of that name.
struct Member<'s>(&'s str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut found = Found::Absent;
        while let Some(is_it) = object.next_key_seed(Is(self.0))? {
            if !is_it {
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            let value = object.next_value::<&'de RawValue>()?.get();
            found = match found {
                Found::Absent => Found::Value(value),
                Found::Value(_) | Found::Unclear => Found::Unclear,
            };
        }
        Ok(found)
    }
}

/// Whether a name is that one; escapes are resolved first.
struct Is<'s>(&'s str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<bool, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

/// The element at that place.
struct Element(usize);

impl<'de> Visitor<'de> for Element {
    type Value = Found<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = Found::Absent;
        let mut at = 0;
        while let Some(value) = list.next_element::<&'de RawValue>()? {
            if at == self.0 {
                found = Found::Value(value.get());
            }
            at += 1;
        }
        Ok(found)
    }
}
