//! What has been kept long enough is forgotten (contract 5.5): whole partitions once no organization keeps them any
//! longer, before that the rows of organizations that keep theirs shorter. Of an organization under legal hold nothing
//! goes, so a partition with rows of it stays.
//!
//! Time is told in whole days, in UTC: what is kept for 90 days goes between the 90th and the 91st. Audit rows leave only
//! with their partition, because each is what the next one is chained to.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Days, NaiveTime, Utc};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    audit::{self, Author, Entry},
    progress::Progress,
};
use crate::{
    app::App,
    error::Result,
    id::{JobId, OrgId},
    settings::{Retention, Settings},
    store::{
        partitions::{self, Drop, Partition},
        retention::{
            self, ALERTS, AUDIT, COSTS, Cutoffs, DELIVERIES, DETECTIONS, NOTIFICATIONS, OUTBOX, PAYLOADS,
            ROLLUP_DAY, ROLLUP_HOUR, ROLLUP_MINUTE, ROLLUP_SERVER_DAY, ROLLUP_SERVER_HOUR, ROLLUP_SHARE_DAY,
            ROLLUP_SHARE_HOUR, Span, TRACES, Table,
        },
        rollups::MINUTES_KEPT_DAYS,
    },
};

#[cfg(test)]
mod tests;

/// Rows that one transaction deletes.
const BATCH: i64 = 5_000;
/// Transactions of one run; what is left then waits for the next.
const MAX_BATCHES: usize = 1_000;
/// How often a partition is tried whose table is in use, and how long the pause between.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(250);

const PARTITIONED: [Table; 7] = [TRACES, PAYLOADS, COSTS, DETECTIONS, ROLLUP_HOUR, ROLLUP_DAY, AUDIT];
const PLAIN: [Table; 9] = [
    ROLLUP_SHARE_HOUR,
    ROLLUP_SHARE_DAY,
    ROLLUP_MINUTE,
    ROLLUP_SERVER_HOUR,
    ROLLUP_SERVER_DAY,
    ALERTS,
    NOTIFICATIONS,
    DELIVERIES,
    OUTBOX,
];

/// How many days an organization keeps the rows of a table. Sums outlive what they are of: charts of costs go as far back
/// as costs do.
fn days_kept(retention: &Retention, table: Table) -> i64 {
    match table {
        TRACES => retention.traces_days,
        PAYLOADS => retention.payloads_days,
        COSTS => retention.costs_days,
        DETECTIONS => retention.detections_days,
        AUDIT => retention.audit_days,
        ROLLUP_HOUR | ROLLUP_DAY | ROLLUP_SERVER_HOUR | ROLLUP_SERVER_DAY | ROLLUP_SHARE_HOUR
        | ROLLUP_SHARE_DAY => retention.costs_days.max(retention.traces_days),
        ROLLUP_MINUTE => MINUTES_KEPT_DAYS,
        ALERTS => retention.alerts_days,
        _ => retention.deliveries_days,
    }
}

/// The beginning of the first day that is kept.
fn cutoff(now: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    let days = Days::new(u64::try_from(days).unwrap_or(0));
    let first = now.date_naive().checked_sub_days(days).unwrap_or(chrono::NaiveDate::MIN);
    first.and_time(NaiveTime::MIN).and_utc()
}

/// What went, or would go.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// Rows by organization and table, without those of dropped partitions.
    pub rows: BTreeMap<OrgId, BTreeMap<&'static str, u64>>,
    /// Dropped partitions, by the organizations that had rows in them.
    pub partitions: BTreeMap<OrgId, Vec<String>>,
    /// All dropped partitions.
    pub dropped: Vec<String>,
    /// Partitions that are old enough, but somebody under legal hold has rows in them.
    pub held: Vec<String>,
    /// There is more to do, soon: tables were in use, or there was too much for one run.
    pub more: bool,
}

/// Whether what is found goes, or is only counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Delete,
    Count,
}

/// The job that an organization asked for, which tells of the run instead of one of the run's own.
#[derive(Clone, Copy, Debug)]
pub struct AskedBy {
    pub org: OrgId,
    pub job: JobId,
}

/// What would go at this time.
///
/// # Errors
/// The database's.
pub async fn preview(app: &App, now: DateTime<Utc>, progress: &Progress) -> Result<Report> {
    let mut report = Report::default();
    run(app, now, Mode::Count, &mut report, progress).await?;
    Ok(report)
}

