//! `/v1/teams/{id}/members` (contract 3.3).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id, Ids},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{TeamId, UserId},
    service::team_members::{self, TeamMemberForm, TeamRole},
    store::{
        self,
        page::SortKey,
        team_members::{Filter, TeamMemberRow},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(update, delete))
}

#[derive(Serialize, ToSchema)]
struct TeamMember {
    user_id: UserId,
    email: String,
    name: String,
    #[schema(value_type = TeamRole)]
    role: String,
    /// When they joined.
    created_at: Time,
}

impl From<TeamMemberRow> for TeamMember {
    fn from(row: TeamMemberRow) -> Self {
        Self {
            user_id: row.user_id,
            email: row.email,
            name: row.name,
            role: row.role,
            created_at: row.created_at.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct TeamMembers {
    members: Vec<TeamMember>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TeamMemberFilters {
    /// lead, member
    role: Option<AnyOf<TeamRole>>,
    user_id: Option<AnyOf<UserId>>,
    /// In name and e-mail address.
    q: Option<String>,
}

impl Filters for TeamMemberFilters {
    const SORT: &'static [SortKey] = store::team_members::SORT;
}

impl From<&TeamMemberFilters> for Filter {
    fn from(filters: &TeamMemberFilters) -> Self {
        Self { roles: filters.role.words(), users: filters.user_id.values(), q: filters.q.clone() }
    }
}

/// Who belongs to the team.
#[utoipa::path(get, path = "/v1/teams/{id}/members", operation_id = "listTeamMembers", tag = "teams",
    params(("id" = TeamId, Path), ListParameters, TeamMemberFilters), responses((status = 200, body = TeamMembers)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(team): Id<TeamId>,
    list: List<TeamMemberFilters>,
) -> Result<Json<TeamMembers>> {
    let filter = Filter::from(&list.filters);
    let found = team_members::list(&app, &principal, team, &filter, &list.page).await?;
    let page = list.info(&found);
    Ok(Json(TeamMembers { members: found.rows.into_iter().map(TeamMember::from).collect(), page }))
}

/// Take a user into the team.
#[utoipa::path(post, path = "/v1/teams/{id}/members", operation_id = "createTeamMember", tag = "teams",
    params(("id" = TeamId, Path)), request_body = TeamMemberForm, responses((status = 201, body = TeamMember)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(team): Id<TeamId>,
    Body(form): Body<TeamMemberForm>,
) -> Result<Created<TeamMember>> {
    let row = team_members::create(&app, &principal, team, form).await?;
    let location = format!("/v1/teams/{team}/members/{}", row.user_id);
    Ok(Created { location, version: None, body: row.into() })
}

/// Make a member a lead, or a lead a member.
#[utoipa::path(patch, path = "/v1/teams/{id}/members/{user_id}", operation_id = "updateTeamMember", tag = "teams",
    params(("id" = TeamId, Path), ("user_id" = UserId, Path)), request_body = TeamMemberForm,
    responses((status = 200, body = TeamMember)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Ids(team, user): Ids<TeamId, UserId>,
    patch: Patch<TeamMemberForm>,
) -> Result<Json<TeamMember>> {
    Ok(Json(team_members::update(&app, &principal, team, user, patch).await?.into()))
}

/// Take a user out of the team.
#[utoipa::path(delete, path = "/v1/teams/{id}/members/{user_id}", operation_id = "deleteTeamMember", tag = "teams",
    params(("id" = TeamId, Path), ("user_id" = UserId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Ids(team, user): Ids<TeamId, UserId>,
) -> Result<StatusCode> {
    team_members::delete(&app, &principal, team, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
