//! The message to a Slack channel (contract 6.4).

use anyhow::anyhow;
use http::{Request, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::{super::requester, super::url, Failure, shown_arguments};
use crate::{
    app::App,
    notify::slack::{escaped, field, section},
    store::approvals::ApprovalRow,
};

const WARNING: &str = "#f79009";
/// Slack takes 2,000 characters in a field and 3,000 in a text; escaped ones count for up to five.
const MOST_NAME: usize = 300;
const MOST_TEXT: usize = 500;

pub(super) fn message(row: &ApprovalRow, public_url: &str) -> Value {
    let (tool, server) = (escaped(&row.tool_name, MOST_NAME), escaped(&row.mcp_server, MOST_NAME));
    let who = escaped(&requester(row), MOST_NAME);
    let until = row.expires_at.timestamp();
    let utc = row.expires_at.format("%Y-%m-%d %H:%M UTC");
    let text = format!("[APPROVAL] {who} asks to call {tool} on {server}");
    let mut blocks = vec![
        section(&text),
        json!({"type": "section", "fields": [
            field("Server", &server),
            field("Tool", &tool),
            field("Requester", &who),
            field("Waits until", &format!("<!date^{until}^{{date_short_pretty}} {{time}}|{utc}>")),
        ]}),
        section(&format!(
            "*Arguments* (secrets are masked)\n```{}```",
            code(&shown_arguments(row, MOST_TEXT))
        )),
    ];
    if !row.reason.is_empty() {
        blocks.push(section(&format!("*Reason given*\n```{}```", code(&row.reason))));
    }
    blocks.push(json!({"type": "actions", "elements": [{
        "type": "button",
        "style": "primary",
        "text": {"type": "plain_text", "text": "Review"},
        "url": url(public_url, row.id),
    }]}));
    json!({"text": text, "attachments": [{"color": WARNING, "blocks": blocks}]})
}

pub(super) async fn send(app: &App, url: &SecretString, message: &Value) -> Result<(), Failure> {
    let request = Request::post(url.expose_secret())
        .header(header::CONTENT_TYPE, "application/json")
        .body(message.to_string().into_bytes());
    let request =
        request.map_err(|_| Failure { cause: anyhow!("SLACK_WEBHOOK_URL is no URL"), is_final: true })?;
    let answer = app.egress.send(request).await;
    match answer.map(|answer| answer.status()) {
        Ok(status) if status.is_success() => Ok(()),
        Ok(status) => Err(Failure {
            cause: anyhow!("Slack answered with {status}"),
            is_final: status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS,
        }),
        Err(error) => Err(Failure { cause: error.into(), is_final: false }),
    }
}

/// What stands between backquotes cannot end them.
fn code(text: &str) -> String {
    escaped(text, MOST_TEXT).replace('`', "'")
}
