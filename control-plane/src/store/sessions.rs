//! Dashboard sessions (`user_sessions`): known by the SHA-256 of their token.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, Postgres, QueryBuilder};

use super::page::{self, Found, Page, SortKey};
use crate::id::{OrgId, ProviderId, SessionId, UserId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct SessionRow {
    pub id: SessionId,
    pub org_id: OrgId,
    pub user_id: UserId,
    pub auth_method: String,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub last_active_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub revoked_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

pub const SORT: &[SortKey] = &[
    SortKey { name: "created_at", sql: "s.created_at", cast: "timestamptz" },
    SortKey { name: "last_active_at", sql: "s.last_active_at", cast: "timestamptz" },
];

const COLUMNS: &str =
    "s.id, s.org_id, s.user_id, s.auth_method, host(s.ip_address) as ip_address, s.user_agent,
    s.last_active_at, s.expires_at, s.revoked_at, s.created_at";

pub struct NewSession<'a> {
    pub id: SessionId,
    pub user: UserId,
    pub token_hash: &'a [u8],
    pub auth_method: &'a str,
    pub ip_address: Option<String>,
    pub user_agent: Option<&'a str>,
    pub expires_at: DateTime<Utc>,
    /// None for a log-in by password.
    pub sso: Option<SsoPart<'a>>,
}

/// Whose word a session stands on.
#[derive(Clone, Copy)]
pub struct SsoPart<'a> {
    pub provider: ProviderId,
    pub subject: &'a str,
    /// The provider's own session.
    pub sid: Option<&'a str>,
    pub id_token_encrypted: Option<&'a [u8]>,
}

/// What a log-out at the provider needs.
#[derive(sqlx::FromRow)]
pub struct SsoSessionRow {
    pub sso_provider_id: ProviderId,
    pub id_token_encrypted: Option<Vec<u8>>,
}

/// Before the organization is known.
///
/// # Errors
/// The database's.
pub async fn find_by_hash(conn: &mut PgConnection, token_hash: &[u8]) -> sqlx::Result<Option<SessionRow>> {
    let query = format!("select {COLUMNS} from find_session_by_hash($1) s");
    sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(token_hash).fetch_optional(conn).await
}

/// # Errors
/// The database's.
pub async fn insert(conn: &mut PgConnection, org: OrgId, session: &NewSession<'_>) -> sqlx::Result<()> {
    sqlx::query(
        "insert into user_sessions (id, org_id, user_id, token_hash, auth_method, ip_address, user_agent, expires_at,
            sso_provider_id, sso_subject, sso_sid, id_token_encrypted)
         values ($1, $2, $3, $4, $5, $6::text::inet, $7, $8, $9, $10, $11, $12)",
    )
    .bind(session.id)
    .bind(org)
    .bind(session.user)
    .bind(session.token_hash)
    .bind(session.auth_method)
    .bind(&session.ip_address)
    .bind(session.user_agent)
    .bind(session.expires_at)
    .bind(session.sso.map(|sso| sso.provider))
    .bind(session.sso.map(|sso| sso.subject))
    .bind(session.sso.and_then(|sso| sso.sid))
    .bind(session.sso.and_then(|sso| sso.id_token_encrypted))
    .execute(conn)
    .await?;
    Ok(())
}

/// None when it did not come from a provider, or that is gone.
///
/// # Errors
/// The database's.
pub async fn get_sso(
    conn: &mut PgConnection,
    org: OrgId,
    id: SessionId,
) -> sqlx::Result<Option<SsoSessionRow>> {
    sqlx::query_as(
        "select sso_provider_id, id_token_encrypted from user_sessions
         where org_id = $1 and id = $2 and sso_provider_id is not null",
    )
    .bind(org)
    .bind(id)
    .fetch_optional(conn)
    .await
}

/// Ends those that came from a provider and are of this subject there, of this session of its own, or of both; answers
/// whose they were.
///
/// # Errors
/// The database's.
pub async fn revoke_sso(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    subject: Option<&str>,
    sid: Option<&str>,
) -> sqlx::Result<Vec<(SessionId, UserId)>> {
    if subject.is_none() && sid.is_none() {
        return Ok(Vec::new());
    }
    sqlx::query_as(
        // A session whose provider did not name its own is known by its subject alone.
        "update user_sessions set revoked_at = now(), id_token_encrypted = null
         where org_id = $1 and sso_provider_id = $2 and revoked_at is null
           and ($3::text is null or sso_subject = $3)
           and ($4::text is null or sso_sid = $4 or ($3 is not null and sso_sid is null))
         returning id, user_id",
    )
    .bind(org)
    .bind(provider)
    .bind(subject)
    .bind(sid)
    .fetch_all(conn)
    .await
}

