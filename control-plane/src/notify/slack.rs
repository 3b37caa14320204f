//! Slack: a message by an incoming webhook (contract 6.4).

use http::Request;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{Notice, json_post};

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
    let text = escaped(&notice.headline(), MOST_TEXT);
    let started = alert.started_at.0.timestamp();
    let utc = alert.started_at.0.format("%Y-%m-%d %H:%M UTC");
    let context = format!(
        "{} · since <!date^{started}^{{date_short_pretty}} {{time}}|{utc}>",
        escaped(&alert.rule_name, MOST_TEXT)
    );
    let blocks = json!([
        section(&text),
        {"type": "section", "fields": [
            field("Value", &alert.value.to_string()),
            field("Threshold", &alert.threshold.to_string()),
            field("Severity", &crate::word::text(alert.severity)),
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
pub(crate) fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

pub(crate) fn field(name: &str, value: &str) -> Value {
    json!({"type": "mrkdwn", "text": format!("*{name}*\n{value}"), "verbatim": true})
}

/// The first `most` characters, escaped as Slack asks for.
pub(crate) fn escaped(text: &str, most: usize) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars().take(most) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            c if c.is_control() && c != '\n' => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
