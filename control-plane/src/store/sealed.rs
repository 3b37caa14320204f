//! Values that an earlier `ENCRYPTION_KEY` has sealed, wherever they are, and the same under the present one. The worker's.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::secrets;
use crate::{
    id::OrgId,
    seal::{Place, Sealer},
};

/// A table with `id` and `org_id`, and a column of it.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Column {
    pub table: &'static str,
    pub name: &'static str,
}

const fn column(table: &'static str, name: &'static str) -> Column {
    Column { table, name }
}

/// All that are sealed, but for `system_secrets`. What there is most of comes last.
pub const COLUMNS: [Column; 12] = [
    column("alert_channels", "config_encrypted"),
    column("mcp_servers", "auth_encrypted"),
    column("mcp_servers", "client_key_encrypted"),
    column("sso_providers", "client_secret_encrypted"),
    column("telemetry_configs", "client_key_encrypted"),
    column("telemetry_configs", "headers_encrypted"),
    column("user_sessions", "id_token_encrypted"),
    column("webhooks", "headers_encrypted"),
    column("webhooks", "previous_secret_encrypted"),
    column("webhooks", "secret_encrypted"),
    column("trace_payloads", "request_encrypted"),
    column("trace_payloads", "response_encrypted"),
];

/// What became of some values of a column.
#[derive(Debug, Default, PartialEq)]
pub struct Resealed {
    pub count: usize,
    /// Rows whose value nobody can open, under no key that is known.
    pub unopened: Vec<Uuid>,
    /// Where the next ones begin; none when there are no more.
    pub last: Option<Uuid>,
}

/// Brings at most so many values under the present key, of rows after one. They are the worker's until it commits.
///
/// # Errors
/// The database's.
pub async fn reseal(
    conn: &mut PgConnection,
    sealer: &Sealer,
    Column { table, name }: Column,
    after: Uuid,
    most: i64,
) -> sqlx::Result<Resealed> {
    let select = format!(
        "select id, org_id, {name} from {table}
         where id > $1 and substring({name} from 2 for $2) <> $3 order by id limit $4 for update"
    );
    let found: Vec<(Uuid, Uuid, Vec<u8>)> = sqlx::query_as(AssertSqlSafe(select))
        .bind(after)
        .bind(sealer.key_id().len() as i32)
        .bind(sealer.key_id())
        .bind(most)
        .fetch_all(&mut *conn)
        .await?;
    let mut resealed = Resealed { last: found.last().map(|(id, ..)| *id), ..Resealed::default() };
    let update = format!("update {table} set {name} = $3 where id = $1 and org_id = $2");
    for (id, org, sealed) in found {
        let place = Place { table, column: name, row: id, org: Some(OrgId(org)) };
        let Ok(sealed) = sealer.rewrap(&place, &sealed) else {
            resealed.unopened.push(id);
            continue;
        };
        let update = sqlx::query(AssertSqlSafe(update.clone())).bind(id).bind(org).bind(sealed);
        update.execute(&mut *conn).await?;
        resealed.count += 1;
    }
    Ok(resealed)
}

/// The same for the system's own secrets, retired ones too, all at once.
///
/// # Errors
/// The database's, or one of them cannot be opened.
pub async fn reseal_system_secrets(conn: &mut PgConnection, sealer: &Sealer) -> anyhow::Result<usize> {
    let found: Vec<(String, i16, Vec<u8>)> = sqlx::query_as(
        "select name, key_id, secret from system_secrets
         where substring(secret from 2 for $1) <> $2 order by name, key_id for update",
    )
    .bind(sealer.key_id().len() as i32)
    .bind(sealer.key_id())
    .fetch_all(&mut *conn)
    .await?;
    let count = found.len();
    for (name, key_id, sealed) in found {
        secrets::rewrap(conn, sealer, &name, key_id, &sealed).await?;
    }
    Ok(count)
}
