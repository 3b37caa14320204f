//! Times and money as JSON writes them (contract 1.1): RFC 3339 UTC with milliseconds, decimals with six digits.

use chrono::{DateTime, SecondsFormat, Utc};
use gatewayops_proto::money;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{KnownFormat, ObjectBuilder, RefOr, SchemaFormat, Type, schema::Schema},
};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Time(pub DateTime<Utc>);

impl From<DateTime<Utc>> for Time {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateTime::<Utc>::deserialize(deserializer).map(Self)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Time {}

/// An amount of US dollars.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Money(pub Decimal);

impl From<Decimal> for Money {
    fn from(amount: Decimal) -> Self {
        Self(amount)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&money::six_digits(self.0))
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let amount = Decimal::from_str_exact(&text).ok().filter(|amount| plain && amount.scale() <= 6);
        amount.map(Self).ok_or_else(|| {
            serde::de::Error::custom(
                "must be a decimal string with up to six fraction digits, such as \"25.50\"",
            )
        })
    }
}

impl PartialSchema for Money {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("decimal with six fraction digits"))
            .examples(["0.001000"])
            .into()
    }
}

impl ToSchema for Money {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_milliseconds_and_money_six_digits() {
        let time = Time(DateTime::from_timestamp(1_768_471_200, 123_456_789).unwrap());
        assert_eq!(serde_json::to_value(time).unwrap(), "2026-01-15T10:00:00.123Z");
        assert_eq!(serde_json::to_value(Money("0.001".parse().unwrap())).unwrap(), "0.001000");
    }

    #[test]
    fn money_is_read_from_plain_decimals_only() {
        let read = |text: &str| serde_json::from_value::<Money>(text.into());
        assert_eq!(read("25.5").unwrap().0.to_string(), "25.5");
        for text in ["", ".", "-1", "+1", "1e3", "1.0000001", "1,5", " 1"] {
            assert!(read(text).is_err(), "{text:?}");
        }
        assert!(serde_json::from_value::<Money>(5.into()).is_err(), "a number may be a float");
    }
}
