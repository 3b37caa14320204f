//! Dashboard sessions: a random token in a cookie, its SHA-256 in the database, CSRF for unsafe methods (contract 1.6).

use axum::http::{HeaderMap, HeaderValue, Method, header};
use chrono::Duration;

use super::{
    Actor, Credential, Noted, Origin, Principal, active_user, check_address, cookie, grants_of_user, now,
    token::hash,
};
use crate::{
    app::App,
    config::Config,
    error::{Code, Error, Result},
    store::{self, sessions, sessions::SessionRow},
};

/// Of a session's token.
pub const PREFIX: &str = "gws_";
const CSRF_HEADER: &str = "x-csrf-token";

fn cookie_name(secure: bool) -> String {
    cookie::name("gwo_session", secure)
}

/// The session token of a request, if it has one.
#[must_use]
pub fn token(headers: &HeaderMap, secure: bool) -> Option<String> {
    cookie::read(headers, &cookie_name(secure)).map(str::to_owned)
}

/// `Set-Cookie` that begins a session, or ends it when there is no token.
#[must_use]
pub fn cookie(config: &Config, token: Option<&str>, lifetime: Duration) -> HeaderValue {
    cookie::set(&cookie_name(config.cookie_secure), token, lifetime.num_seconds(), config.cookie_secure)
}

/// Whether a page of ours sent it, where it may change something.
///
/// # Errors
/// No CSRF token, a foreign origin.
pub fn check_request(app: &App, method: &Method, headers: &HeaderMap, token: &str) -> Result<()> {
    if !method.is_safe() {
        check_origin(&app.config, headers)?;
        let csrf = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !app.derived.csrf_matches(token, csrf) {
            let message = "send the csrf_token of GET /v1/auth/me as X-CSRF-Token";
            return Err(Error::new(Code::CsrfFailed, message));
        }
    }
    Ok(())
}

/// # Errors
/// Why the session is not good: ended, too old, its user suspended.
pub async fn authenticate(app: &App, token: &str, origin: Origin, noted: Noted) -> Result<Principal> {
    let now = now();
    let mut tx = app.database.outside().await?;
    let session = sessions::find_by_hash(&mut tx, &hash(token)).await?;
    let session =
        session.ok_or_else(|| Error::new(Code::InvalidCredentials, "there is no such session; log in"))?;
    check_life(&session, now, Duration::from_std(app.config.session_idle_timeout).unwrap_or(Duration::MAX))?;

    let org = session.org_id;
    store::enter(&mut tx, org).await?;
    check_address(&mut tx, org, &origin).await?;
    let user = active_user(&mut tx, org, session.user_id).await?;
    let grants = grants_of_user(&mut tx, org, &user).await?;
    if noted == Noted::Yes {
        sessions::touch(&mut tx, org, &session, now).await?;
    }
    tx.commit().await?;
    Ok(Principal {
        org,
        actor: Actor::User { id: user.id, session: session.id },
        name: user.email,
        grants,
        origin,
        credential: Credential { ends_at: Some(session.expires_at), secret: None },
    })
}

fn check_life(session: &SessionRow, now: chrono::DateTime<chrono::Utc>, idle: Duration) -> Result<()> {
    if session.revoked_at.is_some() {
        return Err(Error::new(Code::RevokedCredentials, "this session was ended; log in again"));
    }
    if session.expires_at <= now || now - session.last_active_at > idle {
        return Err(Error::new(Code::ExpiredCredentials, "this session is over; log in again"));
    }
    Ok(())
}

/// Same-origin or listed (contract 1.6). A client that is no browser sends none.
///
/// # Errors
/// `origin_not_allowed`.
pub fn check_origin(config: &Config, headers: &HeaderMap) -> Result<()> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // Behind a TLS terminator we do not see the scheme; the host is what another site cannot have.
    let same_host = origin.split_once("://").is_some_and(|(_, authority)| Some(authority) == host);
    let listed = config.cors_allowed_origins.iter().any(|allowed| allowed.trim_end_matches('/') == origin);
    if same_host || listed || origin == config.public_url {
        return Ok(());
    }
    Err(Error::new(Code::OriginNotAllowed, "requests from this origin are not allowed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn the_cookie_is_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; __Host-gwo_session=gws_x; c=d".parse().unwrap());
        assert_eq!(token(&headers, true).as_deref(), Some("gws_x"));
        assert_eq!(token(&headers, false), None);
    }

    #[test]
    fn a_secure_cookie_says_so() {
        let mut config = testing::config();
        config.cookie_secure = true;
        let cookie = cookie(&config, Some("gws_x"), Duration::hours(1));
        assert_eq!(cookie, "__Host-gwo_session=gws_x; HttpOnly; SameSite=Lax; Path=/; Max-Age=3600; Secure");
    }

    #[test]
    fn only_our_own_and_listed_origins_are_allowed() {
        let mut config = testing::config();
        config.cors_allowed_origins = vec!["https://ops.example.com".into()];
        let check = |origin: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, "gateway.example.com".parse().unwrap());
            headers.insert(header::ORIGIN, origin.parse().unwrap());
            check_origin(&config, &headers).is_ok()
        };
        assert!(check("https://gateway.example.com") && check("https://ops.example.com"));
        assert!(
            !check("https://evil.example") && !check("null") && !check("https://gateway.example.com.evil")
        );
    }
}
