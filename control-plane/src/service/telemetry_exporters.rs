//! Where an organization has its spans sent (contract 3.14). The work itself is in [`crate::exporters`].

use std::collections::BTreeMap;
use std::time::Instant;

use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    exporters::{self, Receiver},
    id::{ExporterId, OrgId},
    rest::{etag::IfMatch, form::Patch},
    seal::{Place, Sealer},
    store::{
        page::{Found, Page},
        telemetry_exporters::{self, ExporterRow, Filter, Settings, progress},
    },
};

mod form;

pub use form::{Protocol, Signal, TelemetryExporterForm};

/// What trying an exporter came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TelemetryExporterTrial)]
pub struct Trial {
    pub ok: bool,
    pub latency_ms: u64,
    #[schema(required)]
    pub error: Option<String>,
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<ExporterRow>> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(telemetry_exporters::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: ExporterId) -> Result<ExporterRow> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    telemetry_exporters::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `validation_error`, `conflict`.
pub async fn create(app: &App, principal: &Principal, form: TelemetryExporterForm) -> Result<ExporterRow> {
    principal.require_everywhere("settings:admin")?;
    check_endpoint(app, &form)?;
    let (org, id) = (principal.org, ExporterId::new());
    let settings = form.settings(seal(&app.sealer, org, id, form.headers.as_ref()));
    let mut tx = principal.begin(&app.database).await?;
    telemetry_exporters::insert(&mut tx, org, id, principal.user(), &settings).await?;
    let entry =
        Entry::success("telemetry_exporter.create").details(TelemetryExporterForm::audited(&settings));
    let row = told(&mut tx, principal, id, entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: ExporterId,
    if_match: &IfMatch,
    patch: Patch<TelemetryExporterForm>,
) -> Result<ExporterRow> {
    principal.require_everywhere("settings:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = telemetry_exporters::lock(&mut tx, org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let before = current.settings;
    let names_headers = patch.changes().contains_key("headers");
    let form = patch.onto(&TelemetryExporterForm::from(&before))?;
    check_endpoint(app, &form)?;
    let headers = match names_headers {
        true => seal(&app.sealer, org, id, form.headers.as_ref()),
        false => before.headers_encrypted.clone(),
    };
    if !names_headers && headers.is_some() && !is_same_place(&before.endpoint, &form.endpoint) {
        let message = "were meant for another receiver: give them anew, or null";
        return Err(Error::invalid_field("headers", "required", message));
    }
    let after = form.settings(headers);
    telemetry_exporters::update(&mut tx, org, id, &after).await?;
    progress::restart(&mut tx, org, id, after.enabled && !before.enabled).await?;
    let entry = Entry::success("telemetry_exporter.update")
        .changes(&TelemetryExporterForm::audited(&before), &TelemetryExporterForm::audited(&after));
    let row = told(&mut tx, principal, id, entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(app: &App, principal: &Principal, id: ExporterId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("settings:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current =
        telemetry_exporters::lock(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let entry =
        Entry::success("telemetry_exporter.delete").gone(&TelemetryExporterForm::audited(&current.settings));
    told(&mut tx, principal, id, entry).await?;
    telemetry_exporters::delete(&mut tx, principal.org, id).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks the receiver to take no spans at all: whether it can be reached, speaks the protocol and lets us in.
///
/// # Errors
/// `permission_denied`, `not_found`.
pub async fn test(app: &App, principal: &Principal, id: ExporterId) -> Result<Trial> {
    principal.require_everywhere("settings:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = telemetry_exporters::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    let receiver = receiver(&app.sealer, principal.org, id, &row.settings)?;
    let began = Instant::now();
    let outcome = exporters::send(&app.egress, &receiver, Vec::new()).await;
    let latency_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let error = outcome.err().map(|refusal| refusal.message);
    Ok(Trial { ok: error.is_none(), latency_ms, error })
}

/// The receiver as requests need it.
///
/// # Errors
/// Its headers were sealed under another key.
pub fn receiver(sealer: &Sealer, org: OrgId, id: ExporterId, settings: &Settings) -> Result<Receiver> {
    let headers = match &settings.headers_encrypted {
        Some(sealed) => {
            let plain = sealer.open(&place(org, id), sealed).map_err(Error::internal)?;
            serde_json::from_slice(&plain).map_err(Error::internal)?
        }
        None => BTreeMap::new(),
    };
    let (protocol, endpoint) = (Protocol::of(&settings.protocol), settings.endpoint.clone());
    Ok(Receiver { protocol, endpoint, headers })
}

fn place(org: OrgId, id: ExporterId) -> Place {
    Place { table: "telemetry_configs", column: "headers_encrypted", row: id.0, org: Some(org) }
}

fn seal(
    sealer: &Sealer,
    org: OrgId,
    id: ExporterId,
    headers: Option<&BTreeMap<String, String>>,
) -> Option<Vec<u8>> {
    let headers = headers.filter(|headers| !headers.is_empty())?;
    Some(sealer.seal(&place(org, id), json!(headers).to_string().as_bytes()))
}

fn check_endpoint(app: &App, form: &TelemetryExporterForm) -> Result<()> {
    match app.egress.check(&form.endpoint) {
        Ok(_) => Ok(()),
        Err(error) => Err(Error::invalid_field("endpoint", "format", error.to_string())),
    }
}

/// Whether what is sent to one may be sent to the other.
fn is_same_place(one: &str, other: &str) -> bool {
    let origin = |text: &str| url::Url::parse(text).ok().map(|url| url.origin());
    origin(one).is_some_and(|one| Some(one) == origin(other))
}

/// Writes the audit row and answers the exporter as it is now.
async fn told(
    conn: &mut PgConnection,
    principal: &Principal,
    id: ExporterId,
    entry: Entry,
) -> Result<ExporterRow> {
    let row = telemetry_exporters::get(conn, principal.org, id).await?.ok_or_else(Error::not_found)?;
    let entry = entry.on(id, &row.settings.name);
    audit::record(conn, principal.org, &Author::from(principal), entry).await?;
    Ok(row)
}
