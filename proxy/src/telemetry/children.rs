//! The spans below an exchange's own (contract 8.2): its stages that took long or failed, and the times its server was
//! asked. They go behind it on the stream, and are no calls: nothing is counted or charged for them.

use std::{
    borrow::Cow,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use gatewayops_proto::event::{self, Status};
use serde_json::json;
use uuid::Uuid;

use super::span::{Entry, entry_of, milliseconds};
use crate::{
    exchange::{
        Exchange,
        stages::{Stage, Taken},
        status_of,
    },
    mcp::trace_context,
    principal::Principal,
    rejection::Code,
    upstream::attempts::{Attempt, End},
};

/// One entry for each, in the order of the stages.
pub(super) fn entries<'a>(exchange: &'a Exchange, proxy_id: &'a str) -> impl Iterator<Item = Entry> {
    spans(exchange, proxy_id).filter_map(|span| entry_of(event::kind::SPAN, span.org_id, &span))
}

pub(super) fn spans<'a>(exchange: &'a Exchange, proxy_id: &'a str) -> impl Iterator<Item = event::Span<'a>> {
    let principal = exchange.principal.as_ref();
    principal.into_iter().flat_map(move |principal| {
        let below = Below { exchange, principal, proxy_id };
        let stages = exchange.stages.told().map(move |(stage, taken)| below.stage(stage, taken));
        stages.chain(below.attempts())
    })
}

/// Below whose span they are.
#[derive(Clone, Copy)]
struct Below<'a> {
    exchange: &'a Exchange,
    principal: &'a Principal,
    proxy_id: &'a str,
}

