//! What permissions there are (contract 4.1), and whether somebody holds one.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    auth::permission::PERMISSIONS,
    store::page::{Found, Page, SortKey, Start},
};

mod check;

pub use check::{CheckForm, Verdict, check};

/// All are equally old: unless sorted by name they come in the order of the contract.
pub const SORT: &[SortKey] =
    &[SortKey { name: "created_at", sql: "", cast: "" }, SortKey { name: "permission", sql: "", cast: "" }];

/// One permission, as it is listed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Permission {
    permission: &'static str,
    /// The part before the colon.
    category: &'static str,
    description: &'static str,
    /// Whether it can be granted with `:own` behind it, for own rows only.
    supports_own: bool,
}

/// One page of the table, which no database holds.
#[must_use]
pub fn list(categories: Option<&[String]>, page: &Page) -> Found<Permission> {
    let all = PERMISSIONS.iter().map(|&(permission, supports_own, description)| {
        let category = permission.split(':').next().unwrap_or_default();
        Permission { permission, category, description, supports_own }
    });
    let fits = |one: &Permission| categories.is_none_or(|any| any.iter().any(|name| name == one.category));
    let mut rows: Vec<_> = all.filter(fits).collect();
    if page.sort.name == "permission" {
        rows.sort_by_key(|one| one.permission);
        if page.descending {
            rows.reverse();
        }
    }
    let total = rows.len() as i64;
    let skip = match &page.start {
        Start::First => 0,
        Start::After { key, .. } => {
            rows.iter().position(|one| one.permission == key).map_or(rows.len(), |at| at + 1)
        }
        Start::Offset(offset) => usize::try_from(*offset).unwrap_or_default(),
    };
    let limit = usize::try_from(page.limit).unwrap_or_default();
    let mut rows: Vec<_> = rows.into_iter().skip(skip).collect();
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| (last.permission.to_owned(), Uuid::nil()));
    Found { rows, next, total: Some(total), total_capped: false }
}
