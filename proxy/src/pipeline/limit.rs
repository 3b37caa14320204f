//! Whether the caller has calls left: its limits before anything else is decided, its budgets before the call is made
//! (contract 2.2).

use std::net::IpAddr;

use super::decode::Request;
use crate::{
    exchange::Exchange,
    limit::{Call, Passed, Rules},
    mcp::message::Message,
    rejection::Rejection,
    server::Gateway,
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

/// Counts the call, or refuses it. None: it does not count.
pub(crate) async fn limit(
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

/// Counts the tokens of a call that has ended, for limits that count those.
pub(crate) fn charge(gateway: &Gateway, rules: &Rules, call: &Call<'_>, exchange: &Exchange) {
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
