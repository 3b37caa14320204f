//! Where a secret could stand: the database, Redis, and the files of both planes.

use std::path::Path;

use anyhow::Result;
use redis::Commands;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// What was read, and where.
pub(super) type Places = Vec<(String, Vec<u8>)>;

/// Every row of every table as text.
pub(super) async fn database(url: &str) -> Result<Places> {
    let mut connection = PgConnection::connect(url).await?;
    let tables: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
            .fetch_all(&mut connection)
            .await?;
    let mut rows = Vec::new();
    for table in tables {
        let found: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!("select t::text from {table} t")))
            .fetch_all(&mut connection)
            .await?;
        rows.extend(found.into_iter().map(|row| (format!("a row of {table}"), row.into_bytes())));
    }
    Ok(rows)
}

/// Every key of Redis with all that it holds.
pub(super) fn redis(url: &str) -> Result<Places> {
    let mut connection = redis::Client::open(url)?.get_connection()?;
    let keys: Vec<String> = connection.keys("*")?;
    let mut found = Vec::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE").arg(&key).query(&mut connection)?;
        let mut read = match &*kind {
            "string" => redis::cmd("GET"),
            "hash" => redis::cmd("HGETALL"),
            "set" => redis::cmd("SMEMBERS"),
            "zset" => redis::cmd("ZRANGE"),
            "list" => redis::cmd("LRANGE"),
            _ => redis::cmd("XRANGE"),
        };
        read.arg(&key);
        match &*kind {
            "zset" | "list" => drop(read.arg(0).arg(-1)),
            "stream" => drop(read.arg("-").arg("+")),
            _ => {}
        }
        let value: redis::Value = read.query(&mut connection)?;
        found.push((format!("{key} in Redis"), [key.as_bytes(), &plain(&value)].concat()));
    }
    Ok(found)
}

/// All bytes of an answer, nested as it may be.
fn plain(value: &redis::Value) -> Vec<u8> {
    match value {
        redis::Value::BulkString(bytes) => bytes.clone(),
        redis::Value::SimpleString(text) => text.clone().into_bytes(),
        redis::Value::Array(values) | redis::Value::Set(values) => values.iter().flat_map(plain).collect(),
        redis::Value::Map(pairs) => {
            pairs.iter().flat_map(|(key, value)| [plain(key), plain(value)].concat()).collect()
        }
        _ => Vec::new(),
    }
}

/// Logs, the sealed snapshot, spooled events.
pub(super) fn files(dir: &Path) -> Result<Places> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push((format!("the file {}", path.display()), std::fs::read(&path)?));
        }
    }
    Ok(found)
}
