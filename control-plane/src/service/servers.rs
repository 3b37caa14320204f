//! Decisions about MCP servers: who may, what changes, what is sealed, what is written down.

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::{Principal, Reach},
    error::{Code, Error, Result},
    id::{OrgId, ServerId},
    mcp::{self, Extent, Fault},
    rest::{
        etag::IfMatch,
        form::Patch,
        query::AnyOf,
        servers::{ServerFilters, form::ServerForm},
    },
    service::audit::{self, Author, Entry},
    store::{
        self,
        page::{Found, Page},
        prices::PriceRow,
        servers::{Filter, Health, Maker, ServerRow},
    },
};

mod columns;
mod discovery;
mod environment;
mod pricing;
mod upstream;

pub use discovery::{discover, refresh, report};
pub use environment::apply_environment;

/// A server with the prices in force.
#[derive(Clone, Debug)]
pub struct Server {
    pub row: ServerRow,
    pub prices: Vec<PriceRow>,
}

impl Server {
    /// Its editable fields; a stored secret shows as kept.
    #[must_use]
    pub fn form(&self) -> ServerForm {
        columns::form(self)
    }
}

/// The servers a permission reaches; none means all.
#[must_use]
pub fn within(reach: &Reach) -> Option<Vec<ServerId>> {
    (!reach.everything).then(|| reach.servers.clone())
}

pub async fn list(
    app: &App,
    principal: &Principal,
    filters: &ServerFilters,
    page: &Page,
) -> Result<Found<Server>> {
    let filter = Filter {
        within: within(&principal.require("servers:read")?),
        enabled: filters.enabled.as_ref().map(|AnyOf(values)| values.clone()),
        health: filters
            .health
            .as_ref()
            .map(|AnyOf(values)| values.iter().map(|one| one.as_str().to_owned()).collect()),
        tags: filters.tag.as_ref().map(|AnyOf(tags)| tags.clone()),
        q: filters.q.clone(),
    };
    let mut tx = principal.begin(&app.database).await?;
    let found = store::servers::list(&mut tx, principal.org, &filter, page).await?;
    let ids: Vec<_> = found.rows.iter().map(|row| row.id).collect();
    let prices = store::prices::list_current(&mut tx, principal.org, &ids).await?;
    Ok(found.map(|row| {
        let prices = prices.iter().filter(|price| price.server_id == row.id).cloned().collect();
        Server { row, prices }
    }))
}

pub async fn get(app: &App, principal: &Principal, server: &str) -> Result<Server> {
    let reach = principal.require("servers:read")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = store::servers::get(&mut tx, principal.org, server).await?;
    with_prices(&mut tx, reached(row, &reach)?).await
}

