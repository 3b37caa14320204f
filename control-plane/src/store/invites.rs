//! Invites: found by the hash of their token before the organization is known (contract 3.3, 6.1).

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, PgConnection, QueryBuilder};
use uuid::Uuid;

use super::page::{self, Found, Page, SortKey};
use crate::{
    auth::Reach,
    id::{InviteId, OrgId, RoleId, TeamId, UserId},
};

/// Nobody has to note that time is up: it is read off the clock.
macro_rules! status {
    () => {
        "case when i.status = 'pending' and i.expires_at <= now() then 'expired' else i.status end"
    };
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct InviteRow {
    pub id: InviteId,
    pub org_id: OrgId,
    pub email: String,
    pub role_id: RoleId,
    /// The role's name.
    pub role: String,
    pub permissions: Vec<String>,
    pub team_ids: Vec<Uuid>,
    pub status: String,
    pub invited_by: Option<UserId>,
    pub expires_at: DateTime<Utc>,
    pub accepted_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

impl InviteRow {
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.status == "pending"
    }
}

/// Of `invites i join roles r`.
const COLUMNS: &str = concat!(
    "i.id, i.org_id, i.email, i.role_id, r.name as role, r.permissions, i.team_ids, i.invited_by, i.expires_at,
    i.accepted_at, i.created_at, ",
    status!(),
    " as status"
);
const WITH_ROLE: &str = "join roles r on r.org_id = i.org_id and r.id = i.role_id";

pub const SORT: &[SortKey] = &[SortKey { name: "created_at", sql: "i.created_at", cast: "timestamptz" }];

/// The role that an invite promises.
#[derive(sqlx::FromRow)]
pub struct Promised {
    pub id: RoleId,
    pub name: String,
    pub permissions: Vec<String>,
}

pub struct NewInvite<'a> {
    pub id: InviteId,
    pub email: &'a str,
    pub role: RoleId,
    pub team_ids: &'a [Uuid],
    pub token_hash: &'a [u8],
    pub invited_by: Option<UserId>,
    pub expires_at: DateTime<Utc>,
}

/// # Errors
/// The database's.
pub async fn find_role(
    conn: &mut PgConnection,
    org: OrgId,
    name_or_id: &str,
) -> sqlx::Result<Option<Promised>> {
    sqlx::query_as(
        "select id, name, permissions from roles where org_id = $1 and (name = $2 or id::text = lower($2))
         order by name = $2 desc limit 1",
    )
    .bind(org)
    .bind(name_or_id)
    .fetch_optional(conn)
    .await
}

/// Those of `teams` that there are.
///
/// # Errors
/// The database's.
pub async fn known_teams(conn: &mut PgConnection, org: OrgId, teams: &[Uuid]) -> sqlx::Result<Vec<TeamId>> {
    sqlx::query_scalar("select id from teams where org_id = $1 and id = any($2)")
        .bind(org)
        .bind(teams)
        .fetch_all(conn)
        .await
}

/// Before the organization is known: whose invite it is.
///
/// # Errors
/// The database's.
pub async fn find_by_hash(
    conn: &mut PgConnection,
    token_hash: &[u8],
) -> sqlx::Result<Option<(OrgId, InviteId)>> {
    sqlx::query_as("select org_id, id from find_invite_by_hash($1)")
        .bind(token_hash)
        .fetch_optional(conn)
        .await
}

