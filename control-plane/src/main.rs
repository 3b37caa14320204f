//! `control-plane serve | migrate | openapi | keygen | audit | backup | restore | doctor`.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use chrono::Utc;
use clap::{Parser, Subcommand, ValueEnum};
use gatewayops_control_plane::{
    backup::{self, Location},
    config::Config,
    reseal, rest, server,
    service::{
        audit::{
            file,
            key::{self, PublicKey},
        },
        progress::Progress,
    },
    store::{Database, MIGRATIONS, secrets},
};
use gatewayops_proto::{api_key, settings::Settings};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The control plane of GatewayOps. Settings come from the environment; the README lists them.
#[derive(Parser)]
#[command(name = "control-plane", version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve REST, gRPC, ingest and jobs, as CONTROL_ROLES says.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Print the OpenAPI document.
    Openapi,
    /// Print a fresh API key, for BOOTSTRAP_API_KEY.
    Keygen {
        #[arg(long, value_enum, default_value_t = Environment::Dev)]
        environment: Environment,
    },
    /// Prove what the audit log says.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Write everything that is in Postgres to where BACKUP_URL says, while the control plane serves. Needs pg_dump.
    Backup {
        /// Instead of a dated name there, a file that is not there yet.
        #[arg(long, value_name = "FILE")]
        to: Option<PathBuf>,
    },
    /// Read a backup into an empty database. Needs pg_restore.
    Restore {
        /// A file, or s3://bucket/key.
        #[arg(value_name = "URL|FILE", value_parser = Location::typed)]
        from: Location,
    },
    /// Bring what ENCRYPTION_KEY_PREVIOUS has sealed under ENCRYPTION_KEY, while the control plane serves.
    Reseal,
    /// Check the settings and everything that serving depends on.
    Doctor,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Verify an export of the audit log (JSON lines). Needs nothing but the file: no settings, no database.
    Verify {
        file: PathBuf,
        /// A public key to trust, 64 hex digits, once for each; without it those that came with the file.
        #[arg(long = "key", value_name = "PUBLIC_KEY")]
        keys: Vec<PublicKey>,
        /// A signed head that was kept elsewhere, which the export must agree with.
        #[arg(long = "head", value_name = "FILE")]
        heads: Vec<PathBuf>,
    },
    /// Print the public keys: those that sign and those that once signed.
    Keys,
    /// Sign with a new key from now on.
    RotateKey,
}

#[derive(Clone, Copy, ValueEnum)]
enum Environment {
    Dev,
    Stg,
    Prd,
}

impl From<Environment> for api_key::Environment {
    fn from(environment: Environment) -> Self {
        match environment {
            Environment::Dev => Self::Dev,
            Environment::Stg => Self::Stg,
            Environment::Prd => Self::Prd,
        }
    }
}

/// A wrong setting, as opposed to a failure while running.
const WRONG_SETTINGS: u8 = 2;

fn main() -> ExitCode {
    let command = Arguments::parse().command;
    match command {
        Command::Openapi => return print(&rest::document_json()),
        Command::Keygen { environment } => return keygen(environment.into()),
        Command::Audit { command: AuditCommand::Verify { file, keys, heads } } => {
            return verify(&file, &keys, &heads);
        }
        Command::Serve
        | Command::Migrate
        | Command::Backup { .. }
        | Command::Restore { .. }
        | Command::Reseal
        | Command::Doctor
        | Command::Audit { .. } => {}
    }
    let config = match Config::read(Settings::from_environment()) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("{faults}");
            return ExitCode::from(WRONG_SETTINGS);
        }
    };
    let telemetry = gatewayops_telemetry::start(&config.log, &[], &config.otlp, env!("CARGO_PKG_VERSION"));
    let _telemetry = match telemetry {
        Ok(running) => running,
        Err(fault) => {
            eprintln!("{fault}");
            return ExitCode::from(WRONG_SETTINGS);
        }
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = runtime.block_on(async {
        match command {
            Command::Migrate => migrate(&config).await,
            Command::Reseal => reseal_all(&config).await,
            Command::Doctor => doctor(&config).await,
            Command::Audit { command } => audit_keys(&config, &command).await,
            Command::Backup { to } => back_up(&config, to).await,
            Command::Restore { from } => restore(&config, &from).await,
            _ => serve(config).await,
        }
    });
    // Blocking work that is left must not hold the process back.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let signalled = stop.clone();
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => tracing::info!("SIGTERM: draining"),
            _ = interrupt.recv() => tracing::info!("SIGINT: draining"),
        }
        signalled.cancel();
    });
    server::run(config, stop, |_| {}).await
}

