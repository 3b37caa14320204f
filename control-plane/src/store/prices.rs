//! `mcp_server_prices`: append-only, so that a new price never touches what earlier calls cost (contract 3.6).
//! A row holds from its `valid_from` until the next one of the same server and tool; three nulls withdraw a tool's price.

use rust_decimal::Decimal;
use sqlx::{FromRow, PgConnection};

use crate::id::{OrgId, PriceId, ServerId};

#[derive(Clone, Debug, FromRow)]
pub struct PriceRow {
    pub server_id: ServerId,
    /// None: the server's own price. A glob otherwise.
    pub tool_name: Option<String>,
    pub per_call: Decimal,
    pub per_input_token: Decimal,
    pub per_output_token: Decimal,
}

/// The prices in force, in the order they were set.
pub async fn list_current(
    conn: &mut PgConnection,
    org: OrgId,
    servers: &[ServerId],
) -> sqlx::Result<Vec<PriceRow>> {
    sqlx::query_as(
        "select server_id, tool_name, per_call, per_input_token, per_output_token from ( \
           select distinct on (server_id, tool_name) * from mcp_server_prices \
           where org_id = $1 and server_id = any($2) and valid_from <= clock_timestamp() \
           order by server_id, tool_name, valid_from desc \
         ) newest \
         where per_call is not null order by server_id, valid_from, id",
    )
    .bind(org)
    .bind(servers)
    .fetch_all(conn)
    .await
}

/// A price from now on; `unit_prices` none withdraws a tool's.
pub async fn insert(
    conn: &mut PgConnection,
    org: OrgId,
    server: ServerId,
    tool_name: Option<&str>,
    unit_prices: Option<[Decimal; 3]>,
) -> sqlx::Result<()> {
    let [per_call, per_input_token, per_output_token] =
        unit_prices.map_or([None; 3], |prices| prices.map(Some));
    sqlx::query(
        "insert into mcp_server_prices \
           (id, org_id, server_id, tool_name, per_call, per_input_token, per_output_token, valid_from) \
         values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())",
    )
    .bind(PriceId::new())
    .bind(org)
    .bind(server)
    .bind(tool_name)
    .bind(per_call)
    .bind(per_input_token)
    .bind(per_output_token)
    .execute(conn)
    .await?;
    Ok(())
}
