//! Writes a backup of everything to where `BACKUP_URL` says.
//!
//! What went wrong is in the log: it may name hosts that are not for everybody who may ask for a job.

use chrono::Utc;
use serde_json::{Value, json};

use super::Work;
use crate::{
    app::App,
    backup,
    error::{Code, Error, Result},
};

/// # Errors
/// `unavailable`: nobody said where backups go.
pub(super) fn check_place(app: &App) -> Result<()> {
    match app.config.backups.url {
        Some(_) => Ok(()),
        None => Err(Error::new(Code::Unavailable, backup::NOWHERE).with("setting", "BACKUP_URL")),
    }
}

pub(super) async fn run(app: &App, work: &Work<'_>) -> Result<Value> {
    // Another replica took the job on, with settings of its own.
    check_place(app)?;
    let written = backup::write_dated(&app.config, Utc::now(), &work.progress).await;
    let written = written.map_err(|error| {
        Error::new(Code::Unavailable, "the backup could not be written; the control plane's log says why")
            .because(error)
    })?;
    Ok(json!({"name": written.name, "bytes": written.bytes}))
}
