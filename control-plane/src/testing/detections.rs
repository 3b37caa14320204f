//! Detections, for tests of what is read from them: stored as the ingester stores them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::TestApp;
use crate::store::ingest;

/// A secret that was cut out of a result a minute ago, unless it says otherwise.
pub(crate) fn detection(differs: Value) -> Value {
    let mut detection = json!({
        "id": Uuid::now_v7(), "created_at": Utc::now() - chrono::Duration::minutes(1), "trace_id": null,
        "span_id": null, "policy_id": null, "type": "secret", "severity": "high", "confidence": 0.95,
        "rule": "aws_access_key", "pattern": null, "direction": "response", "action_taken": "redacted",
        "snippet": "AKIA… (20 characters)", "mcp_server": "files", "tool_name": "read_file", "api_key_id": null,
        "user_id": null, "ip_address": "10.0.0.1",
    });
    for (name, value) in differs.as_object().unwrap() {
        detection[name] = value.clone();
    }
    detection
}

impl TestApp {
    /// Puts detections of this organization on record and answers their ids.
    pub(crate) async fn detect(&self, detections: Vec<Value>) -> Vec<String> {
        let mut detections = detections;
        let mut tx = self.app.database.worker().await.unwrap();
        for detection in &mut detections {
            detection["org_id"] = json!(self.org);
            let at: DateTime<Utc> = serde_json::from_value(detection["created_at"].clone()).unwrap();
            ingest::ensure_day(&mut tx, "injection_detections", at.date_naive()).await.unwrap();
        }
        ingest::insert_detections(&mut tx, &detections.iter().collect::<Vec<_>>(), 100).await.unwrap();
        tx.commit().await.unwrap();
        detections.iter().map(|detection| detection["id"].as_str().unwrap().to_owned()).collect()
    }
}
