//! Adds what is pending to the sums.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use futures::TryStreamExt;
use rust_decimal::Decimal;
use sqlx::{
    AssertSqlSafe, PgConnection, Postgres, Row,
    postgres::{PgHasArrayType, PgRow, PgTypeInfo},
};
use uuid::Uuid;

use super::{
    histogram::{self, BUCKETS},
    lock,
};
use crate::store::ingest::ensure_day;

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
    add(conn, "rollup_minute", &sums.server_minutes).await?;
    let server_hours = coarser(&sums.server_minutes, TimeDelta::hours(1));
    add(conn, "rollup_server_hour", &server_hours).await?;
    add(conn, "rollup_server_day", &coarser(&server_hours, TimeDelta::days(1))).await?;
    add(conn, "rollup_hour", &sums.hours).await?;
    add(conn, "rollup_day", &coarser(&sums.hours, TimeDelta::days(1))).await?;
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

/// What a sum is of. Sums of servers as a whole leave the tool and everybody out.
#[derive(Clone, Eq, Hash, PartialEq)]
struct Key {
    org_id: Uuid,
    bucket: DateTime<Utc>,
    mcp_server: Arc<str>,
    tool_name: Option<Arc<str>>,
    team_id: Option<Uuid>,
    user_id: Option<Uuid>,
    api_key_id: Option<Uuid>,
    environment: Option<Arc<str>>,
}

#[derive(Clone)]
struct Sum {
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
    duration_hist: [i32; BUCKETS],
}

impl Default for Sum {
    fn default() -> Self {
        Self {
            requests: 0,
            errors: 0,
            timeouts: 0,
            blocked: 0,
            cancelled: 0,
            input_tokens: 0,
            output_tokens: 0,
            charged: 0,
            charged_input_tokens: 0,
            charged_output_tokens: 0,
            cost_usd: Decimal::ZERO,
            duration_sum_ms: 0,
            duration_hist: [0; BUCKETS],
        }
    }
}

impl Sum {
    fn count(&mut self, span: &Span<'_>) {
        self.requests += 1;
        match span.status {
            "error" => self.errors += 1,
            "timeout" => self.timeouts += 1,
            "blocked" => self.blocked += 1,
            "cancelled" => self.cancelled += 1,
            _ => {}
        }
        self.input_tokens += span.input_tokens;
        self.output_tokens += span.output_tokens;
        if let Some(cost_usd) = span.cost_usd {
            self.charged += 1;
            self.charged_input_tokens += span.input_tokens;
            self.charged_output_tokens += span.output_tokens;
            self.cost_usd += cost_usd;
        }
        self.duration_sum_ms += i64::from(span.duration_ms);
        self.duration_hist[histogram::bucket(span.duration_ms)] += 1;
    }

    fn add(&mut self, other: &Self) {
        self.requests += other.requests;
        self.errors += other.errors;
        self.timeouts += other.timeouts;
        self.blocked += other.blocked;
        self.cancelled += other.cancelled;
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.charged += other.charged;
        self.charged_input_tokens += other.charged_input_tokens;
        self.charged_output_tokens += other.charged_output_tokens;
        self.cost_usd += other.cost_usd;
        self.duration_sum_ms += other.duration_sum_ms;
        for (mine, others) in self.duration_hist.iter_mut().zip(other.duration_hist) {
            *mine += others;
        }
    }
}

struct Span<'r> {
    status: &'r str,
    duration_ms: i32,
    input_tokens: i64,
    output_tokens: i64,
    cost_usd: Option<Decimal>,
}

#[derive(Default)]
struct Sums {
    server_minutes: HashMap<Key, Sum>,
    hours: HashMap<Key, Sum>,
    names: HashSet<Arc<str>>,
}

