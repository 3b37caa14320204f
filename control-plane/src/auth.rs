//! Who is calling and what they may do.

use chrono::{Duration, Utc};
use http::{HeaderMap, Method, header};
use sqlx::PgConnection;

use crate::{
    app::App,
    error::{Code, Error, Result},
    id::{OrgId, UserId},
    settings::Settings,
    store::{roles, settings, users, users::UserRow},
};

pub mod api_key;
pub mod cookie;
pub mod derived;
mod ed25519;
pub mod mcp_token;
pub mod password;
pub mod permission;
pub mod principal;
pub mod session;
pub mod sign_in_cookie;
pub mod throttle;
pub mod token;

pub use permission::Reach;
pub use principal::{Actor, Credential, Origin, Principal};

use permission::{Grant, GrantScope, Grants};

/// Who sent a request with these headers. A key takes precedence over a cookie (contract 1.6).
///
/// # Errors
/// Why nobody: a code of 401 or 403, or the database is away.
pub async fn authenticate(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    origin: Origin,
) -> Result<Principal> {
    match credential(app, headers)? {
        Shown::Key(key) => api_key::authenticate(app, key, origin, Noted::Yes).await,
        Shown::Session(token) => {
            session::check_request(app, method, headers, &token)?;
            session::authenticate(app, &token, origin, Noted::Yes).await
        }
    }
}

/// Who sent a request that is still being answered, as of now. It is no use of the credential: a page that is left open
/// keeps no session alive.
///
/// # Errors
/// Why nobody any more, or the database is away.
pub async fn authenticate_again(app: &App, headers: &HeaderMap, origin: Origin) -> Result<Principal> {
    match credential(app, headers)? {
        Shown::Key(key) => api_key::authenticate(app, key, origin, Noted::No).await,
        Shown::Session(token) => session::authenticate(app, &token, origin, Noted::No).await,
    }
}

/// Whether the use of a credential is written down.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Noted {
    Yes,
    No,
}

enum Shown<'a> {
    Key(&'a str),
    Session(String),
}

fn credential<'a>(app: &App, headers: &'a HeaderMap) -> Result<Shown<'a>> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let bearer = authorization.to_str().ok().and_then(|value| {
            let (scheme, credential) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
        });
        return bearer.map(Shown::Key).ok_or_else(|| {
            Error::new(Code::InvalidCredentials, "the Authorization header must be `Bearer gwo_...`")
        });
    }
    let token = session::token(headers, app.config.cookie_secure);
    token.map(Shown::Session).ok_or_else(|| Error::new(Code::MissingCredentials, "send an API key or log in"))
}

/// All that a user was granted: by roles, by team memberships, by being a platform administrator.
///
/// # Errors
/// The database's.
pub async fn grants_of_user(conn: &mut PgConnection, org: OrgId, user: &UserRow) -> Result<Grants> {
    let mut held = Vec::new();
    for assignment in roles::list_of_user(conn, org, user.id).await? {
        let scope = match (assignment.scope_type.as_str(), assignment.scope_id) {
            ("global", None) => GrantScope::Global,
            ("team", Some(id)) => GrantScope::Team(crate::id::TeamId(id)),
            ("server", Some(id)) => GrantScope::Server {
                id: crate::id::ServerId(id),
                name: assignment.server_name.unwrap_or_default(),
            },
            _ => continue,
        };
        let grants = assignment.permissions.into_iter();
        held.extend(grants.map(|permission| Grant { permission, scope: scope.clone() }));
    }
    if user.is_platform_admin {
        held.push(Grant::global("platform:admin"));
    }
    Ok(Grants::new(held))
}

/// The user behind a credential, who must be active.
async fn active_user(conn: &mut PgConnection, org: OrgId, id: UserId) -> Result<UserRow> {
    let user = users::get(conn, org, id).await?;
    match user {
        Some(user) if user.is_suspended() => {
            Err(Error::new(Code::UserSuspended, "this account is suspended"))
        }
        Some(user) => Ok(user),
        None => Err(Error::new(Code::InvalidCredentials, "the account is gone")),
    }
}

/// The organization lets nobody in from elsewhere, whatever they show (contract 3.2).
async fn check_address(conn: &mut PgConnection, org: OrgId, origin: &Origin) -> Result<()> {
    let stored = settings::get(conn, org).await?.ok_or_else(Error::not_found)?;
    Settings::read(&stored)?.security.check_address(origin.ip)
}

/// How long a session lasts for these settings (contract 3.2), bounded by `SESSION_DURATION`.
#[must_use]
pub fn session_duration(app: &App, settings: &Settings) -> Duration {
    let bound = Duration::from_std(app.config.session_duration).unwrap_or(Duration::MAX);
    Duration::seconds(settings.security.session_seconds).min(bound)
}

/// The time, asked for once per request and handed down.
fn now() -> chrono::DateTime<Utc> {
    Utc::now()
}
