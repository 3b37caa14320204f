//! Reading costs: rows and sums of what the caller may see.

use chrono::{DateTime, Utc};

use super::events::{self, EXPORT_MAX_ROWS};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    store::{
        costs::{self, Cost, Day, Share, Totals},
        dimensions::Dimensions,
        page::{Found, Page, TimeRange},
        rollups::Kind,
    },
};

/// # Errors
/// `permission_denied`, or the database's.
pub async fn list(app: &App, principal: &Principal, page: &Page, filter: Dimensions) -> Result<Found<Cost>> {
    let filter = allowed(principal, filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    Ok(costs::list(&mut tx, org, page, &filter).await?)
}

/// The sums of a range of time and of the one before it.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn summary(
    app: &App,
    principal: &Principal,
    filter: Dimensions,
    span: (DateTime<Utc>, DateTime<Utc>),
    previous: (DateTime<Utc>, DateTime<Utc>),
) -> Result<(Totals, Totals)> {
    let filter = allowed(principal, filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let now = costs::totals(&mut tx, org, &filter, span).await?;
    Ok((now, costs::totals(&mut tx, org, &filter, previous).await?))
}

/// A page of groups, and the sums of all of them.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn shares(
    app: &App,
    principal: &Principal,
    page: &Page,
    by: Kind,
    filter: Dimensions,
    span: (DateTime<Utc>, DateTime<Utc>),
) -> Result<(Found<Share>, Totals)> {
    let filter = allowed(principal, filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let found = costs::shares(&mut tx, org, page, by, &filter, span).await?;
    Ok((found, costs::totals(&mut tx, org, &filter, span).await?))
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn by_day(
    app: &App,
    principal: &Principal,
    filter: Dimensions,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Result<Vec<Day>> {
    let filter = allowed(principal, filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    Ok(costs::by_day(&mut tx, org, &filter, start, end).await?)
}

/// Checks that an export may begin, and records that it did; its rows are read page by page.
///
/// # Errors
/// `permission_denied`, `export_too_large`, or the database's.
pub async fn begin_export(
    app: &App,
    principal: &Principal,
    filter: &Dimensions,
    range: TimeRange,
    format: &str,
) -> Result<()> {
    principal.require("costs:export")?;
    let filter = allowed(principal, filter.clone())?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let rows = costs::count(&mut tx, org, &filter, range, EXPORT_MAX_ROWS).await?;
    events::record_export(&mut tx, principal, "costs", format, rows).await?;
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn export(
    app: &App,
    principal: &Principal,
    page: &Page,
    mut filter: Dimensions,
) -> Result<Found<Cost>> {
    filter.visible.push(events::visible(principal, "costs:export")?);
    list(app, principal, page, filter).await
}

fn allowed(principal: &Principal, mut filter: Dimensions) -> Result<Dimensions> {
    filter.visible.push(events::visible(principal, "costs:read")?);
    Ok(filter)
}
