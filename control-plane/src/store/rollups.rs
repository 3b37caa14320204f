//! Sums of root spans by minute, hour and day (contract 5.4), which figures and costs are answered from.
//!
//! A span that is stored is *pending* (`rollup_pending`, by the trigger of migration 0023) until [`fold`] adds it to the
//! sums and takes its pending row away, in one transaction. A reader adds up both, so it is exact at every moment: it
//! never matters how far the folding is, nor how late a span came. Three tables are by server and environment (minute,
//! hour, day), two by everything a span is told apart by (hour, day), and two have *shares* (hour, day): the same by
//! nothing, server, tool, team, user and key alone. Most questions are about one of these, which have a hundredth of the
//! rows.

mod fold;
mod histogram;
mod plan;
mod rebuild;
mod tables;
mod union;

pub use fold::{TABLES, fold};
pub(super) use histogram::BUCKETS;
pub use histogram::Durations;
pub use rebuild::{has_spans, rebuild_day};
pub use tables::Kind;
pub(super) use union::Columns;
pub use union::Reading;

use sqlx::PgConnection;

/// Minutes are for charts of the last days, and for the ragged ends of longer ones.
pub const MINUTES_KEPT_DAYS: i64 = 8;

/// Until the transaction ends, nobody else changes the sums: two who fold could each wait for a row of the other's.
async fn lock(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('gatewayops.rollups', 0))")
        .execute(conn)
        .await?;
    Ok(())
}
