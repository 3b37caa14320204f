//! Whether the caller has calls left: its limits before anything else is decided, its budgets before the call is made
//! (contract 2.2).

use std::{net::IpAddr, time::Instant};

use gatewayops_proto::api_key::Environment;

use super::{authorize::Permit, decode::Request};
use crate::{
    exchange::{Exchange, stages::Stage},
    limit::{Call, Caller, Passed, Rules},
    mcp::message::Message,
    policies::Policies,
    principal::Principal,
    rejection::Rejection,
    server::Gateway,
    snapshot::Snapshot,
};

/// What a message is to limits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Counts {
    /// It counts.
    Call,
    /// It goes on with a call that was counted: it brings back what its server asked for, or asks for its state.
    Continued,
    /// The question with which a client finds out who we are: it counts, and is refused in a way of its own (R10.4a).
    Discovery,
    /// It asks for nothing.
    Nothing,
}

impl Counts {
    pub(crate) fn of(message: &Message<'_>) -> Self {
        if message.is_response || !message.is_request() {
            return Self::Nothing;
        }
        let has_state = message.params.as_ref().is_some_and(|params| params.request_state.is_some());
        match message.method_name() {
            "ping" => Self::Nothing,
            "server/discover" => Self::Discovery,
            "tasks/get" | "tasks/result" | "tasks/update" | "tasks/cancel" => Self::Continued,
            _ if has_state => Self::Continued,
            _ => Self::Call,
        }
    }

    /// Of a whole request: what is no message opens or ends a session.
    pub(crate) fn of_request(request: &Request<'_>) -> Self {
        request.message().map_or(Self::Nothing, Self::of)
    }
}

/// A caller as limits and budgets know one.
pub(crate) fn caller(principal: &Principal, address: Option<IpAddr>) -> Caller<'_> {
    Caller {
        org: principal.org,
        api_key: principal.api_key(),
        rpm: principal.rpm(),
        environment: principal.environment().and_then(Environment::parse),
        user: principal.user(),
        teams: &principal.teams,
        address,
    }
}

/// Counts a message by the limits of its caller's organization. `server`, `tool`: what it concerns, as far as it is
/// known. What is left is told with the answer.
pub(crate) async fn message(
    gateway: &Gateway,
    snapshot: &Snapshot,
    principal: &Principal,
    request: &Request<'_>,
    server: Option<&str>,
    tool: Option<&str>,
    exchange: &mut Exchange,
) -> Result<(), Rejection> {
    let rules = &snapshot.policies.of(principal.org).limits;
    let caller = caller(principal, exchange.client_address);
    let call = Call { caller, server, tool, is_continued: false };
    let began = Instant::now();
    let passed = limit(gateway, rules, &call, Counts::of_request(request)).await;
    exchange.stages.ended(Stage::RateLimit, began, &passed);
    exchange.judged.passed = passed?;
    Ok(())
}

/// Whether what the call is paid from is used up.
pub(crate) fn budget(permit: &Permit, policies: &Policies, exchange: &Exchange) -> Result<(), Rejection> {
    let caller = caller(permit.principal(), exchange.client_address);
    policies.budgets.check(&caller, Some(permit.server().id), now_ms())
}

/// Counts the tokens of an exchange that has ended, for limits that count those.
pub(crate) fn spent(gateway: &Gateway, exchange: &Exchange) {
    let Some(principal) = exchange.principal.as_ref().filter(|_| exchange.charged) else { return };
    let snapshot = gateway.current.snapshot();
    let call = Call {
        caller: caller(principal, exchange.client_address),
        server: Some(&exchange.server_name),
        tool: exchange.tool.as_deref(),
        is_continued: false,
    };
    charge(gateway, &snapshot.policies.of(principal.org).limits, &call, exchange);
}

/// Counts the call, or refuses it. None: it does not count.
async fn limit(
    gateway: &Gateway,
    rules: &Rules,
    call: &Call<'_>,
    counts: Counts,
) -> Result<Option<Passed>, Rejection> {
    let call = Call { is_continued: counts == Counts::Continued, ..*call };
    if counts == Counts::Nothing {
        return Ok(None);
    }
    match gateway.limiter.check(&gateway.store, rules, &call, now_ms()).await {
        Ok(passed) => Ok(Some(passed)),
        Err(refused) => {
            gateway.telemetry.metrics.rate_limited(refused.scope.as_str());
            Err(if counts == Counts::Discovery { refused.of_discovery() } else { refused.of_call() })
        }
    }
}

fn charge(gateway: &Gateway, rules: &Rules, call: &Call<'_>, exchange: &Exchange) {
    let (input, output) = (exchange.input_tokens, exchange.output_tokens);
    gateway.limiter.charge(rules, call, input.unwrap_or_default(), output.unwrap_or_default(), now_ms());
}

/// What a request is answered whose credential was not good: that, or that there were too many of them. `rules`: of the
/// organization, if it is known.
pub(crate) fn stranger(
    gateway: &Gateway,
    rules: Option<&Rules>,
    address: Option<IpAddr>,
    refusal: Rejection,
) -> Rejection {
    let Some(address) = address else { return refusal };
    match gateway.limiter.flood(rules, address, now_ms()) {
        Ok(()) => refusal,
        Err(refused) => {
            gateway.telemetry.metrics.rate_limited(refused.scope.as_str());
            refused.of_stranger()
        }
    }
}

/// Not when the exchange began: a body may have taken its time.
fn now_ms() -> u64 {
    u64::try_from(chrono::Utc::now().timestamp_millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logical_call_counts_once() {
        for (message, counts) in [
            (r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"}}"#, Counts::Call),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","requestState":"x"}}"#,
                Counts::Continued,
            ),
            (r#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{}}"#, Counts::Continued),
            (r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, Counts::Call),
            (r#"{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{}}"#, Counts::Discovery),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, Counts::Nothing),
            (r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, Counts::Nothing),
            (r#"{"jsonrpc":"2.0","id":1,"result":{}}"#, Counts::Nothing),
        ] {
            assert_eq!(Counts::of(&Message::parse(message.as_bytes()).unwrap()), counts, "{message}");
        }
    }
}
