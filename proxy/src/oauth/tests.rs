//! What makes a token good, and that each thing by itself makes it bad.

use std::sync::{Arc, LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatewayops_proto::access::Permission;
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ResourceServer,
    algorithm::Algorithm,
    issuer::{Issuer, Trust},
    refusal::Refusal,
    resource::Resource,
    testing::{ISSUER, NOW, NOW_MS, PROXY_URL, PUBLIC_URL, Signer, claims, own_claims, set, trust, with},
};

static ES256: LazyLock<Signer> = LazyLock::new(|| Signer::new(Algorithm::Es256));
static RSA: LazyLock<Signer> = LazyLock::new(|| Signer::new(Algorithm::Rs256));
static OWN: LazyLock<Signer> = LazyLock::new(|| Signer::new(Algorithm::EdDsa));

fn server() -> ResourceServer {
    ResourceServer::at(PROXY_URL, PUBLIC_URL)
}

/// The first look of a proxy that trusts [`ES256`], [`RSA`] and its own key.
fn refusal(token: &str) -> Option<Refusal> {
    server().verified(&trust(&[&ES256, &RSA], &[&OWN]), token, NOW_MS).err()
}

fn base64(text: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn a_token_of_every_listed_algorithm_is_good() {
    for algorithm in Algorithm::ALL {
        let signer = match algorithm {
            Algorithm::Es256 | Algorithm::Es384 | Algorithm::EdDsa => Signer::new(algorithm),
            of_rsa => RSA.by(of_rsa),
        };
        let verified = server().verified(&trust(&[&signer], &[]), &signer.token(&claims()), NOW_MS);
        assert!(verified.is_ok(), "{}: {:?}", algorithm.name(), verified.err());
    }
}

#[test]
fn a_claim_that_is_wrong_is_enough() {
    let cases: [(&str, Value, Refusal); 24] = [
        ("issuer", json!({ "iss": "https://evil.example.com" }), Refusal::UntrustedIssuer),
        ("issuer with a slash", json!({ "iss": format!("{ISSUER}/") }), Refusal::UntrustedIssuer),
        ("issuer in capitals", json!({ "iss": ISSUER.to_uppercase() }), Refusal::UntrustedIssuer),
        ("no issuer", json!({ "iss": null }), Refusal::Malformed),
        ("no expiry", json!({ "exp": null }), Refusal::NoExpiry),
        ("expired now", json!({ "exp": NOW }), Refusal::Expired),
        ("expired long ago", json!({ "exp": 0 }), Refusal::Expired),
        ("expiry as text", json!({ "exp": "1900000000" }), Refusal::Malformed),
        ("not yet valid", json!({ "nbf": NOW + 61 }), Refusal::NotYetValid),
        ("issued in the future", json!({ "iat": NOW + 61 }), Refusal::NotYetValid),
        ("no subject", json!({ "sub": null }), Refusal::NoSubject),
        ("empty subject", json!({ "sub": "" }), Refusal::NoSubject),
        ("subject that is a number", json!({ "sub": 7 }), Refusal::Malformed),
        ("nonce", json!({ "nonce": "n" }), Refusal::NoAccessToken),
        ("at_hash", json!({ "at_hash": "h" }), Refusal::NoAccessToken),
        ("c_hash", json!({ "c_hash": "h" }), Refusal::NoAccessToken),
        ("events", json!({ "events": {} }), Refusal::NoAccessToken),
        ("Keycloak's ID token", json!({ "typ": "ID" }), Refusal::NoAccessToken),
        ("Keycloak's refresh token", json!({ "typ": "Refresh" }), Refusal::NoAccessToken),
        ("Cognito's ID token", json!({ "token_use": "id" }), Refusal::NoAccessToken),
        ("bound by DPoP", json!({ "cnf": { "jkt": "x" } }), Refusal::SenderConstrained),
        ("of ourselves", json!({ "iss": PUBLIC_URL }), Refusal::Algorithm),
        ("audience that is a number", json!({ "aud": 7 }), Refusal::Malformed),
        ("scopes that are a number", json!({ "scope": 7 }), Refusal::Malformed),
    ];
    assert_eq!(refusal(&ES256.token(&claims())), None);
    for (what, changes, expected) in cases {
        let token = ES256.token(&with(claims(), changes));
        assert_eq!(refusal(&token), Some(expected), "{what}");
    }
    for fine in [json!({ "nbf": NOW + 59 }), json!({ "exp": NOW as f64 + 0.5 }), json!({ "typ": "Bearer" })] {
        assert_eq!(refusal(&ES256.token(&with(claims(), fine.clone()))), None, "{fine}");
    }
}

#[test]
fn a_header_that_is_wrong_is_enough() {
    let cases: [(&str, Value, Refusal); 12] = [
        ("alg none", json!({ "alg": "none" }), Refusal::Algorithm),
        ("alg None", json!({ "alg": "None" }), Refusal::Algorithm),
        ("alg in small letters", json!({ "alg": "es256" }), Refusal::Algorithm),
        ("alg of another kind of key", json!({ "alg": "RS256" }), Refusal::Algorithm),
        ("alg of another curve", json!({ "alg": "ES384" }), Refusal::Algorithm),
        ("no alg", json!({ "alg": null }), Refusal::Malformed),
        ("unknown key", json!({ "kid": "ES256-2" }), Refusal::UnknownKey),
        ("another's key", json!({ "kid": "RS256-1" }), Refusal::Algorithm),
        ("no key named", json!({ "kid": null }), Refusal::NamesNoKey),
        ("an ID token", json!({ "typ": "id_token+jwt" }), Refusal::NoAccessToken),
        ("a logout token", json!({ "typ": "logout+jwt" }), Refusal::NoAccessToken),
        ("an extension", json!({ "crit": ["b64"], "b64": false }), Refusal::Malformed),
    ];
    for (what, changes, expected) in cases {
        let token = ES256.token_of(&with(ES256.header(), changes), &claims());
        assert_eq!(refusal(&token), Some(expected), "{what}");
    }
    for typ in [json!("JWT"), json!("jwt"), json!("AT+JWT"), json!("application/at+jwt"), Value::Null] {
        let token = ES256.token_of(&with(ES256.header(), json!({ "typ": typ })), &claims());
        assert_eq!(refusal(&token), None, "{typ}");
    }
}

#[test]
fn a_public_key_is_no_secret_to_sign_with() {
    use ring::hmac;
    let header = json!({ "alg": "HS256", "typ": "JWT", "kid": RSA.id });
    let signed = format!("{}.{}", base64(header.to_string()), base64(claims().to_string()));
    let modulus = URL_SAFE_NO_PAD.decode(RSA.jwk()["n"].as_str().unwrap()).unwrap();
    for secret in [RSA.jwk().to_string().into_bytes(), modulus] {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), signed.as_bytes());
        assert_eq!(refusal(&format!("{signed}.{}", base64(tag))), Some(Refusal::Algorithm));
    }
}

