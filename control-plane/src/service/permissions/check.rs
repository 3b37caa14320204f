//! Why somebody holds a permission or does not (contract 3.4).

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
    let grants = |held: &&AssignmentRow| held.permissions.iter().any(|one| implies(one, &form.permission));
    let counting = held.iter().filter(grants).find(|held| counts(held, form));
    if let Some(held) = counting {
        let reason = format!("granted by the role {} {}", held.name, place(conn, org, held).await?);
        return Ok(Verdict { assignment_id: held.assignment_id, ..Verdict::new(true, reason) });
    }
    if let Some(held) = held.iter().find(grants) {
        let reason = format!("the role {} grants it {} only", held.name, place(conn, org, held).await?);
        return Ok(Verdict::new(false, reason));
    }
    let own = format!("{}:own", form.permission);
    let of_own = |held: &&AssignmentRow| held.permissions.iter().any(|one| implies(one, &own));
    let reason = match held.iter().find(of_own) {
        Some(held) => format!("the role {} grants it for the user's own rows only ({own})", held.name),
        None => "no role grants it".to_owned(),
    };
    Ok(Verdict::new(false, reason))
}

/// Whether a role held in this scope decides about the rows in question.
fn counts(held: &AssignmentRow, form: &CheckForm) -> bool {
    match (held.scope_type.as_str(), held.scope_id) {
        ("global", _) => true,
        ("team", Some(id)) => form.team_id == Some(TeamId(id)),
        ("server", Some(id)) => form
            .mcp_server
            .as_ref()
            .is_some_and(|asked| *asked == id.to_string() || Some(asked) == held.server_name.as_ref()),
        _ => false,
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
