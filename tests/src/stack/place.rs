//! Where a stack finds its binaries, and what it has to itself: ports, a database, a Redis database.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result, bail, ensure};

/// The checkout.
pub fn root() -> PathBuf {
    // Asked when run: what was built in one checkout may run in another that shares its target directory.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(here).join("..")
}

/// A binary of the same build as the test.
pub fn binary(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let path = test.ancestors().nth(2).context("tests run from target/<profile>/deps")?.join(name);
    ensure!(path.exists(), "{} is not built: cargo build --workspace", path.display());
    Ok(path)
}

/// A port that nobody listens on. Below those that the system gives to outgoing connections and those that the scripts
/// take (`scripts/dev/ports.sh`), and another one each time: what is free now must still be free when a server that was
/// told of it comes to listen.
pub fn free_port() -> Result<u16> {
    const FIRST: u32 = 12_000;
    const PORTS: u32 = 8_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(997);
    for _ in 0..PORTS {
        let number = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = u16::try_from(FIRST + number)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    bail!("no port is free between {FIRST} and {}", FIRST + PORTS)
}

pub(super) fn output(command: &mut Command) -> Result<String> {
    let output = command.env_clear().output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// A new database on the server of `DATABASE_URL`, empty.
pub async fn fresh_database() -> Result<String> {
    use sqlx::Connection;
    let server = std::env::var("DATABASE_URL").context("DATABASE_URL is not set; run ./dev test")?;
    let name = format!("it_{}", uuid::Uuid::new_v4().simple());
    let mut connection = sqlx::PgConnection::connect(&server).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
    let (base, _) = server.rsplit_once('/').context("DATABASE_URL has no database")?;
    Ok(format!("{base}/{name}"))
}

/// A Redis database that no other stack of this process uses, emptied.
pub(super) fn fresh_redis() -> Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let server = std::env::var("REDIS_URL").context("REDIS_URL is not set; run ./dev test")?;
    let number = NEXT.fetch_add(1, Ordering::Relaxed) % 15 + 1;
    let (base, _) = server.rsplit_once('/').context("REDIS_URL has no database number")?;
    let url = format!("{base}/{number}");
    let mut connection = redis::Client::open(&*url)?.get_connection()?;
    redis::cmd("FLUSHDB").exec(&mut connection)?;
    Ok(url)
}
