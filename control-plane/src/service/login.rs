//! Logging in with a password, logging out, and one's own account (contract 3.1).

use chrono::Utc;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{
        Actor, Credential, Origin, Principal, grants_of_user, password,
        session::{self, check_origin},
        session_duration,
        throttle::Attempt,
        token,
    },
    error::{Code, Error, Result},
    id::{OrgId, ProviderId, SessionId, UserId},
    rest::form::{Faults, Form, Patch},
    seal::Place,
    settings::Settings,
    store::{
        self, Transaction,
        api_keys::{self, ApiKeyRow},
        organizations::{self, OrganizationRow},
        roles::{self, AssignmentRow},
        sessions::{self, NewSession, SessionRow, SsoPart},
        sso_providers::{self, ProviderRow},
        users::{self, Login, MembershipRow, UserRow},
    },
};

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LoginForm {
    #[schema(required)]
    pub email: String,
    #[schema(required)]
    pub password: String,
    /// The organization's slug, for whoever has an account in several.
    pub organization: Option<String>,
}

impl Form for LoginForm {
    const REQUIRED: &'static [&'static str] = &["email", "password"];

    fn check(&self, faults: &mut Faults) {
        faults.length("email", &self.email, 1..=254);
        faults.length("password", &self.password, 1..=1024);
    }
}

/// A session that has just begun; the token is for the cookie only.
pub struct LoggedIn {
    pub principal: Principal,
    pub token: String,
    pub lifetime: chrono::Duration,
}

/// # Errors
/// `invalid_credentials`, `rate_limited`, `user_suspended`, `sso_required`, `origin_not_allowed`.
pub async fn login(
    app: &App,
    headers: &http::HeaderMap,
    origin: Origin,
    form: LoginForm,
) -> Result<LoggedIn> {
    check_origin(&app.config, headers)?;
    let attempt = Attempt::begin(app, &form.email, origin.ip).await?;
    let mut tx = app.database.outside().await?;
    let mut logins = users::find_logins(&mut tx, form.email.trim()).await?;
    tx.commit().await?;
    if let Some(slug) = &form.organization {
        logins.retain(|login| login.org_slug == *slug);
    }
    let matching = matching(&logins, &form.password).await?;
    let login = match matching.as_slice() {
        [login] => login,
        [] => {
            attempt.fail(app).await;
            note_failures(app, &origin, &form.email, &logins).await?;
            return Err(Error::new(Code::InvalidCredentials, "the e-mail address or the password is wrong"));
        }
        _ => {
            return Err(Error::invalid_field(
                "organization",
                "required",
                "is needed: there are several accounts",
            ));
        }
    };
    let logged_in = begin(app, origin, login.org_id, login.user_id).await?;
    attempt.succeed(app).await;
    Ok(logged_in)
}

/// The accounts that have this password. Nobody's is checked too, so that the time tells nothing.
async fn matching(logins: &[Login], given: &str) -> Result<Vec<Login>> {
    let mut matching = Vec::new();
    for login in logins {
        if password::verify(given.to_owned(), login.password_hash.clone()).await? {
            matching.push(login.clone());
        }
    }
    if logins.is_empty() {
        password::verify(given.to_owned(), None).await?;
    }
    Ok(matching)
}

