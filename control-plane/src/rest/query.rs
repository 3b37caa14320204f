//! Query parameters: each known, each once, each of its type; anything else is `invalid_request` (contract 1.2).

use std::{collections::BTreeMap, fmt};

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::{IntoParams, PartialSchema, ToSchema, openapi};

use crate::{
    error::{Error, Result},
    word,
};

/// Parameters as they came, taken out one by one.
#[derive(Debug)]
pub struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// # Errors
    /// A parameter that is given twice.
    pub fn parse(query: &str) -> Result<Self> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            // The alias of contract 3.15.
            let name = if name == "server" { "mcp_server".to_owned() } else { name.into_owned() };
            if parameters.contains_key(&name) {
                return Err(Error::invalid_request(format!("the parameter {name} is given twice")));
            }
            parameters.insert(name, value.into_owned());
        }
        Ok(Self(parameters))
    }

    pub fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// # Errors
    /// The value is not of the type.
    pub fn take_as<T: Scalar>(&mut self, name: &str) -> Result<Option<T>> {
        let Some(text) = self.take(name) else { return Ok(None) };
        let value = T::from_text(&text)
            .map_err(|why| Error::invalid_request(format!("the parameter {name}: {why}")))?;
        Ok(Some(value))
    }

    /// What is left, as `T`; a name that `T` does not have is refused.
    ///
    /// # Errors
    /// An unknown parameter, or a value of the wrong type.
    pub fn finish<T: DeserializeOwned + IntoParams>(self) -> Result<T> {
        let known = T::into_params(|| None);
        for name in self.0.keys() {
            if !known.iter().any(|parameter| parameter.name == *name) {
                return Err(Error::invalid_request(format!("there is no parameter {name} here")));
            }
        }
        let texts = self.0.into_iter().map(|(name, text)| (name, Value::String(text))).collect();
        serde_path_to_error::deserialize(Value::Object(texts)).map_err(|error| {
            Error::invalid_request(format!("the parameter {}: {}", error.path(), error.inner()))
        })
    }

    /// The same parameters in the same order, whatever order they came in.
    #[must_use]
    pub fn canonical(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

/// A value that a parameter's text stands for: an enumeration, an id, a number, a flag, a time.
pub trait Scalar: Sized {
    /// # Errors
    /// Why it is none.
    fn from_text(text: &str) -> Result<Self, serde_json::Error>;
}

impl<T: DeserializeOwned> Scalar for T {
    fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        let as_text = serde_json::from_value(Value::String(text.to_owned()));
        // `5` and `true` are no JSON strings, but are what they look like.
        as_text.or_else(|error| serde_json::from_str(text).map_err(|_| error))
    }
}

/// A filter: one value or several with commas between, any of which fits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnyOf<T>(pub Vec<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for AnyOf<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let values = text.split(',').map(|one| T::from_text(one.trim())).collect::<Result<_, _>>();
        values.map(Self).map_err(serde::de::Error::custom)
    }
}

impl<T> PartialSchema for AnyOf<T> {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        String::schema()
    }
}

impl<T> ToSchema for AnyOf<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("AnyOf")
    }
}

/// What a filter asks for, as statements take it: none where it asks for nothing.
pub trait Asked<T> {
    fn values(&self) -> Option<Vec<T>>
    where
        T: Clone;

    /// As the database writes them: an enumeration's JSON is its text.
    fn words(&self) -> Option<Vec<String>>
    where
        T: Serialize;
}

impl<T> Asked<T> for Option<AnyOf<T>> {
    fn values(&self) -> Option<Vec<T>>
    where
        T: Clone,
    {
        self.as_ref().map(|AnyOf(values)| values.clone())
    }

    fn words(&self) -> Option<Vec<String>>
    where
        T: Serialize,
    {
        self.as_ref().map(|AnyOf(values)| word::texts(values))
    }
}

/// A single number, flag or time among the filters: query parameters are texts, which serde alone does not turn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct One<T>(pub T);

impl<'de, T: DeserializeOwned> Deserialize<'de> for One<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        T::from_text(&text).map(Self).map_err(serde::de::Error::custom)
    }
}

impl<T: PartialSchema> PartialSchema for One<T> {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        T::schema()
    }
}

impl<T: ToSchema> ToSchema for One<T> {
    fn name() -> std::borrow::Cow<'static, str> {
        T::name()
    }
}

/// The parameters of a route that is no list.
pub struct Query<T>(pub T);

impl<T: fmt::Debug> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + IntoParams> FromRequestParts<S> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Parameters::parse(parts.uri.query().unwrap_or_default())?.finish().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, IntoParams)]
    struct Filters {
        color: Option<AnyOf<Color>>,
        doors: Option<One<u8>>,
    }

    #[derive(Debug, Deserialize, PartialEq, ToSchema)]
    #[serde(rename_all = "snake_case")]
    enum Color {
        Red,
        Green,
    }

    fn read(query: &str) -> Result<Filters> {
        Parameters::parse(query)?.finish()
    }

    #[test]
    fn commas_mean_or() {
        let filters = read("color=red,green&doors=3").unwrap();
        assert_eq!(filters.color, Some(AnyOf(vec![Color::Red, Color::Green])));
        assert_eq!(filters.doors, Some(One(3)));
    }

    #[test]
    fn what_is_unknown_twice_or_of_another_type_is_refused() {
        for query in ["wheels=4", "color=red&color=green", "color=blue", "doors=many", "doors=300"] {
            let error = read(query).unwrap_err();
            assert_eq!(error.code, crate::error::Code::InvalidRequest, "{query}");
        }
    }
}
