//! Lists: all look the same (contract 1.2). A resource names its filters and sort keys; the rest is here.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use http::request::Parts;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    query::Parameters,
    window::{Period, Window, take_range},
};
use crate::{
    app::App,
    auth::derived::DerivedKeys,
    error::{Code, Error, Result},
    store::page::{Count, Found, Page, SortKey, Start},
};

const MAX_LIMIT: i64 = 200;
const MAX_OFFSET: i64 = 10_000;

/// The filters of one list, with what it can be sorted by. The first sort key is the default, descending, and the
/// field that `start_time`, `end_time` and `period` are about.
pub trait Filters: DeserializeOwned + IntoParams + Send {
    const SORT: &'static [SortKey];
    /// Event lists count only when asked to, config lists always.
    const EVENTS: bool = false;
}

/// The parameters every list has, for the OpenAPI document.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes parameters that are read by hand")]
pub struct ListParameters {
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i64>,
    /// `next_cursor` of the page before, with the same filters and sort.
    cursor: Option<String>,
    /// Instead of `cursor`.
    #[param(minimum = 0, maximum = 10000)]
    offset: Option<i64>,
    /// Count an event list too.
    include_total: Option<bool>,
    /// One field, `-` before it for descending.
    sort: Option<String>,
    /// Inclusive.
    start_time: Option<DateTime<Utc>>,
    /// Exclusive.
    end_time: Option<DateTime<Utc>>,
    /// Instead of `start_time` and `end_time`.
    #[param(inline)]
    period: Option<Period>,
}

/// What a list was asked for.
pub struct List<F> {
    pub page: Page,
    pub filters: F,
    cursors: Cursors,
    offset: Option<i64>,
}

/// The part of a list's answer beside its rows; put it in with `#[serde(flatten)]`.
#[derive(Serialize, ToSchema)]
pub struct PageInfo {
    /// For the next page; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
    pub has_more: bool,
    /// Null where it was not counted.
    #[schema(required)]
    pub total: Option<i64>,
    /// Counting stopped at 10 000.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub total_capped: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i64>,
}

impl<F> List<F> {
    /// The part of the answer beside the rows.
    #[must_use]
    pub fn info<T>(&self, found: &Found<T>) -> PageInfo {
        PageInfo {
            next_cursor: found.next.as_ref().map(|(key, id)| self.cursors.write(key, *id)),
            has_more: found.next.is_some(),
            total: found.total,
            total_capped: found.total_capped,
            limit: self.offset.map(|_| self.page.limit),
            offset: self.offset,
        }
    }
}

impl<F: Filters> List<F> {
    pub(super) fn read(path: &str, query: &str, keys: &DerivedKeys, now: DateTime<Utc>) -> Result<Self> {
        let mut parameters = Parameters::parse(query)?;
        let limit = parameters.take_as("limit")?.unwrap_or(50);
        let cursor = parameters.take("cursor");
        let offset: Option<i64> = parameters.take_as("offset")?;
        let include_total = parameters.take_as("include_total")?.unwrap_or(false);
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(Error::invalid_request(format!("limit must be from 1 to {MAX_LIMIT}")));
        }
        if offset.is_some_and(|offset| !(0..=MAX_OFFSET).contains(&offset)) {
            return Err(Error::invalid_request(format!("offset must be from 0 to {MAX_OFFSET}")));
        }
        if cursor.is_some() && offset.is_some() {
            return Err(Error::invalid_request("give either cursor or offset"));
        }

        // What is left decides which rows there are and in which order: a cursor fits exactly this.
        let cursors = Cursors { keys: keys.clone(), list: format!("{path}?{}", parameters.canonical()) };
        let (sort, descending) = sort::<F>(parameters.take("sort"))?;
        let (range, _) = take_range(&mut parameters, now)?;
        let start = match (cursor, offset) {
            (Some(cursor), _) => cursors.read(&cursor)?,
            (None, Some(offset)) => Start::Offset(offset),
            (None, None) => Start::First,
        };
        let count = match F::EVENTS {
            false => Count::Exact,
            true if include_total || offset.is_some() => Count::Capped,
            true => Count::Skip,
        };
        let page = Page { limit, start, sort, descending, count, range, range_sql: F::SORT[0].sql };
        Ok(Self { page, filters: parameters.finish()?, cursors, offset })
    }
}

fn sort<F: Filters>(asked: Option<String>) -> Result<(SortKey, bool)> {
    let Some(asked) = asked else { return Ok((F::SORT[0], true)) };
    let (name, descending) = asked.strip_prefix('-').map_or((asked.as_str(), false), |name| (name, true));
    let key = F::SORT.iter().find(|key| key.name == name).ok_or_else(|| {
        let names: Vec<_> = F::SORT.iter().map(|key| key.name).collect();
        Error::invalid_request(format!(
            "sort must be one of {}, with - before it for descending",
            names.join(", ")
        ))
    })?;
    Ok((*key, descending))
}

