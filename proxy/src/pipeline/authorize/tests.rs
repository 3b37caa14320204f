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
    federation::{
        list::{Item, Kind, Listing},
        page::{self, Part},
    },
    mcp::message::Message,
    pipeline::decode,
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
        Principal { access, coverage: Coverage { servers, tools }, ..Principal::nobody() }
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
    let permit = permit(principal, server, r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)?;
    let tools: Vec<_> = TOOLS.iter().map(|name| serde_json::json!({ "name": name })).collect();
    let answer = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "result": { "tools": tools } }).to_string();
    let shown = permit.listed(Era::Modern, &answer).unwrap_or(answer);
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
    let (items, _) = page::cut(Kind::Tools, &parts, principal, None);
    names(&serde_json::from_str(&format!("[{items}]")).unwrap())
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
