//! Calls that were made, for tests of what is read from them: rows as the ingester writes them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::TestApp;
use crate::service::budgets;
use crate::store::ingest::{self, Known, SpanRow};

#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) trace_id: String,
    pub(crate) is_root: bool,
    pub(crate) mcp_server: &'static str,
    pub(crate) tool_name: &'static str,
    pub(crate) status: &'static str,
    pub(crate) error_message: Option<&'static str>,
    pub(crate) duration_ms: i64,
    pub(crate) cost_usd: Option<&'static str>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) team_id: Option<Uuid>,
    pub(crate) api_key_id: Option<Uuid>,
    pub(crate) started_at: DateTime<Utc>,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            trace_id: Uuid::new_v4().simple().to_string(),
            is_root: true,
            mcp_server: "files",
            tool_name: "read_file",
            status: "success",
            error_message: None,
            duration_ms: 10,
            cost_usd: Some("0.001"),
            user_id: None,
            team_id: None,
            api_key_id: None,
            started_at: Utc::now() - chrono::Duration::minutes(1),
        }
    }
}

impl TestApp {
    /// Puts calls on record and answers the ids of their rows.
    pub(crate) async fn record(&self, calls: &[Call]) -> Vec<Uuid> {
        let metadata = json!({"request_id": "r1"});
        let rows: Vec<_> = calls.iter().map(|call| call.row(self.org.0, &metadata)).collect();
        let mut tx = self.app.database.worker().await.unwrap();
        for call in calls {
            for table in ["traces", "costs"] {
                ingest::ensure_day(&mut tx, table, call.started_at.date_naive()).await.unwrap();
            }
        }
        ingest::list_organizations(&mut tx, &[self.org.0]).await.unwrap();
        let counted = ingest::insert_counted_spans(&mut tx, &rows, Known::Refuse).await.unwrap();
        budgets::note_passed(&mut tx, &counted, Utc::now()).await.unwrap();
        tx.commit().await.unwrap();
        rows.iter().map(|row| row.id).collect()
    }
}

impl Call {
    fn row<'a>(&'a self, org_id: Uuid, metadata: &'a Value) -> SpanRow<'a> {
        SpanRow {
            id: Uuid::now_v7(),
            org_id,
            trace_id: &self.trace_id,
            parent_span_id: None,
            span_id: "00f067aa0ba902b7",
            operation_name: "tools/call",
            mcp_server: self.mcp_server,
            tool_name: Some(self.tool_name),
            status: self.status,
            duration_ms: self.duration_ms,
            input_tokens: Some(10),
            output_tokens: Some(20),
            cost_usd: self.cost_usd.map(|cost| cost.parse().unwrap()),
            price_id: None,
            user_id: self.user_id,
            api_key_id: self.api_key_id,
            metadata,
            started_at: self.started_at,
            ended_at: self.started_at + chrono::Duration::milliseconds(self.duration_ms),
            is_root: self.is_root,
            kind: "server",
            team_id: self.team_id,
            environment: Some("dev"),
            status_code: Some(200),
            error_type: None,
            error_message: self.error_message,
            upstream_ms: None,
            overhead_us: None,
            request_bytes: 1,
            response_bytes: 2,
            session_id: None,
            client_name: None,
            client_version: None,
            protocol_version: None,
            proxy_id: "proxy-1",
        }
    }
}
