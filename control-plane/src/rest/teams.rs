//! `/v1/teams` (contract 3.3).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{OrgId, TeamId, UserId},
    service::teams::{self, TeamForm},
    store::{
        self,
        page::SortKey,
        teams::{Filter, TeamRow},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, update, delete))
}

#[derive(Serialize, ToSchema)]
struct Team {
    id: TeamId,
    org_id: OrgId,
    name: String,
    slug: String,
    description: String,
    #[schema(value_type = Object)]
    settings: Value,
    member_count: i64,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

impl From<TeamRow> for Team {
    fn from(row: TeamRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            name: row.name,
            slug: row.slug,
            description: row.description,
            settings: row.settings,
            member_count: row.member_count,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Teams {
    teams: Vec<Team>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TeamFilters {
    name: Option<AnyOf<String>>,
    slug: Option<AnyOf<String>>,
    /// In name, slug and description.
    q: Option<String>,
}

impl Filters for TeamFilters {
    const SORT: &'static [SortKey] = store::teams::SORT;
}

impl From<&TeamFilters> for Filter {
    fn from(filters: &TeamFilters) -> Self {
        Self { names: filters.name.values(), slugs: filters.slug.values(), q: filters.q.clone() }
    }
}

/// The teams the caller may see.
#[utoipa::path(get, path = "/v1/teams", operation_id = "listTeams", tag = "teams",
    params(ListParameters, TeamFilters), responses((status = 200, body = Teams)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<TeamFilters>,
) -> Result<Json<Teams>> {
    let found = teams::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Teams { teams: found.rows.into_iter().map(Team::from).collect(), page }))
}

/// Make a team.
#[utoipa::path(post, path = "/v1/teams", operation_id = "createTeam", tag = "teams",
    request_body = TeamForm, responses((status = 201, body = Team)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<TeamForm>,
) -> Result<Created<Team>> {
    let row = teams::create(&app, &principal, form).await?;
    let location = format!("/v1/teams/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/teams/{id}", operation_id = "getTeam", tag = "teams",
    params(("id" = TeamId, Path)), responses((status = 200, body = Team)))]
async fn get(State(app): State<Arc<App>>, principal: Principal, Id(id): Id<TeamId>) -> Result<Tagged<Team>> {
    let row = teams::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(patch, path = "/v1/teams/{id}", operation_id = "updateTeam", tag = "teams",
    params(("id" = TeamId, Path)), request_body = TeamForm, responses((status = 200, body = Team)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<TeamId>,
    if_match: IfMatch,
    patch: Patch<TeamForm>,
) -> Result<Tagged<Team>> {
    let row = teams::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Remove a team, its memberships and what was granted on it; its keys stay, without a team.
#[utoipa::path(delete, path = "/v1/teams/{id}", operation_id = "deleteTeam", tag = "teams",
    params(("id" = TeamId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<TeamId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    teams::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}
