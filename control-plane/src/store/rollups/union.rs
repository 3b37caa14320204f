//! Reading sums and what is not folded yet as if they were one table.

use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    MINUTES_KEPT_DAYS,
    plan::{self, Available, Grain, Piece},
};
use crate::{
    id::OrgId,
    store::{
        dimensions::{Dimension, Dimensions},
        kept_plans,
    },
};

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
    tables: Tables,
    pieces: Vec<Piece>,
}

/// Which sums a range is made up of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tables {
    /// Shares of one kind.
    Shares(Kind),
    /// By server and environment.
    Servers,
    /// By everything a span is told apart by.
    Everything,
}

/// What sums are told apart by besides the time, as `rollup_share_hour` has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Organization,
    Server,
    Tool,
    Team,
    User,
    ApiKey,
}

impl Kind {
    /// The ones with the fewest sums first.
    pub(super) const ALL: [Self; 6] =
        [Self::Organization, Self::Server, Self::Team, Self::Tool, Self::User, Self::ApiKey];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Server => "server",
            Self::Tool => "tool",
            Self::Team => "team",
            Self::User => "user",
            Self::ApiKey => "api_key",
        }
    }

    fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::Organization => &[],
            Self::Server => &[Dimension::McpServer],
            Self::Tool => &[Dimension::McpServer, Dimension::ToolName],
            Self::Team => &[Dimension::Team],
            Self::User => &[Dimension::User],
            Self::ApiKey => &[Dimension::ApiKey],
        }
    }
}

impl Tables {
    /// Those with the fewest rows that tell enough apart.
    fn fitting(filter: &Dimensions, by: Kind) -> Self {
        let mut needed = filter.needed();
        needed.extend(by.dimensions());
        let fits = |tables: &Self| needed.iter().all(|dimension| tables.dimensions().contains(dimension));
        let narrow = Kind::ALL.into_iter().map(Self::Shares).chain([Self::Servers]);
        narrow.into_iter().find(fits).unwrap_or(Self::Everything)
    }

    fn dimensions(self) -> &'static [Dimension] {
        use Dimension::{ApiKey, Environment, McpServer, Team, ToolName, User};
        match self {
            Self::Shares(kind) => kind.dimensions(),
            Self::Servers => &[McpServer, Environment],
            Self::Everything => &[McpServer, ToolName, Environment, User, Team, ApiKey],
        }
    }

    /// Minutes are only by server and environment.
    fn grains(self) -> &'static [Grain] {
        match self {
            Self::Servers | Self::Shares(Kind::Organization | Kind::Server) => {
                &[Grain::Minute, Grain::Hour, Grain::Day]
            }
            Self::Shares(_) | Self::Everything => &[Grain::Hour, Grain::Day],
        }
    }

    /// The table of a grain, what of it counts, and its columns that groups are made of.
    fn of(self, grain: Grain) -> (&'static str, Option<Kind>, &'static str) {
        match (grain, self) {
            (Grain::Day, Self::Shares(kind)) => ("rollup_share_day", Some(kind), SHARE_DIMENSIONS),
            (Grain::Day, Self::Servers) => ("rollup_server_day", None, SERVER_DIMENSIONS),
            (Grain::Day, Self::Everything) => ("rollup_day", None, DIMENSIONS),
            (Grain::Hour, Self::Shares(kind)) => ("rollup_share_hour", Some(kind), SHARE_DIMENSIONS),
            (Grain::Hour, Self::Servers) => ("rollup_server_hour", None, SERVER_DIMENSIONS),
            (Grain::Hour, Self::Everything) => ("rollup_hour", None, DIMENSIONS),
            (Grain::Minute | Grain::Span, _) => ("rollup_minute", None, SERVER_DIMENSIONS),
        }
    }
}

const DIMENSIONS: &str = "r.mcp_server, r.environment, r.tool_name, r.team_id, r.user_id, r.api_key_id";
const SHARE_DIMENSIONS: &str =
    "r.mcp_server, null::varchar as environment, r.tool_name, r.team_id, r.user_id, r.api_key_id";
const SERVER_DIMENSIONS: &str =
    "r.mcp_server, r.environment, null::varchar as tool_name, null::uuid as team_id,
    null::uuid as user_id, null::uuid as api_key_id";

impl<'a> Reading<'a> {
    #[must_use]
    pub fn new(org: OrgId, filter: &'a Dimensions, span: (DateTime<Utc>, DateTime<Utc>), by: Kind) -> Self {
        Self::upto(org, filter, span, by, Duration::days(1))
    }

    /// For points in time: no row is about longer than `step`.
    #[must_use]
    pub fn upto(
        org: OrgId,
        filter: &'a Dimensions,
        (start, end): (DateTime<Utc>, DateTime<Utc>),
        by: Kind,
        step: Duration,
    ) -> Self {
        let tables = Tables::fitting(filter, by);
        let grains: Vec<_> = tables.grains().iter().copied().filter(|grain| grain.length() <= step).collect();
        let now = Utc::now();
        // A day less, for what the job that deletes them may be doing right now.
        let minutes_from = now - Duration::days(MINUTES_KEPT_DAYS - 1);
        let available = Available { grains: &grains, minutes_from, now };
        let pieces = if start < end { plan::pieces(start, end, available) } else { Vec::new() };
        Self { org, filter, tables, pieces }
    }

    /// Before a statement that reads this: where single spans are among it, planning for every day's partition takes
    /// longer than the rest.
    ///
    /// # Errors
    /// The database's.
    pub(in crate::store) async fn keep_plan(&self, conn: &mut PgConnection) -> sqlx::Result<()> {
        if self.pieces.iter().any(|piece| piece.grain == Grain::Span) {
            kept_plans::keep(conn).await?;
        }
        Ok(())
    }

    /// Whether there are so few sums that they are best added up by who reads them.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        self.tables != Tables::Everything
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
        let (rollup, kind, rollup_dimensions) = self.tables.of(piece.grain);
        let (table, time, dimensions, values, only) = match source {
            Source::Sums => (rollup, "r.bucket", rollup_dimensions, columns.sums, ""),
            Source::Pending => {
                ("rollup_pending", "r.started_at", DIMENSIONS, columns.pending, columns.pending_where)
            }
            Source::Spans => {
                (columns.spans_from, columns.span_time, DIMENSIONS, columns.spans, columns.spans_where)
            }
        };
        query.push(format_args!(
            "select {}::integer as sign, {time} as time, r.org_id, {dimensions}, {values} from {table} r",
            piece.sign
        ));
        self.filter.push(query, self.org);
        if let (Some(kind), Source::Sums) = (kind, source) {
            query.push(format_args!(" and r.kind = '{}'", kind.name()));
        }
        query.push(format_args!("{only} and {time} >= ")).push_bind(piece.from);
        query.push(format_args!(" and {time} < ")).push_bind(piece.to);
    }

    /// A union must be of something.
    fn push_nothing(&self, query: &mut QueryBuilder<Postgres>, columns: &Columns) {
        query.push(format_args!(
            "select 1 as sign, r.started_at as time, r.org_id, {SERVER_DIMENSIONS}, {} from rollup_pending r where false",
            columns.pending
        ));
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Source {
    Sums,
    Pending,
    Spans,
}
