//! A list shows exactly what a call would be allowed, whoever asks.

use std::time::{Duration, Instant};

use bytes::Bytes;
use gatewayops_proto::{
    access::{Access, Coverage, Holder, Scope},
    control as proto,
};
use proptest::{prelude::*, sample::select};

use super::*;
use crate::{
    catalogue::report::Reports,
    federation::{
        list::{Item, Kind, Listing},
        page::{self, Part},
    },
    mcp::{
        message::Message,
        trace_context::{FreshIds, TraceContext},
        version::Era,
    },
    pipeline::{decode, definitions::Definitions},
};

const SERVERS: [&str; 3] = ["a", "git", "github"];
const TOOLS: [&str; 4] = ["get", "delete", "delete_all", "b__get"];

fn server(number: usize) -> Arc<Server> {
    let message = proto::Server {
        id: vec![number as u8 + 1; 16].into(),
        org_id: vec![9; 16].into(),
        name: SERVERS[number].into(),
        url: "http://localhost/mcp".into(),
        ..Default::default()
    };
    Arc::new(Server::from_proto(&message, None).unwrap())
}

fn globs(of: Vec<&'static str>) -> impl Strategy<Value = Vec<String>> {
    let glob = select(of).prop_map(str::to_owned);
    prop_oneof![Just(vec!["*".to_owned()]), prop::collection::vec(glob, 0..4)]
}

fn principal() -> impl Strategy<Value = Principal> {
    let scope = prop_oneof![Just(None), (0..SERVERS.len()).prop_map(Some)];
    let permission = select(vec!["mcp:read", "mcp:call", "mcp:*", "*", "servers:read"]);
    let granted = prop::collection::vec((permission, scope), 0..4);
    let servers = globs(vec!["git", "git*", "!github", "a", "*hub"]);
    let tools = globs(vec!["*", "git*", "*__get", "!*delete*", "a__b__get", "github__delete", "!*"]);
    (granted, servers, tools).prop_map(|(granted, servers, tools)| {
        let scope = |number: Option<usize>| number.map_or(Scope::Everywhere, |n| Scope::Server(server(n).id));
        let granted = granted.iter().map(|(permission, number)| (*permission, scope(*number)));
        let access = Access::new(Holder::default(), granted);
        Principal {
            access: access.into(),
            coverage: Coverage { servers, tools }.into(),
            ..Principal::nobody()
        }
    })
}

fn permit(principal: &Arc<Principal>, server: &Arc<Server>, body: &str) -> Option<Permit> {
    let body = Bytes::from(body.to_owned());
    let parsed = Message::parse(&body).unwrap();
    let request = Request::new(Era::Modern, decode::Kind::Message(parsed), &body);
    message(principal, server, &request).ok()
}

fn callable(principal: &Arc<Principal>, server: &Arc<Server>) -> Vec<&'static str> {
    let may_call = |tool: &&str| {
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#);
        permit(principal, server, &body).is_some()
    };
    TOOLS.into_iter().filter(may_call).collect()
}

/// What the endpoint of the server shows; None where its lists are refused.
fn listed(principal: &Arc<Principal>, server: &Arc<Server>) -> Option<Vec<String>> {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    permit(principal, server, body)?;
    let body = Bytes::from(body);
    let request = Request::new(Era::Modern, decode::Kind::Message(Message::parse(&body).unwrap()), &body);
    let tools: Vec<_> = TOOLS.iter().map(|name| serde_json::json!({ "name": name })).collect();
    let answer = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": tools } }).to_string();
    let shown = with_definitions(principal, server, |definitions| {
        definitions.answer(&request, &answer, &mut exchange())
    });
    let shown = shown.unwrap_or(answer);
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    Some(names(&shown["result"]["tools"]))
}

