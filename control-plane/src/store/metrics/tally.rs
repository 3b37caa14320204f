//! Adds up root spans, from rollups and from what is not folded yet.

use std::{collections::HashMap, sync::LazyLock};

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection, QueryBuilder};

use crate::store::rollups::{BUCKETS, Columns, Durations, Reading};

/// What requests are told apart by.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Nothing,
    Server,
    Step(Duration),
}

/// One of the groups: when, and where.
pub(super) type Group = (Option<DateTime<Utc>>, Option<String>);

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) requests: i64,
    pub(super) errors: i64,
    pub(super) timeouts: i64,
    pub(super) blocked: i64,
    pub(super) cancelled: i64,
    pub(super) input_tokens: i64,
    pub(super) output_tokens: i64,
    pub(super) cost: Decimal,
    pub(super) duration_sum_ms: i64,
    pub(super) durations: Durations,
}

/// A part of a tally: of many durations, or of spans that all took the same time.
#[derive(FromRow)]
struct Part {
    time: Option<DateTime<Utc>>,
    mcp_server: Option<String>,
    requests: i64,
    errors: i64,
    timeouts: i64,
    blocked: i64,
    cancelled: i64,
    input_tokens: i64,
    output_tokens: i64,
    cost: Decimal,
    duration_sum_ms: i64,
    /// Of the histogram; everything else has it in it.
    sign: i32,
    /// Of one row, and of several added up.
    row_hist: Option<Vec<i32>>,
    duration_hist: Option<Vec<i64>>,
    duration_ms: Option<i32>,
}

macro_rules! of_a_span {
    () => {
        "1 as requests, (r.status = 'error')::integer as errors, (r.status = 'timeout')::integer as timeouts,
        (r.status = 'blocked')::integer as blocked, (r.status = 'cancelled')::integer as cancelled,
        coalesce(r.input_tokens, 0) as input_tokens, coalesce(r.output_tokens, 0) as output_tokens,
        coalesce(r.cost_usd, 0) as cost_usd, r.duration_ms::bigint as duration_sum_ms, r.duration_ms"
    };
}

const COLUMNS: Columns = Columns {
    sums: "r.requests, r.errors, r.timeouts, r.blocked, r.cancelled, r.input_tokens, r.output_tokens, r.cost_usd,
        r.duration_sum_ms, r.duration_hist",
    pending: of_a_span!(),
    spans: of_a_span!(),
    spans_from: "traces",
    span_time: "r.started_at",
    spans_where: " and r.is_root",
    pending_where: "",
};

const SUMS: &str = "coalesce(sum(r.sign * r.requests), 0)::bigint as requests,
    coalesce(sum(r.sign * r.errors), 0)::bigint as errors,
    coalesce(sum(r.sign * r.timeouts), 0)::bigint as timeouts,
    coalesce(sum(r.sign * r.blocked), 0)::bigint as blocked,
    coalesce(sum(r.sign * r.cancelled), 0)::bigint as cancelled,
    coalesce(sum(r.sign * r.input_tokens), 0)::bigint as input_tokens,
    coalesce(sum(r.sign * r.output_tokens), 0)::bigint as output_tokens,
    coalesce(sum(r.sign * r.cost_usd), 0) as cost,
    coalesce(sum(r.sign * r.duration_sum_ms), 0)::bigint as duration_sum_ms";

/// The same of one row.
const ROW: &str = "r.sign * r.requests as requests, r.sign * r.errors as errors, r.sign * r.timeouts as timeouts,
    r.sign * r.blocked as blocked, r.sign * r.cancelled as cancelled, r.sign * r.input_tokens as input_tokens,
    r.sign * r.output_tokens as output_tokens, r.sign * r.cost_usd as cost, r.sign * r.duration_sum_ms as duration_sum_ms";

/// Eighty sums beside each other: any function that adds arrays takes many times as long.
static HISTOGRAM: LazyLock<String> = LazyLock::new(|| {
    let sums: Vec<_> = (1..=BUCKETS).map(|n| format!("sum(r.duration_hist[{n}])")).collect();
    format!("null::integer[] as row_hist, array[{}]::bigint[] as duration_hist", sums.join(", "))
});

/// Everything in one statement, which sees each span either folded or pending.
pub(super) async fn read(
    conn: &mut PgConnection,
    reading: &Reading<'_>,
    by: By,
) -> sqlx::Result<HashMap<Group, Tally>> {
    let group = match by {
        By::Nothing => "null::timestamptz as time, null::varchar as mcp_server".to_owned(),
        By::Server => "null::timestamptz as time, r.mcp_server".to_owned(),
        By::Step(step) => format!(
            "date_bin(make_interval(secs => {}), r.time, to_timestamp(0)) as time, null::varchar as mcp_server",
            step.num_seconds()
        ),
    };
    reading.keep_plan(conn).await?;
    let mut query = QueryBuilder::new("");
    if reading.has_sums() {
        // Few rows are added up here in a fraction of the time.
        let (sums, histogram, grouped) = match reading.is_narrow() {
            true => (ROW, "r.duration_hist as row_hist, null::bigint[] as duration_hist", ""),
            false => (SUMS, HISTOGRAM.as_str(), "group by 1, 2, r.sign"),
        };
        query.push(format_args!(
            "select {group}, {sums}, r.sign, {histogram}, null::integer as duration_ms from"
        ));
        reading.push_sums(&mut query, &COLUMNS);
        query.push(grouped).push(" union all ");
    }
    query.push(format_args!(
        "select {group}, {SUMS}, 1 as sign, null::integer[] as row_hist, null::bigint[] as duration_hist, r.duration_ms
        from"
    ));
    reading.push_spans(&mut query, &COLUMNS);
    query.push("group by 1, 2, r.duration_ms");
    let parts: Vec<Part> = query.build_query_as().fetch_all(conn).await?;
    // A span that is to be taken away from a histogram must be found there.
    let roughly = parts.iter().any(|part| part.duration_ms.is_some() && part.requests < 0);
    let mut tallies = HashMap::<Group, Tally>::new();
    for part in parts {
        let group = (part.time, part.mcp_server.clone());
        tallies.entry(group).or_default().add(&part, roughly);
    }
    Ok(tallies)
}

impl Tally {
    fn add(&mut self, part: &Part, roughly: bool) {
        self.requests += part.requests;
        self.errors += part.errors;
        self.timeouts += part.timeouts;
        self.blocked += part.blocked;
        self.cancelled += part.cancelled;
        self.input_tokens += part.input_tokens;
        self.output_tokens += part.output_tokens;
        self.cost += part.cost;
        self.duration_sum_ms += part.duration_sum_ms;
        let sign = i64::from(part.sign);
        if let Some(counts) = &part.row_hist {
            self.durations.add_histogram(counts, sign);
        }
        if let Some(counts) = &part.duration_hist {
            self.durations.add_histogram(counts, sign);
        }
        match part.duration_ms {
            Some(duration_ms) if roughly => self.durations.add_roughly(duration_ms, part.requests),
            Some(duration_ms) => self.durations.add(duration_ms, part.requests),
            None => {}
        }
    }
}
