//! The log of what changed in the tables that proxies run on. Triggers write it; a revision becomes visible only after
//! all below it, so whoever has read up to one has missed none (migration 0009).

use sqlx::PgConnection;
use uuid::Uuid;

use super::secrets;

/// On which every commit of a change is announced.
pub const CHANNEL: &str = "gwo_config";

/// The things to send again: what a proxy holds that one of the changed rows is part of.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Touched {
    pub organizations: Vec<Uuid>,
    pub users: Vec<Uuid>,
    pub api_keys: Vec<Uuid>,
    pub servers: Vec<Uuid>,
    pub secrets: Vec<Uuid>,
    pub token_issuers: Vec<Uuid>,
    pub rate_limits: Vec<Uuid>,
    pub budgets: Vec<Uuid>,
    pub tool_classifications: Vec<Uuid>,
    pub tool_permissions: Vec<Uuid>,
    pub safety_policies: Vec<Uuid>,
}

/// The newest revision; 0 before the first change.
pub async fn newest(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("select coalesce(max(revision), 0) from policy_changes").fetch_one(conn).await
}

/// Whether all that came after `revision` is still in the log: it is pruned from its beginning.
pub async fn reach_back_to(conn: &mut PgConnection, revision: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar("select exists (select from policy_changes where revision = $1)")
        .bind(revision)
        .fetch_one(conn)
        .await
}

/// Forgets what is older than 30 days, but never the newest: the next revision counts on from it.
pub async fn prune(conn: &mut PgConnection) -> sqlx::Result<u64> {
    let result = sqlx::query(
        "delete from policy_changes
         where created_at < now() - interval '30 days' and revision < (select max(revision) from policy_changes)",
    )
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// What changed after `revision`. A tool or a price is part of its server, what a period used part of its budget; roles
/// and teams are part of a person, and all three are part of the person's keys.
pub async fn since(conn: &mut PgConnection, revision: i64) -> sqlx::Result<Touched> {
    type Row = (String, Option<Uuid>, Option<Uuid>, Option<String>, Option<i16>);
    let rows: Vec<Row> = sqlx::query_as(
        "select distinct entity,
                case when entity in ('mcp_server_prices', 'mcp_tools') then (row ->> 'server_id')::uuid
                     when entity in ('team_memberships', 'user_roles') then (row ->> 'user_id')::uuid
                     when entity = 'sso_provider_keys' then (row ->> 'provider_id')::uuid
                     else entity_id end,
                case when entity = 'roles' then org_id end,
                case when entity = 'system_secrets' then row ->> 'name' end,
                case when entity = 'system_secrets' then (row ->> 'key_id')::smallint end
         from policy_changes, coalesce(after, before) as row
         where revision > $1 and entity in ('api_keys', 'budget_periods', 'budgets', 'mcp_server_prices',
            'mcp_servers', 'mcp_tools', 'organizations', 'rate_limits', 'roles', 'safety_policies',
            'sso_provider_keys', 'sso_providers', 'system_secrets', 'team_memberships', 'tool_classifications',
            'tool_permissions', 'user_roles', 'users')",
    )
    .bind(revision)
    .fetch_all(&mut *conn)
    .await?;

    let mut touched = Touched::default();
    let (mut roles, mut organizations_of_roles) = (Vec::new(), Vec::new());
    for (entity, id, org, secret, key_id) in rows {
        let ids = match entity.as_str() {
            "organizations" => &mut touched.organizations,
            "api_keys" => &mut touched.api_keys,
            "mcp_servers" | "mcp_server_prices" | "mcp_tools" => &mut touched.servers,
            "users" | "user_roles" | "team_memberships" => &mut touched.users,
            "roles" => {
                organizations_of_roles.extend(org);
                &mut roles
            }
            "sso_providers" | "sso_provider_keys" => &mut touched.token_issuers,
            "rate_limits" => &mut touched.rate_limits,
            // Both go by the budget's id.
            "budgets" | "budget_periods" => &mut touched.budgets,
            "tool_classifications" => &mut touched.tool_classifications,
            "tool_permissions" => &mut touched.tool_permissions,
            "safety_policies" => &mut touched.safety_policies,
            _ => {
                touched
                    .secrets
                    .extend(secret.zip(key_id).map(|(name, key_id)| secrets::row_id(&name, key_id)));
                continue;
            }
        };
        ids.extend(id);
    }
    if !roles.is_empty() {
        touched.users.extend(holders(conn, &roles).await?);
    }
    if !touched.users.is_empty() || !organizations_of_roles.is_empty() {
        touched.api_keys.extend(personal_keys(conn, &touched.users, &organizations_of_roles).await?);
    }
    for ids in [
        &mut touched.users,
        &mut touched.api_keys,
        &mut touched.servers,
        &mut touched.token_issuers,
        &mut touched.budgets,
    ] {
        ids.sort_unstable();
        ids.dedup();
    }
    Ok(touched)
}

/// Who has one of the roles, wherever.
async fn holders(conn: &mut PgConnection, roles: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar("select distinct user_id from user_roles where role_id = any($1)")
        .bind(roles)
        .fetch_all(conn)
        .await
}

async fn personal_keys(conn: &mut PgConnection, owners: &[Uuid], orgs: &[Uuid]) -> sqlx::Result<Vec<Uuid>> {
    sqlx::query_scalar(
        "select id from api_keys where user_id = any($1) or (org_id = any($2) and user_id is not null)",
    )
    .bind(owners)
    .bind(orgs)
    .fetch_all(conn)
    .await
}
