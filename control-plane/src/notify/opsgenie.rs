//! Opsgenie: its Alert API. All requests about an alert name one alias, so that one that comes twice is one.

use http::{HeaderValue, Request, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Event, Notice, Region, cut, json_post};
use crate::service::alerts::Severity;

const MOST_MESSAGE: usize = 130;
const MOST_DESCRIPTION: usize = 1000;

/// `base`: another place than the region's.
pub(super) fn request(
    base: Option<&str>,
    api_key: &SecretString,
    region: Region,
    notice: &Notice,
) -> Result<Request<Vec<u8>>, http::Error> {
    let base = base.unwrap_or(match region {
        Region::Us => "https://api.opsgenie.com",
        Region::Eu => "https://api.eu.opsgenie.com",
    });
    let (path, body) = call(notice);
    let mut request = json_post(&format!("{base}{path}"), &body)?;
    let mut key = HeaderValue::from_str(&format!("GenieKey {}", api_key.expose_secret()))?;
    key.set_sensitive(true);
    request.headers_mut().insert(header::AUTHORIZATION, key);
    Ok(request)
}

/// Where, and what.
pub(super) fn call(notice: &Notice) -> (String, Value) {
    let alert = notice.alert();
    let alias = format!("gatewayops-{}", alert.id);
    let moved = json!({"source": "GatewayOps", "note": notice.headline()});
    match notice.event {
        Event::Acknowledged => (format!("/v2/alerts/{alias}/acknowledge?identifierType=alias"), moved),
        Event::Resolved => (format!("/v2/alerts/{alias}/close?identifierType=alias"), moved),
        Event::Firing | Event::Renotified => {
            let priority = match alert.severity {
                Severity::Critical => "P1",
                Severity::Warning => "P3",
                Severity::Info => "P5",
            };
            let description = format!("{}\n{}", cut(&alert.message, MOST_DESCRIPTION), notice.url);
            let details = json!({
                "metric": alert.metric,
                "value": alert.value.to_string(),
                "threshold": alert.threshold.to_string(),
                "window_minutes": notice.told.window_minutes.to_string(),
                "url": notice.url,
            });
            let body = json!({
                "message": cut(&format!("{}: {}", alert.rule_name, alert.message), MOST_MESSAGE),
                "alias": alias,
                "description": description,
                "details": details,
                "entity": alert.labels.get("mcp_server").map(|names| cut(names, 500)),
                "source": format!("gatewayops/{}", notice.told.organization),
                "priority": priority,
                "tags": ["gatewayops", alert.metric],
            });
            ("/v2/alerts".to_owned(), body)
        }
    }
}
