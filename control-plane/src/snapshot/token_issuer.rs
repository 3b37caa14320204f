//! An identity provider as proxies know it: who it says it is, and its public keys.

use gatewayops_proto::control;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Entity, to_proto};
use crate::store::snapshot::{Rows, TokenIssuer, token_issuers};

pub(super) async fn all(conn: &mut PgConnection, which: Rows<'_>) -> sqlx::Result<Vec<(Uuid, Entity)>> {
    let found = token_issuers(conn, which).await?;
    Ok(found.into_iter().map(|row| (row.id, Entity::TokenIssuer(token_issuer(row)))).collect())
}

fn token_issuer(row: TokenIssuer) -> control::TokenIssuer {
    control::TokenIssuer {
        id: to_proto::id(row.id),
        org_id: to_proto::id(row.org_id),
        issuer: row.issuer_url,
        jwks: row.jwks.map(|set| set.to_string().into_bytes()).unwrap_or_default().into(),
    }
}
