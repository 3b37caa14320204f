//! `control-plane backup` and `restore`: everything that is in Postgres, as one file or one object of S3.
//!
//! The work is done by `pg_dump` and `pg_restore`, which the PostgreSQL client brings. A backup is taken of a live system:
//! it is what was committed at one moment, and nobody waits for it. Not in it are the keys of the environment, without
//! which sealed secrets cannot be opened, and what Redis counts.

use std::{convert::Infallible, path::Path, time::Duration};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::{
    config::Config,
    service::progress::Progress,
    store::{Database, backup},
};

mod connection;
mod contents;
mod location;
mod object;
mod s3;
mod scratch;
mod tool;

pub use location::Location;
pub use s3::S3;

use contents::Contents;
use object::Object;
use scratch::Scratch;
use tool::Tool;

/// What has to be said of every backup.
pub const NOT_IN_IT: &str = "ENCRYPTION_KEY and JWT_SECRET are not in it: keep them elsewhere, for without the first \
    no credential of a server, provider or channel can be opened. Neither are the counters of Redis";

/// What has to be done when nobody said where backups go.
pub const NOWHERE: &str = "backups have no place to go: set BACKUP_URL to file:///directory or s3://bucket/prefix and \
    start the control plane again";

/// As the worker, who sees every organization: the owner of the tables sees no row of them.
const DUMP: [&str; 6] = [
    "--format=custom",
    "--compress=6",
    "--no-owner",
    "--lock-wait-timeout=60s",
    "--role=gatewayops_worker",
    "--enable-row-security",
];
/// How often it is looked how large a file has become.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A backup that is there.
pub struct Written {
    pub name: String,
    pub place: Location,
    pub bytes: u64,
}

/// Writes a backup to where `BACKUP_URL` says, named after this time.
///
/// # Errors
/// `BACKUP_URL` is not set, and those of [`write`].
pub async fn write_dated(config: &Config, now: DateTime<Utc>, progress: &Progress) -> Result<Written> {
    let url = config.backups.url.as_ref().context(NOWHERE)?;
    if let Location::File(directory) = url {
        ensure!(directory.is_dir(), "BACKUP_URL: there is no directory {}, make it", directory.display());
    }
    let (name, place) = url.backup_of(now);
    let bytes = write(config, &place, progress).await?;
    Ok(Written { name, place, bytes })
}

/// Writes a backup to a place where nothing is yet; answers its size in bytes.
///
/// # Errors
/// `pg_dump` is missing or fails, or the place cannot be written to.
pub async fn write(config: &Config, to: &Location, progress: &Progress) -> Result<u64> {
    let dump = Tool::new("pg_dump", &connection::environment(&config.database_url)?);
    let database = Database::new(config.database_hosts(), 1, 0);
    crate::server::reach(&database).await?;
    // What is compressed is no larger than what it is of.
    let most = backup::size(&mut *database.pool().acquire().await?).await?;
    database.pool().close().await;
    match to {
        Location::File(path) => write_file(&dump, path, |bytes| progress.set(bytes, most)).await,
        Location::Object { .. } => {
            let object = object(config, to)?;
            write_object(&dump, &object, |bytes| progress.set(bytes, most)).await
        }
    }
    .with_context(|| format!("no backup was written to {to}"))
}

async fn write_file(dump: &Tool, to: &Path, told: impl Fn(u64)) -> Result<u64> {
    ensure!(!to.exists(), "{} is there already; a backup replaces none", to.display());
    let (partial, file) = Scratch::make(to.with_added_extension("partial"))?;
    tokio::select! {
        outcome = dump.run_into(&DUMP, file.try_clone()?) => outcome?,
        never = watch(&file, told) => match never {},
    }
    file.sync_all()?;
    let contents = Contents::list(&Tool::new("pg_restore", &[]), partial.path()).await;
    contents.and_then(|contents| contents.check()).context("the backup cannot be read again")?;
    partial.keep_as(to)?;
    Ok(file.metadata()?.len())
}

async fn watch(file: &std::fs::File, told: impl Fn(u64)) -> Infallible {
    loop {
        sleep(LOOK_EVERY).await;
        if let Ok(metadata) = file.metadata() {
            told(metadata.len());
        }
    }
}

async fn write_object(dump: &Tool, object: &Object, told: impl Fn(u64)) -> Result<u64> {
    let (output, running) = dump.start(&DUMP)?;
    let bytes = object.write(output, told, running.finish()).await?;
    let contents = Contents::list_object(&Tool::new("pg_restore", &[]), object).await;
    if let Err(error) = contents.and_then(|contents| contents.check()) {
        // What cannot be read is no backup.
        object.remove().await?;
        return Err(error.context("the backup cannot be read again"));
    }
    Ok(bytes)
}

fn object(config: &Config, place: &Location) -> Result<Object> {
    let Location::Object { bucket, key } = place else { anyhow::bail!("{place} is no object") };
    Ok(Object { store: config.backups.s3.open(bucket)?, key: key.clone() })
}

/// Reads a backup into an empty database.
///
/// # Errors
/// The database is not empty, `pg_restore` is missing or fails, or there is no backup at that place.
pub async fn restore(config: &Config, from: &Location) -> Result<()> {
    match from {
        Location::File(path) => restore_file(config, path).await,
        Location::Object { .. } => {
            // A restore reads here and there, and more than once.
            let name = format!("gatewayops-restore-{}.dump", uuid::Uuid::new_v4());
            let (copy, file) = Scratch::make(std::env::temp_dir().join(name))?;
            let read = object(config, from)?.read_into(&mut tokio::fs::File::from_std(file)).await;
            read.with_context(|| format!("{from} cannot be read"))?;
            restore_file(config, copy.path()).await
        }
    }
}

async fn restore_file(config: &Config, from: &Path) -> Result<()> {
    ensure!(from.is_file(), "there is no file {}", from.display());
    let tool = Tool::new("pg_restore", &connection::environment(&config.database_url)?);
    let contents = Contents::list(&tool, from).await.with_context(|| from.display().to_string())?;
    contents.check()?;

    let database = Database::new(config.database_hosts(), 1, 0);
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