/// Lets go what is due, on the clock's behalf. Each organization of which something went finds a job and an audit row
/// about it, even if not everything could be done.
///
/// # Errors
/// The database's.
pub async fn purge(app: &App, now: DateTime<Utc>) -> Result<Report> {
    purge_and_tell(app, now, None, &Progress::default()).await
}

/// The same because somebody asked.
///
/// # Errors
/// The database's.
pub async fn purge_asked(
    app: &App,
    now: DateTime<Utc>,
    asked: AskedBy,
    progress: &Progress,
) -> Result<Report> {
    purge_and_tell(app, now, Some(asked), progress).await
}

async fn purge_and_tell(
    app: &App,
    now: DateTime<Utc>,
    asked: Option<AskedBy>,
    progress: &Progress,
) -> Result<Report> {
    let mut report = Report::default();
    let outcome = run(app, now, Mode::Delete, &mut report, progress).await;
    let failure = outcome.as_ref().err().map(ToString::to_string);
    record(app, now, &report, failure.as_deref(), asked).await?;
    outcome.map(|()| report)
}

async fn run(
    app: &App,
    now: DateTime<Utc>,
    mode: Mode,
    report: &mut Report,
    progress: &Progress,
) -> Result<()> {
    // A run by the clock and one that was asked for would find partitions gone that they are about to look into.
    let _alone = app.forgetting.lock().await;
    let kept = kept(app).await?;
    let mut batches = MAX_BATCHES;
    let mut done = 0;
    let mut tell = || {
        done += 1;
        progress.set(done, (PARTITIONED.len() + PLAIN.len()) as u64);
    };
    for table in PARTITIONED {
        let cutoffs = cutoffs(&kept.organizations, table, now);
        // Nobody keeps what is older.
        let oldest = cutoffs.times.iter().min().copied().filter(|_| kept.is_known);
        let mut tx = app.database.worker().await?;
        let partitions = partitions::list(&mut tx, table.name).await?;
        tx.commit().await?;
        for partition in partitions {
            if oldest.is_some_and(|oldest| partition.ends <= oldest)
                && forget(app, table, &partition, &cutoffs, mode, report).await?
            {
                continue;
            }
            if table != AUDIT {
                let span = Span { begins: Some(partition.begins), ends: Some(partition.ends) };
                thin(app, table, span, &cutoffs, mode, &mut batches, report).await?;
            }
        }
        tell();
    }
    for table in PLAIN {
        let span = Span { begins: None, ends: None };
        thin(app, table, span, &cutoffs(&kept.organizations, table, now), mode, &mut batches, report).await?;
        tell();
    }
    Ok(())
}

/// How long organizations keep what.
struct Kept {
    /// Without those under legal hold, which is asked for anew wherever something goes.
    organizations: Vec<(OrgId, Retention)>,
    /// Whether the settings of all could be read. Those whose could not keep everything, so no partition goes.
    is_known: bool,
}

async fn kept(app: &App) -> Result<Kept> {
    let mut tx = app.database.worker().await?;
    let organizations = retention::list_organizations(&mut tx).await?;
    tx.commit().await?;
    let mut kept = Kept { organizations: Vec::with_capacity(organizations.len()), is_known: true };
    for (org, stored) in organizations {
        match Settings::read(&stored) {
            Ok(settings) if settings.retention.legal_hold => {}
            Ok(settings) => {
                let settings = settings.kept_at_least(app.config.retention_min_days);
                kept.organizations.push((org, settings.retention));
            }
            Err(error) => {
                tracing::error!(%error, org.id = %org, "nothing of this organization is forgotten");
                kept.is_known = false;
            }
        }
    }
    Ok(kept)
}

fn cutoffs(kept: &[(OrgId, Retention)], table: Table, now: DateTime<Utc>) -> Cutoffs {
    let times = kept.iter().map(|(_, retention)| cutoff(now, days_kept(retention, table)));
    Cutoffs { orgs: kept.iter().map(|(org, _)| org.0).collect(), times: times.collect() }
}

