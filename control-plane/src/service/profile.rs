//! One's own account: who one is here, and what one changes about oneself (contract 3.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Actor, Principal, Reach},
    error::{Code, Error, Result},
    rest::form::{Faults, Form, Patch},
    store::{
        api_keys::{self, ApiKeyRow},
        organizations::{self, OrganizationRow},
        roles::{self, AssignmentRow},
        sessions::{self, SessionRow},
        users::{self, MembershipRow, UserRow},
    },
};

/// All there is to say about the caller.
pub struct Me {
    pub user: Option<UserRow>,
    pub api_key: Option<ApiKeyRow>,
    pub session: Option<SessionRow>,
    pub organization: OrganizationRow,
    pub roles: Vec<AssignmentRow>,
    pub teams: Vec<MembershipRow>,
    pub permissions: Vec<String>,
    pub mcp_url: String,
}

/// # Errors
/// The database's.
pub async fn me(app: &App, principal: &Principal) -> Result<Me> {
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let organization = organizations::get(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    let mut me = Me {
        user: None,
        api_key: None,
        session: None,
        organization,
        roles: Vec::new(),
        teams: Vec::new(),
        permissions: principal.grants.permissions(),
        mcp_url: format!("{}/mcp", app.config.public_proxy_url),
    };
    if let Some(user) = principal.user() {
        me.user = users::get(&mut tx, org, user).await?;
        me.roles = roles::list_of_user(&mut tx, org, user).await?;
        me.teams = users::memberships(&mut tx, org, user).await?;
    }
    match principal.actor {
        Actor::User { session, .. } => me.session = sessions::get(&mut tx, org, session).await?,
        Actor::ApiKey { id, .. } => {
            me.api_key = api_keys::get(&mut tx, org, &Reach::everything(), id, false).await?;
        }
    }
    Ok(me)
}

/// What people change about themselves.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileForm {
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    pub avatar_url: Option<String>,
    /// What the dashboard remembers for them.
    #[schema(value_type = Object)]
    pub preferences: Map<String, Value>,
}

impl Form for ProfileForm {
    const READ_ONLY: &'static [&'static str] = &[
        "type",
        "user",
        "api_key",
        "organization",
        "roles",
        "teams",
        "permissions",
        "mcp_url",
        "csrf_token",
        "session",
        "email",
    ];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=200);
        if let Some(url) = &self.avatar_url
            && (!url.starts_with("https://") || url.len() > 2000)
        {
            faults.add("avatar_url", "format", "must be an https:// URL");
        }
        if json!(self.preferences).to_string().len() > 65_536 {
            faults.add("preferences", "length", "must be at most 65536 bytes of JSON");
        }
    }
}

impl From<&UserRow> for ProfileForm {
    fn from(user: &UserRow) -> Self {
        let preferences = user.preferences.as_object().cloned().unwrap_or_default();
        Self { name: user.name.clone(), avatar_url: user.avatar_url.clone(), preferences }
    }
}

/// # Errors
/// `permission_denied` of a service key, `validation_error`.
pub async fn update_me(app: &App, principal: &Principal, patch: Patch<ProfileForm>) -> Result<()> {
    let user = principal.user().ok_or_else(|| {
        Error::new(Code::PermissionDenied, "a service key has no profile").with("permission", "session")
    })?;
    let mut tx = principal.begin(&app.database).await?;
    let current = users::lock(&mut tx, principal.org, user).await?.ok_or_else(Error::not_found)?;
    let before = ProfileForm::from(&current);
    let after = patch.onto(&before)?;
    let preferences = json!(after.preferences);
    let avatar = after.avatar_url.as_deref();
    users::update_profile(&mut tx, principal.org, user, &after.name, avatar, &preferences).await?;
    let entry = Entry::success("user.update").on(user, current.email).changes(&before, &after);
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(())
}
