//! A browser that signs in by an identity provider, step by step.

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::{
    Answer, TestApp,
    identity_provider::{CLIENT_ID, CLIENT_SECRET, IdentityProvider},
};

/// A control plane, a provider that it knows, and its id there.
pub(crate) struct SsoHouse {
    pub(crate) test: TestApp,
    pub(crate) idp: IdentityProvider,
    pub(crate) provider: String,
}

/// A sign-in that was begun.
pub(crate) struct SignIn {
    pub(crate) cookie: String,
    pub(crate) code: String,
    pub(crate) state: String,
}

/// The form of a provider at this issuer.
pub(crate) fn provider_form(issuer: &str) -> Value {
    json!({
        "type": "oidc", "name": "Example", "issuer_url": issuer, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    })
}

impl SsoHouse {
    pub(crate) async fn open() -> Self {
        Self::open_with(json!({})).await
    }

    /// With these fields of the provider changed.
    pub(crate) async fn open_with(change: Value) -> Self {
        Self::open_at("", change).await
    }

    /// Of a provider with this path in its issuer.
    pub(crate) async fn open_at(path: &str, change: Value) -> Self {
        let test = TestApp::start_with(|config| config.egress_allow_private = true).await;
        let idp = IdentityProvider::start_at(path).await;
        let mut form = provider_form(&idp.issuer);
        for (name, value) in change.as_object().unwrap() {
            form[name] = value.clone();
        }
        let made = test.post("/v1/sso/providers", form).await.expect(201);
        let provider = made["id"].as_str().unwrap().to_owned();
        Self { test, idp, provider }
    }

    pub(crate) async fn change(&self, change: Value) {
        self.test.patch(&format!("/v1/sso/providers/{}", self.provider), change).await.expect(200);
    }

    /// Goes to the provider and consents there.
    pub(crate) async fn begin(&self, redirect: &str) -> SignIn {
        let path = format!("/v1/sso/authorize/{}?redirect={redirect}", self.provider);
        let answer = self.test.get_as("", &path).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        let (code, state) = self.idp.consent(answer.header("location"));
        SignIn { cookie: cookie(&answer, "gwo_sso_").unwrap(), code, state }
    }

    /// Comes back from the provider.
    pub(crate) async fn finish(&self, sign_in: &SignIn) -> Answer {
        let query = format!("code={}&state={}", sign_in.code, sign_in.state);
        self.come_back(&sign_in.cookie, &query).await
    }

    pub(crate) async fn come_back(&self, cookie: &str, query: &str) -> Answer {
        let path = format!("/v1/sso/callback/{}?{query}", self.provider);
        self.test.request("", Method::GET, &path, &[("cookie", cookie)], None).await
    }

    /// The whole way.
    pub(crate) async fn sign_in(&self) -> Answer {
        let begun = self.begin("/docs").await;
        self.finish(&begun).await
    }

    /// The whole way, to the session's cookie.
    pub(crate) async fn session(&self) -> String {
        let answer = self.sign_in().await;
        assert_eq!(answer.header("location"), "/docs");
        cookie(&answer, "gwo_session").unwrap()
    }

    /// The whole way, to the reason why not.
    pub(crate) async fn refused(&self) -> String {
        refusal(&self.sign_in().await)
    }

    pub(crate) async fn me(&self, session: &str) -> Answer {
        self.test.request("", Method::GET, "/v1/auth/me", &[("cookie", session)], None).await
    }

    /// The user with this address.
    pub(crate) async fn user(&self, email: &str) -> Value {
        let list = self.test.get(&format!("/v1/users?q={email}")).await.expect(200);
        list["users"][0].clone()
    }
}

/// `name=value` of a cookie that was set, whose name begins so.
pub(crate) fn cookie(answer: &Answer, name: &str) -> Option<String> {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let pairs = set.filter_map(|cookie| cookie.split(';').next());
    let mut wanted = pairs.filter(|pair| pair.starts_with(name));
    wanted.next().map(str::to_owned)
}

/// The code with which somebody was sent to the log-in page, and got no session.
#[track_caller]
pub(crate) fn refusal(answer: &Answer) -> String {
    assert_eq!(answer.status, 302, "{}", answer.text);
    assert_eq!(cookie(answer, "gwo_session"), None, "no session begins");
    assert!(cookie(answer, "gwo_sso_").is_none_or(|cookie| cookie.ends_with('=')), "the sign-in is over");
    let location = answer.header("location");
    let query = location.strip_prefix("/login?").unwrap_or_else(|| panic!("signed in: {location}"));
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    assert!(pairs.iter().any(|(name, value)| name == "request_id" && value == answer.header("x-request-id")));
    pairs.into_iter().find(|(name, _)| name == "error").unwrap().1
}