#[test]
fn a_token_that_is_put_together_from_others_is_refused() {
    let stranger = Signer::new(Algorithm::Es256);
    assert_eq!(refusal(&stranger.token(&claims())), Some(Refusal::Signature), "another's key under our id");
    let (one, other) = (ES256.token(&claims()), ES256.token(&with(claims(), json!({ "sub": "bob" }))));
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(&one), parts(&other));
    let swapped = [&*one[0], &*other[1], &*one[2]].join(".");
    assert_eq!(refusal(&swapped), Some(Refusal::Signature));
    let unsigned = format!("{}.{}.", one[0], one[1]);
    assert_eq!(refusal(&unsigned), Some(Refusal::Signature));
}

#[test]
fn what_is_no_token_is_refused_unread() {
    let good = ES256.token(&claims());
    let twice = r#"{"iss":"a","iss":"b","exp":1}"#;
    for (text, expected) in [
        ("".to_owned(), Refusal::Malformed),
        ("..".to_owned(), Refusal::Malformed),
        ("a.b.c".to_owned(), Refusal::Malformed),
        (format!("{good}="), Refusal::Malformed),
        (format!("{good}.x"), Refusal::Malformed),
        (format!(" {good}"), Refusal::Malformed),
        (good.replacen('.', ".\n", 1), Refusal::Malformed),
        ("x".repeat(super::MAX_TOKEN + 1), Refusal::TooLong),
        (ES256.token(&json!([])), Refusal::Malformed),
        (format!("{}.{}.AA", base64(ES256.header().to_string()), base64(twice)), Refusal::Malformed),
    ] {
        assert_eq!(refusal(&text), Some(expected), "{text:.40}");
    }
}

