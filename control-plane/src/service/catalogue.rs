//! What a server offers, compared with what it offered before. A definition is known by its hash; one that differs from
//! what was approved is `changed` and keeps what was approved, for the review to compare (contract 3.6, 4.3).

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use ring::digest;
use serde::Serialize;
use serde_json::{Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use crate::{
    error::{Error, Result},
    id::{OrgId, ServerId},
    mcp::Visit,
    service::approvals,
    store::tools::{self, Kind, Known, Seen},
};

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

/// Writes down what a visit found. A list that could not be read is left as it was.
pub async fn record(
    conn: &mut PgConnection,
    org: OrgId,
    server: ServerId,
    visit: &Visit,
    now: DateTime<Utc>,
) -> Result<Changes> {
    let mut changes = Changes::default();
    let tools = entries(Kind::Tool, &visit.tools)?;
    changes.tools = record_kind(conn, org, Kind::Tool, server, &tools, now).await?;
    if let (Ok(resources), Ok(templates)) = (&visit.resources, &visit.templates) {
        let resources = entries(Kind::Resource, resources.iter().chain(templates))?;
        changes.resources = record_kind(conn, org, Kind::Resource, server, &resources, now).await?;
    }
    if let Ok(prompts) = &visit.prompts {
        let prompts = entries(Kind::Prompt, prompts)?;
        changes.prompts = record_kind(conn, org, Kind::Prompt, server, &prompts, now).await?;
    }
    Ok(changes)
}

async fn record_kind(
    conn: &mut PgConnection,
    org: OrgId,
    kind: Kind,
    server: ServerId,
    seen: &[Seen],
    now: DateTime<Utc>,
) -> Result<Difference> {
    let known = tools::list_known(conn, org, kind, server).await?;
    let Comparison { written, same, removed, difference } = compare(seen, &known);
    for batch in written.chunks(BATCH) {
        tools::upsert(conn, org, kind, server, batch, now).await?;
    }
    tools::touch(conn, org, kind, server, &same, now).await?;
    tools::mark_removed(conn, org, kind, server, &removed).await?;
    if kind == Kind::Tool {
        approvals::ending::void_changed(conn, org, server, &written).await?;
    }
    Ok(difference)
}

#[derive(Debug)]
struct Comparison<'a> {
    written: Vec<&'a Seen>,
    same: Vec<&'a str>,
    removed: Vec<&'a str>,
    difference: Difference,
}

fn compare<'a>(seen: &'a [Seen], known: &'a [Known]) -> Comparison<'a> {
    let by_key: HashMap<&str, &Known> = known.iter().map(|known| (known.key.as_str(), known)).collect();
    let keys: HashSet<&str> = seen.iter().map(|seen| seen.key.as_str()).collect();
    let mut comparison = Comparison {
        written: Vec::new(),
        same: Vec::new(),
        removed: Vec::new(),
        difference: Difference::default(),
    };
    for entry in seen {
        match by_key.get(entry.key.as_str()) {
            None => {
                comparison.difference.added += 1;
                comparison.written.push(entry);
            }
            Some(known) if known.status == "removed" => {
                comparison.difference.added += 1;
                comparison.written.push(entry);
            }
            Some(known) if known.schema_hash != entry.schema_hash => {
                comparison.difference.changed += 1;
                comparison.written.push(entry);
            }
            Some(_) => comparison.same.push(&entry.key),
        }
    }
    let gone = known.iter().filter(|known| !keys.contains(known.key.as_str()));
    comparison.removed = gone
        .filter(|known| !matches!(known.status.as_str(), "removed" | "blocked"))
        .map(|known| known.key.as_str())
        .collect();
    comparison.difference.removed = comparison.removed.len();
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
            let schema_hash = schema_hash(kind, definition)?;
            seen.push(Seen { key: key.to_owned(), definition: definition.clone(), schema_hash });
        }
    }
    Ok(seen)
}

/// SHA-256, in hex, of the RFC 8785 form of what the definition means to a caller.
fn schema_hash(kind: Kind, definition: &Value) -> Result<String> {
    let meaning = match kind {
        Kind::Tool => &json!({
            "name": definition["name"],
            "title": definition["title"],
            "description": definition["description"],
            "input_schema": definition["inputSchema"],
            "output_schema": definition["outputSchema"],
            "annotations": definition["annotations"],
        }),
        Kind::Resource | Kind::Prompt => definition,
    };
    let canonical = serde_json_canonicalizer::to_vec(meaning).map_err(Error::internal)?;
    Ok(hex::encode(digest::digest(&digest::SHA256, &canonical)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(key: &str, hash: &str) -> Seen {
        Seen { key: key.to_owned(), definition: json!({"name": key}), schema_hash: hash.to_owned() }
    }

    fn known(key: &str, hash: &str, status: &str) -> Known {
        Known { key: key.to_owned(), schema_hash: hash.to_owned(), status: status.to_owned() }
    }

    #[test]
    fn each_entry_is_new_changed_the_same_or_gone() {
        let seen = [seen("new", "1"), seen("changed", "2"), seen("same", "1"), seen("back", "1")];
        let known = [
            known("changed", "1", "active"),
            known("same", "1", "active"),
            known("back", "1", "removed"),
            known("gone", "1", "changed"),
            known("long_gone", "1", "removed"),
            known("blocked", "1", "blocked"),
        ];
        let comparison = compare(&seen, &known);
        assert_eq!(comparison.difference, Difference { added: 2, changed: 1, removed: 1 });
        assert_eq!((comparison.same, comparison.removed), (vec!["same"], vec!["gone"]));
    }

    #[test]
    fn the_hash_is_of_the_meaning_and_not_of_the_spelling() {
        let hash = |definition: Value| schema_hash(Kind::Tool, &definition).unwrap();
        let one =
            hash(json!({"name": "a", "description": "b", "inputSchema": {"type": "object", "title": "x"}}));
        assert_eq!(
            one,
            hash(
                json!({"inputSchema": {"title": "x", "type": "object"}, "description": "b", "name": "a", "icons": []})
            )
        );
        assert_ne!(
            one,
            hash(json!({"name": "a", "description": "B", "inputSchema": {"type": "object", "title": "x"}}))
        );
        let canonical = r#"{"annotations":null,"description":null,"input_schema":null,"name":"a","output_schema":null,"title":null}"#;
        assert_eq!(
            hash(json!({"name": "a"})),
            hex::encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
        );
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