/// Drops a partition; whether it is gone, or would be.
async fn forget(
    app: &App,
    table: Table,
    partition: &Partition,
    cutoffs: &Cutoffs,
    mode: Mode,
    report: &mut Report,
) -> Result<bool> {
    let span = Span { begins: Some(partition.begins), ends: Some(partition.ends) };
    let mut tx = app.database.worker().await?;
    let whose = retention::list_outdated(&mut tx, table, span, cutoffs).await?;
    let held = retention::is_held(&mut tx, &partition.name).await?;
    tx.commit().await?;
    let outcome = match mode {
        _ if held => Drop::Held,
        Mode::Count => Drop::Dropped,
        Mode::Delete => drop_between_others(app, table, partition).await?,
    };
    match outcome {
        Drop::Dropped => {
            report.dropped.push(partition.name.clone());
            for (org, _) in whose {
                report.partitions.entry(org).or_default().push(partition.name.clone());
            }
        }
        Drop::Held => report.held.push(partition.name.clone()),
        Drop::Kept => {}
        Drop::Busy => report.more = true,
    }
    if outcome == Drop::Dropped && mode == Mode::Delete {
        app.metrics.partitions_dropped.with_label_values(&[table.name]).inc();
    }
    Ok(matches!(outcome, Drop::Dropped | Drop::Busy))
}

async fn drop_between_others(app: &App, table: Table, partition: &Partition) -> Result<Drop> {
    for attempt in 1.. {
        let mut tx = app.database.worker().await?;
        let outcome = partitions::drop(&mut tx, table.name, &partition.name, partition.ends).await?;
        if outcome != Drop::Busy {
            tx.commit().await?;
            return Ok(outcome);
        }
        tx.rollback().await?;
        if attempt == TRIES {
            tracing::warn!(partition = partition.name, "the table is in use; its partition is dropped later");
            break;
        }
        sleep(PAUSE).await;
    }
    Ok(Drop::Busy)
}

/// Deletes what is older than its organization keeps it.
async fn thin(
    app: &App,
    table: Table,
    span: Span,
    cutoffs: &Cutoffs,
    mode: Mode,
    batches: &mut usize,
    report: &mut Report,
) -> Result<()> {
    let newest = cutoffs.times.iter().max();
    if newest.is_none_or(|newest| span.begins.is_some_and(|begins| begins >= *newest)) {
        return Ok(());
    }
    let mut tx = app.database.worker().await?;
    let outdated = retention::list_outdated(&mut tx, table, span, cutoffs).await?;
    tx.commit().await?;
    for (org, cutoff) in outdated {
        if mode == Mode::Count {
            let mut tx = app.database.worker().await?;
            let found = retention::count(&mut tx, org, table, span, cutoff).await?;
            tx.commit().await?;
            report.add(org, table, u64::try_from(found).unwrap_or(0));
            continue;
        }
        loop {
            if *batches == 0 {
                report.more = true;
                return Ok(());
            }
            *batches -= 1;
            let mut tx = app.database.worker().await?;
            let deleted = retention::delete(&mut tx, org, table, span, cutoff, BATCH).await?;
            tx.commit().await?;
            report.add(org, table, deleted);
            if deleted < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(())
}

impl Report {
    /// What one organization is told of it.
    #[must_use]
    pub fn about(&self, org: OrgId) -> Value {
        let rows = self.rows.get(&org).cloned().unwrap_or_default();
        let partitions = self.partitions.get(&org).cloned().unwrap_or_default();
        json!({"deleted": rows, "dropped": partitions})
    }

    fn add(&mut self, org: OrgId, table: Table, rows: u64) {
        if rows > 0 {
            *self.rows.entry(org).or_default().entry(table.name).or_default() += rows;
        }
    }
}

/// Tells each organization what went of it.
async fn record(
    app: &App,
    began: DateTime<Utc>,
    report: &Report,
    failure: Option<&str>,
    asked: Option<AskedBy>,
) -> Result<()> {
    let orgs: BTreeSet<OrgId> = report.rows.keys().chain(report.partitions.keys()).copied().collect();
    for org in orgs {
        let result = report.about(org);
        let mut tx = app.database.worker().await?;
        let job = match asked.filter(|asked| asked.org == org) {
            Some(asked) => asked.job.0,
            None => retention::insert_job(&mut tx, org, began, &result, failure).await?,
        };
        let outcome =
            if failure.is_none() { Entry::success("job.run") } else { Entry::refused("job.run", "failure") };
        let entry = outcome.on(job, "retention").details(result);
        audit::record(&mut tx, org, &Author::system(), entry).await?;
        tx.commit().await?;
    }
    Ok(())
}
