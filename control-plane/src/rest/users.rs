//! `/v1/users` (contract 3.3). Invites are in `invites`.

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::Patch,
    list::{Filters, List, ListParameters},
    query::{AnyOf, Asked},
    respond::Id,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{TeamId, UserId},
    service::users::{self, Status, UserForm},
    store::{
        page::SortKey,
        users::directory::{self, Filter},
    },
};

#[cfg(test)]
mod tests;
mod view;

use view::{User, Users};

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get, update, delete))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilters {
    status: Option<AnyOf<Status>>,
    /// The name of their highest global role.
    role: Option<AnyOf<String>>,
    team_id: Option<AnyOf<TeamId>>,
    /// In the e-mail address or the name.
    q: Option<String>,
}

impl Filters for UserFilters {
    const SORT: &'static [SortKey] = directory::SORT;
}

impl From<&UserFilters> for Filter {
    fn from(filters: &UserFilters) -> Self {
        let status = |one: &Status| one.as_str().to_owned();
        Self {
            statuses: filters.status.as_ref().map(|any| any.0.iter().map(status).collect()),
            roles: filters.role.values(),
            teams: filters.team_id.as_ref().map(|any| any.0.iter().map(|id| id.0).collect()),
            q: filters.q.clone(),
        }
    }
}

/// The users the caller may see.
#[utoipa::path(get, path = "/v1/users", operation_id = "listUsers", tag = "users",
    params(ListParameters, UserFilters), responses((status = 200, body = Users)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<UserFilters>,
) -> Result<Json<Users>> {
    let found = users::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Users { users: found.rows.into_iter().map(User::from).collect(), page }))
}

#[utoipa::path(get, path = "/v1/users/{id}", operation_id = "getUser", tag = "users",
    params(("id" = UserId, Path)), responses((status = 200, body = User)))]
async fn get(State(app): State<Arc<App>>, principal: Principal, Id(id): Id<UserId>) -> Result<Tagged<User>> {
    let person = users::get(&app, &principal, id).await?;
    Ok(Tagged(person.row.version, person.into()))
}

/// Rename, suspend or readmit a user; proxies refuse a suspended one's keys within two seconds.
#[utoipa::path(patch, path = "/v1/users/{id}", operation_id = "updateUser", tag = "users",
    params(("id" = UserId, Path)), request_body = UserForm, responses((status = 200, body = User)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<UserId>,
    if_match: IfMatch,
    patch: Patch<UserForm>,
) -> Result<Tagged<User>> {
    let person = users::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(person.row.version, person.into()))
}

/// Delete a user, end their sessions and revoke their personal keys; what they did stays in traces and costs.
#[utoipa::path(delete, path = "/v1/users/{id}", operation_id = "deleteUser", tag = "users",
    params(("id" = UserId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<UserId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    users::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
