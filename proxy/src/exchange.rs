//! One MCP message on its way, and what the stages learned about it. Its end is a span.

use std::{
    borrow::Cow,
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use gatewayops_proto::event::Status;
use gatewayops_safety::policy::{Action, Detection, Direction};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::{
    exchange::stages::{Stage, Stages},
    limit::Passed,
    mcp::trace_context::TraceContext,
    pipeline::authenticate::standing::{Shown, Standing},
    principal::Principal,
    rejection::{Code, Rejection},
    telemetry::{payload::Payload, tokens::Texts},
    upstream::{Server, attempts::Attempts},
};

pub(crate) mod stages;

pub(crate) struct Exchange {
    pub(crate) id: Uuid,
    pub(crate) request_id: String,
    pub(crate) started: Instant,
    pub(crate) started_at: DateTime<Utc>,
    /// Known once it has ended.
    pub(crate) duration: Duration,
    pub(crate) client_address: Option<IpAddr>,
    pub(crate) principal: Option<Arc<Principal>>,
    /// By what the principal was let in.
    pub(crate) standing: Option<Standing>,
    pub(crate) server: Option<Arc<Server>>,
    /// As asked for: what a span of an unknown server carries.
    pub(crate) server_name: Box<str>,
    pub(crate) trace: TraceContext,
    /// The JSON-RPC method, or what stands in for one on GET and DELETE.
    pub(crate) operation: Cow<'static, str>,
    pub(crate) tool: Option<Box<str>>,
    pub(crate) client_name: Option<Box<str>>,
    pub(crate) client_version: Option<Box<str>>,
    pub(crate) protocol_version: Option<&'static str>,
    /// Digest of the session token (R8.8).
    pub(crate) session: Option<Box<str>>,
    pub(crate) request_bytes: u64,
    pub(crate) response_bytes: u64,
    pub(crate) input_bytes: u64,
    pub(crate) input_tokens: Option<u32>,
    pub(crate) output_tokens: Option<u32>,
    pub(crate) stages: Stages,
    pub(crate) upstream: Upstream,
    pub(crate) outcome: Outcome,
    /// Whether the upstream was left with it: then it costs (contract 5.1).
    pub(crate) charged: bool,
    pub(crate) cost: Option<(Decimal, Option<Uuid>)>,
    pub(crate) judged: Judged,
    /// What is kept of what was said, if anything.
    pub(crate) payload: Option<Box<Payload>>,
    /// What is still to be counted of what was said, if anything.
    pub(crate) texts: Option<Box<Texts>>,
}

/// What policy had to do with it.
#[derive(Default)]
pub(crate) struct Judged {
    /// What its limits leave.
    pub(crate) passed: Option<Passed>,
    /// The approval of which it took a use.
    pub(crate) approval: Option<Uuid>,
    pub(crate) classification: Option<&'static str>,
    /// The tool's definition is new or was changed, and passes with a warning.
    pub(crate) is_unreviewed: bool,
    /// Something of it was too long to be looked at whole.
    pub(crate) is_unscanned: bool,
    pub(crate) detections: Vec<Detected>,
}

impl Judged {
    /// What a policy only warns of, for whoever reads headers (contract 1.5).
    pub(crate) fn warning(&self) -> Option<String> {
        let warned = self.detections.iter().map(|found| &found.detection);
        let gravest =
            warned.filter(|found| found.action == Action::Warn).max_by_key(|found| found.severity)?;
        Some(format!("{};severity={}", gravest.kind.as_str(), gravest.severity.as_str()))
    }
}

/// Something that the guard found in it.
pub(crate) struct Detected {
    pub(crate) id: Uuid,
    pub(crate) direction: Direction,
    pub(crate) detection: Detection,
}

/// A stream may bring any number of them.
const MAX_DETECTIONS: usize = 200;

/// The time we spent waiting for the server.
#[derive(Default)]
pub(crate) struct Upstream {
    pub(crate) waited: Option<Duration>,
    pub(crate) attempts: Attempts,
}

pub(crate) struct Outcome {
    pub(crate) status: Status,
    pub(crate) status_code: u16,
    pub(crate) error_type: Option<Cow<'static, str>>,
    pub(crate) error_message: Option<String>,
}

impl Exchange {
    pub(crate) fn new(request_id: String, client_address: Option<IpAddr>, trace: TraceContext) -> Self {
        Self {
            id: Uuid::now_v7(),
            request_id,
            started: Instant::now(),
            started_at: Utc::now(),
            duration: Duration::ZERO,
            client_address,
            principal: None,
            standing: None,
            server: None,
            server_name: Box::default(),
            trace,
            operation: Cow::Borrowed("unknown"),
            tool: None,
            client_name: None,
            client_version: None,
            protocol_version: None,
            session: None,
            request_bytes: 0,
            response_bytes: 0,
            input_bytes: 0,
            input_tokens: None,
            output_tokens: None,
            stages: Stages::default(),
            upstream: Upstream::default(),
            outcome: Outcome {
                status: Status::Success,
                status_code: 200,
                error_type: None,
                error_message: None,
            },
            charged: false,
            cost: None,
            judged: Judged::default(),
            payload: None,
            texts: None,
        }
    }

    /// From now on what happens is the principal's: a refusal too belongs to an organization, and leaves a span there.
    pub(crate) fn is_by(&mut self, principal: &Arc<Principal>, shown: Shown) {
        self.principal = Some(principal.clone());
        self.standing = Some(Standing { shown, address: self.client_address });
    }

    /// Unix milliseconds of its start: one time for everything that is decided in it.
    pub(crate) fn now_ms(&self) -> u64 {
        u64::try_from(self.started_at.timestamp_millis()).unwrap_or_default()
    }

    /// The same for what may lie before 1970, or say so.
    pub(crate) fn started_at_ms(&self) -> i64 {
        self.started_at.timestamp_millis()
    }

    pub(crate) fn detected(&mut self, detected: Detected) {
        if self.judged.detections.len() < MAX_DETECTIONS {
            self.judged.detections.push(detected);
        }
    }

    /// It ended otherwise than well, and this is why.
    pub(crate) fn ended(
        &mut self,
        status: Status,
        error_type: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) {
        self.outcome.status = status;
        self.outcome.error_type = Some(error_type.into());
        self.outcome.error_message = Some(message.into());
    }

    pub(crate) fn rejected(&mut self, code: Code, message: &str) {
        self.ended(status_of(code), code.name(), message);
    }

    /// As spans show the server; `*` stands for all.
    pub(crate) fn server_shown(&self) -> &str {
        if self.server_name.is_empty() { "*" } else { &self.server_name }
    }

    /// Goes through a stage, or a part of one, and notes how long it took and whether it failed.
    pub(crate) fn timed<T>(
        &mut self,
        stage: Stage,
        run: impl FnOnce(&mut Self) -> Result<T, Rejection>,
    ) -> Result<T, Rejection> {
        let began = Instant::now();
        let end = run(self);
        self.stages.ended(stage, began, &end);
        end
    }
}

/// How an exchange ends that is rejected so.
pub(crate) fn status_of(code: Code) -> Status {
    match code {
        Code::UpstreamTimeout => Status::Timeout,
        Code::ClientClosed => Status::Cancelled,
        Code::UpstreamError => Status::Error,
        code if code.is_protocol_fault() => Status::Error,
        _ => Status::Blocked,
    }
}
