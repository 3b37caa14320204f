//! REST: the audit log (contract 3.14): who changed what, and the proof that the record of it was not changed.

use std::sync::Arc;

use axum::{Json, extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    export::{Encoder, Export, ExportParameters, Format, download},
    list::{Aggregate, List, ListParameters, PageInfo},
    query::{One, Query},
    respond::Id,
    window::TimeParameters,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::AuditId,
    service::audit::{
        lines::{AuditLine, HeadLine, Line},
        log,
    },
    store::{
        audit::list::{Filter, SORT},
        page::Page,
    },
};

mod encode;
mod filters;
#[cfg(test)]
mod tests;
mod view;

use encode::{Evidence, Table};
use filters::AuditFilters;
use view::{AuditStats, PublicKeys, Verification};

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(stats))
        .routes(routes!(export))
        .routes(routes!(verify))
        .routes(routes!(keys))
        .routes(routes!(head))
        .routes(routes!(get))
}

#[derive(Serialize, ToSchema)]
struct AuditLogs {
    audit_logs: Vec<AuditLine>,
    #[serde(flatten)]
    page: PageInfo,
}

/// What was done, by whom and with what outcome, newest first.
#[utoipa::path(get, path = "/v1/audit-logs", operation_id = "listAuditLogs", tag = "audit",
    params(ListParameters, AuditFilters), responses((status = 200, body = AuditLogs)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<AuditFilters>,
) -> Result<Json<AuditLogs>> {
    let found = log::list(&app, &principal, &list.page, &list.filters.clone().into()).await?;
    let page = list.info(&found);
    Ok(Json(AuditLogs { audit_logs: found.rows.into_iter().map(Into::into).collect(), page }))
}

/// One row.
#[utoipa::path(get, path = "/v1/audit-logs/{id}", operation_id = "getAuditLog", tag = "audit",
    params(("id" = AuditId, Path)), responses((status = 200, body = AuditLine)))]
async fn get(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<AuditId>,
) -> Result<Json<AuditLine>> {
    Ok(Json(log::get(&app, &principal, id).await?.into()))
}

/// How many rows there are, by action, outcome, kind of actor and day.
#[utoipa::path(get, path = "/v1/audit-logs/stats", operation_id = "getAuditLogStats", tag = "audit",
    params(TimeParameters, AuditFilters), responses((status = 200, body = AuditStats)))]
async fn stats(
    State(app): State<Arc<App>>,
    principal: Principal,
    Aggregate { window, filters }: Aggregate<AuditFilters>,
) -> Result<Json<AuditStats>> {
    let stats = log::stats(&app, &principal, &filters.into(), window.start, window.end).await?;
    Ok(Json(AuditStats::new(stats, window)))
}

/// The list as a file, oldest first. JSON lines without filters other than times also carry the signed heads and the
/// public keys, for `control-plane audit verify`.
#[utoipa::path(get, path = "/v1/audit-logs/export", operation_id = "exportAuditLogs", tag = "audit",
    params(ExportParameters, TimeParameters, AuditFilters),
    responses((status = 200, content_type = "text/csv", body = String)))]
async fn export(
    State(app): State<Arc<App>>,
    principal: Principal,
    Export { format, page, filters }: Export<AuditFilters>,
) -> Result<Response> {
    if format == Format::Otlp {
        return Err(Error::invalid_request("audit logs are exported as csv or jsonl"));
    }
    let filter = Filter::from(filters);
    let begun = log::begin_export(&app, &principal, filter, page.range, format.name()).await?;
    let encoder: Box<dyn Encoder<Line>> = match format {
        Format::Jsonl => Box::new(Evidence::new(&begun)),
        _ => Box::new(Table),
    };
    let page = Page { sort: SORT[1], descending: false, ..page };
    Ok(download("audit-logs", format, page, encoder, move |page| {
        let (app, principal, begun) = (Arc::clone(&app), principal.clone(), begun.clone());
        async move { log::export(&app, &principal, &page, &begun).await }
    }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct VerifyParameters {
    /// Instead of from the first row there is.
    #[param(value_type = Option<i64>, minimum = 1)]
    start_seq: Option<One<i64>>,
    /// Inclusive; instead of to the last row.
    #[param(value_type = Option<i64>, minimum = 1)]
    end_seq: Option<One<i64>>,
}

/// Whether the log is what was written: every row hashes to its hash and follows the one before, and no signed head
/// says otherwise.
#[utoipa::path(get, path = "/v1/audit-logs/verify", operation_id = "verifyAuditLogs", tag = "audit",
    params(VerifyParameters), responses((status = 200, body = Verification)))]
async fn verify(
    State(app): State<Arc<App>>,
    principal: Principal,
    Query(asked): Query<VerifyParameters>,
) -> Result<Json<Verification>> {
    let (start, end) = (asked.start_seq.map(|One(seq)| seq), asked.end_seq.map(|One(seq)| seq));
    Ok(Json(log::verify(&app, &principal, start, end).await?.into()))
}

/// The keys that heads are signed with, those of earlier times too.
#[utoipa::path(get, path = "/v1/audit-logs/keys", operation_id = "listAuditLogKeys", tag = "audit",
    responses((status = 200, body = PublicKeys)))]
async fn keys(State(app): State<Arc<App>>, principal: Principal) -> Result<Json<PublicKeys>> {
    let keys = log::keys(&app, &principal).await?;
    Ok(Json(PublicKeys { keys: keys.into_iter().map(Into::into).collect() }))
}

/// The newest signed head. Kept elsewhere, it proves the rows up to it even to whoever can no longer trust this
/// database: `control-plane audit verify EXPORT --head FILE`.
#[utoipa::path(get, path = "/v1/audit-logs/head", operation_id = "getAuditLogHead", tag = "audit",
    responses((status = 200, body = HeadLine)))]
async fn head(State(app): State<Arc<App>>, principal: Principal) -> Result<Json<HeadLine>> {
    Ok(Json((&log::head(&app, &principal).await?).into()))
}
