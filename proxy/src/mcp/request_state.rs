//! What a server wants back with the answers to its questions (`requestState`), sealed for one caller and one call
//! (R5.13). Also on the endpoint of one server: that server sees our credential only, and cannot tell callers apart
//! (R8.3).

use std::sync::LazyLock;

use memchr::memmem::Finder;
use ring::digest;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    message::Message,
    token::{Keys, Token},
};

/// Whoever is asked has so long to answer.
const LASTS_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct RequestState {
    server: Uuid,
    call: [u8; 32],
    /// The server's own, as written.
    raw: String,
}

impl Token for RequestState {
    const LABEL: &'static str = "request state";
}

/// What is called with which arguments: a state belongs to that alone.
fn call(message: &Message<'_>) -> [u8; 32] {
    let params = message.params.as_ref();
    let parts = [
        message.method_name(),
        params.and_then(|params| params.name.as_deref()).unwrap_or_default(),
        params.and_then(|params| params.uri.as_deref()).unwrap_or_default(),
        params.and_then(|params| params.arguments).map_or("", |arguments| arguments.get()),
    ];
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

static NAME: LazyLock<Finder<'_>> = LazyLock::new(|| Finder::new("requestState"));

/// Whether it is worth looking for a state in these bytes.
pub(crate) fn may_be_in(bytes: &[u8]) -> bool {
    NAME.find(bytes).is_some()
}

/// The state as the client gets it. `message` is what the server was sent.
pub(crate) fn seal(
    keys: &Keys,
    principal: Uuid,
    now_ms: u64,
    server: Uuid,
    message: &Message<'_>,
    raw: &str,
) -> Option<String> {
    let state = RequestState { server, call: call(message), raw: raw.to_owned() };
    keys.seal(principal, now_ms + LASTS_MS, &state)
}

/// The server's own state, if it is of this principal, server and call.
pub(crate) fn open(
    keys: &Keys,
    principal: Uuid,
    now_ms: u64,
    server: Uuid,
    message: &Message<'_>,
    token: &str,
) -> Option<String> {
    let state: RequestState = keys.open(principal, now_ms, token)?;
    (state.server == server && state.call == call(message)).then_some(state.raw)
}

#[cfg(test)]
mod tests {
    use super::{super::token::tests::keys, *};

    #[test]
    fn a_state_comes_back_to_its_own_call_only() {
        let (keys, me, server) = (keys(&[1]), Uuid::from_u128(1), Uuid::from_u128(2));
        let body = |name: &str, amount: &str| {
            format!(
                r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{name}","arguments":{{"amount":{amount}}}}}}}"#
            )
        };
        let pay = body("pay", "1.10");
        let pay = Message::parse(pay.as_bytes()).unwrap();
        let token = seal(&keys, me, 0, server, &pay, r#""s""#).unwrap();
        assert_eq!(open(&keys, me, 1, server, &pay, &token).as_deref(), Some(r#""s""#));
        assert_eq!(open(&keys, Uuid::from_u128(3), 1, server, &pay, &token), None, "another principal");
        assert_eq!(open(&keys, me, 1, Uuid::from_u128(3), &pay, &token), None, "another server");
        assert_eq!(open(&keys, me, LASTS_MS, server, &pay, &token), None, "too late");
        for other in [body("pay", "1.1"), body("get", "1.10")] {
            let other = Message::parse(other.as_bytes()).unwrap();
            assert_eq!(open(&keys, me, 1, server, &other, &token), None, "another call");
        }
    }
}
