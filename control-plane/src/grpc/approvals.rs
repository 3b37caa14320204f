//! `RequestApproval`: the message checked and read, and a call held while its decision may still come; what it means is
//! decided in `service`.

use std::{net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::Utc;
use gatewayops_proto::control::{ApprovalRequest, ApprovalTicket};
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::Status;
use uuid::Uuid;

use super::decisions::{Decisions, Wait};
use crate::{
    app::App,
    error::Result,
    id::{ApiKeyId, OrgId, UserId},
    service::approvals::{self, Ask, MAX_ARGUMENTS_BYTES, Ticket, arguments::storable},
};

const MAX_SERVER_BYTES: usize = 63;
const MAX_TOOL_CHARACTERS: usize = 255;
const MAX_REASON_CHARACTERS: usize = 1000;
const MAX_REQUEST_ID_BYTES: usize = 128;
const HASH_BYTES: usize = 32;
const MAX_WAIT_MS: u32 = 300_000;

pub(super) async fn request(
    app: &App,
    decisions: &Arc<Decisions>,
    stop: &CancellationToken,
    message: ApprovalRequest,
) -> Result<ApprovalTicket, Status> {
    let wait = Duration::from_millis(message.wait_ms.into());
    let ask = read(message)?;
    let deadline = Instant::now() + wait;
    let mut ticket = approvals::ask(app, &ask, Utc::now()).await?;
    if ticket.status == approvals::Status::Pending
        && !wait.is_zero()
        && let Some(held) = decisions.wait_for(ticket.id)
    {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep_until(deadline) => {}
            decided = hold(app, &ask, &ticket, &held) => ticket = decided?,
        }
    }
    Ok(to_proto(app, ticket))
}

/// Until there is a decision.
async fn hold(app: &App, ask: &Ask, pending: &Ticket, held: &Wait) -> Result<Ticket> {
    loop {
        let decided = held.decided();
        if let Some(ticket) = approvals::ask_again(app, ask, pending, Utc::now()).await? {
            return Ok(ticket);
        }
        decided.await;
    }
}

fn to_proto(app: &App, ticket: Ticket) -> ApprovalTicket {
    let status = match ticket.status {
        approvals::Status::Approved => "approved",
        approvals::Status::Pending => "pending",
        approvals::Status::Denied => "denied",
        approvals::Status::Expired => "expired",
    };
    ApprovalTicket {
        approval_id: Bytes::copy_from_slice(ticket.id.0.as_bytes()),
        status: status.to_owned(),
        expires_at_ms: ticket.until.timestamp_millis(),
        approval_url: approvals::url(&app.config.public_url, ticket.id),
        review_note: ticket.note.unwrap_or_default(),
    }
}

fn read(message: ApprovalRequest) -> Result<Ask, Status> {
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
    let is_hash = message.definition_hash.len() == 2 * HASH_BYTES
        && message.definition_hash.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !message.definition_hash.is_empty() && !is_hash {
        return refuse("definition_hash must have 64 hexadecimal digits, small ones");
    }
    if message.wait_ms > MAX_WAIT_MS {
        return refuse("wait_ms must be at most 300000");
    }
    let is_plain = message.request_id.bytes().all(|byte| byte.is_ascii_graphic());
    if message.request_id.len() > MAX_REQUEST_ID_BYTES || !is_plain {
        return refuse("request_id must have at most 128 visible ASCII characters");
    }
    let ip: Option<IpAddr> = match message.ip_address.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| Status::invalid_argument("ip_address is no IP address"))?),
    };
    Ok(Ask {
        org: OrgId(org),
        api_key: id("api_key_id", &message.api_key_id)?.map(ApiKeyId),
        user: id("user_id", &message.user_id)?.map(UserId),
        mcp_server: message.mcp_server,
        tool_name: message.tool_name,
        arguments_hash: hex::encode(&message.arguments_hash),
        arguments: storable(arguments),
        definition: Some(message.definition_hash).filter(|hash| !hash.is_empty()),
        reason: message.reason,
        trace_id: Some(message.trace_id).filter(|id| !id.is_empty()),
        request_id: Some(message.request_id).filter(|id| !id.is_empty()),
        ip,
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
