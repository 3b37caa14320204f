//! Reading sums and what is not folded yet as if they were one table.

use chrono::{DateTime, Duration, Utc};
use sqlx::{Postgres, QueryBuilder};

use super::{
    MINUTES_KEPT_DAYS,
    plan::{self, Available, Grain, Piece},
};
use crate::{id::OrgId, store::dimensions::Dimensions};

/// The columns of one kind of question, by where they come from. Each row has a `sign`: it counts, or counts less.
pub(in crate::store) struct Columns {
    /// Of a rollup.
    pub(in crate::store) sums: &'static str,
    /// Of one span that is pending, as many and called the same.
    pub(in crate::store) pending: &'static str,
    /// Of one row of `spans_from`.
    pub(in crate::store) spans: &'static str,
    /// The table of single rows, and the time in it.
    pub(in crate::store) spans_from: &'static str,
    pub(in crate::store) span_time: &'static str,
    /// What a row of it must be, and a pending one; ` and ...` or nothing.
    pub(in crate::store) spans_where: &'static str,
    pub(in crate::store) pending_where: &'static str,
}

/// A range of time, and the rows that make it up for who asks.
pub struct Reading<'a> {
    org: OrgId,
    filter: &'a Dimensions,
    /// Whether tools, people or keys are asked about, which sums of servers as a whole do not know.
    by_everything: bool,
    pieces: Vec<Piece>,
}

const DIMENSIONS: &str = "r.mcp_server, r.environment, r.tool_name, r.team_id, r.user_id, r.api_key_id";
const NO_DIMENSIONS: &str = "r.mcp_server, r.environment, null::varchar as tool_name, null::uuid as team_id,
    null::uuid as user_id, null::uuid as api_key_id";

impl<'a> Reading<'a> {
    /// `by_everything`: groups are of tools, people or keys, so rows must tell them apart whatever the filter is.
    #[must_use]
    pub fn new(
        org: OrgId,
        filter: &'a Dimensions,
        (start, end): (DateTime<Utc>, DateTime<Utc>),
        by_everything: bool,
    ) -> Self {
        Self::upto(org, filter, (start, end), by_everything, Duration::days(1))
    }

    /// For points in time: no row is about longer than `step`.
    #[must_use]
    pub fn upto(
        org: OrgId,
        filter: &'a Dimensions,
        (start, end): (DateTime<Utc>, DateTime<Utc>),
        by_everything: bool,
        step: Duration,
    ) -> Self {
        let by_everything = by_everything || !filter.is_of_servers();
        let grains: &[_] = match by_everything {
            true => &[Grain::Hour, Grain::Day],
            false => &[Grain::Minute, Grain::Hour, Grain::Day],
        };
        let grains: Vec<_> = grains.iter().copied().filter(|grain| grain.length() <= step).collect();
        let now = Utc::now();
        // A day less, for what the job that deletes them may be doing right now.
        let minutes_from = now - Duration::days(MINUTES_KEPT_DAYS - 1);
        let available = Available { grains: &grains, minutes_from, now };
        let pieces = if start < end { plan::pieces(start, end, available) } else { Vec::new() };
        Self { org, filter, by_everything, pieces }
    }

    #[must_use]
    pub fn has_sums(&self) -> bool {
        self.pieces.iter().any(|piece| piece.grain != Grain::Span)
    }

    /// ` (select sign, time, org_id, <dimensions>, <columns> ... union all ...) r `, rows of rollups only; there must be some.
    pub(in crate::store) fn push_sums(&self, query: &mut QueryBuilder<Postgres>, columns: &Columns) {
        self.push_union(query, columns, |grain| if grain == Grain::Span { &[] } else { &[Source::Sums] });
    }

    /// As [`Self::push_sums`], single spans only.
    pub(in crate::store) fn push_spans(&self, query: &mut QueryBuilder<Postgres>, columns: &Columns) {
        self.push_union(query, columns, |grain| {
            if grain == Grain::Span { &[Source::Spans] } else { &[Source::Pending] }
        });
    }

    /// As [`Self::push_sums`], everything.
    pub(in crate::store) fn push_all(&self, query: &mut QueryBuilder<Postgres>, columns: &Columns) {
        self.push_union(query, columns, |grain| {
            if grain == Grain::Span { &[Source::Spans] } else { &[Source::Sums, Source::Pending] }
        });
    }

    fn push_union(
        &self,
        query: &mut QueryBuilder<Postgres>,
        columns: &Columns,
        sources: impl Fn(Grain) -> &'static [Source],
    ) {
        query.push(" (");
        let mut first = true;
        for piece in &self.pieces {
            for source in sources(piece.grain) {
                if !std::mem::take(&mut first) {
                    query.push(" union all ");
                }
                self.push_piece(query, columns, piece, *source);
            }
        }
        if first {
            self.push_nothing(query, columns);
        }
        query.push(") r ");
    }

    fn push_piece(
        &self,
        query: &mut QueryBuilder<Postgres>,
        columns: &Columns,
        piece: &Piece,
        source: Source,
    ) {
        let (table, time, values, only) = match source {
            Source::Sums => (self.table(piece.grain), "r.bucket", columns.sums, ""),
            Source::Pending => ("rollup_pending", "r.started_at", columns.pending, columns.pending_where),
            Source::Spans => (columns.spans_from, columns.span_time, columns.spans, columns.spans_where),
        };
        let dimensions = if self.by_everything { DIMENSIONS } else { NO_DIMENSIONS };
        query.push(format_args!(
            "select {}::integer as sign, {time} as time, r.org_id, {dimensions}, {values} from {table} r",
            piece.sign
        ));
        match self.by_everything {
            true => self.filter.push(query, self.org),
            false => self.filter.push_of_servers(query, self.org),
        }
        query.push(format_args!("{only} and {time} >= ")).push_bind(piece.from);
        query.push(format_args!(" and {time} < ")).push_bind(piece.to);
    }

    /// A union must be of something.
    fn push_nothing(&self, query: &mut QueryBuilder<Postgres>, columns: &Columns) {
        query.push(format_args!(
            "select 1 as sign, r.started_at as time, r.org_id, {NO_DIMENSIONS}, {} from rollup_pending r where false",
            columns.pending
        ));
    }

    fn table(&self, grain: Grain) -> &'static str {
        match (grain, self.by_everything) {
            (Grain::Day, true) => "rollup_day",
            (Grain::Day, false) => "rollup_server_day",
            (Grain::Hour, true) => "rollup_hour",
            (Grain::Hour, false) => "rollup_server_hour",
            (Grain::Minute | Grain::Span, _) => "rollup_minute",
        }
    }
}

#[derive(Clone, Copy)]
enum Source {
    Sums,
    Pending,
    Spans,
}
