//! Users as an identity provider knows them: by their subject there, or by their address (contract 5.1).

use sqlx::{AssertSqlSafe, PgConnection};

use super::{COLUMNS, UserRow};
use crate::id::{OrgId, ProviderId, UserId};

/// A user, and who they are to a provider.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Linked {
    #[sqlx(flatten)]
    pub user: UserRow,
    pub sso_provider_id: Option<ProviderId>,
    pub sso_subject: Option<String>,
    /// Whether one can sign in by that provider.
    pub provider_enabled: bool,
}

const LINK: &str = "sso_provider_id, sso_subject, exists (select from sso_providers p
    where p.org_id = users.org_id and p.id = users.sso_provider_id and p.enabled) as provider_enabled";

/// Nobody else changes the user until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_by_subject(
    conn: &mut PgConnection,
    org: OrgId,
    provider: ProviderId,
    subject: &str,
) -> sqlx::Result<Option<Linked>> {
    let query = format!(
        "select {COLUMNS}, {LINK} from users
         where org_id = $1 and sso_provider_id = $2 and sso_subject = $3 for update of users"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(provider).bind(subject).fetch_optional(conn).await
}

/// Nobody else changes the user until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_by_email(conn: &mut PgConnection, org: OrgId, email: &str) -> sqlx::Result<Option<Linked>> {
    let query = format!(
        "select {COLUMNS}, {LINK} from users where org_id = $1 and email = $2::citext for update of users"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(email).fetch_optional(conn).await
}

/// A user without a password.
///
/// # Errors
/// The database's; an address that is taken is a named constraint.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
    email: &str,
    name: &str,
) -> sqlx::Result<()> {
    sqlx::query("insert into users (id, org_id, email, name) values ($1, $2, $3::citext, $4)")
        .bind(id)
        .bind(org)
        .bind(email)
        .bind(name)
        .execute(conn)
        .await?;
    Ok(())
}

/// From here on the subject at the provider is this user.
///
/// # Errors
/// The database's; a subject that is another user is a named constraint.
pub async fn link(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
    provider: ProviderId,
    subject: &str,
) -> sqlx::Result<()> {
    sqlx::query("update users set sso_provider_id = $3, sso_subject = $4 where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .bind(provider)
        .bind(subject)
        .execute(conn)
        .await?;
    Ok(())
}

/// Makes those take turns who would make an account with this address, until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_address(conn: &mut PgConnection, org: OrgId, email: &str) -> sqlx::Result<()> {
    sqlx::query(
        "select pg_advisory_xact_lock(hashtextextended('gatewayops.join.' || $1::text || lower($2), 0))",
    )
    .bind(org)
    .bind(email)
    .execute(conn)
    .await?;
    Ok(())
}

/// Nobody else changes the users known to a provider until the transaction ends.
///
/// # Errors
/// The database's.
pub async fn lock_linked(conn: &mut PgConnection, org: OrgId, provider: ProviderId) -> sqlx::Result<()> {
    sqlx::query("select from users where org_id = $1 and sso_provider_id = $2 order by id for update")
        .bind(org)
        .bind(provider)
        .execute(conn)
        .await?;
    Ok(())
}

/// Nobody is known to the provider any more; tells how many were.
///
/// # Errors
/// The database's.
pub async fn unlink_all(conn: &mut PgConnection, org: OrgId, provider: ProviderId) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "update users set sso_provider_id = null, sso_subject = null where org_id = $1 and sso_provider_id = $2",
    )
    .bind(org)
    .bind(provider)
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
