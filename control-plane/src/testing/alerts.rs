//! Rules, channels and what is done about them, for tests.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{TestApp, receiver::Receiver};
use crate::service::alerts::{deliver, evaluate};

impl TestApp {
    /// A rule that fires as soon as one call has failed, with these fields changed.
    pub(crate) async fn alert_rule(&self, differs: Value) -> Value {
        let mut form =
            json!({"name": "Errors", "metric": "error_rate", "condition": "gt", "threshold": 0.05});
        for (name, value) in differs.as_object().unwrap() {
            form[name] = value.clone();
        }
        self.post("/v1/alerts/rules", form).await.expect(201)
    }

    /// A webhook channel; answers its id.
    pub(crate) async fn alert_channel(&self, name: &str, receiver: &Receiver, differs: Value) -> String {
        let mut form = json!({"name": name, "type": "webhook", "config": {"url": receiver.url}});
        for (name, value) in differs.as_object().unwrap() {
            form[name] = value.clone();
        }
        let made = self.post("/v1/alerts/channels", form).await.expect(201);
        made["id"].as_str().unwrap().to_owned()
    }

    /// Evaluates every rule as if it were then.
    pub(crate) async fn evaluate(&self, now: DateTime<Utc>) {
        let run = evaluate::evaluate_all(&self.app, now).await.unwrap();
        assert_eq!(run.failed, 0);
    }

    /// Sends all that is due, one after the other; answers how many there were.
    pub(crate) async fn deliver(&self) -> usize {
        let mut sent = 0;
        loop {
            let rows = deliver::claim(&self.app, 100).await.unwrap();
            if rows.is_empty() {
                return sent;
            }
            for row in rows {
                deliver::deliver(&self.app, &row).await.unwrap();
                sent += 1;
            }
        }
    }

    /// The alerts that there are, the newest first.
    pub(crate) async fn alerts(&self, query: &str) -> Vec<Value> {
        let list = self.get(&format!("/v1/alerts?{query}")).await.expect(200);
        list["alerts"].as_array().unwrap().clone()
    }

    /// Event, status and attempts of each notification, the oldest first.
    pub(crate) async fn notifications(&self) -> Vec<(String, String, i64)> {
        let list = self.get("/v1/alerts/notifications?sort=created_at").await.expect(200);
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = list["notifications"].as_array().unwrap().iter();
        rows.map(|row| (text(row, "event"), text(row, "status"), row["attempts"].as_i64().unwrap())).collect()
    }
}