#[test]
fn keys_that_are_for_something_else_check_nothing() {
    for changes in [
        json!({ "use": "enc" }),
        json!({ "use": null, "key_ops": ["sign"] }),
        json!({ "alg": "RSA-OAEP" }),
        json!({ "alg": "HS256" }),
        json!({ "kty": "oct", "k": "c2VjcmV0" }),
        json!({ "kid": "other" }),
        json!({ "n": "AQAB" }),
        json!({ "n": "" }),
    ] {
        let set = json!({ "keys": [with(RSA.jwk(), changes.clone())] }).to_string();
        let mut trusting = Trust::default();
        let issuer = Issuer::new(Uuid::from_u128(7), Uuid::from_u128(2), ISSUER, set.into());
        Arc::make_mut(&mut trusting.issuers).put(issuer);
        let refused = server().verified(&trusting, &RSA.token(&claims()), NOW_MS).err();
        assert!(refused.is_some(), "{changes}");
    }
    let only = json!({ "keys": [with(RSA.jwk(), json!({ "alg": "RS512" }))] }).to_string();
    let mut trusting = Trust::default();
    let issuer = Issuer::new(Uuid::from_u128(7), Uuid::from_u128(2), ISSUER, only.into());
    Arc::make_mut(&mut trusting.issuers).put(issuer);
    let check = |signer: &Signer| server().verified(&trusting, &signer.token(&claims()), NOW_MS).err();
    assert_eq!(check(&RSA), Some(Refusal::Algorithm), "the key is for RS512 only");
    assert_eq!(check(&RSA.by(Algorithm::Rs512)), None);
}

#[test]
fn a_set_may_hold_what_is_not_understood_and_a_single_key_need_not_be_named() {
    let nameless = Signer::new(Algorithm::EdDsa).with_id(None);
    let set = json!({ "keys": [
        7, { "kty": "XYZ" }, { "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" },
        with(RSA.jwk(), json!({ "use": "enc" })), nameless.jwk(),
    ] });
    let mut trusting = Trust::default();
    let issuer = Issuer::new(Uuid::from_u128(7), Uuid::from_u128(2), ISSUER, set.to_string().into());
    Arc::make_mut(&mut trusting.issuers).put(issuer);
    let check = |token: &str| server().verified(&trusting, token, NOW_MS).err();
    assert_eq!(check(&nameless.token(&claims())), None);
    let stranger = Signer::new(Algorithm::EdDsa).with_id(None);
    assert_eq!(check(&stranger.token(&claims())), Some(Refusal::OtherKey), "there may be a new one by now");
    let named = nameless.by(Algorithm::EdDsa).with_id(Some("x"));
    assert_eq!(check(&named.token(&claims())), Some(Refusal::UnknownKey));
    for nothing in ["", "{}", "[]", "{\"keys\":7}", "\u{0}"] {
        let mut trusting = Trust::default();
        let issuer = Issuer::new(Uuid::from_u128(7), Uuid::from_u128(2), ISSUER, nothing.into());
        Arc::make_mut(&mut trusting.issuers).put(issuer);
        let refused = server().verified(&trusting, &nameless.token(&claims()), NOW_MS).err();
        assert_eq!(refused, Some(Refusal::UnknownKey), "{nothing}: its keys may still come");
    }
}

#[test]
fn scopes_are_read_in_either_form_and_open_no_more_than_mcp() {
    for (changes, read, call) in [
        (json!({ "scope": "mcp:read" }), true, false),
        (json!({ "scope": "mcp:call" }), false, true),
        (json!({ "scope": "mcp:*" }), true, true),
        (json!({ "scope": "openid *" }), false, false),
        (json!({ "scope": "mcp:reader xmcp:call" }), false, false),
        (json!({ "scope": null }), false, false),
        (json!({ "scope": null, "scp": "mcp:read mcp:call" }), true, true),
        (json!({ "scope": null, "scp": ["mcp:read", "mcp:call"] }), true, true),
        (json!({ "scope": "mcp:read", "scp": ["mcp:call"] }), true, true),
    ] {
        let token = ES256.token(&with(claims(), changes.clone()));
        let verified = server().verified(&trust(&[&ES256], &[]), &token, NOW_MS).unwrap();
        let has = |permission| verified.claims.scopes.has(permission);
        assert_eq!((has(Permission::MCP_READ), has(Permission::MCP_CALL)), (read, call), "{changes}");
        assert!(Permission::all().filter(|permission| has(*permission)).count() <= 2, "{changes}");
    }
}

