//! Identity providers and their keys, on their way to proxies.

use gatewayops_proto::control::{
    RefreshKeysRequest,
    refresh_keys_reply::State::{self, Absent, Here, UnderWay},
};
use serde_json::{Value, json};

use super::*;
use tonic::Code;

use crate::testing::{identity_provider::IdentityProvider, sign_in::provider_form};

/// A house that has a provider with MCP tokens; its id.
async fn furnished(house: &House, idp: &IdentityProvider) -> Uuid {
    let mut form = provider_form(&idp.issuer);
    form["mcp_tokens"] = json!(true);
    let made = house.test.post("/v1/sso/providers", form).await.expect(201);
    made["id"].as_str().unwrap().parse().unwrap()
}

async fn open() -> House {
    House::open_with(|config| config.egress_allow_private = true).await
}

fn key_id(held: &Held, id: Uuid) -> Option<String> {
    let issuer = held.token_issuers.get(id.as_bytes().as_slice())?;
    let set: Value = serde_json::from_slice(&issuer.jwks).unwrap_or_default();
    Some(set["keys"][0]["kid"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn an_issuer_comes_with_its_keys_and_goes_when_its_tokens_open_nothing() {
    let (house, idp) = (open().await, IdentityProvider::start().await);
    let mut early = house.proxy().await;
    let id = furnished(&house, &idp).await;
    let path = format!("/v1/sso/providers/{id}");
    early.until(|held| key_id(held, id).as_deref() == Some("first")).await;
    let late = house.proxy().await;
    let issuer = &late.held.token_issuers[id.as_bytes().as_slice()];
    assert_eq!(
        (issuer.issuer.as_str(), issuer.org_id.as_ref()),
        (idp.issuer.as_str(), house.org.as_bytes().as_slice())
    );
    assert_eq!(key_id(&late.held, id).as_deref(), Some("first"));
    assert!(!String::from_utf8_lossy(&issuer.jwks).contains("\"d\""));

    for change in [json!({"enabled": false}), json!({"mcp_tokens": false})] {
        house.test.patch(&path, change.clone()).await.expect(200);
        early.until(|held| key_id(held, id).is_none()).await;
        house.test.patch(&path, json!({"enabled": true, "mcp_tokens": true})).await.expect(200);
        early.until(|held| key_id(held, id).is_some()).await;
    }
    house.test.delete(&path).await.expect(204);
    early.until(|held| key_id(held, id).is_none()).await;
}

#[tokio::test]
async fn keys_of_another_issuer_are_not_passed_off_as_the_new_ones() {
    let (house, idp, other) =
        (open().await, IdentityProvider::start().await, IdentityProvider::start().await);
    let id = furnished(&house, &idp).await;
    other.rotate("others");
    let mut proxy = house.proxy().await;
    let form = json!({"issuer_url": other.issuer, "client_secret": "another"});
    house.test.patch(&format!("/v1/sso/providers/{id}"), form).await.expect(200);
    loop {
        let held = proxy.apply().await;
        let issuer = &held.token_issuers[id.as_bytes().as_slice()];
        let key = key_id(held, id).unwrap();
        assert!(
            issuer.issuer == other.issuer && ["", "others"].contains(&key.as_str()),
            "{key} of {}",
            issuer.issuer
        );
        if key == "others" {
            break;
        }
    }
}

async fn ask(house: &House, id: Uuid, key: &str) -> Result<State, Status> {
    let request =
        RefreshKeysRequest { token_issuer_id: Bytes::copy_from_slice(id.as_bytes()), key_id: key.to_owned() };
    house.client().await.refresh_keys(request).await.map(|reply| reply.into_inner().state())
}

/// As if nobody had asked for a while.
async fn wait_for_a_turn(house: &House, id: Uuid) {
    let earlier =
        "update sso_provider_keys set tried_at = now() - interval '26 seconds' where provider_id = $1";
    house.sql(earlier, id).await;
}

#[tokio::test]
async fn an_unknown_key_is_asked_for_once_in_a_while_over_all_who_ask() {
    let (house, idp) = (open().await, IdentityProvider::start().await);
    let id = furnished(&house, &idp).await;
    let mut proxy = house.proxy().await;
    let ask = async |key: &str| ask(&house, id, key).await.unwrap();
    assert_eq!(ask("first").await, Here, "it is there already");
    let before = idp.says().key_fetches;
    idp.rotate("second");
    assert_eq!(ask("second").await, Here);
    proxy.until(|held| key_id(held, id).as_deref() == Some("second")).await;
    idp.rotate("third");
    let answers = tokio::join!(ask("third"), ask("third"), ask("made up"), ask(""));
    assert_eq!(answers, (Absent, Absent, Absent, Absent), "asked less than 25 seconds ago");
    assert_eq!(idp.says().key_fetches, before + 1);
    wait_for_a_turn(&house, id).await;
    let answers = futures::future::join_all((0..12).map(|_| ask("third"))).await;
    assert!(answers.contains(&Here), "{answers:?}");
    assert!(
        !answers.contains(&Absent),
        "who comes while it is fetched is not told that there is none: {answers:?}"
    );
    assert_eq!(idp.says().key_fetches, before + 2, "of twelve at once one asks");
    wait_for_a_turn(&house, id).await;
    assert_eq!(ask("made up").await, Absent, "looked for, and not there");
}

#[tokio::test]
async fn whatever_is_new_may_be_the_key_of_a_token_that_names_another_or_none() {
    let (house, idp) = (open().await, IdentityProvider::start().await);
    let id = furnished(&house, &idp).await;
    for (kid, asked, expected) in [("second", "made up", Here), ("third", "", Here), ("third", "", Absent)] {
        if expected == Here {
            idp.rotate(kid);
        }
        wait_for_a_turn(&house, id).await;
        assert_eq!(ask(&house, id, asked).await.unwrap(), expected, "{kid} for {asked:?}");
    }
}

#[tokio::test]
async fn a_fetch_goes_on_when_who_asked_has_gone_and_nobody_else_is_told_that_there_is_no_key() {
    let (house, idp) = (open().await, IdentityProvider::start().await);
    let id = furnished(&house, &idp).await;
    let mut proxy = house.proxy().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow = format!("http://{}/jwks", listener.local_addr().unwrap());
    let keys = async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        axum::Json(json!({"keys": [{"kty": "EC", "kid": "slow", "crv": "P-256", "x": "1", "y": "2"}]}))
    };
    let router = axum::Router::new().route("/jwks", axum::routing::get(keys));
    tokio::spawn(async move { axum::serve(listener, router).await });
    idp.says().document = json!({"jwks_uri": slow});
    let impatient = tokio::time::timeout(Duration::from_millis(300), ask(&house, id, "slow")).await;
    assert!(impatient.is_err());
    assert_eq!(ask(&house, id, "slow").await.unwrap(), UnderWay);
    proxy.until(|held| key_id(held, id).as_deref() == Some("slow")).await;
    assert_eq!(ask(&house, id, "slow").await.unwrap(), Here);
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_has_not_said_that_there_is_no_key() {
    let (house, idp) = (open().await, IdentityProvider::start().await);
    let id = furnished(&house, &idp).await;
    idp.says().document = json!({"jwks_uri": "http://127.0.0.1:1/jwks"});
    assert_eq!(ask(&house, id, "x").await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(ask(&house, id, "x").await.unwrap(), UnderWay, "as far as anybody can tell");
    let earlier =
        "update sso_provider_keys set tried_at = now() - interval '21 seconds' where provider_id = $1";
    house.sql(earlier, id).await;
    // The set of the start was fetched before that try.
    house
        .sql("update sso_provider_keys set fetched_at = now() - interval '1 hour' where provider_id = $1", id)
        .await;
    assert_eq!(ask(&house, id, "x").await.unwrap_err().code(), Code::Unavailable);
}

#[tokio::test]
async fn keys_that_are_the_same_are_no_news() {
    let (house, idp) = (open().await, IdentityProvider::start().await);
    let id = furnished(&house, &idp).await;
    let proxy = house.proxy().await;
    house
        .sql("update sso_provider_keys set fetched_at = now(), tried_at = now() where provider_id = $1", id)
        .await;
    let request = RefreshKeysRequest { token_issuer_id: Bytes::new(), key_id: "x".into() };
    let refused = house.client().await.refresh_keys(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(house.proxy().await.held.revision, proxy.held.revision);
}