/// A grant on a team reaches the invites to it.
///
/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    reach: &Reach,
    statuses: Option<&[String]>,
    page: &Page,
) -> sqlx::Result<Found<InviteRow>> {
    let teams: Vec<Uuid> = reach.teams.iter().map(|team| team.0).collect();
    page::fetch(conn, page, COLUMNS, "i.id", |query| {
        query.push(format_args!(" from invites i {WITH_ROLE} where i.org_id = ")).push_bind(org);
        if !reach.everything {
            query.push(" and i.team_ids && ").push_bind(teams.clone());
        }
        if let Some(statuses) = statuses {
            query.push(concat!(" and ", status!(), " = any("));
            query.push_bind(statuses.to_vec()).push(")");
        }
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    id: InviteId,
    lock: bool,
) -> sqlx::Result<Option<InviteRow>> {
    let mut query =
        QueryBuilder::new(format!("select {COLUMNS} from invites i {WITH_ROLE} where i.org_id = "));
    query.push_bind(org).push(" and i.id = ").push_bind(id);
    if lock {
        query.push(" for update of i");
    }
    query.build_query_as().fetch_optional(conn).await
}

/// The pending one of an address.
///
/// # Errors
/// The database's.
pub async fn find_pending(
    conn: &mut PgConnection,
    org: OrgId,
    email: &str,
    lock: bool,
) -> sqlx::Result<Option<InviteRow>> {
    let mut query =
        QueryBuilder::new(format!("select {COLUMNS} from invites i {WITH_ROLE} where i.org_id = "));
    query.push_bind(org).push(" and i.email = ").push_bind(email.to_owned());
    query.push("::citext and i.status = 'pending' and i.expires_at > now()");
    if lock {
        query.push(" for update of i");
    }
    query.build_query_as().fetch_optional(conn).await
}

/// Notes that time is up for what this address was sent, so that it can be invited again.
///
/// # Errors
/// The database's.
pub async fn expire(conn: &mut PgConnection, org: OrgId, email: &str) -> sqlx::Result<()> {
    sqlx::query(
        "update invites set status = 'expired'
         where org_id = $1 and email = $2::citext and status = 'pending' and expires_at <= now()",
    )
    .bind(org)
    .bind(email)
    .execute(conn)
    .await?;
    Ok(())
}

/// None when the address has a pending one.
///
/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    invite: &NewInvite<'_>,
) -> sqlx::Result<Option<InviteRow>> {
    let query = format!(
        "with i as (
            insert into invites (id, org_id, email, role_id, team_ids, token_hash, invited_by, expires_at)
            values ($1, $2, $3::citext, $4, $5, $6, $7, $8)
            on conflict (org_id, email) where status = 'pending' do nothing returning *)
         select {COLUMNS} from i {WITH_ROLE}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(invite.id)
        .bind(org)
        .bind(invite.email)
        .bind(invite.role)
        .bind(invite.team_ids)
        .bind(invite.token_hash)
        .bind(invite.invited_by)
        .bind(invite.expires_at)
        .fetch_optional(conn)
        .await
}

/// Gives it another token and more time. None when the address has another pending one by now.
///
/// # Errors
/// The database's.
pub async fn renew(
    conn: &mut PgConnection,
    org: OrgId,
    id: InviteId,
    token_hash: &[u8],
    expires_at: DateTime<Utc>,
) -> sqlx::Result<Option<InviteRow>> {
    let query = format!(
        "with i as (
            update invites i set token_hash = $3, expires_at = $4, status = 'pending'
            where i.org_id = $1 and i.id = $2 and not exists (select from invites other
                where other.org_id = $1 and other.email = i.email and other.status = 'pending' and other.id <> $2)
            returning *)
         select {COLUMNS} from i {WITH_ROLE}"
    );
    sqlx::query_as(AssertSqlSafe(query))
        .bind(org)
        .bind(id)
        .bind(token_hash)
        .bind(expires_at)
        .fetch_optional(conn)
        .await
}

/// # Errors
/// The database's.
pub async fn revoke(conn: &mut PgConnection, org: OrgId, id: InviteId) -> sqlx::Result<()> {
    sqlx::query("update invites set status = 'revoked' where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Keeps what the invite promised: the role, and those of its teams that are still there.
///
/// # Errors
/// The database's.
pub async fn accept(conn: &mut PgConnection, invite: &InviteRow, user: UserId) -> sqlx::Result<()> {
    sqlx::query("update invites set status = 'accepted', accepted_at = now() where org_id = $1 and id = $2")
        .bind(invite.org_id)
        .bind(invite.id)
        .execute(&mut *conn)
        .await?;
    sqlx::query("insert into user_roles (org_id, user_id, role_id, granted_by) values ($1, $2, $3, $4)")
        .bind(invite.org_id)
        .bind(user)
        .bind(invite.role_id)
        .bind(invite.invited_by)
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "insert into team_memberships (org_id, team_id, user_id)
         select org_id, id, $2 from teams where org_id = $1 and id = any($3)",
    )
    .bind(invite.org_id)
    .bind(user)
    .bind(&invite.team_ids)
    .execute(conn)
    .await?;
    Ok(())
}
