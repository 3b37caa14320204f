//! Keeping the sums that charts and costs are answered from.

use chrono::{Duration, NaiveDate, NaiveTime, Utc};

use crate::{
    app::App,
    error::{Error, Result},
    id::OrgId,
    settings::Settings,
    store::{rollups, settings},
};

#[cfg(test)]
mod tests;

/// Spans folded in one transaction: what a few seconds bring, and little enough to be held in memory.
const AT_ONCE: i64 = 50_000;

/// Folds what is pending, until there is less of it than is worth a turn; answers how many spans it were.
///
/// # Errors
/// The database's.
pub async fn fold(app: &App) -> Result<usize> {
    let mut all = 0;
    loop {
        let mut tx = app.database.worker().await?;
        let folded = rollups::fold(&mut tx, AT_ONCE).await?;
        tx.commit().await?;
        all += folded;
        if (folded as i64) < AT_ONCE {
            return Ok(all);
        }
    }
}

/// What came of the wish to sum a day anew.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Rebuilt {
    /// From so many spans.
    From(u64),
    /// Its spans are gone, or some of them: its sums are all that is left, and stay.
    NotAnyMore,
}

/// Sums a UTC day of an organization anew from its spans. Whoever reads meanwhile finds what was there before.
///
/// # Errors
/// The database's.
pub async fn rebuild(app: &App, org: OrgId, day: NaiveDate) -> Result<Rebuilt> {
    let mut tx = app.database.worker().await?;
    let stored = settings::get(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    let kept_days =
        Settings::read(&stored)?.kept_at_least(app.config.retention_min_days).retention.traces_days;
    if day.and_time(NaiveTime::MIN).and_utc() < Utc::now() - Duration::days(kept_days)
        || !rollups::has_spans(&mut tx, org, day).await?
    {
        return Ok(Rebuilt::NotAnyMore);
    }
    let spans = rollups::rebuild_day(&mut tx, org, day).await?;
    tx.commit().await?;
    fold(app).await?;
    Ok(Rebuilt::From(spans))
}
