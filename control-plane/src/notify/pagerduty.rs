//! PagerDuty: Events API v2 (contract 6.5). All events of an alert have one key, so that one that comes twice is one.

use http::Request;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Event, Notice, cut, json_post};

const MOST_SUMMARY: usize = 1024;

pub(super) fn request(
    base: &str,
    routing_key: &SecretString,
    notice: &Notice,
) -> Result<Request<Vec<u8>>, http::Error> {
    json_post(&format!("{base}/v2/enqueue"), &event(routing_key, notice))
}

pub(super) fn event(routing_key: &SecretString, notice: &Notice) -> Value {
    let alert = notice.alert();
    let action = match notice.event {
        Event::Firing | Event::Renotified => "trigger",
        Event::Acknowledged => "acknowledge",
        Event::Resolved => "resolve",
    };
    let mut event = json!({
        "routing_key": routing_key.expose_secret(),
        "event_action": action,
        "dedup_key": format!("gatewayops-{}", alert.id),
        "client": "GatewayOps",
        "client_url": notice.url,
    });
    if action == "trigger" {
        event["payload"] = json!({
            "summary": cut(&format!("{}: {}", alert.rule_name, alert.message), MOST_SUMMARY),
            "source": format!("gatewayops/{}", notice.told.organization),
            "severity": alert.severity,
            "timestamp": alert.started_at,
            "component": alert.labels.get("mcp_server"),
            "class": alert.metric,
            "custom_details": {
                "value": alert.value,
                "threshold": alert.threshold,
                "window_minutes": notice.told.window_minutes,
                "labels": alert.labels,
                "rule_id": alert.rule_id,
            },
        });
    }
    event
}
