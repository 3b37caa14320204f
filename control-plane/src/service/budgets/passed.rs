//! Percentages of budgets that were passed: noted with the period, told once each, to webhooks and channels by the outbox
//! (contract 4.8).

use chrono::{DateTime, Utc};
use gatewayops_proto::money;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::figures;
use crate::{
    app::App,
    error::Result,
    id::{BudgetId, OrgId},
    store::{
        budgets::periods::{self, Passing, PeriodKey},
        outbox,
    },
};

/// After the periods were added to: notes what they have passed, and tells of what is new. Also of a period that is over:
/// what was spent in its last moments comes in late.
///
/// # Errors
/// The database's.
pub async fn note(conn: &mut PgConnection, counted: &[PeriodKey], now: DateTime<Utc>) -> sqlx::Result<()> {
    if counted.is_empty() {
        return Ok(());
    }
    for passing in periods::note_passed(conn, counted, now).await? {
        tell(conn, &passing).await?;
    }
    Ok(())
}

/// After a budget was changed: what it passes now may be less or more, in every period. Nobody needs to hear what a
/// period that is over would have passed.
pub(super) async fn note_anew(
    conn: &mut PgConnection,
    org: OrgId,
    id: BudgetId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    let all = periods::list_of(conn, org, id).await?;
    for passing in periods::note_passed(conn, &all, now).await? {
        if now < passing.period_end {
            tell(conn, &passing).await?;
        }
    }
    Ok(())
}

/// Sees to what the clock alone brings: periods begin, overrides end, and what came before its period is noted.
///
/// # Errors
/// The database's.
pub async fn settle_due(app: &App, now: DateTime<Utc>) -> Result<()> {
    let mut tx = app.database.worker().await?;
    let due = periods::list_due(&mut tx, now).await?;
    tx.commit().await?;
    for org in due {
        let mut tx = app.database.worker().await?;
        periods::lock(&mut tx, org).await?;
        let running = periods::settle(&mut tx, org, now).await?;
        note(&mut tx, &running, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn tell(conn: &mut PgConnection, passing: &Passing) -> sqlx::Result<()> {
    for percentage in &passing.percentages {
        let event = if *percentage == 100 { "budget.exceeded" } else { "budget.threshold_reached" };
        outbox::insert(conn, passing.org_id, event, &told(passing, *percentage)).await?;
    }
    Ok(())
}

/// The names are those of the budget as REST shows it.
fn told(passing: &Passing, percentage: i32) -> Value {
    json!({
        "id": passing.id,
        "name": passing.name,
        "scope_type": passing.scope_type,
        "scope_id": passing.scope_id,
        "amount": money::six_digits(passing.amount).to_string(),
        "used": money::six_digits(passing.used).to_string(),
        "used_ratio": figures::ratio(passing.used, passing.amount),
        "currency": passing.currency,
        "period": passing.period,
        "period_start": passing.period_start,
        "period_end": passing.period_end,
        "enforce": passing.enforce,
        "channel_ids": passing.channel_ids,
        "threshold": percentage,
    })
}
