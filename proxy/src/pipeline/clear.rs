//! Everything that an organization has decided about a message, in the order of contract 2.2. What comes out may be
//! sent: [`Cleared`] is what `call` takes, and nothing less.
//!
//! ```text
//! tool state, permissions, classification → budgets → guard → daily uses → a person
//! ```
//!
//! Machines judge before a person is asked: nobody approves what would be blocked anyway.

use std::{sync::Arc, time::Instant};

use gatewayops_proto::tool_policy::{Call, Caller, Decision, Denial, Level, Tool, Verdict};
use redis::cmd;
use serde_json::value::RawValue;

use super::{
    approve::{self, Question},
    authorize::Permit,
    decode::{Request, Round},
    guard::{self, Guard},
    limit,
};
use crate::{
    catalogue::Entry,
    exchange::{Exchange, stages::Stage},
    gateway::Client,
    mcp::{message::Message, method::Method},
    policies::Policies,
    principal::Principal,
    rejection::{Code, Rejection},
    server::Gateway,
    snapshot::Snapshot,
    telemetry::payload::{Capture, Payload},
};

/// A question of a server's is answered within this time, or the call needs another approval.
const ROUND_SECONDS: u64 = 24 * 60 * 60;
/// Uses of a day are counted until everybody agrees that it is over.
const USES_SECONDS: u64 = 2 * 24 * 60 * 60;

/// A permit, and with it everybody's consent. Made here and nowhere else.
pub(crate) struct Cleared {
    permit: Permit,
    policies: Arc<Policies>,
}

impl Cleared {
    pub(crate) fn permit(&self) -> &Permit {
        &self.permit
    }

    pub(crate) fn policies(&self) -> &Arc<Policies> {
        &self.policies
    }
}

/// Clears one message, or says why not. What a policy redacts of a request is not sent.
pub(crate) async fn clear(
    gateway: &Gateway,
    client: &mut Client,
    permit: Permit,
    request: &mut Request<'_>,
    snapshot: &Snapshot,
    exchange: &mut Exchange,
) -> Result<Cleared, Rejection> {
    let policies = snapshot.policies.of(permit.principal().org).clone();
    let judged = exchange.timed(Stage::Authorize, |exchange| {
        let judged = judge(&permit, &policies, request, exchange)?;
        limit::budget(&permit, &policies, exchange)?;
        Ok(judged)
    })?;
    let looked_at = exchange.timed(Stage::SafetyRequest, |exchange| {
        guard(&permit, &policies, request).request(request, exchange)
    });
    if let Some(redacted) = looked_at? {
        request.replaced = Some(redacted);
    }
    capture(gateway, &permit, &policies, request, exchange);
    let Some((decision, entry)) = judged else { return Ok(Cleared { permit, policies }) };
    let began = Instant::now();
    let taken = take_use(gateway, &permit, &decision, request, exchange).await;
    exchange.stages.ended(Stage::Authorize, began, &taken);
    taken?;
    if decision.verdict == Verdict::ApprovalRequired && !goes_on(gateway, request).await {
        let arguments = arguments(request);
        let redacted = guard::for_people(arguments);
        let question = Question {
            tool: request.tool().unwrap_or_default(),
            arguments,
            redacted: &redacted,
            definition: &entry.definition().map(hex::encode).unwrap_or_default(),
            hold: policies.approval_hold,
            is_back: matches!(request.round, Round::FromPage),
        };
        let began = Instant::now();
        let approved =
            approve::approve(gateway, client, snapshot, &permit, request, question, exchange).await;
        exchange.stages.ended(Stage::ApprovalWait, began, &approved);
        approved?;
    }
    Ok(Cleared { permit, policies })
}

/// Keeps what is sent, where somebody wants it kept.
fn capture(
    gateway: &Gateway,
    permit: &Permit,
    policies: &Policies,
    request: &Request<'_>,
    exchange: &mut Exchange,
) {
    let capture = permit.server().capture.unwrap_or(policies.capture);
    if capture == Capture::None || !request.method().is_charged() {
        return;
    }
    exchange.payload = Payload::wanted(capture, &gateway.telemetry.payload_room);
    let replaced = request.replaced.as_ref().and_then(|body| Message::parse(body).ok());
    let message = replaced.as_ref().or(request.message());
    let Some(params) = message.and_then(|message| message.params.as_ref()) else { return };
    let uri = params.uri.as_deref().map(|uri| serde_json::json!({ "uri": uri }).to_string());
    if let Some(payload) = &mut exchange.payload
        && let Some(said) = params.arguments.map(RawValue::get).or(uri.as_deref())
    {
        payload.asked(said);
    }
}

/// How the guard looks at the message and at what comes back.
pub(crate) fn guard<'a>(permit: &'a Permit, policies: &'a Policies, request: &'a Request<'_>) -> Guard<'a> {
    let server = permit.server();
    let method = request.method();
    let tool = request.tool_called();
    Guard {
        safety: &policies.safety,
        server: &server.name,
        tool,
        method,
        is_strict: tool.is_some_and(|tool| server.has_strict_output(tool)),
        schema: tool.and_then(|tool| server.schema(tool)),
    }
}

