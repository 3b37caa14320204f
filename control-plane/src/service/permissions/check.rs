//! Why somebody holds a permission or does not (contract 3.4).

use gatewayops_proto::access::{Access, Decision, Holder, Permission, Scope, Subject};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    auth::{
        Actor, Principal, Reach,
        permission::{self, implies},
    },
    error::{Error, Result},
    id::{OrgId, TeamId, UserId},
    rest::form::{Faults, Form},
    store::{
        api_keys::{self, ApiKeyRow},
        roles::{self, AssignmentRow},
        teams, users,
    },
};

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = PermissionCheckForm)]
#[serde(default, deny_unknown_fields)]
pub struct CheckForm {
    /// One of those listed, perhaps with `:own` behind it.
    #[schema(required)]
    pub permission: String,
    /// Null: the caller.
    pub user_id: Option<UserId>,
    /// For the rows of this team; neither team nor server: for all rows.
    pub team_id: Option<TeamId>,
    /// For the rows of this server, by name or id.
    pub mcp_server: Option<String>,
}

impl Form for CheckForm {
    const REQUIRED: &'static [&'static str] = &["permission"];

    fn check(&self, faults: &mut Faults) {
        if self.permission.contains('*') || !permission::is_known(&self.permission) {
            faults.add("permission", "unknown", format!("{:?} is no permission", self.permission));
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PermissionCheck)]
pub struct Verdict {
    pub allowed: bool,
    /// A sentence for people.
    pub reason: String,
    /// The role assignment that allows it; null also for what a membership or a key brings.
    #[schema(required)]
    pub assignment_id: Option<Uuid>,
}

impl Verdict {
    fn new(allowed: bool, reason: impl Into<String>) -> Self {
        Self { allowed, reason: reason.into(), assignment_id: None }
    }
}

/// # Errors
/// `permission_denied` for another's without `rbac:read`; `validation_error`.
pub async fn check(app: &App, principal: &Principal, form: &CheckForm) -> Result<Verdict> {
    if form.user_id.is_some() && form.user_id != principal.user() {
        principal.require_everywhere("rbac:read")?;
    }
    let mut tx = principal.begin(&app.database).await?;
    if form.user_id.is_none()
        && let Some(verdict) = judge_key(calling_key(&mut tx, principal).await?.as_ref(), &form.permission)
    {
        return Ok(verdict);
    }
    let user = form.user_id.or(principal.user()).ok_or_else(Error::not_found)?;
    judge_user(&mut tx, principal.org, user, form).await
}

async fn calling_key(conn: &mut PgConnection, principal: &Principal) -> Result<Option<ApiKeyRow>> {
    match principal.actor {
        Actor::User { .. } => Ok(None),
        Actor::ApiKey { id, .. } => {
            Ok(api_keys::get(conn, principal.org, &Reach::everything(), id, false).await?)
        }
    }
}

/// What the key alone decides: all for a service key, a refusal for a personal one, which holds no more than its owner.
fn judge_key(key: Option<&ApiKeyRow>, permission: &str) -> Option<Verdict> {
    let key = key?;
    if !key.permissions.iter().any(|grant| implies(grant, permission)) {
        return Some(Verdict::new(false, "the key's own permissions do not include it"));
    }
    key.user_id.is_none().then(|| Verdict::new(true, "the key's own permissions include it"))
}

