//! People enter the dashboard through an identity provider, in a real browser; what must not get in is told why.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::Stack;
use serde_json::{Value, json};

use crate::{
    provider::{NAME, Provider},
    scripts::{said, script},
};

/// What each of these people saw (`tests/browser/sso.mjs`).
async fn seen(stack: &Stack, steps: &[Value]) -> Result<Value> {
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            let mut step = step.clone();
            step["login"] = stack.control_url("/login?redirect=%2Fdocs").into();
            step["provider"] = NAME.into();
            step
        })
        .collect();
    let mut browser = script("browser/run");
    browser.arg("sso.mjs").env("PLAN", json!(steps).to_string());
    said(browser).await
}

/// What the next ID token says.
fn told(provider: &Provider, claims: Value) -> Value {
    json!([{ "url": provider.act("claims"), "json": { "claims": claims } }])
}

#[tokio::test]
async fn who_signs_in_lands_on_the_page_that_was_asked_for() -> Result<()> {
    let (stack, _provider) = Provider::trusted().await?;
    let seen = seen(&stack, &[json!({ "name": "ada", "account": "ada" })]).await?;
    let ada = &seen["ada"];
    assert_eq!((&ada["path"], &ada["error"]), (&json!("/docs"), &Value::Null), "{ada}");
    let user = &ada["me"]["user"];
    assert_eq!((&user["email"], &user["name"]), (&json!("ada@example.com"), &json!("Ada Admin")), "{ada}");
    let users = stack.rest("/v1/users?q=ada@example.com").await?;
    assert_eq!(users.body["users"][0]["id"], user["id"], "{users:?}");
    assert_eq!(users.body["users"][0]["auth_method"], "sso", "{users:?}");
    Ok(())
}

#[tokio::test]
async fn every_refusal_says_its_own_sentence() -> Result<()> {
    let (stack, provider) = Provider::trusted().await?;
    let sam = provider.enter(&stack, "sam").await?;
    let suspended = stack.rest_patch(&format!("/v1/users/{sam}"), json!({ "status": "suspended" })).await?;
    ensure!(suspended.status == 200, "{suspended:?}");
    let ada = |claims: Value| json!({ "account": "ada", "before": told(&provider, claims) });
    let mut steps = [
        ("sso_state_invalid", json!({ "then": "forge_state" })),
        ("sso_nonce_invalid", ada(json!({ "nonce": "a nonce of another sign-in" }))),
        ("sso_issuer_invalid", ada(json!({ "iss": "https://issuer.example" }))),
        ("sso_audience_invalid", ada(json!({ "aud": "another-client" }))),
        ("sso_email_unverified", json!({ "account": "una" })),
        ("user_suspended", json!({ "account": "sam" })),
        ("sso_domain_not_allowed", json!({ "account": "eve" })),
        ("sso_code_replayed", json!({ "account": "ada", "then": "replay" })),
    ];
    for (code, step) in &mut steps {
        step["name"] = (*code).into();
    }
    let seen = seen(&stack, &steps.each_ref().map(|(_, step)| step.clone())).await?;
    let mut sentences = Vec::new();
    for (code, _) in &steps {
        let person = &seen[code];
        assert_eq!((&person["path"], &person["error"]), (&json!("/login"), &json!(code)), "{code}: {person}");
        let request_id = person["request_id"].as_str().with_context(|| format!("{code}: {person}"))?;
        let alert = person["alert"].as_str().with_context(|| format!("{code} shows nothing: {person}"))?;
        assert!(person["text"].to_string().contains(request_id), "{code}: {person}");
        // The sentence itself is each code's own, not only the id beside it.
        sentences.push(alert.replace(request_id, ""));
    }
    sentences.sort_unstable();
    sentences.dedup();
    assert_eq!(sentences.len(), steps.len(), "{sentences:?}");
    assert_eq!(seen["sso_code_replayed"]["first"]["path"], "/docs", "the first time it was good");
    for nobody in ["una", "eve"] {
        let users = stack.rest(&format!("/v1/users?q={nobody}")).await?;
        assert_eq!(users.body["users"], json!([]), "nobody comes of a refusal: {users:?}");
    }
    Ok(())
}

#[tokio::test]
async fn logging_out_here_or_there_ends_the_session_in_both_places() -> Result<()> {
    let (stack, _provider) = Provider::trusted().await?;
    let steps = [
        json!({ "name": "here", "account": "ada", "then": "log_out" }),
        json!({ "name": "there", "account": "ben", "then": "leave" }),
    ];
    let seen = seen(&stack, &steps).await?;
    let after = &seen["here"]["after"];
    assert_eq!((&after["status"], &after["me"]), (&json!(200), &json!(401)), "{after}");
    assert!(after["path"].as_str().is_some_and(|path| path.starts_with("/login")), "{after}");
    assert_eq!(seen["there"]["after"]["me"], 401, "the provider said so behind the browser's back: {seen}");
    Ok(())
}