pub async fn create(app: &App, principal: &Principal, form: ServerForm) -> Result<Server> {
    principal.require_everywhere("servers:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let maker = Maker { created_by: principal.user(), managed_by: "api" };
    let server = insert(&mut tx, app, principal.org, form, maker, &Author::from(principal)).await?;
    tx.commit().await?;
    tracing::info!(server.name = server.row.name, org.id = %principal.org, "MCP server added");
    Ok(server)
}

pub async fn update(
    app: &App,
    principal: &Principal,
    server: &str,
    if_match: &IfMatch,
    patch: Patch<ServerForm>,
) -> Result<Server> {
    let reach = principal.require("servers:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = find_for_update(&mut tx, principal.org, server, &reach).await?;
    if_match.check(current.row.version)?;
    let form = patch.onto(&current.form())?;
    environment::refuse_change(app, &current, &form)?;
    let updated = write(&mut tx, app, &current, form, &Author::from(principal)).await?;
    tx.commit().await?;
    Ok(updated)
}

pub async fn delete(app: &App, principal: &Principal, server: &str, if_match: &IfMatch) -> Result<()> {
    let reach = principal.require("servers:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = find_for_update(&mut tx, principal.org, server, &reach).await?;
    let row = &current.row;
    if_match.check(row.version)?;
    if row.managed_by != "api" {
        let message = "the server comes from the environment; take its MCP_SERVER_ variables away instead";
        return Err(Error::new(Code::Immutable, message));
    }
    store::servers::delete(&mut tx, principal.org, row.id).await?;
    let entry = Entry::success("mcp_server.delete").on(row.id, &row.name).gone(&current.form());
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    tracing::info!(server.name = row.name, org.id = %principal.org, "MCP server removed");
    Ok(())
}

/// What trying a server came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = McpServerTrial)]
pub struct Trial {
    pub ok: bool,
    #[schema(required)]
    pub latency_ms: Option<i64>,
    #[schema(required)]
    pub protocol_version: Option<String>,
    #[schema(required, value_type = Option<Object>)]
    pub server_info: Option<Value>,
    #[schema(required, value_type = Option<Object>)]
    pub capabilities: Option<Value>,
    #[schema(required)]
    pub tools_count: Option<usize>,
    #[schema(required)]
    pub error: Option<String>,
}

/// A server that is not saved.
pub async fn try_out(app: &App, principal: &Principal, form: ServerForm) -> Result<Trial> {
    principal.require_everywhere("servers:admin")?;
    // Sealing refuses a secret that is neither given nor stored.
    columns::settings(&form, &app.sealer, principal.org, ServerId::new(), None)?;
    Ok(trial(&form).await)
}

/// A server as it is saved.
pub async fn test(app: &App, principal: &Principal, server: &str) -> Result<Trial> {
    let reach = principal.require("servers:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = reached(store::servers::get(&mut tx, principal.org, server).await?, &reach)?;
    tx.commit().await?;
    Ok(trial(&upstream::revealed(&app.sealer, row)?).await)
}

async fn trial(form: &ServerForm) -> Trial {
    let visited = match upstream::upstream(form) {
        Ok(upstream) => mcp::visit(&upstream, Extent::Tools).await,
        Err(fault) => Err(fault),
    };
    match visited {
        Ok(visit) => Trial {
            ok: true,
            latency_ms: i64::try_from(visit.latency.as_millis()).ok(),
            protocol_version: Some(visit.greeting.protocol_version),
            server_info: visit.greeting.server_info,
            capabilities: Some(Value::Object(visit.greeting.capabilities)),
            tools_count: Some(visit.tools.len()),
            error: None,
        },
        Err(fault) => Trial {
            ok: false,
            latency_ms: None,
            protocol_version: None,
            server_info: None,
            capabilities: None,
            tools_count: None,
            error: Some(fault.to_string()),
        },
    }
}

async fn insert(
    conn: &mut PgConnection,
    app: &App,
    org: OrgId,
    mut form: ServerForm,
    maker: Maker,
    author: &Author,
) -> Result<Server> {
    columns::tidy(&mut form);
    let id = ServerId::new();
    let settings = columns::settings(&form, &app.sealer, org, id, None)?;
    store::servers::insert(conn, org, id, &form.name, &settings, maker).await?;
    pricing::set(conn, org, id, None, &form.pricing).await?;
    let entry = Entry::success("mcp_server.create").on(id, &form.name).changes(&json!({}), &json!(form));
    audit::record(conn, org, author, entry).await?;
    let row = store::servers::get(conn, org, &id.to_string()).await?.ok_or_else(Error::not_found)?;
    with_prices(conn, row).await
}

/// Writes a form over what there is; one that changes nothing writes nothing.
async fn write(
    conn: &mut PgConnection,
    app: &App,
    current: &Server,
    mut form: ServerForm,
    author: &Author,
) -> Result<Server> {
    columns::tidy(&mut form);
    let (org, id) = (current.row.org_id, current.row.id);
    let (before, stored) = (current.form(), &current.row.settings);
    let settings = columns::settings(&form, &app.sealer, org, id, Some(stored))?;
    if settings == *stored && form.pricing == before.pricing {
        return Ok(current.clone());
    }
    store::servers::update(conn, org, id, &settings).await?;
    if !settings.reaches_as(stored) {
        let unknown = Health {
            health: "unknown".to_owned(),
            health_checked_at: None,
            health_latency_ms: None,
            health_error: None,
            protocol_version: None,
            server_info: None,
            capabilities: None,
        };
        store::servers::update_health(conn, org, id, &unknown).await?;
    }
    pricing::set(conn, org, id, Some(&before.pricing), &form.pricing).await?;
    let entry = Entry::success("mcp_server.update").on(id, &form.name).changes(&before, &form);
    audit::record(conn, org, author, entry).await?;
    let row = store::servers::get(conn, org, &id.to_string()).await?.ok_or_else(Error::not_found)?;
    with_prices(conn, row).await
}

async fn find_for_update(conn: &mut PgConnection, org: OrgId, server: &str, reach: &Reach) -> Result<Server> {
    let row = store::servers::get_for_update(conn, org, server).await?;
    with_prices(conn, reached(row, reach)?).await
}

/// What the caller cannot reach does not exist for them.
fn reached(row: Option<ServerRow>, reach: &Reach) -> Result<ServerRow> {
    row.filter(|row| reach.everything || reach.servers.contains(&row.id)).ok_or_else(Error::not_found)
}

async fn with_prices(conn: &mut PgConnection, row: ServerRow) -> Result<Server> {
    let prices = store::prices::list_current(conn, row.org_id, &[row.id]).await?;
    Ok(Server { row, prices })
}

/// The answer when a server could not be read (contract 1.4).
fn upstream_error(server: &str, fault: &Fault) -> Error {
    let error = Error::new(Code::UpstreamError, format!("{server}: {fault}"))
        .with("mcp_server", server)
        .with("reason", fault.reason());
    match fault {
        Fault::Refused { code, message, .. } => {
            error.with("jsonrpc", json!({"code": code, "message": message}))
        }
        _ => error,
    }
}