async fn judge_user(conn: &mut PgConnection, org: OrgId, user: UserId, form: &CheckForm) -> Result<Verdict> {
    let user = users::get(conn, org, user)
        .await?
        .ok_or_else(|| Error::invalid_field("user_id", "unknown", "names nothing that exists"))?;
    if user.is_suspended() {
        return Ok(Verdict::new(false, "the account is suspended"));
    }
    if user.is_platform_admin && form.permission == "platform:admin" {
        return Ok(Verdict::new(true, "the user is a platform administrator"));
    }
    let held = roles::list_of_user(conn, org, user.id).await?;
    let (name, is_own) =
        form.permission.strip_suffix(":own").map_or((&*form.permission, false), |name| (name, true));
    let asked = Permission::named(name).ok_or_else(Error::not_found)?;
    let subject = Subject {
        user: is_own.then_some(user.id.0),
        team: form.team_id.map(|team| team.0),
        server: held
            .iter()
            .find(|held| held.is_on(form.mcp_server.as_deref()))
            .and_then(|held| held.scope_id),
        ..Subject::default()
    };
    let scoped = held.iter().filter_map(|held| Some((held, held.scope()?)));
    let grants =
        scoped.flat_map(|(held, scope)| held.permissions.iter().map(move |grant| (grant.as_str(), scope)));
    let access = Access::new(Holder { user: Some(user.id.0), api_key: None }, grants);
    match access.decide(asked, &subject) {
        Decision::Granted(scope) => granted(conn, org, &held, scope, &form.permission).await,
        Decision::Own => granted(conn, org, &held, Scope::Everywhere, &form.permission).await,
        Decision::NotGranted | Decision::NotOfKey => refused(conn, org, &held, &form.permission).await,
    }
}

/// Which role it was.
async fn granted(
    conn: &mut PgConnection,
    org: OrgId,
    held: &[AssignmentRow],
    scope: Scope,
    permission: &str,
) -> Result<Verdict> {
    let role = held.iter().find(|held| held.scope() == Some(scope) && held.grants(permission));
    let Some(role) = role else { return Ok(Verdict::new(true, "granted by a role")) };
    let reason = format!("granted by the role {} {}", role.name, place(conn, org, role).await?);
    Ok(Verdict { assignment_id: role.assignment_id, ..Verdict::new(true, reason) })
}

/// What comes nearest to it.
async fn refused(
    conn: &mut PgConnection,
    org: OrgId,
    held: &[AssignmentRow],
    permission: &str,
) -> Result<Verdict> {
    if let Some(role) = held.iter().find(|held| held.grants(permission)) {
        let reason = format!("the role {} grants it {} only", role.name, place(conn, org, role).await?);
        return Ok(Verdict::new(false, reason));
    }
    let own = format!("{permission}:own");
    let reason = match held.iter().find(|held| held.grants(&own)) {
        Some(role) => format!("the role {} grants it for the user's own rows only ({own})", role.name),
        None => "no role grants it".to_owned(),
    };
    Ok(Verdict::new(false, reason))
}

impl AssignmentRow {
    /// None: a scope that we do not know grants nothing.
    fn scope(&self) -> Option<Scope> {
        match (self.scope_type.as_str(), self.scope_id) {
            ("global", None) => Some(Scope::Everywhere),
            ("team", Some(team)) => Some(Scope::Team(team)),
            ("server", Some(server)) => Some(Scope::Server(server)),
            _ => None,
        }
    }

    fn grants(&self, permission: &str) -> bool {
        self.permissions.iter().any(|grant| implies(grant, permission))
    }

    /// Whether it is on that server, which is asked for by name or id.
    fn is_on(&self, server: Option<&str>) -> bool {
        let id = self.scope_id.filter(|_| self.scope_type == "server");
        id.zip(server).is_some_and(|(id, server)| {
            self.server_name.as_deref() == Some(server) || id.to_string() == server
        })
    }
}

async fn place(conn: &mut PgConnection, org: OrgId, held: &AssignmentRow) -> Result<String> {
    let (kind, name) = match (held.scope_id, &held.server_name) {
        (None, _) => return Ok("globally".to_owned()),
        (Some(_), Some(server)) => ("server", Some(server.clone())),
        (Some(id), None) => {
            let team = teams::get(conn, org, &Reach::everything(), TeamId(id), false).await?;
            ("team", team.map(|team| team.name))
        }
    };
    Ok(format!("on the {kind} {}", name.unwrap_or_default()))
}
