//! `/v1/sso/providers` (contract 3.14).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    etag::{IfMatch, Tagged},
    form::{Body, Patch},
    list::{Filters, List, ListParameters, PageInfo},
    query::{AnyOf, Asked},
    respond::{Created, Id},
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::ProviderId,
    service::sso_providers::{self, SsoProviderForm, Trial},
    store::{
        self,
        page::SortKey,
        sso_providers::{Filter, ProviderRow},
    },
};

#[cfg(test)]
mod tests;
mod view;

use view::SsoProvider;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(test))
}

#[derive(Serialize, ToSchema)]
struct SsoProviders {
    providers: Vec<SsoProvider>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SsoProviderFilters {
    r#type: Option<AnyOf<String>>,
    enabled: Option<AnyOf<bool>>,
    /// In the name or the issuer.
    q: Option<String>,
}

impl Filters for SsoProviderFilters {
    const SORT: &'static [SortKey] = store::sso_providers::SORT;
}

impl From<&SsoProviderFilters> for Filter {
    fn from(filters: &SsoProviderFilters) -> Self {
        Self { types: filters.r#type.values(), enabled: filters.enabled.values(), q: filters.q.clone() }
    }
}

/// The organization's identity providers.
#[utoipa::path(get, path = "/v1/sso/providers", operation_id = "listSsoProviders", tag = "sso",
    params(ListParameters, SsoProviderFilters), responses((status = 200, body = SsoProviders)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<SsoProviderFilters>,
) -> Result<Json<SsoProviders>> {
    let found = sso_providers::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    let providers = found.rows.into_iter().map(|row| SsoProvider::new(&app, row)).collect();
    Ok(Json(SsoProviders { providers, page }))
}

/// Add an identity provider. It can sign people in as anybody here, so that this takes every permission (`*`).
#[utoipa::path(post, path = "/v1/sso/providers", operation_id = "createSsoProvider", tag = "sso",
    request_body = SsoProviderForm, responses((status = 201, body = SsoProvider)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<SsoProviderForm>,
) -> Result<Created<SsoProvider>> {
    let row = sso_providers::create(&app, &principal, form).await?;
    let location = format!("/v1/sso/providers/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: SsoProvider::new(&app, row) })
}

#[utoipa::path(get, path = "/v1/sso/providers/{id}", operation_id = "getSsoProvider", tag = "sso",
    params(("id" = ProviderId, Path)), responses((status = 200, body = SsoProvider)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ProviderId>,
) -> Result<Tagged<SsoProvider>> {
    Ok(tagged(&app, sso_providers::get(&app, &principal, id).await?))
}

/// Change a provider, with every permission (`*`) unless it is `enabled: false` alone. Switched off, or as another
/// issuer or client, it ends the sessions it began; another issuer or client is another directory, too: whoever is linked
/// is found by their address anew, and an issuer is given its secret anew.
#[utoipa::path(patch, path = "/v1/sso/providers/{id}", operation_id = "updateSsoProvider", tag = "sso",
    params(("id" = ProviderId, Path)), request_body = SsoProviderForm,
    responses((status = 200, body = SsoProvider)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ProviderId>,
    if_match: IfMatch,
    patch: Patch<SsoProviderForm>,
) -> Result<Tagged<SsoProvider>> {
    Ok(tagged(&app, sso_providers::update(&app, &principal, id, &if_match, patch).await?))
}

/// Remove a provider, its sessions and what its group mappings granted. This takes every permission (`*`).
#[utoipa::path(delete, path = "/v1/sso/providers/{id}", operation_id = "deleteSsoProvider", tag = "sso",
    params(("id" = ProviderId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ProviderId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    sso_providers::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask the provider for its document and its keys.
#[utoipa::path(post, path = "/v1/sso/providers/{id}/test", operation_id = "testSsoProvider", tag = "sso",
    params(("id" = ProviderId, Path)), responses((status = 200, body = Trial)))]
async fn test(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ProviderId>,
) -> Result<Json<Trial>> {
    Ok(Json(sso_providers::test(&app, &principal, id).await?))
}

fn tagged(app: &App, row: ProviderRow) -> Tagged<SsoProvider> {
    Tagged(row.version, SsoProvider::new(app, row))
}
