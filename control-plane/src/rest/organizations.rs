//! `/v1/organizations`: for platform administrators (contract 3.2).

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::Body,
    invites::IssuedInvite,
    list::{Filters, List, ListParameters, PageInfo},
    organization::Organization,
    query::{AnyOf, Asked},
    respond::Once,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    service::organizations::{self, Created, NewOrganizationForm},
    store::{self, organizations::Filter, page::SortKey},
};

#[cfg(test)]
mod tests;

#[derive(Serialize, ToSchema)]
struct Organizations {
    organizations: Vec<Organization>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Serialize, ToSchema)]
struct CreatedOrganization {
    organization: Organization,
    /// For its administrator.
    invite: IssuedInvite,
}

impl From<Created> for CreatedOrganization {
    fn from(created: Created) -> Self {
        Self { organization: created.organization.into(), invite: created.invite.into() }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrganizationFilters {
    name: Option<AnyOf<String>>,
    slug: Option<AnyOf<String>>,
    /// In the name or the slug.
    q: Option<String>,
}

impl Filters for OrganizationFilters {
    const SORT: &'static [SortKey] = store::organizations::SORT;
}

impl From<&OrganizationFilters> for Filter {
    fn from(filters: &OrganizationFilters) -> Self {
        Self { names: filters.name.values(), slugs: filters.slug.values(), q: filters.q.clone() }
    }
}

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list, create))
}

/// All organizations there are.
#[utoipa::path(get, path = "/v1/organizations", operation_id = "listOrganizations", tag = "organization",
    params(ListParameters, OrganizationFilters), responses((status = 200, body = Organizations)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<OrganizationFilters>,
) -> Result<Json<Organizations>> {
    let found = organizations::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(Organizations { organizations: found.rows.into_iter().map(Organization::from).collect(), page }))
}

/// Make an organization; the link for its administrator is in this answer only, and mailed where there is a mail
/// server.
#[utoipa::path(post, path = "/v1/organizations", operation_id = "createOrganization", tag = "organization",
    request_body = NewOrganizationForm, responses((status = 201, body = CreatedOrganization)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<NewOrganizationForm>,
) -> Result<Response> {
    let created = CreatedOrganization::from(organizations::create(&app, &principal, form).await?);
    Ok(Once(&["invite.accept_url"]).mark((StatusCode::CREATED, Json(created))))
}
