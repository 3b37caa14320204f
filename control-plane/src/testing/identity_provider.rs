//! An OpenID provider over HTTP that says what a test wants: discovery, keys, tokens, UserInfo. It signs with ES256.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use chrono::Utc;
use ring::{
    digest, hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, sync::Semaphore};

pub(crate) const CLIENT_ID: &str = "gateway";
pub(crate) const CLIENT_SECRET: &str = "a client secret of tests";

pub(crate) struct IdentityProvider {
    pub(crate) issuer: String,
    says: Arc<Mutex<Says>>,
}

/// What it answers next.
pub(crate) struct Says {
    /// Over the usual claims of a token; null takes one away.
    pub(crate) claims: Value,
    pub(crate) user_info: Value,
    pub(crate) user_info_status: StatusCode,
    /// Nobody gets a token before there is a permit.
    pub(crate) token_gate: Option<Arc<Semaphore>>,
    pub(crate) token_calls: u32,
    pub(crate) signed: Signed,
    /// Beyond the usual members of the discovery document.
    pub(crate) document: Value,
    key: SigningKey,
    /// Published before its own.
    pub(crate) other_keys: Vec<Value>,
    /// Whether tokens name their key.
    pub(crate) names_key: bool,
    /// By code, what its authorization request said.
    codes: HashMap<String, Asked>,
    pub(crate) key_fetches: u32,
    pub(crate) document_fetches: u32,
}

#[derive(Clone, Copy)]
pub(crate) enum Signed {
    Well,
    /// `alg: none`.
    Not,
    /// HS256 with the client's secret.
    BySecret,
    /// With a key that is not in the set, under the id of one that is.
    ByForeignKey,
}

struct Asked {
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

struct SigningKey {
    id: String,
    pair: EcdsaKeyPair,
}

impl SigningKey {
    fn generate(id: &str) -> Self {
        let (random, algorithm) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self { id: id.to_owned(), pair }
    }

    fn public(&self) -> Value {
        let point = &self.pair.public_key().as_ref()[1..];
        let coordinate = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": coordinate(&point[..32]), "y": coordinate(&point[32..]),
        })
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let signed = unsigned(header, claims);
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

impl Says {
    fn token(&self, claims: &Value) -> String {
        let header = |alg: &str| {
            let named = json!({"alg": alg, "kid": self.key.id, "typ": "JWT"});
            if self.names_key { named } else { with(named, &json!({"kid": null})) }
        };
        match self.signed {
            Signed::Well => self.key.sign(&header("ES256"), claims),
            Signed::ByForeignKey => SigningKey::generate(&self.key.id).sign(&header("ES256"), claims),
            Signed::Not => format!("{}.", unsigned(&header("none"), claims)),
            Signed::BySecret => {
                let signed = unsigned(&header("HS256"), claims);
                let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
                let tag = hmac::sign(&key, signed.as_bytes());
                format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
            }
        }
    }
}

/// `over` put onto `under`; null takes away.
fn with(mut under: Value, over: &Value) -> Value {
    let fields: &mut Map<String, Value> = under.as_object_mut().unwrap();
    for (name, value) in over.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    under
}

impl IdentityProvider {
    pub(crate) async fn start() -> Self {
        Self::start_at("").await
    }

