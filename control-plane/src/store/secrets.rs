//! Keys the system makes for itself (contract 5.4): what keys are hashed with, what proxies seal sessions with, what
//! heads of the audit log are signed with, and the name of this database. Sealed in the table, opened only here.
//!
//! Several of one name may live at once while one replaces the other; the newest is current.

use anyhow::Context;
use chrono::{DateTime, Utc};
use ring::{
    digest,
    rand::{SecureRandom, SystemRandom},
};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::seal::{Place, Sealer};

/// Hashes API keys (contract 6.1).
pub const API_KEY_PEPPER: &str = "api_key_pepper";
/// Seals the ids of legacy MCP sessions (R3.1).
pub const SESSION_SEAL: &str = "session_seal";
/// Tells the database that numbers the revisions from any other.
pub const LINEAGE: &str = "lineage";

/// With what proxies verify MCP tokens: a public key, derived from `JWT_SECRET` (contract 6.1). It stands here so that
/// the change log tells of another one, also to a proxy that was away.
pub const MCP_TOKEN_KEY: &str = "mcp_token_key";

/// The seed of the Ed25519 key that heads of the audit log are signed with. It never leaves the control plane; its
/// public key is what others verify by.
pub const AUDIT_SIGNING_KEY: &str = "audit_signing_key";

const MADE_AT_FIRST_START: [&str; 4] = [API_KEY_PEPPER, SESSION_SEAL, LINEAGE, AUDIT_SIGNING_KEY];

/// What proxies are told; no other secret is for them.
pub const OF_PROXIES: [&str; 3] = [API_KEY_PEPPER, SESSION_SEAL, MCP_TOKEN_KEY];

/// One live secret, opened.
#[derive(Clone)]
pub struct Secret {
    pub id: Uuid,
    pub name: String,
    pub key_id: i16,
    pub value: Vec<u8>,
    /// Whether new things are made with it; the others only still open and compare.
    pub current: bool,
}

/// Makes what is missing. Replicas that start at the same moment end up with the same secrets: the first insert stays.
pub async fn ensure(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<()> {
    for name in MADE_AT_FIRST_START {
        if !exists(conn, name).await? {
            insert(conn, sealer, name, 1, &random()?).await?;
        }
    }
    Ok(())
}

/// A fresh secret.
pub fn random() -> anyhow::Result<[u8; 32]> {
    let mut value = [0; 32];
    SystemRandom::new().fill(&mut value).map_err(|_| anyhow::anyhow!("the system gave no random bytes"))?;
    Ok(value)
}

async fn exists(conn: &mut PgConnection, name: &str) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from system_secrets where name = $1)")
        .bind(name)
        .fetch_one(conn)
        .await
}

/// Nothing happens when there is one of this name and number.
pub async fn insert(
    conn: &mut PgConnection,
    sealer: &Sealer,
    name: &str,
    key_id: i16,
    value: &[u8],
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into system_secrets (name, key_id, secret) values ($1, $2, $3) on conflict do nothing",
    )
    .bind(name)
    .bind(key_id)
    .bind(sealer.seal(&place(name, key_id), value))
    .execute(conn)
    .await?;
    Ok(())
}

/// Makes `value` the only live secret of its name, under a number of its own; nothing happens when it is that already.
pub async fn replace(
    conn: &mut PgConnection,
    sealer: &Sealer,
    name: &str,
    value: &[u8],
) -> anyhow::Result<()> {
    // Replicas that start together take turns, until the transaction ends.
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('gatewayops.secrets', 0))")
        .execute(&mut *conn)
        .await?;
    let mut live = live(conn, sealer).await?;
    live.retain(|secret| secret.name == name);
    if let [only] = live.as_slice()
        && only.value == value
    {
        return Ok(());
    }
    sqlx::query("update system_secrets set retired_at = now() where name = $1 and retired_at is null")
        .bind(name)
        .execute(&mut *conn)
        .await?;
    let key_id = sqlx::query_scalar(
        "select (coalesce(max(key_id), 0) + 1)::smallint from system_secrets where name = $1",
    )
    .bind(name)
    .fetch_one(&mut *conn)
    .await?;
    insert(conn, sealer, name, key_id, value).await?;
    Ok(())
}

/// All that are not retired, the current of each name first.
pub async fn live(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<Vec<Secret>> {
    let rows: Vec<(String, i16, Vec<u8>)> = sqlx::query_as(
        "select name, key_id, secret from system_secrets where retired_at is null order by name, key_id desc",
    )
    .fetch_all(conn)
    .await?;
    let mut secrets: Vec<Secret> = Vec::with_capacity(rows.len());
    for (name, key_id, sealed) in rows {
        let value = open(sealer, &name, key_id, &sealed)?;
        let current = secrets.last().is_none_or(|newer| newer.name != name);
        secrets.push(Secret { id: row_id(&name, key_id), name, key_id, value, current });
    }
    Ok(secrets)
}

/// One of several of a name, live or retired.
pub struct Kept {
    pub value: Vec<u8>,
    pub created_at: DateTime<Utc>,
    pub retired_at: Option<DateTime<Utc>>,
}

/// All there ever were of one name, the newest first: what an old one signed is still to be verified.
pub async fn history(conn: &mut PgConnection, sealer: &Sealer, name: &str) -> anyhow::Result<Vec<Kept>> {
    type Row = (i16, Vec<u8>, DateTime<Utc>, Option<DateTime<Utc>>);
    let rows: Vec<Row> = sqlx::query_as(
        "select key_id, secret, created_at, retired_at from system_secrets where name = $1 order by key_id desc",
    )
    .bind(name)
    .fetch_all(conn)
    .await?;
    let mut kept = Vec::with_capacity(rows.len());
    for (key_id, sealed, created_at, retired_at) in rows {
        let value = open(sealer, name, key_id, &sealed)?;
        kept.push(Kept { value, created_at, retired_at });
    }
    Ok(kept)
}

/// Brings one of them under the present key.
pub(super) async fn rewrap(
    conn: &mut PgConnection,
    sealer: &Sealer,
    name: &str,
    key_id: i16,
    sealed: &[u8],
) -> anyhow::Result<()> {
    let rewrapped = sealer
        .rewrap(&place(name, key_id), sealed)
        .with_context(|| format!("the system secret {name} {key_id} cannot be opened"))?;
    sqlx::query("update system_secrets set secret = $3 where name = $1 and key_id = $2")
        .bind(name)
        .bind(key_id)
        .bind(rewrapped)
        .execute(conn)
        .await?;
    Ok(())
}

fn open(sealer: &Sealer, name: &str, key_id: i16, sealed: &[u8]) -> anyhow::Result<Vec<u8>> {
    sealer.open(&place(name, key_id), sealed).map_err(|error| {
        anyhow::Error::new(error).context(format!("the system secret {name} {key_id} cannot be opened"))
    })
}

/// The name of this database, for those who number what they know by its revisions.
pub async fn lineage(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<Vec<u8>> {
    let lineage = live(conn, sealer).await?.into_iter().find(|secret| secret.name == LINEAGE);
    lineage
        .map(|secret| secret.value)
        .context("the database has no name yet; start the control plane's migration first")
}

fn place(name: &str, key_id: i16) -> Place {
    Place { table: "system_secrets", column: "secret", row: row_id(name, key_id), org: None }
}

/// The table's key is (name, key_id); everyone else knows rows by a UUID.
pub(super) fn row_id(name: &str, key_id: i16) -> Uuid {
    let digest = digest::digest(&digest::SHA256, format!("{name}\0{key_id}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest.as_ref()[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
