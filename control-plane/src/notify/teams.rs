//! Microsoft Teams: an adaptive card, as its workflows' webhooks take it.

use http::Request;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Event, Notice, cut, json_post};
use crate::service::alerts::Severity;

const MOST_TEXT: usize = 1000;

pub(super) fn request(url: &SecretString, notice: &Notice) -> Result<Request<Vec<u8>>, http::Error> {
    json_post(url.expose_secret(), &message(notice))
}

pub(super) fn message(notice: &Notice) -> Value {
    let alert = notice.alert();
    let color = match (notice.event, alert.severity) {
        (Event::Resolved, _) => "Good",
        (_, Severity::Critical) => "Attention",
        (_, Severity::Warning) => "Warning",
        (_, Severity::Info) => "Accent",
    };
    let card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [
            {"type": "TextBlock", "text": plain(&notice.headline()), "weight": "Bolder", "size": "Medium",
                "color": color, "wrap": true},
            {"type": "FactSet", "facts": [
                fact("Value", &alert.value.to_string()),
                fact("Threshold", &alert.threshold.to_string()),
                fact("Severity", &crate::word::text(alert.severity)),
                fact("Status", notice.status_word()),
                fact("Since", &alert.started_at.0.format("%Y-%m-%d %H:%M UTC").to_string()),
            ]},
        ],
        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": notice.url}],
    });
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

fn fact(title: &str, value: &str) -> Value {
    json!({"title": title, "value": value})
}

/// Cards read some Markdown: what a name is made of shall be no link.
fn plain(text: &str) -> String {
    cut(text, MOST_TEXT).replace('[', "\\[").replace(']', "\\]")
}
