//! What calls were given and gave back, sealed; of the span of the same id.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, QueryBuilder};
use uuid::Uuid;

use crate::{
    id::{OrgId, SpanRowId},
    seal::Place,
};

pub const REQUEST: &str = "request_encrypted";
pub const RESPONSE: &str = "response_encrypted";

/// Where one of them is sealed for.
#[must_use]
pub fn place(org: OrgId, row: Uuid, column: &'static str) -> Place {
    Place { table: "trace_payloads", column, row, org: Some(org) }
}

pub struct Row {
    pub id: Uuid,
    pub org_id: Uuid,
    pub started_at: DateTime<Utc>,
    pub request: Option<Vec<u8>>,
    pub response: Option<Vec<u8>>,
    pub redacted: bool,
    pub truncated: bool,
}

/// The ingester's: for every organization at once. One that is there already stays.
///
/// # Errors
/// The database's.
pub async fn insert(conn: &mut PgConnection, rows: &[Row]) -> sqlx::Result<()> {
    let mut query = QueryBuilder::new(
        "insert into trace_payloads
            (id, org_id, started_at, request_encrypted, response_encrypted, redacted, truncated) ",
    );
    query.push_values(rows, |mut values, row| {
        values
            .push_bind(row.id)
            .push_bind(row.org_id)
            .push_bind(row.started_at)
            .push_bind(&row.request)
            .push_bind(&row.response)
            .push_bind(row.redacted)
            .push_bind(row.truncated);
    });
    query.push(" on conflict do nothing").build().execute(conn).await?;
    Ok(())
}

#[derive(Debug, FromRow)]
pub struct Sealed {
    pub request_encrypted: Option<Vec<u8>>,
    pub response_encrypted: Option<Vec<u8>>,
    pub redacted: bool,
    pub truncated: bool,
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    span: SpanRowId,
    started_at: DateTime<Utc>,
) -> sqlx::Result<Option<Sealed>> {
    sqlx::query_as(
        "select request_encrypted, response_encrypted, redacted, truncated from trace_payloads
         where org_id = $1 and id = $2 and started_at = $3",
    )
    .bind(org)
    .bind(span)
    .bind(started_at)
    .fetch_optional(conn)
    .await
}