async fn note_failures(app: &App, origin: &Origin, email: &str, logins: &[Login]) -> Result<()> {
    for login in logins {
        let mut tx = app.database.tenant(login.org_id).await?;
        let author = Author::of("user", Some(login.user_id.0), Some(email.to_owned()), origin);
        let entry = Entry::refused("session.login_failed", "failure").on(login.user_id, email);
        audit::record(&mut tx, login.org_id, &author, entry).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Begins a session for a user whose password was right.
async fn begin(app: &App, origin: Origin, org: OrgId, user: UserId) -> Result<LoggedIn> {
    let mut tx = app.database.tenant(org).await?;
    // Locked: one who is being suspended now gets no session that outlives it.
    let user = users::lock(&mut tx, org, user).await?.ok_or_else(Error::not_found)?;
    let organization = organizations::get(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    if user.is_suspended() {
        return Err(Error::new(Code::UserSuspended, "this account is suspended"));
    }
    if !Settings::read(&organization.settings)?.security.allows_passwords() {
        return Err(Error::new(Code::SsoRequired, "this organization logs in by its identity provider"));
    }
    let logged_in = open(app, &mut tx, origin, &organization, user, &Proof::Password).await?;
    tx.commit().await?;
    Ok(logged_in)
}

/// How somebody has shown who they are.
pub(super) enum Proof<'a> {
    Password,
    Sso { provider: &'a ProviderRow, subject: &'a str, sid: Option<&'a str>, id_token: &'a str },
}

/// A token of more than this is not kept: it would be too long to hand back in a URL anyway.
const LONGEST_ID_TOKEN: usize = 6_000;

impl Proof<'_> {
    fn method(&self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Sso { .. } => "sso",
        }
    }

    fn details(&self) -> Value {
        match self {
            Self::Password => json!({"auth_method": self.method()}),
            Self::Sso { provider, .. } => json!({
                "auth_method": self.method(), "sso_provider_id": provider.id, "sso_provider": provider.settings.name,
            }),
        }
    }

    fn sealed_id_token(&self, app: &App, session: SessionId) -> Option<Vec<u8>> {
        match self {
            Self::Sso { provider, id_token, .. } if id_token.len() <= LONGEST_ID_TOKEN => {
                Some(app.sealer.seal(&id_token_place(provider.org_id, session), id_token.as_bytes()))
            }
            _ => None,
        }
    }
}

/// Where the ID token of a session lives.
pub(super) fn id_token_place(org: OrgId, session: SessionId) -> Place {
    Place { table: "user_sessions", column: "id_token_encrypted", row: session.0, org: Some(org) }
}

/// Opens a session, in the caller's transaction, for a user who is known to be who they say.
///
/// # Errors
/// `ip_not_allowed`; the database's.
pub(super) async fn open(
    app: &App,
    tx: &mut Transaction,
    origin: Origin,
    organization: &OrganizationRow,
    user: UserRow,
    proof: &Proof<'_>,
) -> Result<LoggedIn> {
    let (org, now) = (organization.id, Utc::now());
    let settings = Settings::read(&organization.settings)?;
    settings.security.check_address(origin.ip)?;
    let token = token::generate(session::PREFIX)?;
    let lifetime = session_duration(app, &settings);
    let id = SessionId::new();
    let hash = token::hash(&token);
    let id_token = proof.sealed_id_token(app, id);
    let sso = match proof {
        Proof::Password => None,
        Proof::Sso { provider, subject, sid, .. } => Some(SsoPart {
            provider: provider.id,
            subject,
            sid: *sid,
            id_token_encrypted: id_token.as_deref(),
        }),
    };
    let new = NewSession {
        id,
        user: user.id,
        token_hash: &hash,
        auth_method: proof.method(),
        ip_address: origin.ip.map(|ip| ip.to_string()),
        user_agent: origin.user_agent.as_deref(),
        expires_at: now + lifetime,
        sso,
    };
    sessions::insert(tx, org, &new).await?;
    users::mark_login(tx, org, user.id, now).await?;
    let grants = grants_of_user(tx, org, &user).await?;
    let actor = Actor::User { id: user.id, session: id };
    let credential = Credential { ends_at: Some(new.expires_at), secret: None };
    let principal = Principal { org, actor, name: user.email, grants, origin, credential };
    let entry = Entry::success("session.login").on(id, &principal.name).details(proof.details());
    audit::record(tx, org, &Author::from(&principal), entry).await?;
    Ok(LoggedIn { principal, token, lifetime })
}

/// How one logs in at an organization.
pub struct Methods {
    pub local_login: bool,
    pub sso_required: bool,
    pub providers: Vec<ProviderRow>,
}

/// Without a name: of the only organization there is, if it is that.
///
/// # Errors
/// The database's.
pub async fn methods(app: &App, slug: Option<&str>) -> Result<Methods> {
    let mut tx = app.database.outside().await?;
    let organization = match slug {
        Some(slug) => organizations::find_by_slug(&mut tx, slug).await?,
        None => organizations::find_only(&mut tx).await?,
    };
    // An unknown name looks like any other: it is nobody's business which organizations there are.
    let Some(OrganizationRow { id, settings, .. }) = organization else {
        return Ok(Methods { local_login: true, sso_required: false, providers: Vec::new() });
    };
    store::enter(&mut tx, id).await?;
    let security = Settings::read(&settings)?.security;
    let providers = sso_providers::list_enabled(&mut tx, id).await?;
    Ok(Methods { local_login: security.allows_passwords(), sso_required: security.require_sso, providers })
}

