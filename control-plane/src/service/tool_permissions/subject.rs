//! For whom a check is asked, with all that a proxy would know of them: who they are, and what stands in their way
//! before any rule about tools is looked at (contract 1.6, 2.2, 3.5).

use chrono::{DateTime, Utc};
use gatewayops_proto::access::{Access, Coverage, Holder, Permission, Permissions, Scope, Subject as Object};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    error::{Error, Result},
    id::{ApiKeyId, OrgId, TeamId, UserId},
    store::{
        snapshot::{self as rows, Rows},
        team_members,
    },
};

/// Who would call.
pub(super) struct Subject {
    pub(super) user: Option<Uuid>,
    pub(super) teams: Vec<Uuid>,
    pub(super) api_key: Option<Uuid>,
    /// None: a team, which has neither credential nor grants.
    credential: Option<Credential>,
}

struct Credential {
    access: Access,
    /// None: a user's token covers everything.
    coverage: Option<Coverage>,
    /// Why it opens nothing at all.
    dead: Option<Obstacle>,
}

/// What refuses a call before its tool is looked at.
pub(super) struct Obstacle {
    pub(super) code: &'static str,
    pub(super) reason: String,
}

impl Obstacle {
    pub(super) fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

impl Subject {
    pub(super) async fn api_key(conn: &mut PgConnection, org: OrgId, id: ApiKeyId) -> Result<Self> {
        let found = rows::api_keys(conn, Rows::Ids(&[id.0])).await?;
        let Some(key) = found.into_iter().find(|key| key.org_id == org.0) else {
            return Err(unknown("api_key_id", "API key that could be used in the last 30 days"));
        };
        let dead = dead(&key, Utc::now());
        let mut teams: Vec<Uuid> = key.team_id.into_iter().collect();
        if let Some(owner) = key.user_id {
            teams.extend(
                team_members::list_teams_of(conn, org, UserId(owner)).await?.iter().map(|team| team.0),
            );
        }
        Ok(Self {
            user: key.user_id,
            teams,
            api_key: Some(key.id),
            credential: Some(Credential {
                access: access(&key),
                coverage: Some(Coverage { servers: key.servers, tools: key.tools }),
                dead,
            }),
        })
    }

    pub(super) async fn user(conn: &mut PgConnection, org: OrgId, id: UserId) -> Result<Self> {
        let found = rows::users(conn, Rows::Ids(&[id.0])).await?;
        let Some(user) = found.into_iter().find(|user| user.org_id == org.0) else {
            return Err(unknown("user_id", "user"));
        };
        let on_servers = user.server_permissions.0.iter().map(|(server, grants)| (*server, grants));
        let dead = user.suspended.then(|| Obstacle::new("user_suspended", "the account is suspended"));
        let teams = team_members::list_teams_of(conn, org, id).await?;
        Ok(Self {
            user: Some(user.id),
            teams: teams.into_iter().map(|team| team.0).collect(),
            api_key: None,
            credential: Some(Credential {
                access: granted(&user.permissions, on_servers),
                coverage: None,
                dead,
            }),
        })
    }

    /// What holds for all of a team's members and keys.
    pub(super) fn team(id: TeamId) -> Self {
        Self { user: None, teams: vec![id.0], api_key: None, credential: None }
    }

    /// Whose permissions are read.
    pub(super) fn identities(&self) -> Vec<Uuid> {
        self.user.iter().chain(&self.teams).chain(&self.api_key).copied().collect()
    }

    pub(super) fn obstacle(&self, server: (Uuid, &str), tool: &str) -> Option<Obstacle> {
        let credential = self.credential.as_ref()?;
        if let Some(Obstacle { code, reason }) = &credential.dead {
            return Some(Obstacle::new(code, reason.clone()));
        }
        let (id, name) = server;
        let object = Object { server: Some(id), ..Object::default() };
        if !credential.access.decide(Permission::MCP_CALL, &object).is_allowed() {
            let reason = format!("the permission mcp:call is not held on {name}");
            return Some(Obstacle::new("permission_denied", reason));
        }
        let coverage = credential.coverage.as_ref()?;
        if !coverage.server(name) {
            return Some(Obstacle::new("scope_denied", format!("the key does not cover the server {name}")));
        }
        let covered = coverage.tool(name, tool);
        (!covered).then(|| Obstacle::new("scope_denied", format!("the key does not cover {name}__{tool}")))
    }
}

/// A personal key holds no more than its owner, and no more than itself.
fn access(key: &rows::ApiKey) -> Access {
    if key.user_id.is_none() {
        return granted(&key.permissions, std::iter::empty());
    }
    let on_servers = key.owner_server_permissions.0.iter().map(|(server, grants)| (*server, grants));
    let own = Permissions::of_all(key.permissions.iter().map(String::as_str));
    granted(&key.owner_permissions, on_servers).within(own)
}

fn granted<'a>(
    everywhere: &'a [String],
    on_servers: impl Iterator<Item = (Uuid, &'a Vec<String>)>,
) -> Access {
    let everywhere = everywhere.iter().map(|grant| (grant.as_str(), Scope::Everywhere));
    let on_servers = on_servers
        .flat_map(|(server, grants)| grants.iter().map(move |grant| (grant.as_str(), Scope::Server(server))));
    Access::new(Holder::default(), everywhere.chain(on_servers))
}

fn dead(key: &rows::ApiKey, now: DateTime<Utc>) -> Option<Obstacle> {
    if key.revoked {
        return Some(Obstacle::new("revoked_credentials", "the key was revoked"));
    }
    if key.expires_at.is_some_and(|at| at <= now) {
        return Some(Obstacle::new("expired_credentials", "the key has expired"));
    }
    key.owner_suspended.then(|| Obstacle::new("user_suspended", "the key's owner is suspended"))
}

fn unknown(field: &str, noun: &str) -> Error {
    Error::invalid_field(field, "unknown", format!("names no {noun} of this organization"))
}
