//! Asks a person, where a call is too dangerous to be decided by a rule (contract 3.7).
//!
//! The control plane decides in one step for all proxies whether an approval fits this very call, and takes one use of
//! it. Without control plane nothing is approved.

use std::time::Duration;

use gatewayops_proto::{
    approval::arguments_hash,
    control::{ApprovalRequest, ApprovalTicket},
};
use pingora::time::timeout;
use serde_json::json;

use super::{authorize::Permit, decode::Request};
use crate::{
    control_plane::told_by,
    exchange::Exchange,
    gateway::Client,
    mcp::{
        approval_state::{ApprovalState, QUESTION},
        elicitation,
        version::Era,
    },
    rejection::{Code, Instead, Rejection},
    server::Gateway,
    snapshot::{Snapshot, from_proto::id},
};

/// A client that was sent to the page and is back waits at most so long for the decision: shorter than its patience.
const RETURNED: Duration = Duration::from_secs(20);
/// The control plane may need so long to answer when it has nothing to wait for.
const ANSWER: Duration = Duration::from_secs(5);

/// What is asked about a call.
pub(crate) struct Question<'a> {
    pub(crate) tool: &'a str,
    /// As the client sent them.
    pub(crate) arguments: &'a str,
    /// As a person may see them.
    pub(crate) redacted: &'a str,
    /// Of the definition by which the tool was judged, in hex; empty: none is known.
    pub(crate) definition: &'a str,
    /// How long a call is held by default.
    pub(crate) hold: Duration,
    /// Whether the client comes back from the page.
    pub(crate) is_back: bool,
}

/// Returns once a use of an approval was taken for this call.
pub(crate) async fn approve(
    gateway: &Gateway,
    client: &mut Client,
    snapshot: &Snapshot,
    permit: &Permit,
    request: &Request<'_>,
    question: Question<'_>,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    let hash = arguments_hash(question.arguments)
        .ok_or_else(|| Rejection::new(Code::InvalidParams, "params.arguments cannot be read"))?;
    let wait = if question.is_back { question.hold.max(RETURNED) } else { question.hold };
    let principal = permit.principal();
    let message = ApprovalRequest {
        org_id: principal.org.as_bytes().to_vec().into(),
        api_key_id: principal.api_key().map(|key| key.as_bytes().to_vec()).unwrap_or_default().into(),
        user_id: principal.user().map(|user| user.as_bytes().to_vec()).unwrap_or_default().into(),
        mcp_server: permit.server().name.to_string(),
        tool_name: question.tool.to_owned(),
        arguments_hash: hash.to_vec().into(),
        arguments_redacted: question.redacted.to_owned(),
        reason: String::new(),
        trace_id: exchange.trace.trace_id.to_string(),
        definition_hash: question.definition.to_owned(),
        wait_ms: u32::try_from(wait.as_millis()).unwrap_or(u32::MAX),
        request_id: exchange.request_id.clone(),
        ip_address: exchange.client_address.map(|address| address.to_string()).unwrap_or_default(),
    };
    let ticket = tokio::select! {
        ticket = ask(gateway, message, wait + ANSWER) => ticket?,
        () = client.closed() => return Err(Rejection::new(Code::ClientClosed, "the client went away")),
    };
    let approval = id(&ticket.approval_id);
    gateway.telemetry.metrics.approval(&ticket.status);
    match ticket.status.as_str() {
        "approved" => {
            exchange.judged.approval = approval;
            Ok(())
        }
        "denied" => Err(denied(&ticket, question.tool)),
        _ => {
            let asked = Asked {
                snapshot,
                permit,
                request,
                tool: question.tool,
                arguments: hash,
                ticket: &ticket,
                now_ms: exchange.now_ms(),
            };
            Err(asked.required())
        }
    }
}