#[test]
fn a_token_is_for_the_endpoint_that_it_names_and_our_own_for_all() {
    let (server, trusting) = (server(), trust(&[&ES256], &[&OWN]));
    let is_for = |token: &str, resource| server.verified(&trusting, token, NOW_MS).unwrap().is_for(resource);
    let (github, jira) = (Resource::Server("github"), Resource::Server("jira"));
    let token = ES256.token(&claims());
    assert!(is_for(&token, github) && !is_for(&token, jira) && !is_for(&token, Resource::All));
    let aud = json!({ "aud": ["other", format!("{PROXY_URL}/mcp"), format!("{PROXY_URL}/mcp/jira/")] });
    let several = ES256.token(&with(claims(), aud));
    assert!(is_for(&several, jira) && is_for(&several, Resource::All) && !is_for(&several, github));
    for nowhere in [json!(null), json!([]), json!(""), json!(PROXY_URL)] {
        let token = ES256.token(&with(claims(), json!({ "aud": nowhere })));
        assert!(!is_for(&token, github) && !is_for(&token, Resource::All), "{nowhere}");
    }
    let own = OWN.token(&own_claims(Uuid::from_u128(1)));
    assert!(is_for(&own, github) && is_for(&own, Resource::All));
    let aud = json!({ "aud": format!("{PROXY_URL}/mcp/github") });
    assert!(!is_for(&OWN.token(&with(own_claims(Uuid::from_u128(1)), aud)), github), "contract 6.1");
}

#[test]
fn our_own_tokens_are_short_lived_and_say_of_whom_they_are() {
    let cases = [
        ("good", json!({}), None),
        ("an hour", json!({ "exp": NOW + 3600 }), None),
        ("longer", json!({ "exp": NOW + 3661 }), Some(Refusal::LivesTooLong)),
        ("for ever", json!({ "exp": 1e300 }), Some(Refusal::LivesTooLong)),
        ("expired", json!({ "exp": NOW - 1 }), Some(Refusal::Expired)),
        ("no organization", json!({ "org": null }), Some(Refusal::Organization)),
        ("a subject that is no id", json!({ "sub": "alice" }), Some(Refusal::NoSubject)),
        ("too many globs", json!({ "tools": vec!["*"; 1000] }), Some(Refusal::Malformed)),
        ("an ID token", json!({ "nonce": "n" }), Some(Refusal::NoAccessToken)),
    ];
    for (what, changes, expected) in cases {
        let token = OWN.token(&with(own_claims(Uuid::from_u128(1)), changes));
        assert_eq!(refusal(&token), expected, "{what}");
    }
    let own = own_claims(Uuid::from_u128(1));
    assert_eq!(refusal(&ES256.token(&own)), Some(Refusal::Algorithm), "signed by a provider");
    assert_eq!(refusal(&Signer::new(Algorithm::EdDsa).token(&own)), Some(Refusal::Signature));
    let foreign = with(claims(), json!({ "iss": ISSUER }));
    assert_eq!(refusal(&OWN.token(&foreign)), Some(Refusal::UnknownKey), "no provider's");
}

#[test]
fn a_known_token_is_checked_anew_when_those_who_vouch_for_it_change() {
    let server = server();
    let token = ES256.token(&claims());
    let trusting = trust(&[&ES256], &[&OWN]);
    let verified = |trusting: &Trust| server.verified(trusting, &token, NOW_MS);
    let first = verified(&trusting).unwrap();
    assert!(Arc::ptr_eq(&first, &verified(&trusting).unwrap()), "checked once");
    assert_eq!(server.cache.len(), 1);
    assert!(!Arc::ptr_eq(&first, &verified(&trust(&[&ES256, &RSA], &[&OWN])).unwrap()), "checked again");
    assert_eq!(verified(&trust(&[&RSA], &[&OWN])).err(), Some(Refusal::UnknownKey), "its key was taken out");
    assert_eq!(verified(&Trust::default()).err(), Some(Refusal::UntrustedIssuer), "its issuer is gone");
    assert_eq!(server.cache.len(), 0, "what is good no more is not kept");
    verified(&trusting).unwrap();
    assert_eq!(server.cache.len(), 1);
    assert_eq!(server.verified(&trusting, &token, NOW_MS + 300_000).err(), Some(Refusal::Expired));
    assert_eq!(server.cache.len(), 0, "what has expired is not kept");

    let own = OWN.token(&own_claims(Uuid::from_u128(1)));
    assert!(server.verified(&trusting, &own, NOW_MS).is_ok());
    let retired = trust(&[&ES256], &[]);
    assert_eq!(server.verified(&retired, &own, NOW_MS).err(), Some(Refusal::Signature));
}