impl Sums {
    fn count(&mut self, row: &PgRow) -> sqlx::Result<()> {
        let started_at: DateTime<Utc> = row.try_get("started_at")?;
        let tokens = |column: &str| -> sqlx::Result<i64> {
            Ok(row.try_get::<Option<i32>, _>(column)?.unwrap_or_default().into())
        };
        let span = Span {
            status: row.try_get("status")?,
            duration_ms: row.try_get("duration_ms")?,
            input_tokens: tokens("input_tokens")?,
            output_tokens: tokens("output_tokens")?,
            cost_usd: row.try_get("cost_usd")?,
        };
        let of_server = Key {
            org_id: row.try_get("org_id")?,
            bucket: begin(started_at, TimeDelta::minutes(1)),
            mcp_server: self.name(row.try_get("mcp_server")?),
            tool_name: None,
            team_id: None,
            user_id: None,
            api_key_id: None,
            environment: self.optional_name(row.try_get("environment")?),
        };
        let of_all = Key {
            bucket: begin(started_at, TimeDelta::hours(1)),
            tool_name: self.optional_name(row.try_get("tool_name")?),
            team_id: row.try_get("team_id")?,
            user_id: row.try_get("user_id")?,
            api_key_id: row.try_get("api_key_id")?,
            ..of_server.clone()
        };
        self.server_minutes.entry(of_server).or_default().count(&span);
        self.hours.entry(of_all).or_default().count(&span);
        Ok(())
    }

    fn optional_name(&mut self, name: Option<&str>) -> Option<Arc<str>> {
        name.map(|name| self.name(name))
    }

    /// One text for all the sums that have the name.
    fn name(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.names.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.names.insert(Arc::clone(&name));
        name
    }

    /// A day of each month that has sums.
    fn months(&self) -> BTreeSet<NaiveDate> {
        use chrono::Datelike;
        self.hours.keys().filter_map(|key| key.bucket.date_naive().with_day(1)).collect()
    }
}

fn begin(time: DateTime<Utc>, length: TimeDelta) -> DateTime<Utc> {
    time.duration_trunc(length).unwrap_or(time)
}

fn coarser(sums: &HashMap<Key, Sum>, length: TimeDelta) -> HashMap<Key, Sum> {
    let mut coarser = HashMap::<_, Sum>::new();
    for (key, sum) in sums {
        let key = Key { bucket: begin(key.bucket, length), ..key.clone() };
        coarser.entry(key).or_default().add(sum);
    }
    coarser
}

/// The type of migration 0023, field by field.
#[derive(sqlx::Encode)]
struct RollupRow<'a> {
    org_id: Uuid,
    bucket: DateTime<Utc>,
    mcp_server: &'a str,
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
            mcp_server: &key.mcp_server,
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
        PgTypeInfo::with_name("rollup_row")
    }
}

impl PgHasArrayType for RollupRow<'_> {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::array_of("rollup_row")
    }
}

const SERVER: &str = "org_id, bucket, mcp_server, environment";
const EVERYTHING: &str = "org_id, bucket, mcp_server, tool_name, team_id, user_id, api_key_id, environment";
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

async fn add(conn: &mut PgConnection, table: &str, sums: &HashMap<Key, Sum>) -> sqlx::Result<()> {
    let key = if matches!(table, "rollup_hour" | "rollup_day") { EVERYTHING } else { SERVER };
    let columns = SUMS.join(", ");
    let added = SUMS.map(|column| format!("{column} = r.{column} + excluded.{column}")).join(", ");
    let buckets: Vec<_> =
        (1..=BUCKETS).map(|n| format!("r.duration_hist[{n}] + excluded.duration_hist[{n}]")).collect();
    let statement = format!(
        "insert into {table} as r ({key}, {columns}, duration_hist)
         select {key}, {columns}, duration_hist from unnest($1::rollup_row[])
         on conflict ({key}) do update set {added}, duration_hist = array[{}]",
        buckets.join(", ")
    );
    let rows: Vec<_> = sums.iter().map(RollupRow::from).collect();
    for rows in rows.chunks(AT_ONCE) {
        sqlx::query(AssertSqlSafe(statement.clone())).bind(rows).execute(&mut *conn).await?;
    }
    Ok(())
}