    /// With a path in its issuer.
    pub(crate) async fn start_at(path: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}{path}", listener.local_addr().unwrap());
        let says = Arc::new(Mutex::new(Says {
            claims: json!({}),
            user_info: json!({}),
            user_info_status: StatusCode::OK,
            token_gate: None,
            token_calls: 0,
            signed: Signed::Well,
            document: json!({}),
            key: SigningKey::generate("first"),
            other_keys: Vec::new(),
            names_key: true,
            codes: HashMap::new(),
            key_fetches: 0,
            document_fetches: 0,
        }));
        let house = House { issuer: issuer.clone(), says: Arc::clone(&says) };
        let router = Router::new()
            .route(&format!("{path}/.well-known/openid-configuration"), get(document))
            .route(&format!("{path}/jwks"), get(jwks))
            .route(&format!("{path}/token"), post(token))
            .route(&format!("{path}/userinfo"), get(user_info))
            .with_state(house);
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, says }
    }

    pub(crate) fn says(&self) -> MutexGuard<'_, Says> {
        self.says.lock().unwrap()
    }

    /// The next tokens say this too.
    pub(crate) fn claim(&self, claims: Value) {
        self.says().claims = claims;
    }

    /// Publishes one more key, before its own.
    pub(crate) fn publish_another(&self) {
        self.says().other_keys.push(SigningKey::generate("another").public());
    }

    /// Signs with another key from here on.
    pub(crate) fn rotate(&self, id: &str) {
        self.says().key = SigningKey::generate(id);
    }

    /// What a person does there: comes with an authorization request, leaves with a code for it.
    pub(crate) fn consent(&self, authorize_url: &str) -> (String, String) {
        let url = url::Url::parse(authorize_url).unwrap();
        assert!(authorize_url.starts_with(&format!("{}/authorize?", self.issuer)), "{authorize_url}");
        let query: HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!((query["response_type"].as_str(), query["client_id"].as_str()), ("code", CLIENT_ID));
        assert_eq!(query["code_challenge_method"], "S256");
        let code = uuid::Uuid::new_v4().to_string();
        let asked = Asked {
            nonce: query["nonce"].clone(),
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
        };
        self.says().codes.insert(code.clone(), asked);
        (code, query["state"].clone())
    }

    /// A token by which it tells of a log-out.
    pub(crate) fn logout_token(&self, over: &Value) -> String {
        let now = Utc::now().timestamp();
        let claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120,
            "jti": uuid::Uuid::new_v4(), "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        self.says().token(&with(claims, over))
    }
}

#[derive(Clone)]
struct House {
    issuer: String,
    says: Arc<Mutex<Says>>,
}

async fn document(State(house): State<House>) -> Json<Value> {
    let issuer = &house.issuer;
    let mut says = house.says.lock().unwrap();
    says.document_fetches += 1;
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "end_session_endpoint": format!("{issuer}/logout"),
    });
    Json(with(document, &says.document))
}

async fn jwks(State(house): State<House>) -> Json<Value> {
    let mut says = house.says.lock().unwrap();
    says.key_fetches += 1;
    let keys: Vec<_> = says.other_keys.iter().cloned().chain([says.key.public()]).collect();
    Json(json!({ "keys": keys }))
}

async fn token(State(house): State<House>, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let gate = {
        let mut says = house.says.lock().unwrap();
        says.token_calls += 1;
        says.token_gate.clone()
    };
    if let Some(gate) = gate {
        gate.acquire().await.unwrap().forget();
    }
    let mut says = house.says.lock().unwrap();
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let basic =
        format!("Basic {}", STANDARD.encode(format!("{}:{}", encode(CLIENT_ID), encode(CLIENT_SECRET))));
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value.as_bytes() != basic.as_bytes()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"}))).into_response();
    }
    // A code is good once.
    let asked = says.codes.remove(&form["code"]);
    let challenge = digest::digest(&digest::SHA256, form["code_verifier"].as_bytes());
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    let Some(asked) =
        asked.filter(|asked| asked.challenge == challenge && asked.redirect_uri == form["redirect_uri"])
    else {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    };
    let now = Utc::now().timestamp();
    let hash = digest::digest(&digest::SHA256, b"an access token");
    let claims = json!({
        "iss": house.issuer, "aud": CLIENT_ID, "sub": "subject-1", "iat": now, "exp": now + 300,
        "nonce": asked.nonce, "email": "ann@example.com", "email_verified": true, "name": "Ann", "sid": "sid-1",
        "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]),
    });
    let id_token = says.token(&with(claims, &says.claims));
    let answer = json!({"access_token": "an access token", "token_type": "Bearer", "id_token": id_token});
    Json(answer).into_response()
}

async fn user_info(State(house): State<House>, headers: HeaderMap) -> Response {
    if headers.get(header::AUTHORIZATION).is_none_or(|value| value != "Bearer an access token") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let says = house.says.lock().unwrap();
    (says.user_info_status, Json(with(json!({"sub": "subject-1"}), &says.user_info))).into_response()
}
