//! Where each organization's chain ends, what was signed of that, and where it begins once old partitions are gone.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection};

use crate::id::OrgId;

/// A place in a chain: a row's number and its hash.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct Link {
    pub seq: i64,
    pub hash: Vec<u8>,
}

/// What the control plane saw as the end of a chain, under its signature.
#[derive(Clone, Debug, Eq, PartialEq, sqlx::FromRow)]
pub struct SignedHead {
    pub org_id: OrgId,
    pub seq: i64,
    pub hash: Vec<u8>,
    pub key_id: String,
    pub signature: Vec<u8>,
    pub signed_at: DateTime<Utc>,
}

/// A head that moved since it was last signed, beside the highest that ever was.
#[derive(Debug, sqlx::FromRow)]
pub struct Moved {
    pub org_id: OrgId,
    pub seq: i64,
    pub hash: Vec<u8>,
    /// By the database's clock, taken after the head.
    pub seen_at: DateTime<Utc>,
    /// None: nothing was signed yet, or nothing speaks against it.
    pub contradicted_seq: Option<i64>,
}

const SIGNED: &str = "org_id, seq, hash, key_id, signature, signed_at";

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Option<Link>> {
    sqlx::query_as("select seq, hash from audit_heads where org_id = $1").bind(org).fetch_optional(conn).await
}

/// What dropped partitions ended with, the oldest first.
///
/// # Errors
/// The database's.
pub async fn list_anchors(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Vec<Link>> {
    sqlx::query_as("select seq, hash from audit_anchors where org_id = $1 order by seq")
        .bind(org)
        .fetch_all(conn)
        .await
}

/// Of any organization. A head contradicts what was signed when the signed row is neither in the log as it was, nor
/// behind an anchor.
///
/// # Errors
/// The database's.
pub async fn list_moved(conn: &mut PgConnection, limit: i64) -> sqlx::Result<Vec<Moved>> {
    sqlx::query_as(
        "select h.org_id, h.seq, h.hash, clock_timestamp() as seen_at, case when not (
                h.seq >= highest.seq
                and (exists (select from audit_logs l
                        where l.org_id = h.org_id and l.seq = highest.seq and l.hash = highest.hash)
                    or exists (select from audit_anchors a where a.org_id = h.org_id and a.seq >= highest.seq))
            ) then highest.seq end as contradicted_seq
         from audit_heads h
         left join lateral (select seq, hash from audit_signed_heads s
            where s.org_id = h.org_id order by signed_at desc limit 1) last on true
         left join lateral (select seq, hash from audit_signed_heads s
            where s.org_id = h.org_id order by seq desc, signed_at desc limit 1) highest on true
         where h.seq > 0 and (last.seq, last.hash) is distinct from (h.seq, h.hash)
         order by h.org_id limit $1",
    )
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn insert_signed(conn: &mut PgConnection, org: OrgId, head: &SignedHead) -> sqlx::Result<()> {
    sqlx::query(
        "insert into audit_signed_heads (org_id, seq, hash, key_id, signature, signed_at)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(org)
    .bind(head.seq)
    .bind(&head.hash)
    .bind(&head.key_id)
    .bind(&head.signature)
    .bind(head.signed_at)
    .execute(conn)
    .await?;
    Ok(())
}

/// Those signed of the rows `from` to `to` until `as_of`.
///
/// # Errors
/// The database's.
pub async fn list_signed(
    conn: &mut PgConnection,
    org: OrgId,
    from: i64,
    to: i64,
    as_of: DateTime<Utc>,
) -> sqlx::Result<Vec<SignedHead>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {SIGNED} from audit_signed_heads
         where org_id = $1 and seq between $2 and $3 and signed_at <= $4 order by seq, signed_at, id"
    )))
    .bind(org)
    .bind(from)
    .bind(to)
    .bind(as_of)
    .fetch_all(conn)
    .await
}

/// The last that was signed.
///
/// # Errors
/// The database's.
pub async fn newest_signed(conn: &mut PgConnection, org: OrgId) -> sqlx::Result<Option<SignedHead>> {
    sqlx::query_as(AssertSqlSafe(format!(
        "select {SIGNED} from audit_signed_heads where org_id = $1 order by signed_at desc, id desc limit 1"
    )))
    .bind(org)
    .fetch_optional(conn)
    .await
}

/// The database's clock.
///
/// # Errors
/// The database's.
pub async fn now(conn: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar("select clock_timestamp()").fetch_one(conn).await
}
