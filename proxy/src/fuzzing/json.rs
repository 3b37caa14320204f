//! JSON as a second opinion: what `serde_json` finds, without any of the product's own readers.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::value::RawValue;

pub(super) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The members of an object in their order, keys and values as written.
pub(super) struct Members<'a>(pub(super) Vec<(&'a str, &'a str)>);

impl<'a> Members<'a> {
    /// None: no JSON object.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Whether every key stands once and as it is, without escapes.
    pub(super) fn is_plain(&self) -> bool {
        let mut keys: Vec<_> = self.0.iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.windows(2).all(|pair| pair[0] != pair[1]) && !keys.iter().any(|key| key.contains('\\'))
    }

    /// The values of every key that says `name`, escaped or not.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| text(key).as_deref() == Some(name)).map(|(_, value)| *value)
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// As [`Self::get`], of a value that is an object.
    pub(super) fn object(&self, name: &str) -> Option<Members<'a>> {
        Members::of(self.get(name)?)
    }

    pub(super) fn repeats(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.all(name).count() > 1)
    }
}

/// What a value as written says, if it is a string.
pub(super) fn text(raw: &str) -> Option<String> {
    serde_json::from_str(raw).ok()
}

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Walk;
        impl<'de> Visitor<'de> for Walk {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                    members.push((key.get(), value.get()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Walk)
    }
}