pub(crate) fn caller(principal: &Principal) -> Caller<'_> {
    Caller { user: principal.user(), teams: &principal.teams, api_key: principal.api_key() }
}

/// A call without arguments is one with none.
fn arguments<'a>(request: &'a Request<'_>) -> &'a str {
    let params = request.message().and_then(|message| message.params.as_ref());
    params.and_then(|params| params.arguments).map_or("{}", |arguments| arguments.get())
}

/// What rules say of a call; nothing of what is no call of a tool.
fn judge(
    permit: &Permit,
    policies: &Policies,
    request: &Request<'_>,
    exchange: &mut Exchange,
) -> Result<Option<(Decision, Entry)>, Rejection> {
    if request.method() != Method::ToolsCall {
        return Ok(None);
    }
    let Some(tool) = request.tool() else { return Ok(None) };
    let server = permit.server();
    let entry = server.entry(tool);
    let decision = policies.tools.decide(&Call {
        tool: Tool { server: &server.name, name: tool, state: entry.state, destructive: entry.destructive },
        caller: caller(permit.principal()),
        arguments: Some(arguments(request)),
        now_ms: exchange.started_at_ms(),
    });
    exchange.judged.classification = Some(level(decision.classified.level));
    exchange.judged.is_unreviewed = decision.warn;
    match decision.verdict {
        Verdict::Deny(denial) => Err(denied(denial, &decision, tool)),
        Verdict::Allow | Verdict::ApprovalRequired => Ok(Some((decision, entry))),
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Safe => "safe",
        Level::Sensitive => "sensitive",
        Level::Dangerous => "dangerous",
    }
}

/// Text for models: what was refused and what would not be (R10.3, R10.11).
fn denied(denial: Denial, decision: &Decision, tool: &str) -> Rejection {
    let (code, message) = match denial {
        Denial::Quarantined => (
            Code::ToolQuarantined,
            format!(
                "{tool} is in quarantine: its definition is new or was changed. Do not call it until an administrator has reviewed it."
            ),
        ),
        Denial::Blocked => {
            (Code::ToolDenied, format!("{tool} was blocked by an administrator. Do not call it again."))
        }
        Denial::Permission | Denial::Classification => (
            Code::ToolDenied,
            format!("A policy does not let you call {tool}. Do not call it again; ask an administrator."),
        ),
        Denial::Arguments => (
            Code::ToolDenied,
            format!(
                "A policy does not let you call {tool} with these arguments. Do not call it again unchanged."
            ),
        ),
        Denial::Uses => (
            Code::ToolDenied,
            format!(
                "All calls of {tool} that you have for today are used up. Do not call it again before tomorrow (UTC)."
            ),
        ),
    };
    Rejection::new(code, message)
        .with("reason", denial.reason())
        .with("rule_id", decision.rule.map(|rule| rule.to_string()))
}

/// Takes one of a permission's uses of the day. Where they cannot be counted there is none.
async fn take_use(
    gateway: &Gateway,
    permit: &Permit,
    decision: &Decision,
    request: &Request<'_>,
    exchange: &Exchange,
) -> Result<(), Rejection> {
    let (Verdict::Allow, Some(limited)) = (decision.verdict, decision.limited_use) else { return Ok(()) };
    let org = permit.principal().org;
    let day = exchange.started_at.format("%Y%m%d");
    let key = format!("gwo:uses:{{{org}}}:{}:{day}", limited.permission);
    let mut count = redis::pipe();
    count.atomic().cmd("INCR").arg(&key).cmd("EXPIRE").arg(&key).arg(USES_SECONDS).ignore();
    let used: Result<(u64,), _> = gateway.store.ask_all(&count).await;
    match used {
        Ok((used,)) if used <= u64::from(limited.max_uses_per_day) => Ok(()),
        Ok(_) => Err(denied(Denial::Uses, decision, request.tool().unwrap_or_default())),
        Err(_) => {
            let message = "this call is limited by the day, and calls cannot be counted right now; try again in a minute";
            Err(Rejection::new(Code::ApprovalUnavailable, message)
                .with("dependency", "redis")
                .retry_after(60))
        }
    }
}

/// Whether the message answers a question that the server asked in a call that was let through. Each question is
/// answered once: a state that a client keeps opens nothing a second time (R8.4).
async fn goes_on(gateway: &Gateway, request: &Request<'_>) -> bool {
    let Round::Servers(digest) = &request.round else { return false };
    let key = format!("gwo:round:{}", hex::encode(digest));
    let mut once = cmd("SET");
    once.arg(key).arg(1).arg("NX").arg("EX").arg(ROUND_SECONDS);
    matches!(gateway.store.ask::<Option<String>>(&once).await, Ok(Some(_)))
}
