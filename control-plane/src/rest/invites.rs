//! `/v1/users/invites` (contract 3.3).

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    auth::{Me, begin_session},
    form::Body,
    list::{Filters, List, ListParameters},
    query::AnyOf,
    respond::{Created, Id, Once},
};
use crate::{
    app::App,
    auth::{Origin, Principal},
    error::Result,
    id::InviteId,
    service::invites::{self, AcceptForm, InviteForm, LookupForm, Status},
    store::{self, page::SortKey},
};

#[cfg(test)]
mod tests;
mod view;

pub(super) use view::IssuedInvite;
use view::{Invite, Invites, Lookup};

/// What only the first answer shows.
const LINK: Once = Once(&["accept_url"]);

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(invite))
        .routes(routes!(list, create))
        .routes(routes!(resend))
        .routes(routes!(revoke))
        .routes(routes!(look_up))
        .routes(routes!(accept))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InviteFilters {
    status: Option<AnyOf<Status>>,
}

impl Filters for InviteFilters {
    const SORT: &'static [SortKey] = store::invites::SORT;
}

/// Invite somebody; the link is in this answer only, and mailed where there is a mail server.
#[utoipa::path(post, path = "/v1/users/invite", operation_id = "inviteUser", tag = "users",
    request_body = InviteForm, responses((status = 201, body = IssuedInvite)))]
async fn invite(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<InviteForm>,
) -> Result<Response> {
    let issued = invites::create(&app, &principal, form).await?;
    let location = format!("/v1/users/invites/{}", issued.row.id);
    Ok(LINK.mark(Created { location, version: None, body: IssuedInvite::from(issued) }))
}

/// The same as `POST /v1/users/invite`.
#[utoipa::path(post, path = "/v1/users/invites", operation_id = "createInvite", tag = "users",
    request_body = InviteForm, responses((status = 201, body = IssuedInvite)))]
async fn create(app: State<Arc<App>>, principal: Principal, form: Body<InviteForm>) -> Result<Response> {
    invite(app, principal, form).await
}

#[utoipa::path(get, path = "/v1/users/invites", operation_id = "listInvites", tag = "users",
    params(ListParameters, InviteFilters), responses((status = 200, body = Invites)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<InviteFilters>,
) -> Result<Json<Invites>> {
    let statuses: Option<Vec<_>> =
        list.filters.status.as_ref().map(|any| any.0.iter().map(|one| one.as_str().to_owned()).collect());
    let found = invites::list(&app, &principal, statuses.as_deref(), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Invites { invites: found.rows.into_iter().map(Invite::from).collect(), page }))
}

/// Draw another link; the one before is dead.
#[utoipa::path(post, path = "/v1/users/invites/{id}/resend", operation_id = "resendInvite", tag = "users",
    params(("id" = InviteId, Path)), responses((status = 200, body = IssuedInvite)))]
async fn resend(State(app): State<Arc<App>>, principal: Principal, Id(id): Id<InviteId>) -> Result<Response> {
    let issued = invites::resend(&app, &principal, id).await?;
    Ok(LINK.mark(Json(IssuedInvite::from(issued))))
}

/// Withdraw an invite.
#[utoipa::path(delete, path = "/v1/users/invites/{id}", operation_id = "deleteInvite", tag = "users",
    params(("id" = InviteId, Path)), responses((status = 204)))]
async fn revoke(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<InviteId>,
) -> Result<StatusCode> {
    invites::revoke(&app, &principal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an invite is about, for the page that its link leads to.
#[utoipa::path(post, path = "/v1/users/invites/lookup", operation_id = "lookUpInvite", tag = "users",
    request_body = LookupForm, responses((status = 200, body = Lookup)), security(()))]
async fn look_up(
    State(app): State<Arc<App>>,
    origin: Origin,
    Body(form): Body<LookupForm>,
) -> Result<Json<Lookup>> {
    Ok(Json(invites::look_up(&app, &origin, &form).await?.into()))
}

/// Join by an invite: makes the account and sets the session cookie.
#[utoipa::path(post, path = "/v1/users/invites/accept", operation_id = "acceptInvite", tag = "users",
    request_body = AcceptForm, responses((status = 201, body = Me)), security(()))]
async fn accept(
    State(app): State<Arc<App>>,
    origin: Origin,
    headers: HeaderMap,
    Body(form): Body<AcceptForm>,
) -> Result<Response> {
    let logged_in = invites::accept(&app, &headers, origin, form).await?;
    let answer = begin_session(&app, StatusCode::CREATED, &logged_in).await?;
    Ok(Once(&["csrf_token"]).mark(answer))
}
