//! The key with which proxies verify MCP tokens, and what else of an organization's settings they are told.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::json;

use super::*;
use crate::{server, store::changes};

impl Held {
    fn token_keys(&self) -> Vec<Bytes> {
        let keys = self.secrets.values().filter(|secret| secret.name == "mcp_token_key");
        keys.map(|secret| secret.value.clone()).collect()
    }
}

impl House {
    /// Another start of the control plane, on the same database.
    async fn start_again(&self, jwt_secret: &str) -> Arc<App> {
        let mut config = self.app().config.clone();
        config.jwt_secret = jwt_secret.to_owned().into();
        server::prepare(config).await.unwrap()
    }

    async fn revision(&self) -> i64 {
        changes::newest(&mut self.app().database.worker().await.unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn a_token_that_is_handed_out_is_verified_by_the_key_that_proxies_have() {
    let house = House::open().await;
    let proxy = house.proxy().await;
    let answer = house.test.post("/v1/auth/token", json!({})).await.expect(201);
    let token = answer["access_token"].as_str().unwrap();
    let (content, signature) = token.rsplit_once('.').unwrap();
    let [key] = proxy.held.token_keys().try_into().expect("one key");
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(&ED25519, &key).verify(content.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn another_secret_brings_another_key_to_who_watches_and_to_who_was_away() {
    let house = House::open().await;
    let mut watching = house.proxy().await;
    let old = watching.held.token_keys();
    let away = house.proxy().await.held;

    let replica = house.start_again("another secret of tests, 32 bytes").await;
    let new = vec![Bytes::copy_from_slice(replica.derived.mcp_token().public())];
    assert_ne!(old, new);
    watching.until(|held| held.token_keys() == new).await;

    let mut back = house.proxy_with(away.revision, away.lineage).await;
    assert!(!back.held.replaced_everything);
    assert_eq!(back.held.token_keys(), new);
    let forgotten = back.held.changes.iter().filter_map(|change| match &change.entity {
        Some(Entity::Deleted(gone)) if gone.kind() == Kind::Secret => Some(gone.id.clone()),
        _ => None,
    });
    let held_before: Vec<_> = away
        .secrets
        .values()
        .filter(|secret| secret.name == "mcp_token_key")
        .map(|secret| secret.id.clone())
        .collect();
    assert_eq!(forgotten.collect::<Vec<_>>(), held_before, "what it held is void");
    assert_eq!(house.proxy().await.held.token_keys(), new);

    house.start_again("a secret of tests, 32 bytes long").await;
    back.until(|held| held.token_keys() == old).await;
}

#[tokio::test]
async fn a_start_with_the_same_secret_changes_nothing() {
    let house = House::open().await;
    let revision = house.revision().await;
    let secret = house.app().config.jwt_secret.expose_secret().to_owned();
    tokio::join!(house.start_again(&secret), house.start_again(&secret));
    assert_eq!(house.revision().await, revision);
}

#[tokio::test]
async fn replicas_that_start_together_with_a_new_secret_make_one_key() {
    let house = House::open().await;
    let secret = "another secret of tests, 32 bytes";
    tokio::join!(house.start_again(secret), house.start_again(secret), house.start_again(secret));
    assert_eq!(house.proxy().await.held.token_keys().len(), 1);
}

#[tokio::test]
async fn from_where_an_organization_may_be_used_arrives() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    let own = |held: &Held| held.organizations[house.org.as_bytes().as_slice()].ip_allowlist.clone();
    assert!(own(&proxy.held).is_empty());
    let body = json!({"security": {"ip_allowlist": ["127.0.0.0/8", "2001:db8::1"]}});
    house.test.patch("/v1/settings", body).await.expect(200);
    proxy.until(|held| own(held) == ["127.0.0.0/8", "2001:db8::1/128"]).await;
    house.test.patch("/v1/settings", json!({"security": null})).await.expect(200);
    proxy.until(|held| own(held).is_empty()).await;
}
