//! Whom a token lets in: its subject as the snapshot has it now, with no more than both of them have.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::DateTime;
use gatewayops_proto::{
    access::Permission,
    control::{self as proto, Change, Deleted, change::Entity, deleted::Kind},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    mcp::trace_context::{FreshIds, TraceContext},
    oauth::{
        algorithm::Algorithm,
        testing::{ISSUER, NOW, NOW_MS, PROXY_URL, PUBLIC_URL, Signer, claims, own_claims, set, with},
    },
    snapshot::from_proto,
    telemetry::{Event, span},
};

static IDP: LazyLock<Signer> = LazyLock::new(|| Signer::new(Algorithm::Es256));
static OWN: LazyLock<Signer> = LazyLock::new(|| Signer::new(Algorithm::EdDsa));

const GITHUB: Resource<'_> = Resource::Server("github");
const ORG: u8 = 2;
const ALICE: u8 = 10;
const KEY: u8 = 20;

fn id(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

fn bytes(byte: u8) -> bytes::Bytes {
    vec![byte; 16].into()
}

/// A good token of ours.
fn own(subject: Uuid) -> Value {
    with(own_claims(subject), json!({ "org": id(ORG) }))
}

/// The same for [`key`], by a secret of this digest.
fn of_key(digest: u8) -> Value {
    with(own(id(KEY)), json!({ "gwo_secret": URL_SAFE_NO_PAD.encode([digest; 8]) }))
}

fn issuer(id: u8, org: u8) -> Change {
    let issuer =
        proto::TokenIssuer { id: bytes(id), org_id: bytes(org), issuer: ISSUER.into(), jwks: set(&[&IDP]) };
    Change { entity: Some(Entity::TokenIssuer(issuer)) }
}

fn user(id: u8, org: u8, provider: u8) -> proto::User {
    proto::User {
        id: bytes(id),
        org_id: bytes(org),
        sso_provider_id: bytes(provider),
        sso_subject: "alice".into(),
        permissions: vec!["mcp:*".into()],
        ..Default::default()
    }
}

fn suspended(user: proto::User) -> proto::User {
    proto::User { state: proto::user::State::Suspended.into(), ..user }
}

fn of(user: proto::User) -> Change {
    Change { entity: Some(Entity::User(user)) }
}

fn key() -> proto::ApiKey {
    proto::ApiKey {
        id: bytes(KEY),
        org_id: bytes(ORG),
        hash: vec![5; 32].into(),
        environment: "prd".into(),
        permissions: vec!["mcp:*".into()],
        servers: vec!["git*".into()],
        tools: vec!["*".into(), "!*__delete".into()],
        user_id: bytes(ALICE),
        team_id: bytes(30),
        ..Default::default()
    }
}

fn with_key(key: proto::ApiKey) -> Change {
    Change { entity: Some(Entity::ApiKey(key)) }
}

fn after(snapshot: &Snapshot, changes: &[Change]) -> Snapshot {
    let secret = proto::Secret {
        id: bytes(9),
        name: "mcp_token_key".into(),
        value: OWN.ed25519().to_vec().into(),
        current: true,
        ..Default::default()
    };
    let next = from_proto::apply(snapshot.clone(), snapshot, changes);
    from_proto::with_secrets(next, &[secret])
}

/// One organization with Alice, her key and the provider that knows her.
fn snapshot() -> Snapshot {
    after(&Snapshot::default(), &[issuer(7, ORG), of(user(ALICE, ORG, 7)), with_key(key())])
}

fn resource_server() -> ResourceServer {
    ResourceServer::at(PROXY_URL, PUBLIC_URL)
}

fn exchange() -> Exchange {
    let trace = TraceContext::of(None, None, None, FreshIds::draw());
    let mut exchange = Exchange::new("r".into(), Some("10.0.0.1".parse().unwrap()), trace);
    exchange.started_at = DateTime::from_timestamp_millis(NOW_MS).unwrap();
    exchange
}

fn enter(snapshot: &Snapshot, token: &str) -> Result<Arc<Principal>, Rejection> {
    enter_by(&resource_server(), snapshot, token)
}

fn enter_by(server: &ResourceServer, snapshot: &Snapshot, token: &str) -> Result<Arc<Principal>, Rejection> {
    principal(server, snapshot, token, GITHUB, &mut exchange()).map_err(|fault| match fault {
        Fault::Rejected(rejection) => rejection,
        Fault::NewKey(refusal) => refused(refusal),
    })
}

fn refusal(snapshot: &Snapshot, token: &str) -> (Code, String) {
    let rejection = enter(snapshot, token).unwrap_err();
    (rejection.code, rejection.message)
}

fn invalid(refusal: Refusal) -> (Code, String) {
    (Code::InvalidCredentials, refusal.message().to_owned())
}

fn upstream(name: &str) -> crate::upstream::Server {
    let message = proto::Server {
        id: bytes(40),
        org_id: bytes(ORG),
        name: name.into(),
        url: "http://localhost/mcp".into(),
        ..Default::default()
    };
    crate::upstream::Server::from_proto(&message, None).unwrap()
}

#[test]
fn a_token_of_the_provider_stands_for_the_user_whom_it_knows() {
    let principal = enter(&snapshot(), &IDP.token(&claims())).unwrap();
    assert_eq!((principal.id, principal.org), (id(ALICE), id(ORG)));
    assert!(principal.may_call(&upstream("github"), "get") && principal.has_scope(Permission::MCP_CALL));
    assert!(principal.key().is_none());
}

#[test]
fn a_span_of_a_token_names_the_user_and_of_a_keys_token_the_key() {
    let told = |token: &str| -> Value {
        let mut exchange = exchange();
        principal(&resource_server(), &snapshot(), token, GITHUB, &mut exchange).unwrap();
        let entry = span::entry(&Event::Span(Box::new(exchange)), "proxy").unwrap();
        let span: Value = serde_json::from_slice(&entry.json).unwrap();
        json!([span["user_id"], span["api_key_id"], span["team_id"], span["environment"], span["org_id"]])
    };
    assert_eq!(told(&IDP.token(&claims())), json!([id(ALICE), null, null, null, id(ORG)]));
    assert_eq!(told(&OWN.token(&own(id(ALICE)))), json!([id(ALICE), null, null, null, id(ORG)]));
    let of_key = OWN.token(&of_key(5));
    assert_eq!(told(&of_key), json!([id(ALICE), id(KEY), id(30), "prd", id(ORG)]));
}

#[test]
fn who_may_not_come_is_told_why_and_leaves_a_span_where_it_is_known() {
    let token = IDP.token(&claims());
    let gone =
        Change { entity: Some(Entity::Deleted(Deleted { kind: Kind::User.into(), id: bytes(ALICE) })) };
    let elsewhere = proto::User { sso_provider_id: bytes(8), ..user(ALICE, ORG, 7) };
    for (change, expected) in [
        (gone, invalid(Refusal::UnknownSubject)),
        (of(elsewhere), invalid(Refusal::UnknownSubject)),
        (
            of(suspended(user(ALICE, ORG, 7))),
            (Code::UserSuspended, "this user is suspended; ask an administrator".to_owned()),
        ),
    ] {
        assert_eq!(refusal(&after(&snapshot(), &[change]), &token), expected);
    }
    let other = IDP.token(&with(claims(), json!({ "sub": "bob" })));
    assert_eq!(refusal(&snapshot(), &other), invalid(Refusal::UnknownSubject));

    let mut exchange = exchange();
    let elsewhere =
        principal(&resource_server(), &snapshot(), &token, Resource::Server("jira"), &mut exchange);
    let Err(Fault::Rejected(rejection)) = elsewhere else { panic!("for another endpoint") };
    assert_eq!(
        (rejection.code, &*rejection.message),
        (Code::InvalidCredentials, Refusal::Audience.message())
    );
    assert_eq!(rejection.details["resource"], format!("{PROXY_URL}/mcp/jira"));
    assert_eq!(exchange.principal.unwrap().org, id(ORG));
}

#[test]
fn an_expired_token_is_called_expired() {
    let token = IDP.token(&with(claims(), json!({ "exp": NOW })));
    assert_eq!(enter(&snapshot(), &token).unwrap_err().code, Code::ExpiredCredentials);
}

#[test]
fn a_token_that_came_before_is_good_only_for_as_long_as_its_user() {
    let (server, token) = (resource_server(), IDP.token(&claims()));
    let before = snapshot();
    let first = enter_by(&server, &before, &token).unwrap();
    assert!(Arc::ptr_eq(&first, &enter_by(&server, &before, &token).unwrap()), "nothing is made twice");
    let stopped = after(&before, &[of(suspended(user(ALICE, ORG, 7)))]);
    assert_eq!(enter_by(&server, &stopped, &token).unwrap_err().code, Code::UserSuspended);
    let back = after(&stopped, &[of(user(ALICE, ORG, 7))]);
    let again = enter_by(&server, &back, &token).unwrap();
    assert!(Arc::ptr_eq(&first.usage, &again.usage), "what is open stays counted");
    let less = proto::User { permissions: vec!["mcp:read".into()], ..user(ALICE, ORG, 7) };
    let less = enter_by(&server, &after(&back, &[of(less)]), &token).unwrap();
    assert!(!less.may(Permission::MCP_CALL, &upstream("github")), "what was taken away is gone at once");
}

#[test]
fn a_refreshed_token_goes_on_as_the_same_principal() {
    let (server, snapshot) = (resource_server(), snapshot());
    let refreshed = IDP.token(&with(claims(), json!({ "jti": "2", "exp": NOW + 900 })));
    let [one, other] =
        [IDP.token(&claims()), refreshed].map(|token| enter_by(&server, &snapshot, &token).unwrap());
    assert_eq!((one.id, one.extent()), (other.id, other.extent()));
    assert!(Arc::ptr_eq(&one.usage, &other.usage));
    let narrower = IDP.token(&with(claims(), json!({ "scope": "mcp:read" })));
    let narrower = enter_by(&server, &snapshot, &narrower).unwrap();
    assert_eq!(narrower.id, one.id);
    assert_ne!(narrower.extent(), one.extent(), "it is shown no pages that were written for more");
}

#[test]
fn the_user_decides_which_of_several_organizations_is_meant() {
    let token = IDP.token(&claims());
    let two = after(&snapshot(), &[issuer(8, 3)]);
    assert_eq!(enter(&two, &token).unwrap().org, id(ORG), "only one of them knows her");
    let both = after(&two, &[of(user(11, 3, 8))]);
    assert_eq!(refusal(&both, &token), invalid(Refusal::SeveralOrganizations));
    let one = after(&both, &[of(suspended(user(ALICE, ORG, 7)))]);
    assert_eq!(enter(&one, &token).unwrap().org, id(3), "she is active in one");
    let none = after(&one, &[of(suspended(user(11, 3, 8)))]);
    assert_eq!(enter(&none, &token).unwrap_err().code, Code::UserSuspended);
    // The provider of one organization says nothing of the users of another.
    let foreign = after(&Snapshot::default(), &[issuer(8, 3), of(user(ALICE, ORG, 7))]);
    assert_eq!(refusal(&foreign, &token), invalid(Refusal::UnknownSubject));
}

#[test]
fn an_own_token_stands_for_its_subject_in_its_organization() {
    let snapshot = snapshot();
    let entered = |claims: Value| enter(&snapshot, &OWN.token(&claims)).map(|principal| principal.id);
    assert_eq!(entered(own(id(ALICE))).unwrap(), id(ALICE));
    assert_eq!(entered(of_key(5)).unwrap(), id(KEY));
    for (changes, expected) in [
        (json!({ "org": id(3) }), Refusal::Organization),
        (json!({ "sub": id(99) }), Refusal::UnknownSubject),
        (json!({ "aud": "https://elsewhere.example.com" }), Refusal::Audience),
    ] {
        let token = OWN.token(&with(own(id(ALICE)), changes));
        assert_eq!(refusal(&snapshot, &token), invalid(expected));
    }
    let stopped = after(&snapshot, &[of(suspended(user(ALICE, ORG, 7)))]);
    let token = OWN.token(&own(id(ALICE)));
    assert_eq!(enter(&stopped, &token).unwrap_err().code, Code::UserSuspended);
}

#[test]
fn a_keys_token_dies_with_the_key_and_comes_from_where_the_key_may() {
    let (server, token) = (resource_server(), OWN.token(&of_key(5)));
    enter_by(&server, &snapshot(), &token).unwrap();
    let state = |state: proto::api_key::State| proto::ApiKey { state: state.into(), ..key() };
    for (key, expected) in [
        (state(proto::api_key::State::Revoked), Code::RevokedCredentials),
        (state(proto::api_key::State::OwnerSuspended), Code::UserSuspended),
        (proto::ApiKey { expires_at_ms: NOW_MS, ..key() }, Code::ExpiredCredentials),
        (proto::ApiKey { ip_allowlist: vec!["10.9.0.0/16".into()], ..key() }, Code::IpNotAllowed),
    ] {
        let now = after(&snapshot(), &[with_key(key)]);
        assert_eq!(enter_by(&server, &now, &token).unwrap_err().code, expected);
    }
    let here = proto::ApiKey { ip_allowlist: vec!["10.0.0.0/24".into()], ..key() };
    enter_by(&server, &after(&snapshot(), &[with_key(here)]), &token).unwrap();
}

#[test]
fn a_keys_token_dies_with_the_secret_that_it_was_asked_for_with() {
    let (server, by_old) = (resource_server(), OWN.token(&of_key(5)));
    let rotated = |grace_until_ms: i64| proto::ApiKey {
        hash: vec![6; 32].into(),
        previous_hash: vec![5; 32].into(),
        previous_expires_at_ms: grace_until_ms,
        ..key()
    };
    let gone = proto::ApiKey { hash: vec![6; 32].into(), ..key() };
    let by_new = OWN.token(&of_key(6));
    for (key, by_old_may) in
        [(key(), true), (rotated(NOW_MS + 1), true), (rotated(NOW_MS), false), (gone, false)]
    {
        let is_rotated = key.hash[0] == 6;
        let now = after(&snapshot(), &[with_key(key)]);
        let refused = enter_by(&server, &now, &by_old).err().map(|rejection| rejection.code);
        assert_eq!(refused, (!by_old_may).then_some(Code::ExpiredCredentials));
        assert_eq!(enter_by(&server, &now, &by_new).is_ok(), is_rotated);
    }
    let unbound = OWN.token(&own(id(KEY)));
    assert_eq!(refusal(&snapshot(), &unbound), invalid(Refusal::NoSecret));
    for odd in ["", "AAAA", "!", &URL_SAFE_NO_PAD.encode([5; 9])] {
        let token = OWN.token(&with(own(id(KEY)), json!({ "gwo_secret": odd })));
        assert_eq!(refusal(&snapshot(), &token), invalid(Refusal::Malformed), "{odd}");
    }
}

#[test]
fn a_provider_says_nothing_of_people_of_another_organization() {
    // A row that points to another organization's provider, however it came there.
    let stray = after(&snapshot(), &[of(user(12, 3, 7)), of(suspended(user(ALICE, ORG, 7)))]);
    assert_eq!(enter(&stray, &IDP.token(&claims())).unwrap_err().code, Code::UserSuspended);
}

#[test]
fn who_was_let_in_by_a_token_stays_only_for_as_long_as_it_would_be_again() {
    let mut exchange = exchange();
    let token = IDP.token(&claims());
    principal(&resource_server(), &snapshot(), &token, GITHUB, &mut exchange).unwrap();
    let standing = exchange.standing.unwrap();
    let again = |snapshot: &Snapshot, now_ms| {
        standing.again(snapshot, now_ms).map(|one| one.id).map_err(|no| no.code)
    };
    let expires_at_ms = NOW_MS + 300_000;
    assert_eq!(again(&snapshot(), expires_at_ms - 1), Ok(id(ALICE)));
    assert_eq!(again(&snapshot(), expires_at_ms), Err(Code::ExpiredCredentials));
    let stopped = after(&snapshot(), &[of(suspended(user(ALICE, ORG, 7)))]);
    assert_eq!(again(&stopped, NOW_MS), Err(Code::UserSuspended));
    let gone = Deleted { kind: Kind::TokenIssuer.into(), id: bytes(7) };
    let untrusted = after(&snapshot(), &[Change { entity: Some(Entity::Deleted(gone)) }]);
    assert_eq!(again(&untrusted, NOW_MS), Err(Code::InvalidCredentials));
}

#[test]
fn an_own_token_narrows_what_its_key_covers_and_never_widens_it() {
    let narrow = json!({ "servers": ["github", "jira"], "tools": ["*__get", "*__delete"] });
    let token = OWN.token(&with(of_key(5), narrow));
    let principal = enter(&snapshot(), &token).unwrap();
    for (server, tool, may) in [
        ("github", "get", true),
        ("github", "put", false),
        ("github", "delete", false),
        ("gitlab", "get", false),
        ("jira", "get", false),
    ] {
        assert_eq!(principal.may_call(&upstream(server), tool), may, "{server} {tool}");
    }
    assert!(!principal.reaches(&upstream("gitlab")));
    let nothing = OWN.token(&with(own(id(ALICE)), json!({ "servers": [], "tools": [] })));
    assert!(!enter(&snapshot(), &nothing).unwrap().reaches(&upstream("github")));
}
