//! Logging in with a password, and logging out (contract 3.1).

use std::time::Instant;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{Actor, Origin, Principal, password, session::check_origin, throttle::Attempt},
    error::{Code, Error, Result},
    id::{OrgId, ProviderId, SessionId, UserId},
    rest::form::{Faults, Form},
    settings::Settings,
    store::{
        self,
        organizations::{self, OrganizationRow},
        sessions,
        sso_providers::{self, ProviderRow},
        users::{self, Login},
    },
};

mod session;

pub use session::LoggedIn;
use session::id_token_place;
pub(super) use session::{Proof, open};

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
    match begin(app, origin.clone(), login.org_id, login.user_id).await {
        Ok(logged_in) => {
            attempt.succeed(app).await;
            Ok(logged_in)
        }
        Err(error) => {
            note_refusal(app, &origin, login, &error).await?;
            Err(error)
        }
    }
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

/// The password was right and they may not come in; as often as they like, so that there is a limit to the rows.
async fn note_refusal(app: &App, origin: &Origin, login: &Login, error: &Error) -> Result<()> {
    let may_not = error.code.http() == StatusCode::FORBIDDEN;
    if !may_not || !app.refusals.count(login.org_id.0, Instant::now()) {
        return Ok(());
    }
    let mut tx = app.database.tenant(login.org_id).await?;
    let email = users::get(&mut tx, login.org_id, login.user_id).await?.map(|user| user.email);
    let author = Author::of("user", Some(login.user_id.0), email.clone(), origin);
    let details = json!({"auth_method": "password", "reason": error.code.name()});
    let entry = Entry::refused("session.login_failed", "denied").details(details);
    audit::record(&mut tx, login.org_id, &author, entry.on(login.user_id, email.unwrap_or_default())).await?;
    tx.commit().await?;
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

/// Who calls, if it is by a log-in.
pub(super) fn by_session(principal: &Principal) -> Result<(UserId, SessionId)> {
    match principal.actor {
        Actor::User { id, session } => Ok((id, session)),
        Actor::ApiKey { .. } => {
            Err(Error::new(Code::PermissionDenied, "this is for log-ins, not for API keys")
                .with("permission", "session"))
        }
    }
}
