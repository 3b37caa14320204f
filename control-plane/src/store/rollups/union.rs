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
    /// Of a rollup, of shares too if they are asked for.
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
    tables: Tables,
    pieces: Vec<Piece>,
}

/// Which sums tell enough apart, and no more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tables {
    /// Servers and environments.
    Servers,
    /// Everything a span is told apart by.
    Everything,
    /// What one kind of whom a call is charged to was charged (migration 0027).
    Shares(Kind),
}

/// To whom a call is charged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Tool,
    Team,
    User,
    ApiKey,
}

impl Kind {
    /// As migration 0027 has it.
    fn name(self) -> &'static str {
        match self {
            Self::Tool => "tool",
            Self::Team => "team",
            Self::User => "user",
            Self::ApiKey => "api_key",
        }
    }

    /// The dimensions that its shares have.
    fn dimensions(self) -> &'static str {
        match self {
            Self::Tool => {
                "r.mcp_server, null::varchar as environment, r.tool_name, null::uuid as team_id, null::uuid as user_id,
                null::uuid as api_key_id"
            }
            Self::Team => {
                "null::varchar as mcp_server, null::varchar as environment, null::varchar as tool_name, r.of_id as team_id,
                null::uuid as user_id, null::uuid as api_key_id"
            }
            Self::User => {
                "null::varchar as mcp_server, null::varchar as environment, null::varchar as tool_name,
                null::uuid as team_id, r.of_id as user_id, null::uuid as api_key_id"
            }
            Self::ApiKey => {
                "null::varchar as mcp_server, null::varchar as environment, null::varchar as tool_name,
                null::uuid as team_id, null::uuid as user_id, r.of_id as api_key_id"
            }
        }
    }

    fn is_told_by(self, filter: &Dimensions) -> bool {
        match self {
            Self::Tool => filter.is_of_servers_alone(),
            Self::Team | Self::User | Self::ApiKey => filter.is_nothing(),
        }
    }
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

    /// For what each of a kind was charged, and nothing else.
    #[must_use]
    pub fn of_shares(
        org: OrgId,
        filter: &'a Dimensions,
        span: (DateTime<Utc>, DateTime<Utc>),
        kind: Kind,
    ) -> Self {
        let tables = if kind.is_told_by(filter) { Tables::Shares(kind) } else { Tables::Everything };
        Self { tables, ..Self::new(org, filter, span, true) }
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
        let tables = if by_everything { Tables::Everything } else { Tables::Servers };
        Self { org, filter, tables, pieces }
    }

    /// Whether its sums are of servers as a whole.
    #[must_use]
    pub fn is_of_servers(&self) -> bool {
        self.tables == Tables::Servers
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
        let dimensions = match (self.tables, source) {
            (Tables::Servers, _) => NO_DIMENSIONS,
            (Tables::Shares(kind), Source::Sums) => kind.dimensions(),
            (Tables::Everything | Tables::Shares(_), _) => DIMENSIONS,
        };
        query.push(format_args!(
            "select {}::integer as sign, {time} as time, r.org_id, {dimensions}, {values} from {table} r",
            piece.sign
        ));
        match self.tables {
            Tables::Everything => self.filter.push(query, self.org),
            Tables::Servers => self.filter.push_of_servers(query, self.org),
            Tables::Shares(kind) => {
                self.filter.push_of_servers(query, self.org);
                if source == Source::Sums {
                    query.push(format_args!(" and r.kind = '{}'", kind.name()));
                }
            }
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
        match (grain, self.tables) {
            (Grain::Day, Tables::Everything) => "rollup_day",
            (Grain::Day, Tables::Servers) => "rollup_server_day",
            (Grain::Day, Tables::Shares(_)) => "rollup_share_day",
            (Grain::Hour, Tables::Everything) => "rollup_hour",
            (Grain::Hour, Tables::Servers) => "rollup_server_hour",
            (Grain::Hour, Tables::Shares(_)) => "rollup_share_hour",
            (Grain::Minute | Grain::Span, _) => "rollup_minute",
        }
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Source {
    Sums,
    Pending,
    Spans,
}
