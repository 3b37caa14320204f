//! `/v1/telemetry/exporters` (contract 3.14).

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
    value::Time,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::{ExporterId, OrgId, UserId},
    service::telemetry_exporters::{self, Protocol, Signal, TelemetryExporterForm, Trial},
    store::{
        self,
        page::SortKey,
        telemetry_exporters::{ExporterRow, Filter},
    },
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(test))
}

#[derive(Serialize, ToSchema)]
struct TelemetryExporter {
    id: ExporterId,
    org_id: OrgId,
    name: String,
    protocol: Protocol,
    endpoint: String,
    headers_set: bool,
    signals: Vec<Signal>,
    sample_ratio: f64,
    batch_size: i32,
    batch_timeout_ms: i32,
    enabled: bool,
    stats: TelemetryExporterStats,
    created_at: Time,
    updated_at: Time,
    version: i32,
    #[schema(required)]
    created_by: Option<UserId>,
    managed_by: String,
}

/// How it fares, in spans.
#[derive(Serialize, ToSchema)]
struct TelemetryExporterStats {
    /// Taken by the receiver.
    exported: i64,
    /// Refused by it for good.
    failed: i64,
    /// Given up, because the receiver was away for more than a day.
    dropped: i64,
    #[schema(required)]
    last_export_at: Option<Time>,
    /// Null once something was sent after it.
    #[schema(required)]
    last_error: Option<String>,
}

impl From<ExporterRow> for TelemetryExporter {
    fn from(row: ExporterRow) -> Self {
        let form = TelemetryExporterForm::from(&row.settings);
        Self {
            id: row.id,
            org_id: row.org_id,
            name: form.name,
            protocol: form.protocol,
            endpoint: form.endpoint,
            headers_set: row.settings.headers_encrypted.is_some(),
            signals: form.signals,
            sample_ratio: form.sample_ratio,
            batch_size: form.batch_size,
            batch_timeout_ms: form.batch_timeout_ms,
            enabled: form.enabled,
            stats: TelemetryExporterStats {
                exported: row.exported,
                failed: row.failed,
                dropped: row.dropped,
                last_export_at: row.last_export_at.map(Time),
                last_error: row.last_error,
            },
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
            created_by: row.created_by,
            managed_by: row.managed_by,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct TelemetryExporters {
    exporters: Vec<TelemetryExporter>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TelemetryExporterFilters {
    name: Option<AnyOf<String>>,
    protocol: Option<AnyOf<Protocol>>,
    enabled: Option<AnyOf<bool>>,
    /// In name and endpoint.
    q: Option<String>,
}

impl Filters for TelemetryExporterFilters {
    const SORT: &'static [SortKey] = store::telemetry_exporters::SORT;
}

impl From<&TelemetryExporterFilters> for Filter {
    fn from(filters: &TelemetryExporterFilters) -> Self {
        Self {
            names: filters.name.values(),
            protocols: filters.protocol.words(),
            enabled: filters.enabled.values(),
            q: filters.q.clone(),
        }
    }
}

/// Where the organization has its spans sent.
#[utoipa::path(get, path = "/v1/telemetry/exporters", operation_id = "listTelemetryExporters", tag = "telemetry",
    params(ListParameters, TelemetryExporterFilters), responses((status = 200, body = TelemetryExporters)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<TelemetryExporterFilters>,
) -> Result<Json<TelemetryExporters>> {
    let found = telemetry_exporters::list(&app, &principal, &Filter::from(&list.filters), &list.page).await?;
    let page = list.info(&found);
    Ok(Json(TelemetryExporters { exporters: found.rows.into_iter().map(Into::into).collect(), page }))
}

/// Have spans sent to a receiver of OTLP, from now on.
#[utoipa::path(post, path = "/v1/telemetry/exporters", operation_id = "createTelemetryExporter", tag = "telemetry",
    request_body = TelemetryExporterForm, responses((status = 201, body = TelemetryExporter)))]
async fn create(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<TelemetryExporterForm>,
) -> Result<Created<TelemetryExporter>> {
    let row = telemetry_exporters::create(&app, &principal, form).await?;
    let location = format!("/v1/telemetry/exporters/{}", row.id);
    Ok(Created { location, version: Some(row.version), body: row.into() })
}

#[utoipa::path(get, path = "/v1/telemetry/exporters/{id}", operation_id = "getTelemetryExporter", tag = "telemetry",
    params(("id" = ExporterId, Path)), responses((status = 200, body = TelemetryExporter)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ExporterId>,
) -> Result<Tagged<TelemetryExporter>> {
    let row = telemetry_exporters::get(&app, &principal, id).await?;
    Ok(Tagged(row.version, row.into()))
}

/// Change an exporter. Headers stay as they are unless they are named, and are given anew with another receiver. One that
/// is switched on again begins with what arrives then.
#[utoipa::path(patch, path = "/v1/telemetry/exporters/{id}", operation_id = "updateTelemetryExporter",
    tag = "telemetry", params(("id" = ExporterId, Path)), request_body = TelemetryExporterForm,
    responses((status = 200, body = TelemetryExporter)))]
async fn update(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ExporterId>,
    if_match: IfMatch,
    patch: Patch<TelemetryExporterForm>,
) -> Result<Tagged<TelemetryExporter>> {
    let row = telemetry_exporters::update(&app, &principal, id, &if_match, patch).await?;
    Ok(Tagged(row.version, row.into()))
}

#[utoipa::path(delete, path = "/v1/telemetry/exporters/{id}", operation_id = "deleteTelemetryExporter",
    tag = "telemetry", params(("id" = ExporterId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ExporterId>,
    if_match: IfMatch,
) -> Result<StatusCode> {
    telemetry_exporters::delete(&app, &principal, id, &if_match).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send the receiver an empty batch: whether it is there, speaks the protocol and lets us in.
#[utoipa::path(post, path = "/v1/telemetry/exporters/{id}/test", operation_id = "testTelemetryExporter",
    tag = "telemetry", params(("id" = ExporterId, Path)), responses((status = 200, body = Trial)))]
async fn test(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<ExporterId>,
) -> Result<Json<Trial>> {
    Ok(Json(telemetry_exporters::test(&app, &principal, id).await?))
}
