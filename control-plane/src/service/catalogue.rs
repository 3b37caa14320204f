//! What a server offers, compared with what it offered before. A definition is known by its hash; one that differs from
//! what was approved is `changed` and keeps what was approved, for the review to compare (contract 3.6, 4.3). Visits see
//! whole lists, proxies meet parts of them; both end here.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use gatewayops_proto::definition;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::tool_policies;
use crate::{
    error::{Error, Result},
    id::OrgId,
    mcp::Visit,
    service::approvals,
    settings::Change,
    store::{
        outbox,
        servers::ServerRow,
        tools::{self, EntryRow, FirstSight, Kind, Known, Seen},
    },
};

mod drift;
mod flags;

/// What the table can hold of a name or a URI.
const MAX_NAME: usize = 255;
const MAX_URI: usize = 2_048;
/// Rows a statement writes at once.
const BATCH: usize = 500;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
#[schema(as = CatalogueChanges)]
pub struct Changes {
    pub tools: Difference,
    pub resources: Difference,
    pub prompts: Difference,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, ToSchema)]
#[schema(as = CatalogueDifference)]
pub struct Difference {
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
}

/// How much of a server's list was seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Listing {
    /// All of it: what is not among it is not there any more.
    Whole,
    Part,
}

/// Writes down what a visit found. A list that could not be read is left as it was.
///
/// # Errors
/// The database's.
pub async fn record(
    conn: &mut PgConnection,
    server: &ServerRow,
    visit: &Visit,
    now: DateTime<Utc>,
) -> Result<Changes> {
    let mut changes = Changes::default();
    let tools = entries(Kind::Tool, &visit.tools)?;
    changes.tools = record_tools(conn, server, tools, Listing::Whole, now).await?;
    if let (Ok(resources), Ok(templates)) = (&visit.resources, &visit.templates) {
        let resources = entries(Kind::Resource, resources.iter().chain(templates))?;
        changes.resources = record_others(conn, server, Kind::Resource, &resources, now).await?;
    }
    if let Ok(prompts) = &visit.prompts {
        let prompts = entries(Kind::Prompt, prompts)?;
        changes.prompts = record_others(conn, server, Kind::Prompt, &prompts, now).await?;
    }
    Ok(changes)
}

/// Writes down what a proxy met in a server's list: some tools of it, by their own words.
///
/// # Errors
/// The database's.
pub async fn record_met(
    conn: &mut PgConnection,
    server: &ServerRow,
    definitions: &[Value],
    now: DateTime<Utc>,
) -> Result<Difference> {
    let tools = entries(Kind::Tool, definitions)?;
    record_tools(conn, server, tools, Listing::Part, now).await
}

async fn record_tools(
    conn: &mut PgConnection,
    server: &ServerRow,
    mut seen: Vec<Seen>,
    listing: Listing,
    now: DateTime<Utc>,
) -> Result<Difference> {
    let (org, kind) = (server.org_id, Kind::Tool);
    let elsewhere = flags::Elsewhere::new(tools::list_named_elsewhere(conn, org, server.id).await?);
    for tool in &mut seen {
        tool.flags = flags::of(&tool.key, &tool.definition, &elsewhere);
    }
    let known = tools::list_known(conn, org, kind, server.id).await?;
    let comparison = compare(&seen, &known, listing);
    let first_sight = first_sight(conn, org).await?;
    write(conn, server, kind, &comparison, first_sight, now).await?;
    tools::update_flags(conn, org, kind, server.id, &comparison.flagged).await?;
    let mut other = announce(conn, server, "tool.new", &comparison.added).await?;
    other.extend(announce(conn, server, "tool.changed", &comparison.changed).await?);
    // One that was gone for a while may come back as another.
    drift::detect(conn, org, &other, now).await?;
    Ok(comparison.difference())
}

