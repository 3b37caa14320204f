//! A single JSON value: a string, a number, a boolean or null.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{number, rule::Truth};

#[derive(Clone, Debug)]
pub(super) enum Scalar<'a> {
    Text(Cow<'a, str>),
    /// As it is written.
    Number(Cow<'a, str>),
    Bool(bool),
    Null,
}

/// A string, borrowed unless it is escaped.
#[derive(Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl<'a> Scalar<'a> {
    /// None: it is a list, an object or no JSON.
    pub(super) fn parse(json: &'a str) -> Option<Self> {
        let json = serde_json::from_str::<&RawValue>(json).ok()?.get();
        match json.as_bytes().first()? {
            b'"' => serde_json::from_str(json).ok().map(|Text(text)| Self::Text(text)),
            b't' => Some(Self::Bool(true)),
            b'f' => Some(Self::Bool(false)),
            b'n' => Some(Self::Null),
            b'{' | b'[' => None,
            _ => Some(Self::Number(Cow::Borrowed(json))),
        }
    }

    pub(super) fn into_owned(self) -> Scalar<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Self::Text(text) => Scalar::Text(owned(text)),
            Self::Number(number) => Scalar::Number(owned(number)),
            Self::Bool(is) => Scalar::Bool(is),
            Self::Null => Scalar::Null,
        }
    }

    pub(super) fn equals(&self, other: &Scalar<'_>) -> Truth {
        match (self, other) {
            (Self::Number(one), Scalar::Number(other)) => number::equal(one, other),
            (Self::Text(one), Scalar::Text(other)) => Truth::from(one == other),
            (Self::Bool(one), Scalar::Bool(other)) => Truth::from(one == other),
            (Self::Null, Scalar::Null) => Truth::Yes,
            _ => Truth::No,
        }
    }
}