async fn ask(
    gateway: &Gateway,
    message: ApprovalRequest,
    patience: Duration,
) -> Result<ApprovalTicket, Rejection> {
    let away = |reason: String| {
        tracing::warn!("an approval cannot be asked for: {reason}");
        Rejection::new(
            Code::ApprovalUnavailable,
            "this call needs an approval, and nobody can be asked right now; try again in a minute",
        )
        .with("dependency", "control_plane")
        .retry_after(60)
    };
    let mut control_plane = gateway.control_plane.client(&gateway.config.control_plane).map_err(away)?;
    let answered = timeout(patience, control_plane.request_approval(message)).await;
    let ticket = answered.map_err(|_| away("no answer in time".into()))?;
    Ok(ticket.map_err(|status| away(told_by(&status)))?.into_inner())
}

fn denied(ticket: &ApprovalTicket, tool: &str) -> Rejection {
    let note = if ticket.review_note.is_empty() {
        String::new()
    } else {
        format!(" The reviewer wrote: {}", ticket.review_note)
    };
    let message =
        format!("The call of {tool} was denied by a reviewer. Do not call it again unchanged.{note}");
    Rejection::new(Code::ApprovalDenied, message)
        .with("approval_id", written(ticket))
        .with("review_note", ticket.review_note.clone())
}

fn written(ticket: &ApprovalTicket) -> String {
    id(&ticket.approval_id).unwrap_or_default().to_string()
}

/// A pending approval, on its way to the client in the form that it can act on.
struct Asked<'a> {
    snapshot: &'a Snapshot,
    permit: &'a Permit,
    request: &'a Request<'a>,
    tool: &'a str,
    arguments: [u8; 32],
    ticket: &'a ApprovalTicket,
    now_ms: u64,
}

impl Asked<'_> {
    fn required(&self) -> Rejection {
        let (ticket, tool, server) = (self.ticket, self.tool, &self.permit.server().name);
        let url = &ticket.approval_url;
        let message = format!(
            "{tool} on {server} needs approval. Ask the user to open {url}, then call it again with the same arguments."
        );
        let expires_at = chrono::DateTime::from_timestamp_millis(ticket.expires_at_ms)
            .map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
        let rejection = Rejection::new(Code::ApprovalRequired, message)
            .with("approval_id", written(ticket))
            .with("approval_url", url.as_str())
            .with("expires_at", expires_at)
            .retry_after(30);
        let sent_to = format!("{tool} on {server} needs approval.");
        match self.instead(&sent_to) {
            Some(instead) => rejection.instead(instead),
            None => rejection,
        }
    }

    /// What a client gets that can send its user to the page.
    fn instead(&self, message: &str) -> Option<Instead> {
        let url = &self.ticket.approval_url;
        let params = self.request.message()?.params.as_ref()?;
        match self.request.era {
            Era::Modern => {
                let takes_urls =
                    params.meta.as_ref().is_some_and(|meta| elicitation::meta_takes_urls(meta.raw));
                let question = json!({ "method": "elicitation/create",
                    "params": { "mode": "url", "message": message, "url": url } });
                takes_urls.then(|| self.state()).flatten().map(|state| {
                    Instead::Result(json!({ "resultType": "input_required",
                        "inputRequests": { QUESTION: question }, "requestState": state }))
                })
            }
            Era::Legacy => {
                let (session, _) = self.request.session.as_ref()?;
                let elicitation = json!({ "mode": "url", "elicitationId": written(self.ticket),
                    "message": message, "url": url });
                session.takes_urls.then(|| Instead::Error {
                    code: URL_ELICITATION_REQUIRED,
                    data: json!({ "elicitations": [elicitation] }),
                })
            }
        }
    }

    fn state(&self) -> Option<String> {
        let state = ApprovalState {
            approval: id(&self.ticket.approval_id)?,
            server: self.permit.server().id,
            tool: self.tool.to_owned(),
            arguments: self.arguments,
        };
        let expires_at_ms = u64::try_from(self.ticket.expires_at_ms).ok()?.max(self.now_ms);
        state.seal(&self.snapshot.token_keys, self.permit.principal().id, expires_at_ms)
    }
}

/// `UrlElicitationRequiredError` of 2025-11-25.
const URL_ELICITATION_REQUIRED: i64 = -32042;
