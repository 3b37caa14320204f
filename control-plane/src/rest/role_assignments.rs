//! `/v1/role-assignments` (contract 3.4).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    form::Body,
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{OrgId, RoleAssignmentId, RoleId, UserId},
    service::role_assignments::{self, RoleAssignmentForm, ScopeType},
    store::{
        self,
        page::SortKey,
        role_assignments::{Filter, RoleAssignmentRow},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(delete))
}

#[derive(Serialize, ToSchema)]
struct RoleAssignment {
    id: RoleAssignmentId,
    org_id: OrgId,
    user_id: UserId,
    role_id: RoleId,
    #[schema(value_type = ScopeType)]
    scope_type: String,
    /// The team or server; null when global.
    #[schema(required)]
    scope_id: Option<Uuid>,
    #[schema(required)]
    granted_by: Option<UserId>,
    created_at: Time,
}

impl From<RoleAssignmentRow> for RoleAssignment {
    fn from(row: RoleAssignmentRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            user_id: row.user_id,
            role_id: row.role_id,
            scope_type: row.scope_type,
            scope_id: row.scope_id,
            granted_by: row.granted_by,
            created_at: row.created_at.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
struct RoleAssignments {
    role_assignments: Vec<RoleAssignment>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RoleAssignmentFilters {
    user_id: Option<AnyOf<UserId>>,
    role_id: Option<AnyOf<RoleId>>,
    /// global, team, server
    scope_type: Option<AnyOf<ScopeType>>,
    scope_id: Option<AnyOf<Uuid>>,
}

impl Filters for RoleAssignmentFilters {
    const SORT: &'static [SortKey] = store::role_assignments::SORT;
}

impl From<&RoleAssignmentFilters> for Filter {
    fn from(filters: &RoleAssignmentFilters) -> Self {
        Self {
            users: filters.user_id.values(),
            roles: filters.role_id.values(),
            scope_types: filters.scope_type.words(),
            scopes: filters.scope_id.values(),
        }
    }
}

/// Who holds which role where; what memberships bring is not among them.
#[utoipa::path(get, path = "/v1/role-assignments", operation_id = "listRoleAssignments", tag = "role-assignments",
    params(ListParameters, RoleAssignmentFilters), responses((status = 200, body = RoleAssignments)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<RoleAssignmentFilters>,
) -> Result<Json<RoleAssignments>> {
    let found = role_assignments::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    let rows = found.rows.into_iter();
    Ok(Json(RoleAssignments { role_assignments: rows.map(RoleAssignment::from).collect(), page }))
}

/// Give a user a role, of no more than the caller holds there.
#[utoipa::path(post, path = "/v1/role-assignments", operation_id = "createRoleAssignment", tag = "role-assignments",
    request_body = RoleAssignmentForm, responses((status = 201, body = RoleAssignment)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<RoleAssignmentForm>,
) -> Result<Created<RoleAssignment>> {
    let row = role_assignments::create(&app, &principal, form).await?;
    let location = format!("/v1/role-assignments/{}", row.id);
    Ok(Created { location, version: None, body: row.into() })
}

/// Take a role from a user; the last administrator keeps theirs.
#[utoipa::path(delete, path = "/v1/role-assignments/{id}", operation_id = "deleteRoleAssignment",
    tag = "role-assignments", params(("id" = RoleAssignmentId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<RoleAssignmentId>,
) -> Result<StatusCode> {
    role_assignments::delete(&app, &principal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
