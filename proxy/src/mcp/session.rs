//! Legacy sessions: the id a client gets is a sealed token, so no replica has to remember it (R3.1).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    token::{Keys, Token},
    version::Version,
};

/// Visible ASCII of at most so many bytes (R3.1).
const MAX_TOKEN: usize = 1024;

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) endpoint: Endpoint,
    pub(crate) version: Version,
    /// Whether its client can send its user to a page.
    pub(crate) takes_urls: bool,
    /// Unix milliseconds. The seal and everything sealed within the session expires by it.
    pub(crate) expires_at_ms: u64,
}

#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) enum Endpoint {
    /// One server, and its own id of the session.
    Server { server: Uuid, upstream_id: String },
    /// All servers: their sessions are opened as they are needed, as this client would open them.
    Federated { nonce: u128, client: String },
}

impl Token for Session {
    const LABEL: &'static str = "session";
}

/// An event of a stream, as the server behind it counts (R3.10).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct EventId {
    pub(crate) server: Uuid,
    pub(crate) upstream_session: String,
    pub(crate) upstream_id: String,
}

impl Token for EventId {
    const LABEL: &'static str = "event id";
}

/// A request of a server to the client: whose, in which of its sessions, and its own id as written (R3.8).
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) struct RequestId {
    pub(crate) server: Uuid,
    pub(crate) upstream_session: String,
    pub(crate) raw: String,
}

impl Token for RequestId {
    const LABEL: &'static str = "request id";
}

impl Session {
    /// None: there is no key, or the token would be too long for a header.
    pub(crate) fn seal(&self, keys: &Keys, principal: Uuid) -> Option<String> {
        keys.seal(principal, self.expires_at_ms, self).filter(|token| token.len() <= MAX_TOKEN)
    }

    /// The id of the session at the server, if the session is of one server.
    pub(crate) fn upstream_id(&self) -> Option<&str> {
        match &self.endpoint {
            Endpoint::Server { upstream_id, .. } => Some(upstream_id),
            Endpoint::Federated { .. } => None,
        }
    }

    /// Whether it belongs to the endpoint of this server, or to that of all.
    pub(crate) fn is_of(&self, server: Option<Uuid>) -> bool {
        match &self.endpoint {
            Endpoint::Server { server: of, .. } => server == Some(*of),
            Endpoint::Federated { .. } => server.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::token::tests::keys, *};

    const ME: Uuid = Uuid::from_u128(2);

    fn session(upstream_id: String) -> Session {
        Session {
            endpoint: Endpoint::Server { server: Uuid::from_u128(1), upstream_id },
            version: Version::known("2025-11-25").unwrap(),
            takes_urls: true,
            expires_at_ms: 1_000,
        }
    }

    #[test]
    fn a_session_comes_back_as_it_was() {
        let keys = keys(&[1]);
        let federated = Endpoint::Federated { nonce: 7, client: r#"{"capabilities":{}}"#.into() };
        for session in [session("abc-123".into()), Session { endpoint: federated, ..session(String::new()) }]
        {
            let token = session.seal(&keys, ME).unwrap();
            assert_eq!(keys.open(ME, 999, &token), Some(session));
        }
    }

    #[test]
    fn an_upstream_id_that_cannot_be_carried_makes_no_token() {
        assert_eq!(session("x".repeat(900)).seal(&keys(&[1]), ME), None);
        assert!(session("x".repeat(600)).seal(&keys(&[1]), ME).unwrap().len() <= MAX_TOKEN);
    }

    #[test]
    fn no_kind_of_token_is_taken_for_another() {
        let keys = keys(&[1]);
        let server = Uuid::from_u128(1);
        let (upstream_session, raw) = ("s".to_owned(), "0".to_owned());
        let request = RequestId { server, upstream_session: upstream_session.clone(), raw: raw.clone() };
        let token = keys.seal_same(ME, 10, &request).unwrap();
        assert_eq!(keys.open(ME, 1, &token), Some(request));
        assert_eq!(keys.open::<EventId>(ME, 1, &token), None, "though both have the same members");
        assert_eq!(keys.open::<Session>(ME, 1, &token), None);
    }
}