impl<'a> Below<'a> {
    fn stage(self, stage: Stage, taken: Taken) -> event::Span<'a> {
        let outcome = &self.exchange.outcome;
        let code = taken.failed.map(Code::name);
        // The exchange ended with what the stage said, unless something else came of it.
        let is_end = code.is_some() && outcome.error_type.as_deref() == code;
        event::Span {
            kind: Cow::Borrowed("internal"),
            operation_name: Cow::Borrowed(stage.name()),
            status: taken.failed.map_or(Status::Success, status_of),
            error_type: code.map(Cow::Borrowed),
            error_message: outcome.error_message.as_deref().filter(|_| is_end).map(Cow::Borrowed),
            ..self.span(taken.began, taken.took)
        }
    }

    /// None for a server that was asked once and answered: what such a span could say is said by the exchange's own
    /// (`upstream_ms`), and nearly every call would have one. Servers are told the exchange's span as their parent, which
    /// is always stored.
    fn attempts(self) -> impl Iterator<Item = event::Span<'a>> {
        let made = &self.exchange.upstream.attempts;
        let (count, first) = (made.made().count(), made.made().next().map(|attempt| attempt.began));
        let attempts = made.made().enumerate().map(move |(place, attempt)| {
            let is_last = place + 1 == count;
            self.attempt(attempt, first.filter(|_| is_last))
        });
        attempts.filter(move |span| count > 1 || span.status != Status::Success)
    }

    /// `first`: when the server was first asked, of the attempt that was the last.
    fn attempt(self, attempt: &'a Attempt, first: Option<Instant>) -> event::Span<'a> {
        let (exchange, outcome) = (self.exchange, &self.exchange.outcome);
        let is_last = first.is_some();
        let broke =
            is_last && outcome.error_type.as_deref().is_some_and(|code| code.starts_with("upstream_"));
        let (status, code, message) = match (&attempt.end, attempt.took) {
            (End::TimedOut, _) => (Status::Timeout, Some(Code::UpstreamTimeout.name()), None),
            (End::Failed(reason), _) => {
                (Status::Error, Some(Code::UpstreamError.name()), Some(reason.as_str()))
            }
            (End::Answered, None) => (Status::Cancelled, Some(Code::ClientClosed.name()), None),
            // It had begun to answer.
            (End::Answered, Some(_)) if broke => {
                (outcome.status, outcome.error_type.as_deref(), outcome.error_message.as_deref())
            }
            (End::Answered, Some(_)) => (Status::Success, None, None),
        };
        let left =
            exchange.duration.saturating_sub(attempt.began.saturating_duration_since(exchange.started));
        // The head of an answer is not its end.
        let whole = first.zip(exchange.upstream.waited).map(|(first, waited)| {
            waited.saturating_sub(attempt.began.saturating_duration_since(first)).min(left)
        });
        let took = attempt.took.map_or(left, |head| match attempt.end {
            End::Answered => head.max(whole.unwrap_or_default()),
            _ => head,
        });
        event::Span {
            kind: Cow::Borrowed("client"),
            operation_name: Cow::Borrowed(&exchange.operation),
            tool_name: exchange.tool.as_deref().map(Cow::Borrowed),
            status,
            error_type: code.map(Cow::Borrowed),
            error_message: message.map(Cow::Borrowed),
            protocol_version: exchange.protocol_version.map(Cow::Borrowed),
            ..self.span(attempt.began, took)
        }
    }

    /// What all have in common: whose they are, and that they count for nothing.
    fn span(self, began: Instant, took: Duration) -> event::Span<'a> {
        let Self { exchange, principal, proxy_id } = self;
        let from = began.saturating_duration_since(exchange.started);
        let started_at = exchange.started_at + TimeDelta::from_std(from).unwrap_or_default();
        event::Span {
            id: Uuid::now_v7(),
            org_id: principal.org,
            trace_id: Cow::Borrowed(&exchange.trace.trace_id),
            span_id: Cow::Owned(trace_context::fresh_span_id()),
            parent_span_id: Some(Cow::Borrowed(&exchange.trace.span_id)),
            is_root: false,
            kind: Cow::Borrowed("internal"),
            operation_name: Cow::Borrowed(""),
            mcp_server: Cow::Borrowed(exchange.server_shown()),
            tool_name: None,
            status: Status::Success,
            status_code: None,
            error_type: None,
            error_message: None,
            duration_ms: milliseconds(took),
            upstream_ms: None,
            overhead_us: None,
            input_tokens: None,
            output_tokens: None,
            charged: false,
            cost_usd: None,
            price_id: None,
            user_id: principal.user(),
            team_id: principal.team(),
            api_key_id: principal.api_key(),
            environment: principal.environment().map(Cow::Borrowed),
            session_id: exchange.session.as_deref().map(Cow::Borrowed),
            client_name: exchange.client_name.as_deref().map(Cow::Borrowed),
            client_version: exchange.client_version.as_deref().map(Cow::Borrowed),
            protocol_version: None,
            request_bytes: 0,
            response_bytes: 0,
            proxy_id: Cow::Borrowed(proxy_id),
            metadata: json!({ "request_id": exchange.request_id }),
            started_at,
            ended_at: started_at + TimeDelta::from_std(took).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;
    use crate::{mcp::trace_context::TraceContext, rejection::Rejection};

    /// A call that took ten seconds, of which its server had four.
    fn exchange() -> Exchange {
        let mut exchange = Exchange::new("r1".into(), None, TraceContext::fresh());
        exchange.principal = Some(Arc::new(Principal::of_tools(&["*"])));
        exchange.started = Instant::now();
        exchange.duration = Duration::from_secs(10);
        exchange.upstream.waited = Some(Duration::from_secs(4));
        exchange.server_name = "files".into();
        exchange.operation = "tools/call".into();
        exchange.tool = Some("read".into());
        (exchange.charged, exchange.input_tokens) = (true, Some(7));
        exchange
    }

    fn told(exchange: &Exchange) -> Vec<Value> {
        let entries = entries(exchange, "proxy-1");
        entries.map(|entry| serde_json::from_slice(&entry.json).unwrap()).collect()
    }

    fn at(exchange: &Exchange, seconds: u64) -> Instant {
        exchange.started + Duration::from_secs(seconds)
    }

    fn attempt(began: Instant, took: Option<u64>, end: End) -> Attempt {
        Attempt { began, took: took.map(Duration::from_secs), end }
    }

    #[test]
    fn a_stage_is_a_span_below_the_exchanges_that_counts_for_nothing() {
        let mut exchange = exchange();
        let rejection = Rejection::new(Code::ApprovalDenied, "a reviewer said no");
        // It begins two seconds after the exchange, and has not yet: it took no time.
        let began = at(&exchange, 2);
        exchange.stages.ended::<()>(Stage::ApprovalWait, began, &Err(rejection));
        exchange.rejected(Code::ApprovalDenied, "a reviewer said no");
        let spans = told(&exchange);
        let [span] = &spans[..] else { panic!("{spans:?}") };
        assert_eq!((&span["is_root"], &span["kind"]), (&json!(false), &json!("internal")));
        assert_eq!(span["operation_name"], "gatewayops.approval.wait");
        assert_eq!(span["trace_id"], exchange.trace.trace_id);
        assert_eq!(span["parent_span_id"], exchange.trace.span_id);
        let id = span["span_id"].as_str().unwrap();
        assert!(id.len() == 16 && id != exchange.trace.span_id, "{id}");
        assert_eq!((&span["status"], &span["error_type"]), (&json!("blocked"), &json!("approval_denied")));
        assert_eq!(span["error_message"], "a reviewer said no");
        assert_eq!((&span["charged"], &span["input_tokens"]), (&json!(false), &Value::Null));
        assert_eq!((&span["mcp_server"], &span["tool_name"]), (&json!("files"), &Value::Null));
        let started: chrono::DateTime<chrono::Utc> =
            serde_json::from_value(span["started_at"].clone()).unwrap();
        assert_eq!(started - exchange.started_at, TimeDelta::seconds(2));
    }

    #[test]
    fn what_nobody_owns_or_what_went_well_has_no_spans_below() {
        let mut exchange = exchange();
        let once = attempt(at(&exchange, 1), Some(1), End::Answered);
        exchange.upstream.attempts = [once].into();
        assert_eq!(told(&exchange), [] as [Value; 0]);
        let rejection = Rejection::new(Code::RateLimited, "too many");
        exchange.stages.ended::<()>(Stage::RateLimit, Instant::now(), &Err(rejection));
        assert_eq!(told(&exchange).len(), 1);
        exchange.principal = None;
        assert_eq!(told(&exchange).len(), 0);
    }

    #[test]
    fn each_attempt_is_told_of_when_there_was_more_than_one() {
        let mut exchange = exchange();
        exchange.upstream.attempts = [
            attempt(at(&exchange, 1), Some(1), End::Failed("status 503".into())),
            attempt(at(&exchange, 3), Some(1), End::Answered),
        ]
        .into();
        let spans = told(&exchange);
        let [first, second] = &spans[..] else { panic!("{spans:?}") };
        assert_eq!((&first["kind"], &first["operation_name"]), (&json!("client"), &json!("tools/call")));
        assert_eq!((&first["tool_name"], &first["is_root"]), (&json!("read"), &json!(false)));
        assert_eq!((&first["status"], &first["error_message"]), (&json!("error"), &json!("status 503")));
        assert_eq!((&first["duration_ms"], &second["duration_ms"]), (&json!(1000), &json!(2000)));
        assert_eq!((&second["status"], &second["error_type"]), (&json!("success"), &Value::Null));
    }

    #[test]
    fn one_attempt_is_told_of_when_it_failed() {
        let mut broken = exchange();
        let once = attempt(at(&broken, 1), Some(1), End::Answered);
        broken.upstream.attempts = [once.clone()].into();
        broken.ended(Status::Error, Code::UpstreamError.name(), "the server broke off");
        let mut unheard = exchange();
        unheard.upstream.attempts = [Attempt { took: None, ..once.clone() }].into();
        let mut timed_out = exchange();
        timed_out.upstream.attempts = [Attempt { end: End::TimedOut, ..once.clone() }].into();
        for (exchange, status, code, took) in [
            (&broken, "error", "upstream_error", 4000),
            (&unheard, "cancelled", "client_closed", 9000),
            (&timed_out, "timeout", "upstream_timeout", 1000),
        ] {
            let spans = told(exchange);
            assert_eq!(spans.len(), 1, "{spans:?}");
            let span = &spans[0];
            assert_eq!((&span["status"], &span["error_type"]), (&json!(status), &json!(code)), "{span}");
            assert_eq!(span["duration_ms"], took, "{span}");
        }
        // What the guard blocks has been answered well.
        let mut blocked = exchange();
        blocked.upstream.attempts = [once].into();
        blocked.rejected(Code::SafetyBlocked, "no");
        assert_eq!(told(&blocked).len(), 0);
    }
}