/// Who else to log out of: the provider of the session, with the ID token it gave.
pub struct SignedInBy {
    pub provider: ProviderId,
    pub id_token: Option<String>,
}

/// Ends the session; tells whose word it stood on.
///
/// # Errors
/// `permission_denied` unless a session calls.
pub async fn logout(app: &App, principal: &Principal) -> Result<Option<SignedInBy>> {
    let (_, session) = by_session(principal)?;
    let mut tx = principal.begin(&app.database).await?;
    let sso = sessions::get_sso(&mut tx, principal.org, session).await?;
    if sessions::revoke(&mut tx, principal.org, session).await? {
        let entry = Entry::success("session.logout").on(session, &principal.name);
        audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    }
    tx.commit().await?;
    let place = id_token_place(principal.org, session);
    Ok(sso.map(|sso| {
        let opened = sso.id_token_encrypted.and_then(|sealed| app.sealer.open(&place, &sealed).ok());
        let id_token = opened.and_then(|token| String::from_utf8(token).ok());
        SignedInBy { provider: sso.sso_provider_id, id_token }
    }))
}

fn by_session(principal: &Principal) -> Result<(UserId, SessionId)> {
    match principal.actor {
        Actor::User { id, session } => Ok((id, session)),
        Actor::ApiKey { .. } => {
            Err(Error::new(Code::PermissionDenied, "this is for log-ins, not for API keys")
                .with("permission", "session"))
        }
    }
}

/// All there is to say about the caller.
pub struct Me {
    pub user: Option<UserRow>,
    pub api_key: Option<ApiKeyRow>,
    pub session: Option<SessionRow>,
    pub organization: OrganizationRow,
    pub roles: Vec<AssignmentRow>,
    pub teams: Vec<MembershipRow>,
    pub permissions: Vec<String>,
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
    };
    if let Some(user) = principal.user() {
        me.user = users::get(&mut tx, org, user).await?;
        me.roles = roles::list_of_user(&mut tx, org, user).await?;
        me.teams = users::memberships(&mut tx, org, user).await?;
    }
    match principal.actor {
        Actor::User { session, .. } => me.session = sessions::get(&mut tx, org, session).await?,
        Actor::ApiKey { id, .. } => {
            let any = crate::auth::Reach::everything();
            me.api_key = api_keys::get(&mut tx, org, &any, id, false).await?;
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

#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordForm {
    #[schema(required)]
    pub current_password: String,
    #[schema(required, min_length = 12, max_length = 128)]
    pub new_password: String,
}

impl Form for PasswordForm {
    const REQUIRED: &'static [&'static str] = &["current_password", "new_password"];

    fn check(&self, faults: &mut Faults) {
        faults.length("new_password", &self.new_password, 12..=128);
    }
}

/// Changes the caller's password and ends their other sessions.
///
/// # Errors
/// `invalid_credentials` when the current one is wrong; `invalid_state` of an account without a password.
pub async fn change_password(app: &App, principal: &Principal, form: PasswordForm) -> Result<()> {
    let (id, session) = by_session(principal)?;
    let mut tx = principal.begin(&app.database).await?;
    let user = users::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    if user.password_hash.is_none() {
        return Err(Error::invalid_state(
            "sso",
            "this account logs in by single sign-on and has no password",
        ));
    }
    let attempt = Attempt::begin(app, &user.email, principal.origin.ip).await?;
    if !password::verify(form.current_password, user.password_hash).await? {
        attempt.fail(app).await;
        return Err(Error::new(Code::InvalidCredentials, "the current password is wrong"));
    }
    attempt.succeed(app).await;
    let hash = password::hash(form.new_password).await?;

    let mut tx = principal.begin(&app.database).await?;
    users::update_password(&mut tx, principal.org, id, &hash).await?;
    let ended = sessions::revoke_all(&mut tx, principal.org, id, Some(session)).await?;
    let details = json!({"password": "changed", "sessions_ended": ended});
    let entry = Entry::success("user.update").on(id, user.email).details(details);
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(())
}
