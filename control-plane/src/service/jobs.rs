//! Jobs that people ask for: they wait in a table, and whichever replica leads does one after the other (contract 3.14).
//! A type of job is a variant of [`Kind`] and a file with what it checks and does.

use std::{convert::Infallible, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::sleep;
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    progress::Progress,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    id::JobId,
    rest::{
        form::{Faults, Form},
        value::Time,
    },
    store::{
        jobs::{self, Filter, JobRow},
        page::{Found, Page},
    },
    word,
};

mod audit_verify;
mod backup;
mod retention;
mod rollup_backfill;
mod tool_discovery;

/// That wait at once, of one organization.
const MOST_QUEUED: i64 = 10;
/// How often it is written down how far a job is.
const LOOK_EVERY: Duration = Duration::from_secs(1);

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = JobType)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Lets go what has been kept long enough.
    Retention,
    /// Sums anew what charts and costs are answered from.
    #[default]
    RollupBackfill,
    /// Looks at every enabled server.
    ToolDiscovery,
    /// Verifies the audit log.
    AuditVerify,
    /// Writes everything that is in Postgres to where `BACKUP_URL` says.
    Backup,
}

impl Kind {
    /// The parameters that mean something to it.
    fn takes(self) -> &'static [&'static str] {
        match self {
            Self::Retention => &["dry_run"],
            Self::RollupBackfill => &["start_time", "end_time"],
            Self::ToolDiscovery | Self::AuditVerify | Self::Backup => &[],
        }
    }

    fn check(self, params: &JobParams, faults: &mut Faults) {
        for given in params.given() {
            if !self.takes().contains(&given) {
                let kind = word::text(self);
                faults.add(given, "unknown", format!("means nothing to a job of type {kind}; leave it out"));
            }
        }
        if self == Self::RollupBackfill {
            rollup_backfill::check(params, faults);
        }
    }

    async fn run(self, app: &App, work: &Work<'_>) -> Result<Value> {
        match self {
            Self::Retention => retention::run(app, work).await,
            Self::RollupBackfill => rollup_backfill::run(app, work).await,
            Self::ToolDiscovery => tool_discovery::run(app, work).await,
            Self::AuditVerify => audit_verify::run(app, work).await,
            Self::Backup => backup::run(app, work).await,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = JobStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Queued,
    Running,
    Succeeded,
    Failed,
}

/// What a job is about. Each type takes its own.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobParams {
    /// Of `retention`: only count what would go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
    /// Of `rollup_backfill`, inclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Time>,
    /// Of `rollup_backfill`, exclusive; by default now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Time>,
}

impl JobParams {
    fn given(&self) -> impl Iterator<Item = &'static str> {
        let given = [
            ("dry_run", self.dry_run.is_some()),
            ("start_time", self.start_time.is_some()),
            ("end_time", self.end_time.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name)
    }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct JobForm {
    #[schema(required)]
    pub r#type: Kind,
    pub params: JobParams,
}

impl Form for JobForm {
    const REQUIRED: &'static [&'static str] = &["type"];

    fn check(&self, faults: &mut Faults) {
        faults.within("params", |faults| self.r#type.check(&self.params, faults));
    }
}

/// # Errors
/// `permission_denied`.
pub async fn list(app: &App, principal: &Principal, filter: &Filter, page: &Page) -> Result<Found<JobRow>> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(jobs::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: JobId) -> Result<JobRow> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    jobs::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`; `invalid_state` when too many wait already; `unavailable` when backups have no place to go.
pub async fn create(app: &App, principal: &Principal, form: &JobForm) -> Result<JobRow> {
    principal.require_everywhere("settings:admin")?;
    if form.r#type == Kind::Backup {
        backup::check_place(app)?;
    }
    let mut tx = principal.begin(&app.database).await?;
    if jobs::count_queued(&mut tx, principal.org).await? >= MOST_QUEUED {
        let message = format!("{MOST_QUEUED} jobs wait already; ask again when one has begun");
        return Err(Error::invalid_state("queued", message));
    }
    let (id, kind) = (JobId::new(), word::text(form.r#type));
    let params = json!(form.params);
    let row = jobs::insert(&mut tx, principal.org, id, principal.user(), &kind, &params).await?;
    let entry = Entry::success("job.create").details(json!(form)).on(row.id, &kind);
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// For a new leader: what its predecessor left unfinished begins again.
///
/// # Errors
/// The database's.
pub async fn take_over(app: &App) -> Result<()> {
    let mut tx = app.database.worker().await?;
    let abandoned = jobs::queue_abandoned(&mut tx).await?;
    tx.commit().await?;
    if abandoned > 0 {
        tracing::info!(jobs = abandoned, "jobs that another replica left unfinished begin again");
    }
    Ok(())
}

/// Does the job that has waited longest, if there is one.
///
/// # Errors
/// The database's; what goes wrong with the job itself is its result.
pub async fn run_next(app: &App) -> Result<bool> {
    let mut tx = app.database.worker().await?;
    let row = jobs::begin_next(&mut tx).await?;
    tx.commit().await?;
    let Some(row) = row else { return Ok(false) };
    let outcome = run(app, &row).await;
    if let Err(error) = &outcome {
        tracing::warn!(%error, job.id = %row.id, job.kind = row.r#type.as_str(), org.id = %row.org_id, "a job failed");
    }
    let told = outcome.as_ref().map_err(reason);
    let mut tx = app.database.worker().await?;
    jobs::finish(&mut tx, row.org_id, row.id, told).await?;
    tx.commit().await?;
    Ok(true)
}

async fn run(app: &App, row: &JobRow) -> Result<Value> {
    let unknown = || Error::invalid_state("failed", "this version knows no jobs of this type");
    let kind: Kind = word::word(&row.r#type).ok_or_else(unknown)?;
    let params = serde_json::from_value(row.params.clone()).map_err(|_| unknown())?;
    let work = Work { row, params, progress: Progress::default() };
    tokio::select! {
        outcome = kind.run(app, &work) => outcome,
        never = work.tell_progress(app) => match never {},
    }
}

/// What may be told of an error: of our own faults the log has more.
fn reason(error: &Error) -> &str {
    if error.code == Code::Internal {
        "something went wrong inside; the log says what"
    } else {
        &error.message
    }
}

/// A job that is being done.
struct Work<'a> {
    row: &'a JobRow,
    params: JobParams,
    progress: Progress,
}

impl Work<'_> {
    /// Writes down how far it is, for as long as it is done.
    async fn tell_progress(&self, app: &App) -> Infallible {
        let mut told = 0.0;
        loop {
            sleep(LOOK_EVERY).await;
            let progress = self.progress.get();
            if progress.to_bits() == f32::to_bits(told) {
                continue;
            }
            told = progress;
            // Nobody's job fails because this could not be written.
            if let Err(error) = self.write_progress(app, progress).await {
                tracing::warn!(%error, job.id = %self.row.id, "how far a job is could not be written down");
            }
        }
    }

    async fn write_progress(&self, app: &App, progress: f32) -> Result<()> {
        let mut tx = app.database.worker().await?;
        jobs::set_progress(&mut tx, self.row.org_id, self.row.id, progress).await?;
        tx.commit().await?;
        Ok(())
    }
}