/// Resources and prompts: nobody reviews them.
async fn record_others(
    conn: &mut PgConnection,
    server: &ServerRow,
    kind: Kind,
    seen: &[Seen],
    now: DateTime<Utc>,
) -> Result<Difference> {
    let known = tools::list_known(conn, server.org_id, kind, server.id).await?;
    let comparison = compare(seen, &known, Listing::Whole);
    write(conn, server, kind, &comparison, FirstSight::Approved, now).await?;
    Ok(comparison.difference())
}

async fn write(
    conn: &mut PgConnection,
    server: &ServerRow,
    kind: Kind,
    comparison: &Comparison<'_>,
    first_sight: FirstSight,
    now: DateTime<Utc>,
) -> Result<()> {
    let (org, id) = (server.org_id, server.id);
    let written: Vec<&Seen> = comparison.added.iter().chain(&comparison.changed).copied().collect();
    for batch in written.chunks(BATCH) {
        tools::upsert(conn, org, kind, id, batch, first_sight, now).await?;
    }
    tools::touch(conn, org, kind, id, &comparison.same, now).await?;
    tools::mark_removed(conn, org, kind, id, &comparison.removed).await?;
    if kind == Kind::Tool {
        approvals::ending::void_changed(conn, org, id, &written).await?;
    }
    Ok(())
}

/// `settings.tool_policy.new_tool`: whether there is somebody to be waited for.
async fn first_sight(conn: &mut PgConnection, org: OrgId) -> Result<FirstSight> {
    Ok(match tool_policies::policy(conn, org).await?.new_tool {
        Change::Allow => FirstSight::Approved,
        Change::Warn | Change::Quarantine => FirstSight::New,
    })
}

/// Tells whoever asked to be told (contract 4.8); the tools as they are now.
async fn announce(
    conn: &mut PgConnection,
    server: &ServerRow,
    event: &'static str,
    tools: &[&Seen],
) -> Result<Vec<EntryRow>> {
    if tools.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = tools.iter().map(|tool| tool.key.as_str()).collect();
    let rows = tools::list_by_keys(conn, server.org_id, Kind::Tool, server.id, &names).await?;
    let payloads: Vec<Value> = rows.iter().map(payload).collect();
    outbox::insert_all(conn, server.org_id, event, &payloads).await?;
    tracing::info!(server.name = server.name, org.id = %server.org_id, event, tools = names.len(),
        "a server offers other tools than before");
    Ok(rows)
}

fn payload(tool: &EntryRow) -> Value {
    json!({
        "id": tool.id,
        "org_id": tool.org_id,
        "mcp_server": tool.mcp_server,
        "name": tool.key,
        "title": tool.definition["title"],
        "description": tool.definition["description"],
        "schema_hash": tool.schema_hash,
        "approved_hash": tool.approved_hash,
        "status": tool.status,
        "flags": tool.flags,
        "first_seen_at": tool.first_seen_at,
        "last_seen_at": tool.last_seen_at,
    })
}

#[derive(Debug, Default)]
struct Comparison<'a> {
    added: Vec<&'a Seen>,
    changed: Vec<&'a Seen>,
    same: Vec<&'a str>,
    /// As they were, with other flags than before.
    flagged: Vec<&'a Seen>,
    removed: Vec<&'a str>,
}

impl Comparison<'_> {
    fn difference(&self) -> Difference {
        Difference { added: self.added.len(), changed: self.changed.len(), removed: self.removed.len() }
    }
}

fn compare<'a>(seen: &'a [Seen], known: &'a [Known], listing: Listing) -> Comparison<'a> {
    let by_key: HashMap<&str, &Known> = known.iter().map(|known| (known.key.as_str(), known)).collect();
    let mut comparison = Comparison::default();
    for entry in seen {
        match by_key.get(entry.key.as_str()) {
            Some(known) if known.status != "removed" => {
                if known.schema_hash != entry.schema_hash {
                    comparison.changed.push(entry);
                    continue;
                }
                comparison.same.push(&entry.key);
                if known.flags != entry.flags {
                    comparison.flagged.push(entry);
                }
            }
            Some(_) | None => comparison.added.push(entry),
        }
    }
    if listing == Listing::Whole {
        let keys: HashSet<&str> = seen.iter().map(|seen| seen.key.as_str()).collect();
        let gone = known.iter().filter(|known| !keys.contains(known.key.as_str()));
        let gone = gone.filter(|known| !matches!(known.status.as_str(), "removed" | "blocked"));
        comparison.removed = gone.map(|known| known.key.as_str()).collect();
    }
    comparison
}

