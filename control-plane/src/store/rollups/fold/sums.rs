//! Sums as they are made, in memory.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use rust_decimal::Decimal;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use crate::store::rollups::{
    histogram::{self, BUCKETS},
    tables::Kind,
};

/// What a sum is of; what it does not tell apart is left out.
#[derive(Clone, Default, Eq, Hash, PartialEq)]
pub(super) struct Key {
    pub(super) org_id: Uuid,
    pub(super) bucket: DateTime<Utc>,
    pub(super) mcp_server: Option<Arc<str>>,
    pub(super) tool_name: Option<Arc<str>>,
    pub(super) team_id: Option<Uuid>,
    pub(super) user_id: Option<Uuid>,
    pub(super) api_key_id: Option<Uuid>,
    pub(super) environment: Option<Arc<str>>,
}

#[derive(Clone)]
pub(super) struct Sum {
    pub(super) requests: i64,
    pub(super) errors: i64,
    pub(super) timeouts: i64,
    pub(super) blocked: i64,
    pub(super) cancelled: i64,
    pub(super) input_tokens: i64,
    pub(super) output_tokens: i64,
    pub(super) charged: i64,
    pub(super) charged_input_tokens: i64,
    pub(super) charged_output_tokens: i64,
    pub(super) cost_usd: Decimal,
    pub(super) duration_sum_ms: i64,
    pub(super) duration_hist: [i32; BUCKETS],
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
pub(super) struct Sums {
    pub(super) server_minutes: HashMap<Key, Sum>,
    pub(super) hours: HashMap<Key, Sum>,
    names: HashSet<Arc<str>>,
}

impl Sums {
    pub(super) fn count(&mut self, row: &PgRow) -> sqlx::Result<()> {
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
            mcp_server: Some(self.name(row.try_get("mcp_server")?)),
            environment: self.optional_name(row.try_get("environment")?),
            ..Key::default()
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
    pub(super) fn months(&self) -> BTreeSet<NaiveDate> {
        use chrono::Datelike;
        self.hours.keys().filter_map(|key| key.bucket.date_naive().with_day(1)).collect()
    }
}

fn begin(time: DateTime<Utc>, length: TimeDelta) -> DateTime<Utc> {
    time.duration_trunc(length).unwrap_or(time)
}

pub(super) fn coarser(sums: &HashMap<Key, Sum>, length: TimeDelta) -> HashMap<Key, Sum> {
    together(sums, |key| Key { bucket: begin(key.bucket, length), ..key.clone() })
}

/// What each of a kind has of sums by everything.
pub(super) fn shares(sums: &HashMap<Key, Sum>, kind: Kind) -> HashMap<Key, Sum> {
    together(sums, |key| {
        let nobody = Key { org_id: key.org_id, bucket: key.bucket, ..Key::default() };
        match kind {
            Kind::Organization => nobody,
            Kind::Server => Key { mcp_server: key.mcp_server.clone(), ..nobody },
            Kind::Tool => {
                Key { mcp_server: key.mcp_server.clone(), tool_name: key.tool_name.clone(), ..nobody }
            }
            Kind::Team => Key { team_id: key.team_id, ..nobody },
            Kind::User => Key { user_id: key.user_id, ..nobody },
            Kind::ApiKey => Key { api_key_id: key.api_key_id, ..nobody },
        }
    })
}

fn together(sums: &HashMap<Key, Sum>, of: impl Fn(&Key) -> Key) -> HashMap<Key, Sum> {
    let mut added = HashMap::<_, Sum>::new();
    for (key, sum) in sums {
        added.entry(of(key)).or_default().add(sum);
    }
    added
}
