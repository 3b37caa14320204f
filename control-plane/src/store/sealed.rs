//! Values that an earlier `ENCRYPTION_KEY` has sealed, wherever they are, and the same under the present one. The worker's.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::secrets;
use crate::{
    id::OrgId,
    seal::{Place, SealError, Sealer},
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

/// What became of the values of some rows.
#[derive(Debug, Default)]
pub struct Resealed {
    pub count: usize,
    /// Rows whose value cannot be opened, and why.
    pub unopened: Vec<(Uuid, SealError)>,
    /// Where the next rows begin; none when there are no more.
    pub last: Option<Uuid>,
}

/// Brings the values of so many rows after one under the present key. What somebody else writes meanwhile stays.
///
/// # Errors
/// The database's.
pub async fn reseal(
    conn: &mut PgConnection,
    sealer: &Sealer,
    Column { table, name }: Column,
    after: Uuid,
    rows: i64,
) -> sqlx::Result<Resealed> {
    let select = format!(
        "select id, org_id, case when substring({name} from 2 for $2) <> $3 then {name} end
         from {table} where id > $1 order by id limit $4"
    );
    let found: Vec<(Uuid, Uuid, Option<Vec<u8>>)> = sqlx::query_as(AssertSqlSafe(select))
        .bind(after)
        .bind(sealer.key_id().len() as i32)
        .bind(sealer.key_id())
        .bind(rows)
        .fetch_all(&mut *conn)
        .await?;
    let mut resealed = Resealed { last: found.last().map(|(id, ..)| *id), ..Resealed::default() };
    let update = format!("update {table} set {name} = $3 where id = $1 and org_id = $2 and {name} = $4");
    for (id, org, sealed) in found {
        let Some(sealed) = sealed else { continue };
        let place = Place { table, column: name, row: id, org: Some(OrgId(org)) };
        match sealer.rewrap(&place, &sealed) {
            Ok(rewrapped) => {
                let update = sqlx::query(AssertSqlSafe(update.clone()));
                update.bind(id).bind(org).bind(rewrapped).bind(sealed).execute(&mut *conn).await?;
                resealed.count += 1;
            }
            Err(error) => resealed.unopened.push((id, error)),
        }
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