/// Notes activity, at most once a minute: it is no news to anybody more often.
///
/// # Errors
/// The database's.
pub async fn touch(
    conn: &mut PgConnection,
    org: OrgId,
    session: &SessionRow,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    if now - session.last_active_at < chrono::Duration::minutes(1) {
        return Ok(());
    }
    sqlx::query("update user_sessions set last_active_at = $3 where org_id = $1 and id = $2")
        .bind(org)
        .bind(session.id)
        .bind(now)
        .execute(&mut *conn)
        .await?;
    sqlx::query("update users set last_active_at = $3 where org_id = $1 and id = $2")
        .bind(org)
        .bind(session.user_id)
        .bind(now)
        .execute(conn)
        .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn get(conn: &mut PgConnection, org: OrgId, id: SessionId) -> sqlx::Result<Option<SessionRow>> {
    let query = format!("select {COLUMNS} from user_sessions s where s.org_id = $1 and s.id = $2");
    sqlx::query_as(sqlx::AssertSqlSafe(query)).bind(org).bind(id).fetch_optional(conn).await
}

/// Live sessions of one user.
///
/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    user: UserId,
    page: &Page,
) -> sqlx::Result<Found<SessionRow>> {
    page::fetch(conn, page, COLUMNS, "s.id", |query: &mut QueryBuilder<Postgres>| {
        query.push(" from user_sessions s where s.org_id = ").push_bind(org);
        query.push(" and s.revoked_at is null and s.expires_at > now() and s.user_id = ").push_bind(user);
    })
    .await
}

/// Nobody else changes a user's sessions until the transaction ends. Whoever changes the user too does this first: a
/// request notes its activity on the session, then on the user, and the two would wait for each other.
///
/// # Errors
/// The database's.
pub async fn lock_all(conn: &mut PgConnection, org: OrgId, user: UserId) -> sqlx::Result<()> {
    sqlx::query(
        "select from user_sessions where org_id = $1 and user_id = $2 and revoked_at is null order by id for update",
    )
    .bind(org)
    .bind(user)
    .execute(conn)
    .await?;
    Ok(())
}

/// False when it was not live any more.
///
/// # Errors
/// The database's.
pub async fn revoke(conn: &mut PgConnection, org: OrgId, id: SessionId) -> sqlx::Result<bool> {
    let result = sqlx::query(
        "update user_sessions set revoked_at = now(), id_token_encrypted = null
         where org_id = $1 and id = $2 and revoked_at is null",
    )
    .bind(org)
    .bind(id)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}

/// Which live sessions end.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    OfUser(UserId),
    /// That came from it.
    OfProvider(ProviderId),
    /// That began with one.
    ByPassword,
}

/// All of these, but not `keep`; tells how many.
///
/// # Errors
/// The database's.
pub async fn revoke_all(
    conn: &mut PgConnection,
    org: OrgId,
    which: Which,
    keep: Option<SessionId>,
) -> sqlx::Result<u64> {
    let (chosen, id) = match which {
        Which::OfUser(user) => ("user_id = $3", Some(user.0)),
        Which::OfProvider(provider) => ("sso_provider_id = $3", Some(provider.0)),
        Which::ByPassword => ("auth_method = 'password' and $3::uuid is null", None),
    };
    let query = format!(
        "update user_sessions set revoked_at = now(), id_token_encrypted = null
         where org_id = $1 and revoked_at is null and expires_at > now() and id is distinct from $2 and {chosen}"
    );
    let result = sqlx::query(AssertSqlSafe(query)).bind(org).bind(keep).bind(id).execute(conn).await?;
    Ok(result.rows_affected())
}

/// Nobody else changes the sessions that came from a provider until the transaction ends; as [`lock_all`], and before
/// the users.
///
/// # Errors
/// The database's.
pub async fn lock_of_provider(conn: &mut PgConnection, org: OrgId, provider: ProviderId) -> sqlx::Result<()> {
    sqlx::query(
        "select from user_sessions where org_id = $1 and sso_provider_id = $2 order by id for update",
    )
    .bind(org)
    .bind(provider)
    .execute(conn)
    .await?;
    Ok(())
}

/// ID tokens are good for a log-out; of sessions that are over there is none. For the worker.
///
/// # Errors
/// The database's.
pub async fn forget_id_tokens(conn: &mut PgConnection) -> sqlx::Result<()> {
    let query = "update user_sessions set id_token_encrypted = null
                 where expires_at < now() and id_token_encrypted is not null";
    sqlx::query(query).execute(conn).await?;
    Ok(())
}

/// What ended 30 days ago, long past any question about it; for the worker.
///
/// # Errors
/// The database's.
pub async fn delete_expired(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let query = "delete from user_sessions where least(expires_at, revoked_at) < now() - interval '30 days'";
    Ok(sqlx::query(query).execute(conn).await?.rows_affected())
}
