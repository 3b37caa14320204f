//! Looking at a server: what it offers goes to the catalogue, how it is goes to its health.

use chrono::Utc;
use serde_json::{Value, json};

use super::{reached, upstream, upstream_error};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{OrgId, ServerId},
    mcp::{self, Extent, Fault, Visit},
    service::{
        audit::{self, Author, Entry},
        catalogue::{self, Changes},
    },
    store::{
        self, outbox,
        servers::{Health, ServerRow},
    },
};

/// Reads the catalogue because somebody asked (contract 3.6).
///
/// # Errors
/// `upstream_error` when the server cannot be read; its health says so too.
pub async fn refresh(app: &App, principal: &Principal, server: &str) -> Result<Changes> {
    let reach = principal.require("servers:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = reached(store::servers::get(&mut tx, principal.org, server).await?, &reach)?;
    let entry = Entry::success("job.run").on(row.id, &row.name).details(json!({"type": "tool_discovery"}));
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    let name = row.name.clone();
    match look(app, row).await? {
        Outcome::Read(changes) => Ok(changes),
        Outcome::Unreadable(fault) => Err(upstream_error(&name, &fault)),
        Outcome::Overtaken => {
            Err(Error::invalid_state("changed", "the server was changed meanwhile; try again"))
        }
    }
}

/// Looks at a server on the clock's behalf; whether it was well.
///
/// # Errors
/// The database's.
pub async fn discover(app: &App, org: OrgId, server: ServerId) -> Result<bool> {
    let mut tx = app.database.tenant(org).await?;
    let row = store::servers::get(&mut tx, org, &server.to_string()).await?;
    tx.commit().await?;
    match row {
        Some(row) if row.settings.enabled => Ok(!matches!(look(app, row).await?, Outcome::Unreadable(_))),
        _ => Ok(true),
    }
}

/// A proxy asks for a visit at most so often that one server is visited once in this time.
const VISIT_AT_MOST_EVERY_SECONDS: i32 = 30;

/// What a proxy met in the server's list of tools, in the server's own words, that it did not know. Something else was
/// missing from the list if it `is_incomplete`: only a visit can tell what is gone.
///
/// # Errors
/// `not_found` when the organization has no such server.
pub async fn report(
    app: &App,
    org: OrgId,
    server: ServerId,
    definitions: &[Value],
    is_incomplete: bool,
) -> Result<()> {
    let mut tx = app.database.tenant(org).await?;
    let row = store::servers::get_for_update(&mut tx, org, &server.to_string()).await?;
    let row = row.ok_or_else(Error::not_found)?;
    if !definitions.is_empty() {
        catalogue::record_met(&mut tx, &row, definitions, Utc::now()).await?;
    }
    if is_incomplete {
        store::servers::want_visit(&mut tx, org, row.id, VISIT_AT_MOST_EVERY_SECONDS).await?;
    }
    tx.commit().await?;
    Ok(())
}

enum Outcome {
    Read(Changes),
    Unreadable(Fault),
    /// The server was changed or removed while we looked: what we saw may be of another one.
    Overtaken,
}

async fn look(app: &App, row: ServerRow) -> Result<Outcome> {
    let (org, id, version) = (row.org_id, row.id, row.version);
    let visited = match upstream::upstream(&upstream::revealed(&app.sealer, row)?) {
        Ok(upstream) => mcp::visit(&upstream, Extent::Everything).await,
        Err(fault) => Err(fault),
    };
    let now = Utc::now();
    let mut tx = app.database.tenant(org).await?;
    let row = store::servers::get_for_update(&mut tx, org, &id.to_string()).await?;
    let Some(row) = row.filter(|row| row.version == version) else { return Ok(Outcome::Overtaken) };
    let (health, outcome) = match visited {
        Ok(visit) => {
            let changes = catalogue::record(&mut tx, &row, &visit, now).await?;
            (seen(visit), Outcome::Read(changes))
        }
        Err(fault) => {
            let error = Some(fault.to_string());
            let unhealthy = Health {
                health: "unhealthy".to_owned(),
                health_latency_ms: None,
                health_error: error,
                ..row.health.clone()
            };
            (unhealthy, Outcome::Unreadable(fault))
        }
    };
    let health = Health { health_checked_at: Some(now), ..health };
    store::servers::update_health(&mut tx, org, id, &health).await?;
    if let Some(event) = turn(&row.health.health, &health.health) {
        outbox::insert(&mut tx, org, event, &told(&row, &health)).await?;
    }
    tx.commit().await?;
    tell(&row, &health);
    Ok(outcome)
}

/// A server that answers but keeps a list back is degraded.
fn seen(visit: Visit) -> Health {
    let failed = [
        ("resources", &visit.resources),
        ("resource templates", &visit.templates),
        ("prompts", &visit.prompts),
    ];
    let failed = failed
        .into_iter()
        .find_map(|(list, read)| read.as_ref().err().map(|fault| format!("{list}: {fault}")));
    Health {
        health: if failed.is_some() { "degraded" } else { "healthy" }.to_owned(),
        health_checked_at: None,
        health_latency_ms: i32::try_from(visit.latency.as_millis()).ok(),
        health_error: failed,
        protocol_version: Some(visit.greeting.protocol_version),
        server_info: visit.greeting.server_info,
        capabilities: Some(Value::Object(visit.greeting.capabilities)),
    }
}

/// What is worth telling those who asked (contract 4.8).
fn turn(before: &str, now: &str) -> Option<&'static str> {
    match (before == "unhealthy", now == "unhealthy") {
        (false, true) => Some("server.unhealthy"),
        (true, false) => Some("server.recovered"),
        _ => None,
    }
}

fn told(row: &ServerRow, now: &Health) -> Value {
    json!({
        "id": row.id,
        "org_id": row.org_id,
        "name": row.name,
        "display_name": row.settings.display_name,
        "health": {
            "status": now.health,
            "checked_at": now.health_checked_at,
            "latency_ms": now.health_latency_ms,
            "error": now.health_error,
        },
    })
}

fn tell(row: &ServerRow, now: &Health) {
    let error = now.health_error.as_deref().unwrap_or_default();
    match (row.health.health == now.health, now.health.as_str()) {
        (true, _) => {}
        (false, "healthy") => {
            tracing::info!(server.name = row.name, org.id = %row.org_id, "MCP server is healthy")
        }
        (false, status) => {
            tracing::warn!(server.name = row.name, org.id = %row.org_id, status, error, "MCP server is not healthy");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    fn only_what_turns_is_told() {
        assert_eq!(turn("healthy", "unhealthy"), Some("server.unhealthy"));
        assert_eq!(turn("unknown", "unhealthy"), Some("server.unhealthy"));
        assert_eq!(turn("unhealthy", "degraded"), Some("server.recovered"));
        for (before, now) in [("unhealthy", "unhealthy"), ("unknown", "healthy"), ("healthy", "degraded")] {
            assert_eq!(turn(before, now), None, "{before} {now}");
        }
    }
}
