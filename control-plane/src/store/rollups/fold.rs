//! Adds what is pending to the sums.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use sqlx::{
    AssertSqlSafe, PgConnection, Postgres,
    postgres::{PgHasArrayType, PgTypeInfo},
};
use uuid::Uuid;

use super::{histogram::BUCKETS, lock, tables::Kind};
use crate::store::ingest::ensure_day;

mod sums;

use sums::{Key, Sum, Sums, coarser, shares};

/// The tables that sums are kept in.
pub const TABLES: [&str; 7] = [
    "rollup_minute",
    "rollup_server_hour",
    "rollup_server_day",
    "rollup_hour",
    "rollup_day",
    "rollup_share_hour",
    "rollup_share_day",
];

/// Sums that go to the database at once.
const AT_ONCE: usize = 2000;

/// Folds at most so many spans and answers how many it were. Nothing is changed unless the caller commits.
///
/// # Errors
/// The database's.
pub async fn fold(conn: &mut PgConnection, most: i64) -> sqlx::Result<usize> {
    lock(conn).await?;
    let mut sums = Sums::default();
    let folded = take(conn, most, &mut sums).await?;
    for month in sums.months() {
        for table in ["rollup_hour", "rollup_day"] {
            ensure_day(conn, table, month).await?;
        }
    }
    let server_hours = coarser(&sums.server_minutes, TimeDelta::hours(1));
    add(conn, "rollup_minute", SERVER, &sums.server_minutes).await?;
    add(conn, "rollup_server_hour", SERVER, &server_hours).await?;
    add(conn, "rollup_server_day", SERVER, &coarser(&server_hours, TimeDelta::days(1))).await?;
    add(conn, "rollup_hour", EVERYTHING, &sums.hours).await?;
    add(conn, "rollup_day", EVERYTHING, &coarser(&sums.hours, TimeDelta::days(1))).await?;
    for kind in Kind::ALL {
        let identity = of_share(kind);
        let hours = shares(&sums.hours, kind);
        add(conn, "rollup_share_hour", identity, &hours).await?;
        add(conn, "rollup_share_day", identity, &coarser(&hours, TimeDelta::days(1))).await?;
    }
    Ok(folded)
}

/// Takes spans out of what is pending.
async fn take(conn: &mut PgConnection, most: i64, sums: &mut Sums) -> sqlx::Result<usize> {
    let mut taken = 0;
    let mut rows = sqlx::query(
        "delete from rollup_pending where ctid = any(array(select ctid from rollup_pending limit $1))
         returning org_id, started_at, mcp_server, tool_name, team_id, user_id, api_key_id, environment, status,
            duration_ms, input_tokens, output_tokens, cost_usd",
    )
    .bind(most)
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        sums.count(&row)?;
        taken += 1;
    }
    Ok(taken)
}

/// The type `rollup_sum` (migrations 0023 and 0028), field by field.
#[derive(sqlx::Encode)]
struct RollupRow<'a> {
    org_id: Uuid,
    bucket: DateTime<Utc>,
    mcp_server: Option<&'a str>,
    tool_name: Option<&'a str>,
    team_id: Option<Uuid>,
    user_id: Option<Uuid>,
    api_key_id: Option<Uuid>,
    environment: Option<&'a str>,
    requests: i64,
    errors: i64,
    timeouts: i64,
    blocked: i64,
    cancelled: i64,
    input_tokens: i64,
    output_tokens: i64,
    charged: i64,
    charged_input_tokens: i64,
    charged_output_tokens: i64,
    cost_usd: Decimal,
    duration_sum_ms: i64,
    duration_hist: &'a [i32],
}

impl<'a> From<(&'a Key, &'a Sum)> for RollupRow<'a> {
    fn from((key, sum): (&'a Key, &'a Sum)) -> Self {
        Self {
            org_id: key.org_id,
            bucket: key.bucket,
            mcp_server: key.mcp_server.as_deref(),
            tool_name: key.tool_name.as_deref(),
            team_id: key.team_id,
            user_id: key.user_id,
            api_key_id: key.api_key_id,
            environment: key.environment.as_deref(),
            requests: sum.requests,
            errors: sum.errors,
            timeouts: sum.timeouts,
            blocked: sum.blocked,
            cancelled: sum.cancelled,
            input_tokens: sum.input_tokens,
            output_tokens: sum.output_tokens,
            charged: sum.charged,
            charged_input_tokens: sum.charged_input_tokens,
            charged_output_tokens: sum.charged_output_tokens,
            cost_usd: sum.cost_usd,
            duration_sum_ms: sum.duration_sum_ms,
            duration_hist: &sum.duration_hist,
        }
    }
}

impl sqlx::Type<Postgres> for RollupRow<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_name("rollup_sum")
    }
}

impl PgHasArrayType for RollupRow<'_> {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::array_of("rollup_sum")
    }
}

/// What the sums of a table are told apart by: `key`, and in a table of shares which ones they are.
#[derive(Clone, Copy)]
struct Identity {
    key: &'static str,
    kind: Option<Kind>,
}

const SERVER: Identity = Identity { key: "org_id, bucket, mcp_server, environment", kind: None };
const EVERYTHING: Identity = Identity {
    key: "org_id, bucket, mcp_server, tool_name, team_id, user_id, api_key_id, environment",
    kind: None,
};

fn of_share(kind: Kind) -> Identity {
    Identity { key: "org_id, bucket, mcp_server, tool_name, team_id, user_id, api_key_id", kind: Some(kind) }
}

const SUMS: [&str; 12] = [
    "requests",
    "errors",
    "timeouts",
    "blocked",
    "cancelled",
    "input_tokens",
    "output_tokens",
    "charged",
    "charged_input_tokens",
    "charged_output_tokens",
    "cost_usd",
    "duration_sum_ms",
];

/// Adds to what there is already of the same.
async fn add(
    conn: &mut PgConnection,
    table: &str,
    Identity { key, kind }: Identity,
    sums: &HashMap<Key, Sum>,
) -> sqlx::Result<()> {
    let (kind_column, kind) =
        kind.map_or_else(Default::default, |kind| ("kind, ", format!("'{}', ", kind.name())));
    let columns = SUMS.join(", ");
    let added = SUMS.map(|column| format!("{column} = r.{column} + excluded.{column}")).join(", ");
    let buckets: Vec<_> =
        (1..=BUCKETS).map(|n| format!("r.duration_hist[{n}] + excluded.duration_hist[{n}]")).collect();
    let statement = format!(
        "insert into {table} as r ({kind_column}{key}, {columns}, duration_hist)
         select {kind}{key}, {columns}, duration_hist from unnest($1::rollup_sum[])
         on conflict ({kind_column}{key}) do update set {added}, duration_hist = array[{}]",
        buckets.join(", ")
    );
    let rows: Vec<_> = sums.iter().map(RollupRow::from).collect();
    for rows in rows.chunks(AT_ONCE) {
        sqlx::query(AssertSqlSafe(statement.clone())).bind(rows).execute(&mut *conn).await?;
    }
    Ok(())
}
