//! OAuth tokens: only what was signed by the issuer's key comes in, and only as it was signed.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatewayops_proto::access::Permission;
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::{Value, json, value::RawValue};
use uuid::Uuid;

use super::input::Choices;
use crate::oauth::{
    ResourceServer,
    issuer::{Issuer, Trust},
};

const NOW_MS: i64 = 1_800_000_000_000;
const ISSUER: &str = "https://idp.example.com";

static KEY: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes are a seed"));

static TRUST: LazyLock<Trust> = LazyLock::new(|| {
    let point = URL_SAFE_NO_PAD.encode(KEY.public_key());
    trusting(json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": point }] }).to_string())
});

fn trusting(jwks: String) -> Trust {
    let mut trust = Trust::default();
    let issuer = Issuer::new(Uuid::from_u128(1), Uuid::from_u128(2), ISSUER, jwks.into());
    Arc::make_mut(&mut trust.issuers).put(issuer);
    trust
}

/// The input: how a token is changed, and what it says; or the whole of a token, or of a set of keys.
pub fn check(input: &[u8]) {
    let mut choices = Choices::of(input);
    let [how, low, high, with] = choices.take();
    let content = choices.rest();
    let text = String::from_utf8_lossy(content);
    assert!(!enters(&TRUST, &text), "{text} was made up");
    let token = signed(content);
    let is_good = enters(&TRUST, &token);
    assert!(!is_good || is_right(content), "{text} opens nothing");
    if let Some(changed) = changed(&token, how, usize::from(u16::from_le_bytes([low, high])), with) {
        assert!(!enters(&TRUST, &changed), "{changed} was {token}");
    }
    // Whatever an issuer publishes, it is not our key.
    enters(&trusting(text.into_owned()), &token);
}

fn enters(trust: &Trust, token: &str) -> bool {
    let server = ResourceServer::at("https://gw.example.com", "https://console.example.com");
    let Ok(verified) = server.verified(trust, token, NOW_MS) else { return false };
    let beyond = Permission::all().filter(|permission| verified.claims.scopes.has(*permission));
    assert!(beyond.count() <= 2, "a token opens MCP and nothing else");
    true
}

fn signed(claims: &[u8]) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","kid":"1"}"#);
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(KEY.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// What must at least be so, read another way than the product reads it: claim by claim. Of a claim that means nothing
/// here only the grammar counts, which lets half of a surrogate pair stand alone (RFC 8259 §8.2).
fn is_right(claims: &[u8]) -> bool {
    let claims: BTreeMap<String, Box<RawValue>> = match serde_json::from_slice(claims) {
        Ok(claims) => claims,
        Err(_) => return false,
    };
    let claim = |name: &str| claims.get(name).and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
    claim("iss").is_some_and(|issuer| issuer == ISSUER)
        && claim("exp").and_then(|exp| exp.as_f64()).is_some_and(|seconds| seconds * 1000.0 > NOW_MS as f64)
        && claim("sub").is_some_and(|subject| subject.as_str().is_some_and(|subject| !subject.is_empty()))
        && ["nonce", "at_hash", "cnf", "events"]
            .iter()
            .all(|name| claim(name).is_none_or(|one| one.is_null()))
}

/// The token with one change; None if that made no difference.
fn changed(token: &str, how: u8, at: usize, with: u8) -> Option<String> {
    let mut text = token.as_bytes().to_vec();
    let at = at % text.len();
    match how % 4 {
        0 => text[at] = with,
        1 => text.insert(at, with),
        2 => drop(text.remove(at)),
        _ => text.truncate(at),
    }
    String::from_utf8(text).ok().filter(|changed| changed != token)
}
