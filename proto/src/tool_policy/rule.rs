//! What one argument has to be (contract 3.7).
//!
//! A rule is about a single value. The answer has a third case, because what is not clear must neither lift nor get
//! around anything: an `allow` needs [`Truth::Yes`], a `deny` is only avoided by [`Truth::No`]. Not clear is: arguments
//! that are not known or no JSON object; a name that stands twice; a list or an object; for `not_in` a value that is not
//! there, because the tool has its own idea of it; for `prefix` and `glob` what is no string, and a string with a `..`
//! step, which leads elsewhere than it says; a number that differs only where a floating-point number does not.

use super::{
    arguments::{Arguments, Found},
    pointer::Pointer,
    scalar::Scalar,
};
use crate::{control, glob};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Truth {
    No,
    Unclear,
    Yes,
}

impl Truth {
    pub(super) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unclear => Self::Unclear,
            Self::Yes => Self::No,
        }
    }

    fn any(truths: impl Iterator<Item = Self>) -> Self {
        truths.max().unwrap_or(Self::No)
    }
}

impl From<bool> for Truth {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// None: it cannot be read, and nothing is clear about it.
#[derive(Clone, Debug)]
pub(super) struct Rule(Option<Readable>);

#[derive(Clone, Debug)]
struct Readable {
    pointer: Pointer,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    /// `eq`, `in`
    OneOf(Box<[Scalar<'static>]>),
    /// `not_in`
    NoneOf(Box<[Scalar<'static>]>),
    Prefix(Box<[Box<str>]>),
    Glob(Box<[Box<str>]>),
}

impl Rule {
    pub(super) fn new(rule: &control::ArgumentRule) -> Self {
        Self(Readable::new(rule))
    }

    pub(super) fn is_readable(&self) -> bool {
        self.0.is_some()
    }

    pub(super) fn holds(&self, arguments: &Arguments<'_>) -> Truth {
        self.0.as_ref().map_or(Truth::Unclear, |rule| rule.holds(arguments))
    }
}

impl Readable {
    fn new(rule: &control::ArgumentRule) -> Option<Self> {
        let pointer = Pointer::read(&rule.pointer)?;
        let values: Option<Box<[Scalar<'static>]>> =
            rule.values.iter().map(|value| Scalar::parse(value).map(Scalar::into_owned)).collect();
        let values = values.filter(|values| !values.is_empty())?;
        let test = match rule.op.as_str() {
            "eq" if values.len() == 1 => Test::OneOf(values),
            "in" => Test::OneOf(values),
            "not_in" => Test::NoneOf(values),
            "prefix" => Test::Prefix(texts(values)?),
            "glob" => Test::Glob(texts(values)?),
            _ => return None,
        };
        Some(Self { pointer, test })
    }

    fn holds(&self, arguments: &Arguments<'_>) -> Truth {
        let value = match arguments.find(&self.pointer) {
            Found::Value(value) => Scalar::parse(value),
            Found::Absent if matches!(self.test, Test::NoneOf(_)) => return Truth::Unclear,
            Found::Absent => return Truth::No,
            Found::Unclear => return Truth::Unclear,
        };
        let Some(value) = value else { return Truth::Unclear };
        match &self.test {
            Test::OneOf(values) => Truth::any(values.iter().map(|one| one.equals(&value))),
            Test::NoneOf(values) => Truth::any(values.iter().map(|one| one.equals(&value))).not(),
            Test::Prefix(prefixes) => {
                text(&value, |text| prefixes.iter().any(|one| text.starts_with(&**one)))
            }
            Test::Glob(globs) => text(&value, |text| globs.iter().any(|one| glob::matches(one, text))),
        }
    }
}

fn texts(values: Box<[Scalar<'static>]>) -> Option<Box<[Box<str>]>> {
    let text = |value| match value {
        Scalar::Text(text) => Some(text.into_owned().into_boxed_str()),
        Scalar::Number(_) | Scalar::Bool(_) | Scalar::Null => None,
    };
    values.into_iter().map(text).collect()
}

fn text(value: &Scalar<'_>, fits: impl Fn(&str) -> bool) -> Truth {
    match value {
        Scalar::Text(text) if text.contains("..") && text.split(['/', '\\']).any(|step| step == "..") => {
            Truth::Unclear
        }
        Scalar::Text(text) => fits(text).into(),
        Scalar::Number(_) | Scalar::Bool(_) | Scalar::Null => Truth::Unclear,
    }
}
