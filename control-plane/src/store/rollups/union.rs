//! Reading sums and what is not folded yet as if they were one table.

use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, Postgres, QueryBuilder};

use super::{
    MINUTES_KEPT_DAYS,
    plan::{self, Available, Grain, Piece},
    tables::{DIMENSIONS, Kind, Tables},
};
use crate::{
    id::OrgId,
    store::{dimensions::Dimensions, kept_plans},
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
            "select 1 as sign, r.started_at as time, r.org_id, {DIMENSIONS}, {} from rollup_pending r where false",
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
