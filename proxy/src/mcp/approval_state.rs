//! What a modern client brings back after its user was sent to the page of an approval (R10.6). It lets nothing through
//! by itself: whether somebody has approved is asked of the control plane, every time (R8.4).

use std::borrow::Cow;

use gatewayops_proto::approval::arguments_hash;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    message::Message,
    token::{Keys, Token},
};

/// What the page's question is called in `inputRequests`, and its answer in `inputResponses`.
pub(crate) const QUESTION: &str = "gatewayops_approval";

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct ApprovalState {
    pub(crate) approval: Uuid,
    pub(crate) server: Uuid,
    pub(crate) tool: String,
    /// Their hash, as approvals have it.
    pub(crate) arguments: [u8; 32],
}

impl Token for ApprovalState {
    const LABEL: &'static str = "approval state";
}

/// What its user did at the question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Answered {
    /// Went to the page, as far as the client knows.
    Went,
    Declined,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, default, rename = "inputResponses")]
    responses: Responses<'a>,
}

#[derive(Default, Deserialize)]
struct Responses<'a> {
    #[serde(borrow)]
    gatewayops_approval: Option<Response<'a>>,
}

#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
}

impl ApprovalState {
    pub(crate) fn seal(&self, keys: &Keys, principal: Uuid, expires_at_ms: u64) -> Option<String> {
        keys.seal(principal, expires_at_ms, self)
    }

    /// None: the state is none of ours, or not of this caller and call.
    pub(crate) fn open(
        keys: &Keys,
        principal: Uuid,
        now_ms: u64,
        server: Uuid,
        message: &Message<'_>,
        token: &str,
    ) -> Option<Self> {
        let state: Self = keys.open(principal, now_ms, token)?;
        let params = message.params.as_ref()?;
        let arguments = params.arguments.map_or("{}", |arguments| arguments.get());
        let fits = state.server == server
            && params.name.as_deref() == Some(&*state.tool)
            && arguments_hash(arguments) == Some(state.arguments);
        fits.then_some(state)
    }
}

/// What the retry says of the question; nothing is as good as having been there.
pub(crate) fn answered(message: &Message<'_>) -> Answered {
    let raw = message.params.as_ref().map_or("{}", |params| params.raw);
    let responses = serde_json::from_str::<Params<'_>>(raw).map(|params| params.responses);
    match responses.ok().and_then(|responses| responses.gatewayops_approval) {
        Some(response) if response.action != "accept" => Answered::Declined,
        _ => Answered::Went,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::token::tests::keys, *};

    fn call(arguments: &str, responses: &str) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"rm","arguments":{arguments},"inputResponses":{responses}}}}}"#
        )
    }

    #[test]
    fn a_state_is_good_for_its_caller_and_call_alone() {
        let (keys, me, server) = (keys(&[1]), Uuid::from_u128(1), Uuid::from_u128(2));
        let state = ApprovalState {
            approval: Uuid::from_u128(3),
            server,
            tool: "rm".into(),
            arguments: arguments_hash(r#"{"a":1,"b":2}"#).unwrap(),
        };
        let token = state.seal(&keys, me, 10).unwrap();
        let open = |principal, now_ms, server, body: &str| {
            let message = Message::parse(body.as_bytes()).unwrap();
            ApprovalState::open(&keys, principal, now_ms, server, &message, &token)
        };
        let same = call(r#"{"b":2, "a":1}"#, "{}");
        assert_eq!(open(me, 9, server, &same), Some(state));
        assert_eq!(open(me, 10, server, &same), None, "too late");
        assert_eq!(open(Uuid::from_u128(9), 9, server, &same), None, "another caller");
        assert_eq!(open(me, 9, Uuid::from_u128(9), &same), None, "another server");
        assert_eq!(open(me, 9, server, &call(r#"{"a":1}"#, "{}")), None, "other arguments");
    }

    #[test]
    fn who_declines_is_not_asked_again() {
        for (responses, expected) in [
            (r#"{"gatewayops_approval":{"action":"accept"}}"#, Answered::Went),
            (r#"{"gatewayops_approval":{"action":"decline"}}"#, Answered::Declined),
            (r#"{"gatewayops_approval":{"action":"cancel"}}"#, Answered::Declined),
            ("{}", Answered::Went),
        ] {
            let body = call("{}", responses);
            assert_eq!(answered(&Message::parse(body.as_bytes()).unwrap()), expected, "{responses}");
        }
    }
}
