//! Builders for tests: a whole control plane without listeners, on a database of its own.
//!
//! The database is a copy of a template that is migrated and bootstrapped once per version of the migrations, so that a
//! test starts in a fraction of a second. Needs `DATABASE_URL` of a Postgres where databases may be created; what
//! earlier runs left is dropped.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::{Body, BodyDataStream},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use gatewayops_proto::{api_key, settings::Settings};
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgConnectOptions};
use tower::ServiceExt;

pub(crate) mod alerts;
pub(crate) mod browser;
pub(crate) mod calls;
pub(crate) mod detections;
pub(crate) mod identity_provider;
pub(crate) mod mail_server;
pub(crate) mod otlp_receiver;
pub(crate) mod people;
pub(crate) mod receiver;
pub(crate) mod sign_in;

use crate::{app::App, config::Config, id::OrgId, rest, server, store::MIGRATIONS};

pub(crate) const ADMIN_EMAIL: &str = "admin@example.com";
pub(crate) const ADMIN_PASSWORD: &str = "correct horse battery";
/// The bootstrapped key, which may do everything.
pub(crate) const ADMIN_KEY: &str = "gwo_dev_TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT0jPMH9";

/// Settings as a test has them; Redis is away unless `REDIS_URL` is set.
pub(crate) fn config() -> Config {
    let variables = [
        ("DATABASE_URL", database_url()),
        ("REDIS_URL", std::env::var("REDIS_URL").unwrap_or_else(|_| "redis://127.0.0.1:1".into())),
        ("DB_MAX_IDLE", "0".into()),
        ("JWT_SECRET", "a secret of tests, 32 bytes long".into()),
        ("PROXY_TOKEN", "a token for tests, 32 bytes long".into()),
        ("ENCRYPTION_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".into()),
        ("BOOTSTRAP_ORG", "Test Org".into()),
        ("BOOTSTRAP_ADMIN_EMAIL", ADMIN_EMAIL.into()),
        ("BOOTSTRAP_ADMIN_PASSWORD", ADMIN_PASSWORD.into()),
        ("BOOTSTRAP_API_KEY", ADMIN_KEY.into()),
        ("COOKIE_SECURE", "false".into()),
        ("LOG_LEVEL", "warn".into()),
    ];
    let settings = Settings::new(variables.map(|(name, value)| (name.to_owned(), value)));
    Config::read(settings).unwrap_or_else(|faults| panic!("{faults}"))
}

fn database_url() -> String {
    std::env::var("DATABASE_URL")
        .expect("DATABASE_URL must name a Postgres where tests may create databases; `./dev test` sets it")
}

