//! What budgets have used, period by period: for each from `counted_from` on, exactly the sum of the cost rows that the
//! budget covers in it. A period nobody used has no row.
//!
//! The ingester adds while administrators change what is to be counted. So that nothing is counted twice or lost, each
//! organization has a lock: the ingester shares it before it looks which budgets there are and until its cost rows are
//! committed; whoever makes, changes or deletes a budget holds it alone, and then sees either all of a batch or nothing.
//! It is the first lock that either takes.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::id::{BudgetId, OrgId};

/// A period that something happened to.
pub type PeriodKey = (BudgetId, DateTime<Utc>);

/// Whether budget `b` covers cost row `c`, as SQL.
macro_rules! covers {
    () => {
        "case b.scope_type
            when 'organization' then true
            when 'team' then c.team_id = b.scope_id
            when 'user' then c.user_id = b.scope_id
            when 'api_key' then c.api_key_id = b.scope_id
            when 'server' then c.mcp_server = b.mcp_server
        end"
    };
}

/// The key of an organization's lock, as SQL; its argument is the organization's id as SQL.
macro_rules! lock_of {
    ($org:literal) => {
        concat!("hashtextextended('gatewayops.budgets:' || ", $org, "::text, 0)")
    };
}

/// What the ingester reads before it counts: its organizations, held so that their budgets stay what they are.
pub(in crate::store) const SHARE: &str = concat!(
    "select id, pg_advisory_xact_lock_shared(",
    lock_of!("id"),
    ")::text from organizations where id = any($1)"
);

/// Adds the cost rows of `charged`, which the statement before it has inserted, to the periods they fall into, and answers
/// these. In the order of the rows' keys, so that two batches cannot lock each other out.
pub(in crate::store) const ADD: &str = concat!(
    "insert into budget_periods (budget_id, period_start, org_id, used)
    select b.id, budget_period_start(b.period, c.created_at), b.org_id, sum(c.cost_usd)
    from charged c
    join budgets b on b.org_id = c.org_id and c.created_at >= b.counted_from and ",
    covers!(),
    "
    where c.cost_usd > 0
    group by 1, 2, 3
    order by 1, 2
    on conflict (budget_id, period_start) do update set used = budget_periods.used + excluded.used
    returning budget_id, period_start"
);

/// Keeps the ingester and everybody else from this organization's budgets until the transaction ends. Before any row of
/// them is read that is to be changed.
///
/// # Errors
/// The database's.
pub async fn lock(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<()> {
    const LOCK: &str = concat!("select pg_advisory_xact_lock(", lock_of!("$1::uuid"), ")");
    sqlx::query(LOCK).bind(org).execute(conn).await?;
    Ok(())
}

/// Whether any of these organizations has budgets to count for. With their locks shared.
///
/// # Errors
/// The database's.
pub async fn are_kept(conn: &mut PgConnection, organizations: &[Uuid]) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from budgets where org_id = any($1))")
        .bind(organizations)
        .fetch_one(conn)
        .await
}

/// Forgets what was counted and counts from the current period on: of a new budget, or one that is about something else
/// now. With the lock held.
///
/// # Errors
/// The database's.
pub async fn count_anew(
    conn: &mut PgConnection,
    org: OrgId,
    id: BudgetId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query("delete from budget_periods where org_id = $1 and budget_id = $2")
        .bind(org)
        .bind(id)
        .execute(&mut *conn)
        .await?;
    let counted_from: DateTime<Utc> = sqlx::query_scalar(
        "update budgets set counted_from = budget_period_start(period, $3) where org_id = $1 and id = $2
         returning counted_from",
    )
    .bind(org)
    .bind(id)
    .bind(now)
    .fetch_one(&mut *conn)
    .await?;
    // The bound is a value of its own: partitions before it are not looked into.
    const COUNT: &str = concat!(
        "insert into budget_periods (budget_id, period_start, org_id, used)
        select b.id, budget_period_start(b.period, c.created_at), b.org_id, sum(c.cost_usd)
        from costs c join budgets b on b.org_id = c.org_id and b.id = $2 and ",
        covers!(),
        "
        where c.org_id = $1 and c.created_at >= $3 and c.cost_usd > 0
        group by 1, 2, 3"
    );
    sqlx::query(COUNT).bind(org).bind(id).bind(counted_from).execute(conn).await?;
    Ok(())
}

/// A budget's period of which percentages of the amount were passed that nobody was told of.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Passing {
    pub org_id: OrgId,
    pub id: BudgetId,
    pub name: String,
    pub scope_type: String,
    pub scope_id: Option<Uuid>,
    pub amount: Decimal,
    pub currency: String,
    pub period: String,
    pub enforce: bool,
    pub channel_ids: Vec<Uuid>,
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub used: Decimal,
    pub percentages: Vec<i32>,
}

/// Notes which percentages these periods have passed by now, and answers those of which some are new. An amount that was
/// raised takes passed ones back. Disabled budgets, and periods that have not begun, are left as they are.
///
/// # Errors
/// The database's.
pub async fn note_passed(
    conn: &mut PgConnection,
    periods: &[PeriodKey],
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Passing>> {
    let (ids, starts): (Vec<_>, Vec<_>) = periods.iter().copied().unzip();
    let noted: Vec<Passing> = sqlx::query_as(
        "with found as (
            select p.budget_id, p.period_start, p.threshold_sent as before,
                budget_percentages_passed(p.used, b.amount, b.alert_thresholds) as passed
            from unnest($1::uuid[], $2::timestamptz[]) as asked (budget_id, period_start)
            join budget_periods p using (budget_id, period_start)
            join budgets b on b.org_id = p.org_id and b.id = p.budget_id
            where b.enabled and p.period_start <= $3
        )
        update budget_periods p set threshold_sent = found.passed
        from found join budgets b on b.id = found.budget_id
        where p.org_id = b.org_id and p.budget_id = found.budget_id and p.period_start = found.period_start
            and found.passed <> found.before
        returning b.org_id, b.id, b.name, b.scope_type, b.scope_id, b.amount, b.currency, b.period, b.enforce,
            b.channel_ids, p.period_start, budget_period_beside(b.period, p.period_start, 1) as period_end, p.used,
            array(select unnest(found.passed) except select unnest(found.before) order by 1) as percentages",
    )
    .bind(ids)
    .bind(starts)
    .bind(now)
    .fetch_all(conn)
    .await?;
    Ok(noted.into_iter().filter(|passing| !passing.percentages.is_empty()).collect())
}