#[test]
fn a_refused_token_takes_no_room_and_good_ones_no_more_than_there_is() {
    let server = server();
    let trusting = trust(&[&ES256], &[]);
    let _ = server.verified(&trusting, &RSA.token(&claims()), NOW_MS);
    assert_eq!(server.cache.len(), 0);
    let verified = server.verified(&trusting, &ES256.token(&claims()), NOW_MS).unwrap();
    for number in 0..70_000_u32 {
        let digest = super::verified::digest_of(&number.to_string());
        server.cache.put(digest, verified.clone());
    }
    let kept = server.cache.len();
    assert!((50_000..=65_536).contains(&kept), "{kept}");

    let many: Vec<_> = (0..100).map(|number| format!("{PROXY_URL}/mcp/server-{number}")).collect();
    let long = ES256.token(&with(claims(), json!({ "aud": many })));
    let verified = server.verified(&trusting, &long, NOW_MS).unwrap();
    for number in 0..70_000_u32 {
        let digest = super::verified::digest_of(&number.to_string());
        server.cache.put(digest, verified.clone());
    }
    let kept = server.cache.len();
    assert!(kept < 14_000, "{kept} that weigh five times as much");
    for number in 0..70_000_u32 {
        server.cache.forget(&super::verified::digest_of(&number.to_string()));
    }
    server.verified(&trusting, &ES256.token(&with(claims(), json!({ "jti": "1" }))), NOW_MS).unwrap();
    assert!((1..=2).contains(&server.cache.len()), "what was forgotten weighs nothing");
}

#[test]
fn a_token_that_was_seen_keeps_no_keys_alive() {
    let server = server();
    let mut trusting = trust(&[&ES256], &[]);
    server.verified(&trusting, &ES256.token(&claims()), NOW_MS).unwrap();
    let known = Arc::downgrade(&trusting.issuers.named(ISSUER).unwrap()[0]);
    let newer = Issuer::new(Uuid::from_u128(7), Uuid::from_u128(2), ISSUER, set(&[&ES256, &RSA]));
    Arc::make_mut(&mut trusting.issuers).put(newer);
    assert!(known.upgrade().is_none());
    assert_eq!(server.cache.len(), 1);
}

#[test]
fn several_who_trust_one_issuer_each_vouch_by_their_own_keys() {
    let issuer = |id: u128, keys: &[&Signer]| {
        Issuer::new(Uuid::from_u128(id), Uuid::from_u128(100 + id), ISSUER, set(keys))
    };
    let mut trusting = Trust::default();
    let all = Arc::make_mut(&mut trusting.issuers);
    for (id, keys) in [(3, &[&*ES256, &RSA][..]), (1, &[&*ES256]), (2, &[&*RSA])] {
        all.put(issuer(id, keys));
    }
    let vouching = |token: &str| {
        let verified = server().verified(&trusting, token, NOW_MS).unwrap();
        let super::verified::Bearer::Foreign { providers, lacking, .. } = &verified.bearer else { panic!() };
        (providers.iter().map(Uuid::as_u128).collect::<Vec<_>>(), *lacking)
    };
    assert_eq!(vouching(&ES256.token(&claims())), (vec![1, 3], true), "2 does not know the key yet");
    let unknown = ES256.by(Algorithm::Es256).with_id(Some("next")).token(&claims());
    assert_eq!(server().verified(&trusting, &unknown, NOW_MS).err(), Some(Refusal::UnknownKey));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_token_with_any_bit_flipped_is_refused(position in any::<proptest::sample::Index>(), bit in 0..8_u8, is_own: bool) {
        let token = if is_own { OWN.token(&own_claims(Uuid::from_u128(1))) } else { ES256.token(&claims()) };
        let mut bytes = token.into_bytes();
        let position = position.index(bytes.len());
        bytes[position] ^= 1 << bit;
        // What is no text never comes so far.
        if let Ok(flipped) = String::from_utf8(bytes) {
            prop_assert!(refusal(&flipped).is_some(), "{flipped}");
        }
    }
}
