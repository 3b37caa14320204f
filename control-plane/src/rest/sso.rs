//! `/v1/sso/authorize`, `/callback`, `/backchannel-logout`: where browsers and identity providers come to (contract 3.1).

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{form::read_body, query::Query, respond::Id};
use crate::{
    app::App,
    auth::{Origin, session, sign_in_cookie},
    error::{Error, Result},
    id::ProviderId,
    oidc::Reason,
    service::{
        sso_login::{self, Answer, Refused},
        sso_logout,
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(authorize))
        .routes(routes!(callback))
        .routes(routes!(backchannel_logout))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AuthorizeParameters {
    /// A path of this site to go to afterwards; by default `/`.
    redirect: Option<String>,
}

/// Begin to sign in: sends the browser to the identity provider.
#[utoipa::path(get, path = "/v1/sso/authorize/{provider_id}", operation_id = "authorizeSso", tag = "sso",
    params(("provider_id" = ProviderId, Path), AuthorizeParameters),
    responses((status = 302, description = "to the identity provider, or to the log-in page")), security(()))]
async fn authorize(
    State(app): State<Arc<App>>,
    Id(provider): Id<ProviderId>,
    Query(parameters): Query<AuthorizeParameters>,
    origin: Origin,
    headers: HeaderMap,
) -> Result<Response> {
    let redirect = parameters.redirect.as_deref().unwrap_or("/");
    match sso_login::begin(&app, provider, redirect, &origin).await? {
        Ok(begun) => {
            let mut cookies = sign_in_cookie::clear_excess(&app.config, &headers);
            cookies.push(sign_in_cookie::set(&app.config, &begun.state, Some(&begun.sealed)));
            found(&begun.url, &cookies)
        }
        Err(refused) => found(&login_page(&refused, &origin), &[]),
    }
}

/// End of signing in: begins the session, or goes to the log-in page with `error` and `request_id`.
#[utoipa::path(get, path = "/v1/sso/callback/{provider_id}", operation_id = "completeSso", tag = "sso",
    params(("provider_id" = ProviderId, Path),
        ("code" = Option<String>, Query), ("state" = Option<String>, Query), ("error" = Option<String>, Query),
        ("iss" = Option<String>, Query, description = "Whose answer this is (RFC 9207).")),
    responses((status = 302, description = "to where the person wanted to go, or to the log-in page")), security(()))]
async fn callback(
    State(app): State<Arc<App>>,
    Id(provider): Id<ProviderId>,
    origin: Origin,
    headers: HeaderMap,
    request: Request,
) -> Result<Response> {
    let answer = answer(request.uri().query().unwrap_or_default());
    let state = answer.state.clone().unwrap_or_default();
    let cookie = sign_in_cookie::read(&headers, &state, app.config.cookie_secure);
    let over = sign_in_cookie::set(&app.config, &state, None);
    match sso_login::complete(&app, provider, origin.clone(), cookie, answer).await {
        Ok(completed) => {
            let logged_in = &completed.logged_in;
            let session = session::cookie(&app.config, Some(&logged_in.token), logged_in.lifetime);
            found(&completed.redirect, &[session, over])
        }
        Err(refused) => found(&login_page(&refused, &origin), &[over]),
    }
}

/// Providers add parameters of their own (`session_state`, `scope`), which are none of our business.
fn answer(query: &str) -> Answer {
    let mut answer = Answer { code: None, state: None, iss: None, error: None };
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = match &*name {
            "code" => &mut answer.code,
            "state" => &mut answer.state,
            "iss" => &mut answer.iss,
            "error" => &mut answer.error,
            _ => continue,
        };
        place.get_or_insert_with(|| value.into_owned());
    }
    answer
}

/// It says what went wrong, and knows whose it is.
fn login_page(refused: &Refused, origin: &Origin) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("error", refused.refusal.reason.code()).append_pair("request_id", &origin.request_id);
    if let Some(redirect) = refused.redirect.as_deref().filter(|redirect| *redirect != "/") {
        query.append_pair("redirect", redirect);
    }
    if let Some(organization) = &refused.organization {
        query.append_pair("organization", organization);
    }
    format!("/login?{}", query.finish())
}

fn found(location: &str, cookies: &[HeaderValue]) -> Result<Response> {
    let mut response = StatusCode::FOUND.into_response();
    let location = HeaderValue::try_from(location).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    Ok(response)
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the body; it is read by name")]
struct BackchannelLogoutForm {
    /// OpenID Connect Back-Channel Logout 1.0 §2.4.
    logout_token: String,
}

/// An identity provider says that somebody has logged out there.
#[utoipa::path(post, path = "/v1/sso/backchannel-logout/{provider_id}", operation_id = "backchannelLogout", tag = "sso",
    params(("provider_id" = ProviderId, Path)),
    request_body(content = BackchannelLogoutForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "their sessions have ended")), security(()))]
async fn backchannel_logout(
    State(app): State<Arc<App>>,
    Id(provider): Id<ProviderId>,
    origin: Origin,
    request: Request,
) -> Result<StatusCode> {
    let (parts, body) = request.into_parts();
    let body = read_body(&parts.headers, body).await?;
    let token = form_urlencoded::parse(&body).find(|(name, _)| name == "logout_token");
    let (_, token) = token.ok_or_else(|| Error::invalid_request("send a logout_token as form data"))?;
    match sso_logout::hear(&app, provider, &token, &origin).await {
        Ok(()) => Ok(StatusCode::OK),
        Err(refusal) => {
            tracing::info!(
                sso_provider.id = %provider, request.id = origin.request_id, reason = refusal.reason.code(),
                detail = %refusal.detail, "a logout token was refused"
            );
            Err(match refusal.reason {
                Reason::Ours(code) => Error::new(code, refusal.detail),
                Reason::ProviderUnreachable => Error::unavailable("identity provider"),
                _ => Error::invalid_request(refusal.detail).with("reason", refusal.reason.code()),
            })
        }
    }
}