impl<F: Filters> FromRequestParts<Arc<App>> for List<F> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self> {
        Self::read(parts.uri.path(), parts.uri.query().unwrap_or_default(), &app.derived, Utc::now())
    }
}

/// Cursors are opaque and carry a tag over the list they continue: another list's, or a changed one, is refused.
struct Cursors {
    keys: DerivedKeys,
    list: String,
}

impl Cursors {
    fn write(&self, key: &str, id: Uuid) -> String {
        let mut content = id.as_bytes().to_vec();
        content.extend_from_slice(key.as_bytes());
        let mut cursor = self.tag(&content).to_vec();
        cursor.extend_from_slice(&content);
        URL_SAFE_NO_PAD.encode(cursor)
    }

    fn read(&self, cursor: &str) -> Result<Start> {
        let invalid =
            || Error::new(Code::InvalidCursor, "the cursor belongs to another list, filter or sort");
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| invalid())?;
        let (tag, content) = bytes.split_at_checked(16).ok_or_else(invalid)?;
        if !bool::from(subtle::ConstantTimeEq::ct_eq(tag, &self.tag(content)[..])) {
            return Err(invalid());
        }
        let (id, key) = content.split_at_checked(16).ok_or_else(invalid)?;
        let id = Uuid::from_slice(id).map_err(|_| invalid())?;
        let key = String::from_utf8(key.to_vec()).map_err(|_| invalid())?;
        Ok(Start::After { key, id })
    }

    fn tag(&self, content: &[u8]) -> [u8; 16] {
        let mut text = self.list.as_bytes().to_vec();
        text.push(0);
        text.extend_from_slice(content);
        self.keys.cursor_tag(&text)
    }
}

/// The filters of an aggregate, with the period it covers when none is asked for.
pub trait Aggregated: DeserializeOwned + IntoParams + Send {
    const PERIOD: Period;
}

/// What an aggregate was asked for. Describe it with `params(TimeParameters, F)`.
pub struct Aggregate<F> {
    pub window: Window,
    pub filters: F,
}

impl<F: Aggregated> FromRequestParts<Arc<App>> for Aggregate<F> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<App>) -> Result<Self> {
        let mut parameters = Parameters::parse(parts.uri.query().unwrap_or_default())?;
        let window = Window::take(&mut parameters, F::PERIOD, Utc::now())?;
        Ok(Self { window, filters: parameters.finish()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::query::AnyOf;

    #[derive(Debug, Deserialize, IntoParams)]
    struct Cars {
        color: Option<AnyOf<String>>,
    }

    impl Filters for Cars {
        const SORT: &'static [SortKey] = &[
            SortKey { name: "created_at", sql: "c.created_at", cast: "timestamptz" },
            SortKey { name: "name", sql: "c.name", cast: "text" },
        ];
    }

    fn read(query: &str) -> Result<List<Cars>> {
        List::read("/v1/cars", query, &DerivedKeys::new(b"secret"), Utc::now())
    }

    #[test]
    fn the_default_is_the_newest_fifty() {
        let list = read("").unwrap();
        assert_eq!((list.page.limit, list.page.sort.name, list.page.descending), (50, "created_at", true));
        assert_eq!((list.page.start, list.page.count), (Start::First, Count::Exact));
    }

    #[test]
    fn a_cursor_fits_its_own_filters_and_sort_only() {
        let cursor = read("color=red,blue&sort=name").unwrap().cursors.write("vw", Uuid::from_u128(1));
        let again = read(&format!("limit=5&sort=name&cursor={cursor}&color=red,blue")).unwrap();
        assert_eq!(again.filters.color, Some(AnyOf(vec!["red".into(), "blue".into()])));
        assert_eq!(again.page.start, Start::After { key: "vw".into(), id: Uuid::from_u128(1) });
        for query in ["color=red", "color=red,blue", "color=red,blue&sort=-name", ""] {
            let error = read(&format!("{query}&cursor={cursor}")).err().unwrap();
            assert_eq!(error.code, Code::InvalidCursor, "{query}");
        }
        for cursor in ["", "x", "AAAA", &cursor[1..]] {
            assert!(read(&format!("color=red,blue&sort=name&cursor={cursor}")).is_err(), "{cursor}");
        }
    }

    #[test]
    fn limits_sorts_and_mixtures_outside_the_rules_are_refused() {
        for query in [
            "limit=0",
            "limit=201",
            "limit=x",
            "offset=-1",
            "offset=10001",
            "sort=color",
            "offset=1&cursor=x",
            "wheels=4",
        ] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
