//! Slack: a message by an incoming webhook (contract 6.4).

use http::Request;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Notice, cut, json_post};

/// Slack takes 3,000 characters in a text and 2,000 in a field; escaped ones count for up to five.
const MOST_TEXT: usize = 500;

pub(super) fn request(
    url: &SecretString,
    channel: Option<&str>,
    notice: &Notice,
) -> Result<Request<Vec<u8>>, http::Error> {
    json_post(url.expose_secret(), &message(channel, notice))
}

pub(super) fn message(channel: Option<&str>, notice: &Notice) -> Value {
    let alert = notice.alert();
    let text = escaped(&notice.headline());
    let started = alert.started_at.0.timestamp();
    let utc = alert.started_at.0.format("%Y-%m-%d %H:%M UTC");
    let context = format!(
        "{} · since <!date^{started}^{{date_short_pretty}} {{time}}|{utc}>",
        escaped(&alert.rule_name)
    );
    let blocks = json!([
        section(&text),
        {"type": "section", "fields": [
            field("Value", &alert.value.to_string()),
            field("Threshold", &alert.threshold.to_string()),
            field("Severity", &escaped(&crate::word::text(alert.severity))),
            field("Status", notice.status_word()),
        ]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": context, "verbatim": true}]},
        {"type": "actions", "elements": [
            {"type": "button", "text": {"type": "plain_text", "text": "Open"}, "url": notice.url},
        ]},
    ]);
    let mut message = json!({"text": text, "attachments": [{"color": notice.color(), "blocks": blocks}]});
    if let Some(channel) = channel {
        message["channel"] = json!(channel);
    }
    message
}

/// `verbatim`: nothing in it becomes a link or a mention.
fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

fn field(name: &str, value: &str) -> Value {
    json!({"type": "mrkdwn", "text": format!("*{name}*\n{value}"), "verbatim": true})
}

fn escaped(text: &str) -> String {
    cut(text, MOST_TEXT).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
