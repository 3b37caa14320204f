//! The database as proxies know it: rows in, messages out (contract 2.4). A full snapshot and a delta are made by the
//! same conversions, each from one moment of the database.

use std::collections::{HashMap, HashSet};

use gatewayops_proto::control::{Change, Deleted, change::Entity, deleted::Kind};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    seal::Sealer,
    store::{
        Database,
        changes::{self, Touched},
        secrets,
        snapshot::{self as rows, Rows},
    },
};

mod organizations;
mod policies;
mod to_proto;
mod token_issuer;
mod upstream;

pub(crate) use organizations::tool_policy;
pub(crate) use policies::{tool_classification, tool_permission};

/// What proxies must know to be at `revision`.
pub struct Snapshot {
    pub revision: i64,
    pub changes: Vec<Change>,
}

/// All that proxies know, in the order in which it is sent.
const KINDS: [Kind; 11] = [
    Kind::Secret,
    Kind::Organization,
    Kind::Server,
    Kind::User,
    Kind::ApiKey,
    Kind::TokenIssuer,
    Kind::RateLimit,
    Kind::Budget,
    Kind::ToolClassification,
    Kind::ToolPermission,
    Kind::SafetyPolicy,
];

/// All there is.
pub async fn everything(database: &Database, sealer: &Sealer) -> anyhow::Result<Snapshot> {
    let mut conn = database.worker().await?;
    rows::freeze(&mut conn).await?;
    let revision = changes::newest(&mut conn).await?;
    let mut changes = Vec::new();
    for kind in KINDS {
        let found = read(&mut conn, sealer, kind, Rows::All).await?;
        changes.extend(found.into_iter().map(|(_, entity)| change(entity)));
    }
    Ok(Snapshot { revision, changes })
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
    for kind in KINDS {
        let ids = of_kind(&touched, kind);
        if !ids.is_empty() {
            let found = read(&mut conn, sealer, kind, Rows::Ids(ids)).await?;
            put(&mut changes, kind, found, ids);
        }
    }
    Ok(Some(Snapshot { revision: newest, changes }))
}

fn of_kind(touched: &Touched, kind: Kind) -> &[Uuid] {
    match kind {
        Kind::Unknown => &[],
        Kind::Secret => &touched.secrets,
        Kind::Organization => &touched.organizations,
        Kind::Server => &touched.servers,
        Kind::User => &touched.users,
        Kind::ApiKey => &touched.api_keys,
        Kind::TokenIssuer => &touched.token_issuers,
        Kind::RateLimit => &touched.rate_limits,
        Kind::Budget => &touched.budgets,
        Kind::ToolClassification => &touched.tool_classifications,
        Kind::ToolPermission => &touched.tool_permissions,
        Kind::SafetyPolicy => &touched.safety_policies,
    }
}

/// What there is of a kind, by its id.
async fn read(
    conn: &mut PgConnection,
    sealer: &Sealer,
    kind: Kind,
    which: Rows<'_>,
) -> anyhow::Result<Vec<(Uuid, Entity)>> {
    Ok(match kind {
        Kind::Unknown => Vec::new(),
        // All of them, because a new one changes which is current.
        Kind::Secret => live_secrets(conn, sealer).await?,
        Kind::Organization => organizations(conn, which).await?,
        Kind::Server => servers(conn, sealer, which).await?,
        Kind::User => users(conn, which).await?,
        Kind::ApiKey => api_keys(conn, which).await?,
        Kind::TokenIssuer => token_issuer::all(conn, which).await?,
        Kind::RateLimit => policies::rate_limits(conn, which).await?,
        Kind::Budget => policies::budgets(conn, which).await?,
        Kind::ToolClassification => policies::tool_classifications(conn, which).await?,
        Kind::ToolPermission => policies::tool_permissions(conn, which).await?,
        Kind::SafetyPolicy => policies::safety_policies(conn, which).await?,
    })
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
    Ok(found
        .into_iter()
        .map(|row| (row.id, Entity::Organization(organizations::organization(row))))
        .collect())
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
