//! Identity providers whose access tokens open MCP endpoints: those with `mcp_tokens` that are enabled.

use serde_json::Value;
use sqlx::{FromRow, PgConnection, QueryBuilder};
use uuid::Uuid;

use super::Rows;

#[derive(FromRow)]
pub struct TokenIssuer {
    pub id: Uuid,
    pub org_id: Uuid,
    pub issuer_url: String,
    /// None until its keys were fetched.
    pub jwks: Option<Value>,
}

pub async fn token_issuers(conn: &mut PgConnection, rows: Rows<'_>) -> sqlx::Result<Vec<TokenIssuer>> {
    let mut query = QueryBuilder::new(
        "select p.id, p.org_id, p.issuer_url, k.jwks
         from sso_providers p left join sso_provider_keys k on k.org_id = p.org_id and k.provider_id = p.id
         where p.enabled and p.mcp_tokens",
    );
    rows.narrow(&mut query, "p.id");
    query.build_query_as().fetch_all(conn).await
}
