//! `control-plane backup` and `restore`: everything that is in Postgres, as one file.
//!
//! The work is done by `pg_dump` and `pg_restore`, which the PostgreSQL client brings. A backup is taken of a live system:
//! it is what was committed at one moment, and nobody waits for it. Not in it are the keys of the environment, without
//! which sealed secrets cannot be opened, and what Redis counts.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{
    config::Config,
    store::{Database, backup},
};

mod connection;
mod contents;
mod tool;

use contents::Contents;
use tool::Tool;

/// What has to be said of every backup.
pub const NOT_IN_IT: &str = "ENCRYPTION_KEY and JWT_SECRET are not in it: keep them elsewhere, for without the first \
    no credential of a server, provider or channel can be opened. Neither are the counters of Redis";

/// Writes a backup to a file that is not there yet; answers its size in bytes.
///
/// # Errors
/// `pg_dump` is missing or fails, or the file cannot be written.
pub async fn backup(config: &Config, to: &Path) -> Result<u64> {
    ensure!(!to.exists(), "{} is there already; a backup replaces none", to.display());
    let partial = to.with_added_extension("partial");
    let outcome = dump(config, &partial).await;
    if outcome.is_err() {
        // What is half written is no backup.
        let _ = std::fs::remove_file(&partial);
    }
    outcome?;
    std::fs::rename(&partial, to).with_context(|| to.display().to_string())?;
    Ok(std::fs::metadata(to)?.len())
}

async fn dump(config: &Config, to: &Path) -> Result<()> {
    let file = tool::private_file(to)?;
    let dump = Tool::new("pg_dump", &connection::environment(&config.database_url)?);
    // As the worker, who sees every organization: the owner of the tables sees no row of them.
    let arguments = ["--format=custom", "--compress=6", "--no-owner", "--lock-wait-timeout=60s"];
    let as_worker = ["--role=gatewayops_worker", "--enable-row-security"];
    dump.run_into(&[&arguments[..], &as_worker].concat(), file.try_clone()?).await?;
    file.sync_all()?;
    Contents::list(&Tool::new("pg_restore", &[]), to).await.context("the backup cannot be read again")?;
    Ok(())
}

/// Reads a backup into an empty database.
///
/// # Errors
/// The database is not empty, `pg_restore` is missing or fails, or the file is no backup.
pub async fn restore(config: &Config, from: &Path) -> Result<()> {
    ensure!(from.is_file(), "there is no file {}", from.display());
    let tool = Tool::new("pg_restore", &connection::environment(&config.database_url)?);
    let contents = Contents::list(&tool, from).await.with_context(|| from.display().to_string())?;
    contents.check()?;

    let database = Database::new(config.database.clone(), 1, 0);
    crate::server::reach(&database).await?;
    let mut conn = database.pool().acquire().await?;
    let found = backup::count_relations(&mut conn).await?;
    let address = database.address();
    ensure!(found == 0, "{address} is not empty: a backup is only read into a database that is");
    backup::ensure_roles(&mut conn).await.context("database roles")?;

    // All or nothing.
    let arguments = ["--no-owner", "--exit-on-error", "--single-transaction"];
    let name = config.database.get_database().unwrap_or_default();
    let into = format!("--dbname={name}");
    contents.restore(&tool, from, &[&arguments[..], &[into.as_str()]].concat()).await?;
    let grants = contents.worker_grants(&tool, from).await?;
    backup::hand_over(&mut conn, contents.worker_functions(), &grants).await.context(
        "the rows are there, their functions are not as they were; drop the database and begin anew",
    )?;
    backup::analyze(&mut conn).await?;
    Ok(())
}
