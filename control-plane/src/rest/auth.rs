//! `/v1/auth`: logging in and out, and the caller's own account (contract 3.1).

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::{Body, Patch},
    query::Query,
};
use crate::{
    app::App,
    auth::{Origin, Principal, session},
    error::Result,
    id::ProviderId,
    oidc::Kind,
    service::{
        login::{self, LoggedIn, LoginForm},
        password::{self, PasswordForm},
        profile::{self, ProfileForm},
        sso_logout, sso_providers,
    },
};

mod me;
#[cfg(test)]
mod tests;

pub(super) use me::Me;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(config))
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(get_me, update_me))
        .routes(routes!(change_password))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ConfigParameters {
    /// The organization's slug. Where there is one organization only, it need not be named.
    organization: Option<String>,
}

/// How one can log in.
#[derive(Serialize, ToSchema)]
struct LoginConfig {
    local_login: bool,
    sso_required: bool,
    providers: Vec<LoginProvider>,
}

#[derive(Serialize, ToSchema)]
struct LoginProvider {
    id: ProviderId,
    r#type: Kind,
    name: String,
    authorize_url: String,
}

/// How one can log in, for the log-in page.
#[utoipa::path(get, path = "/v1/auth/config", operation_id = "getAuthConfig", tag = "auth",
    params(ConfigParameters), responses((status = 200, body = LoginConfig)), security(()))]
async fn config(
    State(app): State<Arc<App>>,
    Query(parameters): Query<ConfigParameters>,
) -> Result<Json<LoginConfig>> {
    let methods = login::methods(&app, parameters.organization.as_deref()).await?;
    let providers = methods.providers.into_iter().map(|row| LoginProvider {
        authorize_url: sso_providers::authorize_url(&app, row.id),
        id: row.id,
        r#type: Kind::of(&row.settings.r#type),
        name: row.settings.name,
    });
    Ok(Json(LoginConfig {
        local_login: methods.local_login,
        sso_required: methods.sso_required,
        providers: providers.collect(),
    }))
}

/// Log in with a password: sets the session cookie.
#[utoipa::path(post, path = "/v1/auth/login", operation_id = "login", tag = "auth",
    request_body = LoginForm, responses((status = 200, body = Me)), security(()))]
async fn login(
    State(app): State<Arc<App>>,
    origin: Origin,
    headers: HeaderMap,
    Body(form): Body<LoginForm>,
) -> Result<Response> {
    let logged_in = login::login(&app, &headers, origin, form).await?;
    begin_session(&app, StatusCode::OK, &logged_in).await
}

/// Who has just logged in, with the cookie of their session.
pub(super) async fn begin_session(app: &App, status: StatusCode, logged_in: &LoggedIn) -> Result<Response> {
    let me = profile::me(app, &logged_in.principal).await?;
    let me = Me::new(me, &logged_in.principal, Some(app.derived.csrf_token(&logged_in.token)));
    let cookie = session::cookie(&app.config, Some(&logged_in.token), logged_in.lifetime);
    Ok((status, [(header::SET_COOKIE, cookie)], Json(me)).into_response())
}

#[derive(Serialize, ToSchema)]
struct LoggedOut {
    /// Where to log out of the identity provider as well.
    #[schema(required)]
    logout_url: Option<String>,
}

/// End the session.
#[utoipa::path(post, path = "/v1/auth/logout", operation_id = "logout", tag = "auth",
    responses((status = 200, body = LoggedOut)), security(("session" = [])))]
async fn logout(State(app): State<Arc<App>>, principal: Principal) -> Result<Response> {
    let provider = login::logout(&app, &principal).await?;
    let logout_url = match provider {
        Some(provider) => sso_logout::logout_url(&app, principal.org, provider).await,
        None => None,
    };
    let cookie = session::cookie(&app.config, None, chrono::Duration::zero());
    Ok(([(header::SET_COOKIE, cookie)], Json(LoggedOut { logout_url })).into_response())
}

/// Who calls, and what they may do.
#[utoipa::path(get, path = "/v1/auth/me", operation_id = "getMe", tag = "auth",
    responses((status = 200, body = Me)))]
async fn get_me(State(app): State<Arc<App>>, principal: Principal, headers: HeaderMap) -> Result<Json<Me>> {
    show_me(&app, &principal, &headers).await
}

/// Change the name, the picture or the preferences.
#[utoipa::path(patch, path = "/v1/auth/me", operation_id = "updateMe", tag = "auth",
    request_body = ProfileForm, responses((status = 200, body = Me)))]
async fn update_me(
    State(app): State<Arc<App>>,
    principal: Principal,
    headers: HeaderMap,
    patch: Patch<ProfileForm>,
) -> Result<Json<Me>> {
    profile::update_me(&app, &principal, patch).await?;
    show_me(&app, &principal, &headers).await
}

async fn show_me(app: &App, principal: &Principal, headers: &HeaderMap) -> Result<Json<Me>> {
    let me = profile::me(app, principal).await?;
    let by_cookie = me.session.is_some();
    let token = session::token(headers, app.config.cookie_secure).filter(|_| by_cookie);
    Ok(Json(Me::new(me, principal, token.map(|token| app.derived.csrf_token(&token)))))
}

/// Change one's password; the other sessions end.
#[utoipa::path(post, path = "/v1/auth/password", operation_id = "changePassword", tag = "auth",
    request_body = PasswordForm, responses((status = 204)), security(("session" = [])))]
async fn change_password(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<PasswordForm>,
) -> Result<StatusCode> {
    password::change_password(&app, &principal, form).await?;
    Ok(StatusCode::NO_CONTENT)
}
