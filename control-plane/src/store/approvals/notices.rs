//! Who is told that an approval waits: the ones to tell of, the ones to tell, and what was told already.

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, FromRow, PgConnection};
use uuid::Uuid;

use super::{ApprovalRow, COLUMNS};
use crate::id::{ApprovalId, OrgId, TeamId, UserId};

/// Grants by which somebody may review.
pub const REVIEWING: [&str; 4] = ["*", "approvals:*", "approvals:admin", "approvals:review"];

#[derive(Clone, Debug, FromRow)]
pub struct NoticeRow {
    pub id: Uuid,
    pub org_id: OrgId,
    pub approval_id: ApprovalId,
    pub kind: String,
    pub recipient: String,
    /// This one included.
    pub attempts: i32,
}

/// Pending approvals of all organizations that nobody was told of, the oldest first; for the worker.
///
/// # Errors
/// The database's.
pub async fn list_unannounced(
    conn: &mut PgConnection,
    now: DateTime<Utc>,
    limit: i64,
) -> sqlx::Result<Vec<ApprovalRow>> {
    let query = format!(
        "select {COLUMNS} from tool_approvals a
         where a.announced_at is null and a.status = 'pending' and a.expires_at > $1 order by a.created_at limit $2"
    );
    sqlx::query_as(AssertSqlSafe(query)).bind(now).bind(limit).fetch_all(conn).await
}

/// The addresses of active people who may review what belongs to this team and server, apart from `except`.
///
/// # Errors
/// The database's.
pub async fn reviewers(
    conn: &mut PgConnection,
    org: OrgId,
    team: Option<TeamId>,
    mcp_server: &str,
    except: &[UserId],
    limit: i64,
) -> sqlx::Result<Vec<String>> {
    let except: Vec<Uuid> = except.iter().map(|user| user.0).collect();
    sqlx::query_scalar(
        "select u.email::text from users u
         where u.org_id = $1 and u.status = 'active' and u.id <> all($4) and (
            exists (
                select from user_roles g join roles r on r.org_id = g.org_id and r.id = g.role_id
                where g.org_id = $1 and g.user_id = u.id and r.permissions && $5 and (
                    g.scope_type = 'global'
                    or (g.scope_type = 'team' and g.scope_id = $2)
                    or (g.scope_type = 'server' and g.scope_id =
                        (select s.id from mcp_servers s where s.org_id = $1 and s.name = $3))))
            or exists (
                select from team_memberships m
                join roles r on r.org_id = m.org_id and r.is_builtin and r.name = 'team_' || m.role
                where m.org_id = $1 and m.user_id = u.id and m.team_id = $2 and r.permissions && $5))
         order by u.last_active_at desc nulls last, u.id limit $6",
    )
    .bind(org)
    .bind(team)
    .bind(mcp_server)
    .bind(except)
    .bind(REVIEWING.map(str::to_owned).to_vec())
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// Each once, and none to whom `most_an_hour` were written in the last hour.
///
/// # Errors
/// The database's.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    approval: ApprovalId,
    kind: &str,
    recipients: &[String],
    most_an_hour: i64,
) -> sqlx::Result<()> {
    sqlx::query(
        "insert into approval_notices (org_id, approval_id, kind, recipient)
         select $1, $2, $3::text, told.recipient from unnest($4::text[]) as told (recipient)
         where (select count(*) from approval_notices n where n.org_id = $1 and n.kind = $3::text
            and n.recipient = told.recipient and n.created_at > now() - interval '1 hour') < $5
         on conflict (approval_id, kind, recipient) do nothing",
    )
    .bind(org)
    .bind(approval)
    .bind(kind)
    .bind(recipients)
    .bind(most_an_hour)
    .execute(conn)
    .await?;
    Ok(())
}

/// # Errors
/// The database's.
pub async fn mark_announced(conn: &mut PgConnection, org: OrgId, id: ApprovalId) -> sqlx::Result<()> {
    sqlx::query("update tool_approvals set announced_at = now() where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts an attempt of each that is due and hands it out; the next one is due after twice the time. For the worker.
///
/// # Errors
/// The database's.
pub async fn claim(
    conn: &mut PgConnection,
    first_pause_seconds: f64,
    limit: i64,
) -> sqlx::Result<Vec<NoticeRow>> {
    sqlx::query_as(
        "with due as (
            select org_id, id from approval_notices where status = 'pending' and next_attempt_at <= now()
            order by next_attempt_at limit $2 for update skip locked)
         update approval_notices n set attempts = n.attempts + 1,
            next_attempt_at = now() + make_interval(secs => $1 * power(2, n.attempts))
         from due where n.org_id = due.org_id and n.id = due.id
         returning n.id, n.org_id, n.approval_id, n.kind, n.recipient, n.attempts",
    )
    .bind(first_pause_seconds)
    .bind(limit)
    .fetch_all(conn)
    .await
}

/// # Errors
/// The database's.
pub async fn settle(conn: &mut PgConnection, org: OrgId, id: Uuid, status: &str) -> sqlx::Result<()> {
    sqlx::query("update approval_notices set status = $3 where org_id = $1 and id = $2")
        .bind(org)
        .bind(id)
        .bind(status)
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets what is older than 30 days; for the worker.
///
/// # Errors
/// The database's.
pub async fn delete_old(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query("delete from approval_notices where created_at < now() - interval '30 days'")
        .execute(conn)
        .await?;
    Ok(())
}