/// The entries that can be kept: with a name or URI of sensible length, the first of each.
fn entries<'a>(kind: Kind, definitions: impl IntoIterator<Item = &'a Value>) -> Result<Vec<Seen>> {
    let mut keys = HashSet::new();
    let mut seen = Vec::new();
    for definition in definitions {
        let (key, longest) = match kind {
            Kind::Resource => {
                (definition["uri"].as_str().or_else(|| definition["uriTemplate"].as_str()), MAX_URI)
            }
            Kind::Tool | Kind::Prompt => (definition["name"].as_str(), MAX_NAME),
        };
        let Some(key) = key.filter(|key| !key.is_empty() && key.len() <= longest) else {
            tracing::warn!(
                ?kind,
                "left an entry out of the catalogue: its name or URI is missing or too long"
            );
            continue;
        };
        if keys.insert(key) {
            let schema_hash = match kind {
                Kind::Tool => definition::hash(definition),
                Kind::Resource | Kind::Prompt => definition::hash_whole(definition),
            };
            seen.push(Seen {
                key: key.to_owned(),
                definition: definition.clone(),
                schema_hash: schema_hash.map_err(Error::internal)?,
                flags: json!([]),
            });
        }
    }
    Ok(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(key: &str, hash: &str) -> Seen {
        let definition = json!({"name": key});
        Seen { key: key.to_owned(), definition, schema_hash: hash.to_owned(), flags: json!([]) }
    }

    fn known(key: &str, hash: &str, status: &str) -> Known {
        let (key, schema_hash, status) = (key.to_owned(), hash.to_owned(), status.to_owned());
        Known { key, schema_hash, status, flags: json!([]) }
    }

    fn keys<'a>(seen: &[&'a Seen]) -> Vec<&'a str> {
        seen.iter().map(|seen| seen.key.as_str()).collect()
    }

    #[test]
    fn each_entry_is_new_changed_the_same_or_gone() {
        let mut seen =
            [seen("new", "1"), seen("changed", "2"), seen("same", "1"), seen("back", "1"), seen("odd", "1")];
        seen[4].flags = json!(["odd"]);
        let known = [
            known("changed", "1", "active"),
            known("same", "1", "active"),
            known("odd", "1", "active"),
            known("back", "1", "removed"),
            known("gone", "1", "changed"),
            known("long_gone", "1", "removed"),
            known("blocked", "1", "blocked"),
        ];
        let comparison = compare(&seen, &known, Listing::Whole);
        assert_eq!(comparison.difference(), Difference { added: 2, changed: 1, removed: 1 });
        assert_eq!((comparison.same, comparison.removed), (vec!["same", "odd"], vec!["gone"]));
        assert_eq!((keys(&comparison.added), keys(&comparison.flagged)), (vec!["new", "back"], vec!["odd"]));
        assert!(compare(&seen, &known, Listing::Part).removed.is_empty(), "a part tells of nothing gone");
    }

    #[test]
    fn entries_without_a_usable_name_are_left_out_and_doubles_too() {
        let definitions = [
            json!({"name": "a"}),
            json!({"name": "a"}),
            json!({"name": ""}),
            json!({}),
            json!(5),
            json!({"name": "x".repeat(256)}),
        ];
        assert_eq!(entries(Kind::Tool, &definitions).unwrap().len(), 1);
        let resources = [json!({"uri": "a://b"}), json!({"uriTemplate": "a://{b}"})];
        assert_eq!(entries(Kind::Resource, &resources).unwrap().len(), 2);
    }
}
