//! A write-only secret inside a form (contract `wo`): what came in is held apart from logs and audit rows, and what is
//! stored already is only said to be kept.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{PartialSchema, ToSchema, openapi};

/// How a stored secret shows in the current form, and what a merge patch that does not name it leaves there.
const KEPT: &str = "(kept)";

#[derive(Clone, Debug)]
pub enum Secret {
    Given(SecretString),
    Kept,
}

impl Secret {
    /// The text, where it is at hand.
    #[must_use]
    pub fn given(&self) -> Option<&str> {
        match self {
            Self::Given(secret) => Some(secret.expose_secret()),
            Self::Kept => None,
        }
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Given(_) => "(given)",
            Self::Kept => KEPT,
        })
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(if text == KEPT { Self::Kept } else { Self::Given(text.into()) })
    }
}

impl PartialSchema for Secret {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new().schema_type(openapi::Type::String).write_only(true).into()
    }
}

impl ToSchema for Secret {}
