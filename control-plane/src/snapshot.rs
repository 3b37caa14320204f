//! The database as proxies know it: rows in, messages out (contract 2.4). A full snapshot and a delta are made by the
//! same conversions, each from one moment of the database.

use std::collections::{HashMap, HashSet};

use gatewayops_proto::control::{Change, Deleted, change::Entity, deleted::Kind};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    seal::Sealer,
    store::{
        Database, changes, secrets,
        snapshot::{self as rows, Rows},
    },
};

mod to_proto;
mod token_issuer;
mod upstream;

/// What proxies must know to be at `revision`.
pub struct Snapshot {
    pub revision: i64,
    pub changes: Vec<Change>,
}

/// All there is.
pub async fn everything(database: &Database, sealer: &Sealer) -> anyhow::Result<Snapshot> {
    let mut conn = database.worker().await?;
    rows::freeze(&mut conn).await?;
    let revision = changes::newest(&mut conn).await?;
    let mut entities = live_secrets(&mut conn, sealer).await?;
    entities.extend(organizations(&mut conn, Rows::All).await?);
    entities.extend(servers(&mut conn, sealer, Rows::All).await?);
    entities.extend(users(&mut conn, Rows::All).await?);
    entities.extend(api_keys(&mut conn, Rows::All).await?);
    entities.extend(token_issuer::all(&mut conn, Rows::All).await?);
    Ok(Snapshot { revision, changes: entities.into_iter().map(|(_, entity)| change(entity)).collect() })
}

/// What is different from `revision`, or none when the log does not tell.
pub async fn since(database: &Database, sealer: &Sealer, revision: i64) -> anyhow::Result<Option<Snapshot>> {
    let mut conn = database.worker().await?;
    rows::freeze(&mut conn).await?;
    let newest = changes::newest(&mut conn).await?;
    if newest == revision {
        return Ok(Some(Snapshot { revision, changes: Vec::new() }));
    }
    if !changes::reach_back_to(&mut conn, revision).await? {
        return Ok(None);
    }
    let touched = changes::since(&mut conn, revision).await?;
    let mut changes = Vec::new();
    if !touched.secrets.is_empty() {
        // All of them, because a new one changes which is current.
        let found = live_secrets(&mut conn, sealer).await?;
        put(&mut changes, Kind::Secret, found, &touched.secrets);
    }
    if !touched.organizations.is_empty() {
        let found = organizations(&mut conn, Rows::Ids(&touched.organizations)).await?;
        put(&mut changes, Kind::Organization, found, &touched.organizations);
    }
    if !touched.servers.is_empty() {
        let found = servers(&mut conn, sealer, Rows::Ids(&touched.servers)).await?;
        put(&mut changes, Kind::Server, found, &touched.servers);
    }
    if !touched.users.is_empty() {
        let found = users(&mut conn, Rows::Ids(&touched.users)).await?;
        put(&mut changes, Kind::User, found, &touched.users);
    }
    if !touched.api_keys.is_empty() {
        let found = api_keys(&mut conn, Rows::Ids(&touched.api_keys)).await?;
        put(&mut changes, Kind::ApiKey, found, &touched.api_keys);
    }
    if !touched.token_issuers.is_empty() {
        let found = token_issuer::all(&mut conn, Rows::Ids(&touched.token_issuers)).await?;
        put(&mut changes, Kind::TokenIssuer, found, &touched.token_issuers);
    }
    Ok(Some(Snapshot { revision: newest, changes }))
}

/// Adds what was found, and what was not as deleted.
fn put(changes: &mut Vec<Change>, kind: Kind, found: Vec<(Uuid, Entity)>, touched: &[Uuid]) {
    let there: HashSet<Uuid> = found.iter().map(|(id, _)| *id).collect();
    let gone = touched.iter().filter(|id| !there.contains(id));
    changes
        .extend(gone.map(|id| change(Entity::Deleted(Deleted { kind: kind.into(), id: to_proto::id(*id) }))));
    changes.extend(found.into_iter().map(|(_, entity)| change(entity)));
}

fn change(entity: Entity) -> Change {
    Change { entity: Some(entity) }
}

async fn live_secrets(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<Vec<(Uuid, Entity)>> {
    let live = secrets::live(conn, sealer).await?.into_iter();
    let shared = live.filter(|secret| secrets::OF_PROXIES.contains(&secret.name.as_str()));
    Ok(shared.map(|secret| (secret.id, Entity::Secret(to_proto::secret(secret)))).collect())
}

async fn organizations(conn: &mut PgConnection, which: Rows<'_>) -> sqlx::Result<Vec<(Uuid, Entity)>> {
    let found = rows::organizations(conn, which).await?;
    Ok(found.into_iter().map(|row| (row.id, Entity::Organization(to_proto::organization(row)))).collect())
}

async fn users(conn: &mut PgConnection, which: Rows<'_>) -> sqlx::Result<Vec<(Uuid, Entity)>> {
    let found = rows::users(conn, which).await?;
    Ok(found.into_iter().map(|row| (row.id, Entity::User(to_proto::user(row)))).collect())
}

async fn api_keys(conn: &mut PgConnection, which: Rows<'_>) -> sqlx::Result<Vec<(Uuid, Entity)>> {
    let found = rows::api_keys(conn, which).await?;
    Ok(found.into_iter().map(|row| (row.id, Entity::ApiKey(to_proto::api_key(row)))).collect())
}

/// Servers with their prices and tools.
async fn servers(
    conn: &mut PgConnection,
    sealer: &Sealer,
    which: Rows<'_>,
) -> sqlx::Result<Vec<(Uuid, Entity)>> {
    let found = rows::servers(conn, which).await?;
    let mut prices: HashMap<Uuid, Vec<rows::Price>> = HashMap::new();
    for price in rows::prices(conn, which).await? {
        prices.entry(price.server_id).or_default().push(price);
    }
    let mut tools: HashMap<Uuid, Vec<rows::Tool>> = HashMap::new();
    for tool in rows::tools(conn, which).await? {
        tools.entry(tool.server_id).or_default().push(tool);
    }
    let complete = found.into_iter().map(|row| {
        let id = row.id;
        let (prices, tools) = (prices.remove(&id).unwrap_or_default(), tools.remove(&id).unwrap_or_default());
        (id, Entity::Server(to_proto::server(row, prices, tools, sealer)))
    });
    Ok(complete.collect())
}