/// What the endpoint of all servers shows of it.
fn merged(principal: &Principal, server: &Arc<Server>) -> Vec<String> {
    let item = |name: &&str| Item { name: (*name).into(), text: format!(r#"{{"name":"{name}"}}"#).into() };
    let listing = Listing {
        items: TOOLS.iter().map(item).collect(),
        fresh_until: Instant::now() + Duration::from_secs(60),
        is_public: true,
    };
    let parts = [Part { server: server.clone(), listing: Arc::new(listing) }];
    let write = |server: &Server, item: &Item, page: &mut String| {
        let is_listed = with_definitions(principal, server, |definitions| definitions.lists(&item.name));
        page.push_str(&item.text);
        is_listed
    };
    let (items, _) = page::cut(Kind::Tools, &parts, write, None);
    names(&serde_json::from_str(&format!("[{items}]")).unwrap())
}

fn with_definitions<T>(
    principal: &Principal,
    server: &Server,
    look: impl FnOnce(&Definitions<'_>) -> T,
) -> T {
    let (reports, policies) = (Reports::default(), Arc::default());
    look(&Definitions { reports: &reports, server, principal, policies: &policies, now_ms: 0 })
}

fn exchange() -> Exchange {
    Exchange::new("r".into(), None, TraceContext::of(None, None, None, FreshIds::draw()))
}

fn names(tools: &serde_json::Value) -> Vec<String> {
    tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn ten_thousand_principals_see_exactly_the_tools_that_they_may_call(principal in principal()) {
        let principal = Arc::new(principal);
        for server in (0..SERVERS.len()).map(server) {
            let callable = callable(&principal, &server);
            prop_assert_eq!(&merged(&principal, &server), &callable);
            if let Some(listed) = listed(&principal, &server) {
                prop_assert_eq!(&listed, &callable);
            }
            prop_assert!(callable.is_empty() || principal.reaches(&server));
        }
    }
}

mod scopes {
    use gatewayops_proto::access::Permissions;

    use super::*;
    use crate::{
        principal::{token::Holder as TokenHolder, user::User},
        rejection::Rejection,
    };

    const CALL: &str =
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get","arguments":{}}}"#;
    const LIST: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;

    /// With a token of a user who was granted this.
    fn with_token(granted: &str, scopes: &[&str]) -> Arc<Principal> {
        let user = User {
            id: uuid::Uuid::from_u128(1),
            org: uuid::Uuid::from_u128(9),
            identity: None,
            access: Access::new(Holder::default(), [(granted, Scope::Everywhere)]).into(),
            teams: Arc::default(),
            is_active: true,
            usage: Arc::default(),
        };
        let coverage = Coverage { servers: vec!["*".into()], tools: vec!["*__get".into()] };
        let scopes = Permissions::of_all(scopes.iter().copied());
        Arc::new(TokenHolder::User(Arc::new(user)).with_token(scopes, coverage.into()))
    }

    fn refusal(principal: &Arc<Principal>, body: &str) -> Option<Rejection> {
        let body = Bytes::from(body.to_owned());
        let parsed = Message::parse(&body).unwrap();
        let request = Request::new(Era::Modern, decode::Kind::Message(parsed), &body);
        message(principal, &server(2), &request).err()
    }

    #[test]
    fn a_scope_that_is_missing_is_asked_for_only_if_another_token_would_do() {
        let both = "mcp:read mcp:call";
        for (granted, scopes, body, asked) in [
            ("mcp:*", &["mcp:read"][..], CALL, Some(both)),
            ("mcp:*", &[], CALL, Some(both)),
            ("mcp:*", &["mcp:call"], LIST, Some(both)),
            ("mcp:*", &[], LIST, Some("mcp:read")),
            ("mcp:read", &["mcp:read"], CALL, None),
            ("mcp:read", &["mcp:*"], CALL, None),
            ("mcp:call", &["mcp:call"], LIST, None),
        ] {
            let rejection = refusal(&with_token(granted, scopes), body).unwrap();
            let scope = rejection.details.get("scope").and_then(|scope| scope.as_str());
            assert_eq!(scope, asked, "{granted} {scopes:?} {body}");
            let expected = if asked.is_some() { Code::InsufficientScope } else { Code::PermissionDenied };
            assert_eq!(rejection.code, expected, "{granted} {scopes:?} {body}");
            let answer = rejection.to_mcp(Some("1"), body == CALL, "r");
            assert_eq!(answer.status, if asked.is_some() { 403 } else { 200 }, "{granted} {scopes:?} {body}");
        }
        assert!(refusal(&with_token("mcp:*", &["mcp:*"]), CALL).is_none());
    }

    #[test]
    fn a_tool_that_a_token_is_not_for_is_unknown_whatever_its_scopes() {
        let call = CALL.replace("\"get\"", "\"delete\"");
        for scopes in [&[][..], &["mcp:*"]] {
            let rejection = refusal(&with_token("mcp:*", scopes), &call).unwrap();
            assert_eq!(rejection.code, Code::UnknownTool, "{scopes:?}");
        }
    }

    #[test]
    fn a_token_sees_the_tools_for_which_it_can_get_the_scope() {
        let reader = with_token("mcp:*", &["mcp:read"]);
        assert_eq!(listed(&reader, &server(2)).unwrap(), ["get", "b__get"]);
        assert_eq!(merged(&reader, &server(2)), ["get", "b__get"]);
        let who_may_only_read = with_token("mcp:read", &["mcp:*"]);
        assert!(listed(&who_may_only_read, &server(2)).unwrap().is_empty());
    }

    #[test]
    fn reading_of_all_servers_and_looking_at_them_takes_a_scope() {
        let code = |result: Result<(), Rejection>| result.err().map(|rejection| rejection.code);
        let step_up = Some(Code::InsufficientScope);
        for (scopes, reads, looks) in
            [(&[][..], step_up, step_up), (&["mcp:read"], None, None), (&["mcp:call"], step_up, None)]
        {
            let principal = with_token("mcp:*", scopes);
            assert_eq!((code(read(&principal)), code(look(&principal))), (reads, looks), "{scopes:?}");
        }
        assert_eq!(code(read(&with_token("servers:read", &[]))), Some(Code::PermissionDenied));
    }
}