/// Every period of a budget that has a row.
///
/// # Errors
/// The database's.
pub async fn list_of(conn: &mut PgConnection, org: OrgId, id: BudgetId) -> sqlx::Result<Vec<PeriodKey>> {
    sqlx::query_as("select budget_id, period_start from budget_periods where org_id = $1 and budget_id = $2")
        .bind(org)
        .bind(id)
        .fetch_all(conn)
        .await
}

/// Lifts the enforcement of a period. With the lock held.
///
/// # Errors
/// The database's.
pub async fn set_override(
    conn: &mut PgConnection,
    org: OrgId,
    (id, period_start): PeriodKey,
    until: DateTime<Utc>,
    reason: &str,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into budget_periods (org_id, budget_id, period_start, overridden_until, override_reason)
         values ($1, $2, $3, $4, $5)
         on conflict (budget_id, period_start) do update
         set overridden_until = excluded.overridden_until, override_reason = excluded.override_reason",
    )
    .bind(org)
    .bind(id)
    .bind(period_start)
    .bind(until)
    .bind(reason)
    .execute(conn)
    .await?;
    Ok(())
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PeriodRow {
    pub period_start: DateTime<Utc>,
    pub period_end: DateTime<Utc>,
    pub used: Decimal,
}

/// The counted periods before the one that runs at `now`, at most `most`, the oldest first.
///
/// # Errors
/// The database's.
pub async fn history(
    conn: &mut PgConnection,
    org: OrgId,
    id: BudgetId,
    most: i32,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<PeriodRow>> {
    sqlx::query_as(
        "select past.period_start, budget_period_beside(b.period, past.period_start, 1) as period_end,
            coalesce(p.used, 0) as used
         from budgets b
         cross join generate_series(-$3::integer, -1) as back
         cross join lateral (
            select budget_period_beside(b.period, budget_period_start(b.period, $4), back) as period_start
         ) past
         left join budget_periods p on p.org_id = b.org_id and p.budget_id = b.id
            and p.period_start = past.period_start
         where b.org_id = $1 and b.id = $2 and past.period_start >= b.counted_from
         order by 1",
    )
    .bind(org)
    .bind(id)
    .bind(most)
    .bind(now)
    .fetch_all(conn)
    .await
}

/// Whether the current period follows an exhausted one and has no row yet, as SQL: `t` is that period, `p` its row.
macro_rules! has_begun {
    () => {
        "p.budget_id is null and b.enforce and coalesce((
            select 100 = any(q.threshold_sent) from budget_periods q
            where q.budget_id = b.id and q.period_start < t.period_start order by q.period_start desc limit 1), false)"
    };
}

/// Whose budgets the clock alone has brought something new: a period that begins after an exhausted one, an override that
/// has ended, percentages that a proxy's clock ahead of ours passed before their period began. For the worker; takes no
/// locks.
///
/// # Errors
/// The database's.
pub async fn list_due(conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<Vec<OrgId>> {
    const DUE: &str = concat!(
        "select distinct b.org_id from budgets b
        cross join lateral (select budget_period_start(b.period, $1) as period_start) t
        left join budget_periods p on p.org_id = b.org_id and p.budget_id = b.id and p.period_start = t.period_start
        where p.overridden_until <= $1 or b.enabled and (
            p.threshold_sent <> budget_percentages_passed(p.used, b.amount, b.alert_thresholds) or ",
        has_begun!(),
        ") order by 1"
    );
    sqlx::query_scalar(DUE).bind(now).fetch_all(conn).await
}

/// Begins the periods that follow exhausted ones and takes away overrides that have ended: both are changes that proxies
/// hear of. Answers all periods that run at `now` and have a row. With the lock held.
///
/// # Errors
/// The database's.
pub async fn settle(conn: &mut PgConnection, org: OrgId, now: DateTime<Utc>) -> sqlx::Result<Vec<PeriodKey>> {
    const BEGIN: &str = concat!(
        "insert into budget_periods (org_id, budget_id, period_start)
        select b.org_id, b.id, t.period_start from budgets b
        cross join lateral (select budget_period_start(b.period, $2) as period_start) t
        left join budget_periods p on p.org_id = b.org_id and p.budget_id = b.id and p.period_start = t.period_start
        where b.org_id = $1 and b.enabled and ",
        has_begun!(),
    );
    sqlx::query(BEGIN).bind(org).bind(now).execute(&mut *conn).await?;
    sqlx::query(
        "update budget_periods set overridden_until = null where org_id = $1 and overridden_until <= $2",
    )
    .bind(org)
    .bind(now)
    .execute(&mut *conn)
    .await?;
    sqlx::query_as(
        "select p.budget_id, p.period_start from budgets b
         join budget_periods p on p.org_id = b.org_id and p.budget_id = b.id
            and p.period_start = budget_period_start(b.period, $2)
         where b.org_id = $1",
    )
    .bind(org)
    .bind(now)
    .fetch_all(conn)
    .await
}