async fn migrate(config: &Config) -> anyhow::Result<()> {
    let database = Database::new(config.database_hosts(), 1, 0);
    server::reach(&database).await?;
    server::migrate(&database).await
}

async fn back_up(config: &Config, to: Option<PathBuf>) -> anyhow::Result<()> {
    let progress = Progress::default();
    let (place, bytes) = match to.map(Location::File) {
        Some(file) => {
            let bytes = backup::write(config, &file, &progress).await?;
            (file, bytes)
        }
        None => {
            let written = backup::write_dated(config, Utc::now(), &progress).await?;
            (written.place, written.bytes)
        }
    };
    println!("{place} holds everything that was in the database: {bytes} bytes");
    println!("{}", backup::NOT_IN_IT);
    Ok(())
}

async fn restore(config: &Config, from: &Location) -> anyhow::Result<()> {
    backup::restore(config, from).await?;
    println!("the database is as it was in {from}");
    println!(
        "serve it with the ENCRYPTION_KEY that it was backed up with; `control-plane doctor` checks the schema"
    );
    Ok(())
}

async fn reseal_all(config: &Config) -> anyhow::Result<()> {
    println!("sealed anew, by table and column:");
    reseal::run(config, |line| println!("{line}")).await?;
    println!(
        "everything is under this key; once every replica has it as ENCRYPTION_KEY, the previous one may go"
    );
    Ok(())
}

/// One line a finding; fails when a required dependency cannot be used.
async fn doctor(config: &Config) -> anyhow::Result<()> {
    println!("settings    ok");
    let database = Database::new(config.database_hosts(), 2, 0);
    let reached = database.ping().await;
    match &reached {
        Ok(()) => println!("database    ok, {}", database.address()),
        Err(error) => println!("database    FAILED, {}: {error}", database.address()),
    }
    let mut schema = Ok(());
    if reached.is_ok() {
        schema = database.check_migrations().await;
        match &schema {
            Ok(()) => println!("migrations  ok, {} applied", MIGRATIONS.iter().count()),
            Err(error) => println!("migrations  FAILED, {error:#}"),
        }
    }
    let mut keys = Ok(());
    if reached.is_ok() && schema.is_ok() {
        keys = open_secrets(&database, config).await;
        match &keys {
            Ok(()) => println!("secrets     ok, ENCRYPTION_KEY or the previous one opens them"),
            Err(error) => println!("secrets     FAILED, {error:#}"),
        }
    }
    match server::reach_redis(config).await {
        Ok(()) => println!("redis       ok"),
        Err(error) => {
            println!("redis       FAILED, {error:#} (the gateway serves without it, but records late)")
        }
    }
    reached?;
    schema.and(keys)
}

async fn open_secrets(database: &Database, config: &Config) -> anyhow::Result<()> {
    let mut tx = database.worker().await?;
    secrets::live(&mut tx, &config.sealer()).await?;
    Ok(())
}

/// A line for each finding, and the verdict last.
fn verify(file: &Path, keys: &[PublicKey], heads: &[PathBuf]) -> ExitCode {
    match file::check(file, keys, heads) {
        Ok(outcome) => {
            outcome.lines.iter().for_each(|line| println!("{line}"));
            if outcome.valid { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => fail(&error),
    }
}

/// A line for each public key: its id, the key, since when and until when it signs.
async fn audit_keys(config: &Config, command: &AuditCommand) -> anyhow::Result<()> {
    let database = Database::new(config.database_hosts(), 1, 0);
    let mut tx = database.worker().await?;
    if matches!(command, AuditCommand::RotateKey) {
        key::rotate(&mut tx, &config.sealer()).await?;
    }
    for published in key::list(&mut tx, &config.sealer()).await? {
        let until = published.retired_at.map_or_else(|| "now".to_owned(), |end| end.to_rfc3339());
        let since = published.created_at.to_rfc3339();
        println!("{}  {}  {since} to {until}", published.key.key_id, published.key);
    }
    tx.commit().await?;
    Ok(())
}

fn keygen(environment: api_key::Environment) -> ExitCode {
    match api_key::generate(environment, &ring::rand::SystemRandom::new()) {
        Ok(key) => print(&key),
        Err(_) => fail(&anyhow::anyhow!("the system gave no random bytes")),
    }
}

fn print(text: &str) -> ExitCode {
    println!("{text}");
    ExitCode::SUCCESS
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("control-plane: {error:#}");
    ExitCode::FAILURE
}
