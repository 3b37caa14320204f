//! `RequestApproval`: the message checked and read; what it means is decided in `service`.

use bytes::Bytes;
use chrono::Utc;
use gatewayops_proto::control::{ApprovalRequest, ApprovalTicket};
use serde_json::Value;
use tonic::Status;
use uuid::Uuid;

use crate::{
    app::App,
    id::{ApiKeyId, OrgId, UserId},
    service::approvals::{self, Request},
};

/// Longer arguments are cut by the proxy, which redacts them.
const MAX_ARGUMENTS_BYTES: usize = 64 << 10;
const MAX_SERVER_BYTES: usize = 63;
const MAX_TOOL_CHARACTERS: usize = 255;
const MAX_REASON_CHARACTERS: usize = 1000;
const HASH_BYTES: usize = 32;

pub(super) async fn request(app: &App, message: ApprovalRequest) -> Result<ApprovalTicket, Status> {
    let request = read(message)?;
    let pending = approvals::request(app, &request, Utc::now()).await?;
    Ok(ApprovalTicket {
        approval_id: Bytes::copy_from_slice(pending.id.0.as_bytes()),
        status: pending.status,
        expires_at_ms: pending.expires_at.timestamp_millis(),
        ..ApprovalTicket::default()
    })
}

fn read(message: ApprovalRequest) -> Result<Request, Status> {
    let org = id("org_id", &message.org_id)?.ok_or_else(|| Status::invalid_argument("org_id is missing"))?;
    let refuse = |rule: &str| Err(Status::invalid_argument(rule.to_owned()));
    if message.mcp_server.is_empty() || message.mcp_server.len() > MAX_SERVER_BYTES {
        return refuse("mcp_server must have 1 to 63 bytes");
    }
    if message.tool_name.is_empty() || message.tool_name.chars().count() > MAX_TOOL_CHARACTERS {
        return refuse("tool_name must have 1 to 255 characters");
    }
    if message.arguments_hash.len() != HASH_BYTES {
        return refuse("arguments_hash must have 32 bytes");
    }
    if message.reason.chars().count() > MAX_REASON_CHARACTERS {
        return refuse("reason must have at most 1000 characters");
    }
    if message.arguments_redacted.len() > MAX_ARGUMENTS_BYTES {
        return refuse("arguments_redacted must have at most 65536 bytes");
    }
    let arguments = match message.arguments_redacted.as_str() {
        "" => Value::Object(serde_json::Map::new()),
        text => serde_json::from_str(text)
            .map_err(|_| Status::invalid_argument("arguments_redacted is no JSON"))?,
    };
    if [&message.mcp_server, &message.tool_name, &message.reason].iter().any(|text| text.contains('\0')) {
        return refuse("a text must not hold the character U+0000");
    }
    let is_trace_id = message.trace_id.len() == 32 && message.trace_id.bytes().all(|b| b.is_ascii_hexdigit());
    if !message.trace_id.is_empty() && !is_trace_id {
        return refuse("trace_id must have 32 hexadecimal digits");
    }
    Ok(Request {
        org: OrgId(org),
        api_key: id("api_key_id", &message.api_key_id)?.map(ApiKeyId),
        user: id("user_id", &message.user_id)?.map(UserId),
        mcp_server: message.mcp_server,
        tool_name: message.tool_name,
        arguments_hash: hex::encode(&message.arguments_hash),
        arguments: storable(arguments),
        reason: message.reason,
        trace_id: Some(message.trace_id).filter(|id| !id.is_empty()),
    })
}

/// An empty field is no id.
fn id(field: &str, bytes: &[u8]) -> Result<Option<Uuid>, Status> {
    if bytes.is_empty() {
        return Ok(None);
    }
    Uuid::from_slice(bytes)
        .map(Some)
        .map_err(|_| Status::invalid_argument(format!("{field} must have 16 bytes")))
}

/// Postgres keeps no U+0000; the caller's arguments may hold it all the same.
fn storable(value: Value) -> Value {
    let clean = |text: String| if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text };
    match value {
        Value::String(text) => Value::String(clean(text)),
        Value::Array(items) => items.into_iter().map(storable).collect(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (clean(name), storable(value))).collect())
        }
        other => other,
    }
}
