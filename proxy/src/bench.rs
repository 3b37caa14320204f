//! For examples, which cannot see inside: authentication (`token_bench.rs`) and the policy stage ([`policy`]) as the
//! pipeline has them, without the network around them. The product never comes here.

use std::{hint::black_box, net::IpAddr, sync::Arc};

use gatewayops_proto::{
    api_key::Pepper,
    control::{ApiKey, Change, Secret, TokenIssuer, User, change::Entity},
};

use crate::{
    exchange::Exchange,
    mcp::trace_context::{FreshIds, TraceContext},
    oauth::{ResourceServer, resource::Resource},
    pipeline::authenticate::{key, token},
    snapshot::{Snapshot, from_proto},
};

pub mod policy;

pub const ISSUER: &str = "https://idp.example.com";
pub const SUBJECT: &str = "alice";
pub const AUDIENCE: &str = "https://gw.example.com/mcp/github";

const PEPPER: [u8; 32] = [3; 32];

/// A proxy that knows one key, and one user by tokens.
pub struct Proxy {
    snapshot: Snapshot,
    server: ResourceServer,
    exchange: Exchange,
}

impl Proxy {
    /// `jwks`: the issuer's keys.
    #[must_use]
    pub fn new(api_key: &str, jwks: String) -> Self {
        let id = |byte: u8| bytes::Bytes::from(vec![byte; 16]);
        let key = ApiKey {
            id: id(1),
            org_id: id(2),
            hash: Pepper::new(&PEPPER).digest(api_key).to_vec().into(),
            permissions: vec!["mcp:*".into()],
            servers: vec!["*".into()],
            tools: vec!["*".into()],
            ..Default::default()
        };
        let user = User {
            id: id(3),
            org_id: id(2),
            sso_provider_id: id(4),
            sso_subject: SUBJECT.into(),
            permissions: vec!["mcp:*".into()],
            ..Default::default()
        };
        let issuer = TokenIssuer { id: id(4), org_id: id(2), issuer: ISSUER.into(), jwks: jwks.into() };
        let pepper = Secret {
            id: id(5),
            name: "api_key_pepper".into(),
            value: PEPPER.to_vec().into(),
            current: true,
            ..Default::default()
        };
        let changes = [Entity::ApiKey(key), Entity::User(user), Entity::TokenIssuer(issuer)]
            .map(|entity| Change { entity: Some(entity) });
        let empty = Snapshot::default();
        let snapshot = from_proto::apply(empty.clone(), &empty, &changes);
        let trace = TraceContext::of(None, None, None, FreshIds::draw());
        Self {
            snapshot: from_proto::with_secrets(snapshot, &[pepper]),
            server: ResourceServer::at("https://gw.example.com", "https://console.example.com"),
            exchange: Exchange::new(String::new(), Some(IpAddr::from([127, 0, 0, 1])), trace),
        }
    }

    /// Whether the key lets in.
    pub fn key(&mut self, api_key: &str) -> bool {
        let principal = key::principal(&self.snapshot, black_box(api_key), &mut self.exchange);
        principal.is_ok_and(|principal| Arc::strong_count(&principal) > 1)
    }

    /// Whether the token lets in; it is remembered.
    pub fn token(&mut self, jwt: &str) -> bool {
        let resource = Resource::Server("github");
        let principal =
            token::principal(&self.server, &self.snapshot, black_box(jwt), resource, &mut self.exchange);
        principal.is_ok_and(|principal| Arc::strong_count(&principal) > 1)
    }
}
