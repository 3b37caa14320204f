//! Work on a clock. One replica does it: the one that holds an advisory lock of Postgres, on a connection of its own,
//! for as long as that connection lives. Only receivers of alerts are told by whoever is at hand.

use std::sync::Arc;
use std::time::Duration;

use sqlx::Connection;
use tokio::time::{Instant, sleep};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};
use tracing::Instrument;

use crate::app::App;
use crate::{own_span, store};

mod alerts;
mod approvals;
mod asked;
mod audit_heads;
mod budgets;
mod discovery;
mod expired;
mod expiring_keys;
mod notifications;
mod partitions;
mod retention;
mod rollups;
mod sso_keys;
pub mod webhooks;

/// How often a replica asks to lead, and the leader looks whether it still does.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A job that failed is tried again so soon.
const RETRY: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// # Errors
/// Never; what fails is logged and tried again.
pub async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    let (led, told) =
        tokio::join!(lead_at_times(&app, &stop), notifications::run(Arc::clone(&app), stop.clone()));
    led.and(told)
}

/// # Errors
/// Never; what fails is logged and tried again.
async fn lead_at_times(app: &Arc<App>, stop: &CancellationToken) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        if let Err(error) = lead(app, stop).await {
            tracing::warn!(%error, "jobs wait for Postgres");
        }
        stop.run_until_cancelled(sleep(HEARTBEAT)).await;
    }
    Ok(())
}

/// Returns when another replica leads, or we are asked to stop.
async fn lead(app: &Arc<App>, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut connection = app.database.pool().acquire().await?;
    // Closing it gives the lock back.
    connection.close_on_drop();
    if !store::leader::try_lead(&mut connection).await? {
        return Ok(());
    }
    tracing::info!("this replica does the work on a clock");
    // They end with our leadership.
    let _audit_heads = AbortOnDropHandle::new(tokio::spawn(audit_heads::run(Arc::clone(app), stop.clone())));
    let _discovery = AbortOnDropHandle::new(tokio::spawn(discovery::run(Arc::clone(app), stop.clone())));
    let _approvals = AbortOnDropHandle::new(tokio::spawn(approvals::run(Arc::clone(app), stop.clone())));
    let _sso_keys = AbortOnDropHandle::new(tokio::spawn(sso_keys::run(Arc::clone(app), stop.clone())));
    let _alerts = AbortOnDropHandle::new(tokio::spawn(alerts::run(Arc::clone(app), stop.clone())));
    let _budgets = AbortOnDropHandle::new(tokio::spawn(budgets::run(Arc::clone(app), stop.clone())));
    let _rollups = AbortOnDropHandle::new(tokio::spawn(rollups::run(Arc::clone(app), stop.clone())));
    let _asked = AbortOnDropHandle::new(tokio::spawn(asked::run(Arc::clone(app), stop.clone())));
    let _retention = AbortOnDropHandle::new(tokio::spawn(retention::run(Arc::clone(app), stop.clone())));
    let mut due = Instant::now();
    loop {
        if Instant::now() >= due {
            let made = measured(app, "partitions", partitions::run(app)).await;
            let deleted = measured(app, "expired", expired::run(app)).await;
            let warned = measured(app, "expiring_keys", expiring_keys::run(app)).await;
            due = Instant::now() + if made.and(deleted).and(warned).is_ok() { HOUR } else { RETRY };
        }
        if stop.run_until_cancelled(sleep(HEARTBEAT)).await.is_none() {
            return Ok(());
        }
        connection.ping().await?;
    }
}

async fn measured(
    app: &App,
    job: &str,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let span = own_span::of_job(job);
    let outcome = work.instrument(span.clone()).await;
    let status = if outcome.is_ok() { "succeeded" } else { "failed" };
    app.metrics.jobs.with_label_values(&[job, status]).inc();
    app.metrics.job_duration.with_label_values(&[job, status]).observe(started.elapsed().as_secs_f64());
    if let Err(error) = &outcome {
        own_span::failed(&span);
        tracing::error!(%error, job, "a job failed");
    }
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn one_replica_leads_until_its_connection_is_gone() {
        let app = TestApp::start().await;
        let pool = app.app.database.pool();
        let mut first = pool.acquire().await.unwrap();
        first.close_on_drop();
        assert!(store::leader::try_lead(&mut first).await.unwrap());
        let mut second = pool.acquire().await.unwrap();
        second.close_on_drop();
        assert!(!store::leader::try_lead(&mut second).await.unwrap());
        drop(first);
        let takes_over = async {
            while !store::leader::try_lead(&mut second).await.unwrap() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), takes_over).await.expect("the second leads");
    }

    #[tokio::test]
    async fn partitions_are_made_a_week_ahead() {
        let app = TestApp::start().await;
        let partition = (chrono::Utc::now() + chrono::Duration::days(7)).format("traces_%Y%m%d").to_string();
        let exists = async || -> bool {
            let query = "select to_regclass($1) is not null";
            sqlx::query_scalar(query).bind(&partition).fetch_one(app.app.database.pool()).await.unwrap()
        };
        // The database may be a copy of one that was made before today.
        let drop = sqlx::AssertSqlSafe(format!("drop table if exists {partition}"));
        sqlx::query(drop).execute(app.app.database.pool()).await.unwrap();
        assert!(!exists().await);
        partitions::run(&app.app).await.unwrap();
        assert!(exists().await);
    }

    #[tokio::test]
    async fn what_has_outlived_its_use_goes_and_the_rest_stays() {
        let app = TestApp::start().await;
        let mut tx = app.app.database.worker().await.unwrap();
        for (key, expires) in [("old", "-1 second"), ("new", "1 hour")] {
            sqlx::query(
                "insert into idempotency_keys (org_id, principal, method, path, key, request_hash, expires_at)
                 select id, 'p', 'POST', '/', $1, sha256(''), now() + $2::interval from organizations limit 1",
            )
            .bind(key)
            .bind(expires)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
        sqlx::query("update policy_changes set created_at = now() - interval '31 days'")
            .execute(app.app.database.pool())
            .await
            .unwrap();
        let newest = store::changes::newest(&mut tx).await.unwrap();
        tx.commit().await.unwrap();

        expired::run(&app.app).await.unwrap();

        let mut tx = app.app.database.worker().await.unwrap();
        let keys: Vec<String> =
            sqlx::query_scalar("select key from idempotency_keys").fetch_all(&mut *tx).await.unwrap();
        assert_eq!(keys, ["new"]);
        let revisions: Vec<i64> =
            sqlx::query_scalar("select revision from policy_changes").fetch_all(&mut *tx).await.unwrap();
        assert_eq!(revisions, [newest], "the newest revision is what the next counts on from");
    }
}