/// A control plane of one test.
pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) org: OrgId,
    /// Where requests come from.
    pub(crate) client: SocketAddr,
    router: Router,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Null when the body is no JSON.
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Answer {
    /// The body, when the status is the expected one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.body
    }

    /// `error.code`, when the status is the expected one.
    #[track_caller]
    pub(crate) fn refused(self, status: u16) -> String {
        let body = self.expect(status);
        assert!(body["error"]["request_id"].is_string() && body["error"]["details"].is_object(), "{body}");
        body["error"]["code"].as_str().unwrap_or_else(|| panic!("no code in {body}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl TestApp {
    /// A fresh organization with [`ADMIN_EMAIL`] and [`ADMIN_KEY`].
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        Self::start_on(fresh_database().await, change).await
    }

    async fn start_on(database: PgConnectOptions, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config();
        config.database = database;
        config.migrate_at_start = false;
        change(&mut config);
        let app = server::prepare(config).await.unwrap_or_else(|error| panic!("{error:#}"));
        let mut tx = app.database.worker().await.unwrap();
        let org = crate::store::organizations::oldest(&mut tx).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        let router = rest::router(&app);
        Self { app, org, client: SocketAddr::from(([127, 0, 0, 1], 50_000)), router }
    }

    /// What is in its database, for others to start from. This one serves no more.
    pub(crate) async fn into_template(self) -> Template {
        let name = self.app.config.database.get_database().unwrap_or_default().to_owned();
        self.app.database.pool().close().await;
        Template(name)
    }

    /// Any request, as it is.
    pub(crate) async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(ConnectInfo(self.client));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: parts.status, headers: parts.headers, body, text }
    }

    /// The body of an answer, as it comes.
    pub(crate) async fn stream(&self, mut request: Request<Body>) -> BodyDataStream {
        request.extensions_mut().insert(ConnectInfo(self.client));
        self.router.clone().oneshot(request).await.unwrap().into_body().into_data_stream()
    }

    /// A request with an API key, further headers and perhaps a JSON body.
    pub(crate) async fn request(
        &self,
        key: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !key.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {key}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.get_as(ADMIN_KEY, path).await
    }

    pub(crate) async fn get_as(&self, key: &str, path: &str) -> Answer {
        self.request(key, Method::GET, path, &[], None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_as(ADMIN_KEY, path, body).await
    }

    pub(crate) async fn post_as(&self, key: &str, path: &str, body: Value) -> Answer {
        self.request(key, Method::POST, path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request(ADMIN_KEY, Method::PATCH, path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request(ADMIN_KEY, Method::DELETE, path, &[], None).await
    }

    /// A service key of this organization with these permissions.
    pub(crate) async fn key_with(&self, permissions: &[&str]) -> String {
        let body = json!({"name": "limited", "permissions": permissions});
        self.post("/v1/api-keys", body).await.expect(201)["key"].as_str().unwrap().to_owned()
    }

    /// A second organization; answers its id and a key that may do everything in it.
    pub(crate) async fn other_organization(&self) -> (OrgId, String) {
        let org = OrgId::new();
        let key = api_key::generate(api_key::Environment::Dev, &SystemRandom::new()).unwrap();
        let (pepper_id, digest) = self.app.peppers.digest(&key);
        let mut tx = self.app.database.worker().await.unwrap();
        crate::store::organizations::insert(&mut tx, org, None, "Other Org", &format!("other-{org}"))
            .await
            .unwrap();
        sqlx::query(
            "insert into api_keys (org_id, name, key_prefix, key_hash, pepper_id, permissions)
             values ($1, 'other', $2, $3, $4, '{*}')",
        )
        .bind(org)
        .bind(api_key::prefix(&key))
        .bind(&digest[..])
        .bind(pepper_id)
        .execute(&mut *tx)
        .await
        .unwrap();
        tx.commit().await.unwrap();
        (org, key)
    }
}

/// A database that nobody uses.
pub(crate) struct Template(String);

impl Template {
    pub(crate) async fn start_with(&self, change: impl FnOnce(&mut Config)) -> TestApp {
        TestApp::start_on(copy_of(&self.0).await, change).await
    }
}

/// A copy of the template under a name of its own.
pub(crate) async fn fresh_database() -> PgConnectOptions {
    static TEMPLATE: tokio::sync::OnceCell<String> = tokio::sync::OnceCell::const_new();
    copy_of(TEMPLATE.get_or_init(make_template).await).await
}

async fn copy_of(template: &str) -> PgConnectOptions {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("gwo_test_{}_{number}", std::process::id());
    let mut maintenance = connect().await;
    // Copies of one template wait for each other inside Postgres.
    execute(&mut maintenance, format!("create database {name} template {template}")).await;
    config().database.database(&name)
}

async fn make_template() -> String {
    let mut maintenance = connect().await;
    // Other test processes wait here.
    execute(&mut maintenance, "select pg_advisory_lock(hashtextextended('gatewayops.tests', 0))".into())
        .await;
    drop_leftovers(&mut maintenance).await;
    let template = template_name();
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(&template)
        .fetch_one(&mut maintenance)
        .await
        .unwrap();
    if !exists {
        let draft = format!("{template}_draft");
        execute(&mut maintenance, format!("drop database if exists {draft} with (force)")).await;
        execute(&mut maintenance, format!("create database {draft}")).await;
        let mut config = config();
        config.database = config.database.database(&draft);
        let app = server::prepare(config).await.unwrap_or_else(|error| panic!("{error:#}"));
        app.database.pool().close().await;
        execute(&mut maintenance, format!("alter database {draft} rename to {template}")).await;
    }
    template
}

/// By the migrations' checksums: another schema is another template.
fn template_name() -> String {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    for migration in MIGRATIONS.iter() {
        context.update(&migration.checksum);
    }
    format!("gwo_template_{}", &hex::encode(context.finish())[..16])
}

async fn drop_leftovers(maintenance: &mut PgConnection) {
    let names: Vec<String> =
        sqlx::query_scalar("select datname from pg_database where datname like 'gwo_test_%'")
            .fetch_all(&mut *maintenance)
            .await
            .unwrap();
    for name in names {
        let process = name.split('_').nth(2).unwrap_or_default().to_owned();
        if !std::path::Path::new("/proc").join(process).exists() {
            execute(maintenance, format!("drop database if exists {name} with (force)")).await;
        }
    }
}

async fn connect() -> PgConnection {
    PgConnection::connect_with(&config().database).await.expect("the Postgres of DATABASE_URL answers")
}

async fn execute(connection: &mut PgConnection, statement: String) {
    sqlx::query(AssertSqlSafe(statement)).execute(connection).await.unwrap();
}
