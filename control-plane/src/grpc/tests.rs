//! Promises of the service that proxies call, kept with a real client over loopback and a database of their own.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use gatewayops_proto::control::{
    ApiKey, Budget, Change, Organization, RateLimit, SafetyPolicy, Secret, Server, TokenIssuer,
    ToolClassification, ToolPermission, Update, User, WatchRequest, change::Entity,
    control_plane_client::ControlPlaneClient, deleted::Kind,
};
use secrecy::ExposeSecret;
use tokio_util::sync::CancellationToken;
use tonic::{
    Request, Status, Streaming,
    metadata::MetadataValue,
    service::{Interceptor, interceptor::InterceptedService},
    transport::Channel,
};
use uuid::Uuid;

use crate::{app::App, config::Config, testing::TestApp};

mod approvals;
mod budgets;
mod policies;
mod settings;
mod snapshot;
mod token_issuers;
mod token_key;
mod tools;
mod users;
mod watch;

type Client = ControlPlaneClient<InterceptedService<Channel, Token>>;

/// Longer than anything takes that happens at all.
const SOON: Duration = Duration::from_secs(20);

#[derive(Clone)]
struct Token(String);

impl Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let value = MetadataValue::try_from(format!("Bearer {}", self.0)).unwrap();
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }
}

/// A control plane that serves proxies, with the organization and key of its first start.
struct House {
    test: TestApp,
    address: SocketAddr,
    stop: CancellationToken,
    org: Uuid,
}

impl House {
    async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let test = TestApp::start_with(change).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = super::serve(test.app.clone(), listener, stop.clone());
        tokio::spawn(async move { serving.await.unwrap() });
        let org = test.org.0;
        Self { test, address, stop, org }
    }

    fn app(&self) -> &Arc<App> {
        &self.test.app
    }

    /// Runs one statement about one row in a transaction of its own.
    async fn sql(&self, statement: &'static str, id: Uuid) {
        let mut conn = self.app().database.worker().await.unwrap();
        sqlx::query(statement).bind(id).execute(&mut *conn).await.unwrap();
        conn.commit().await.unwrap();
    }

    async fn add_key(&self, name: &str) -> Uuid {
        let mut conn = self.app().database.worker().await.unwrap();
        let id = sqlx::query_scalar(
            "insert into api_keys (org_id, name, key_prefix, key_hash, pepper_id)
             values ($1, $2, 'gwo_dev_00000000', sha256(convert_to($2, 'utf8')), 1) returning id",
        )
        .bind(self.org)
        .bind(name)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
        conn.commit().await.unwrap();
        id
    }

    async fn add_server(&self, name: &str) -> Uuid {
        let mut conn = self.app().database.worker().await.unwrap();
        let id = sqlx::query_scalar(
            "insert into mcp_servers (org_id, name, url) values ($1, $2, 'http://localhost/mcp') returning id",
        )
        .bind(self.org)
        .bind(name)
        .fetch_one(&mut *conn)
        .await
        .unwrap();
        conn.commit().await.unwrap();
        id
    }

    async fn client(&self) -> Client {
        self.client_with(self.app().config.proxy_token.expose_secret()).await
    }

    async fn client_with(&self, token: &str) -> Client {
        let channel =
            Channel::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap();
        ControlPlaneClient::with_interceptor(channel, Token(token.to_owned()))
    }

    /// A proxy that starts with nothing and has applied its first update.
    async fn proxy(&self) -> Proxy {
        self.proxy_with(0, Bytes::new()).await
    }

    /// A proxy that held something before.
    async fn proxy_with(&self, have_revision: u64, have_lineage: Bytes) -> Proxy {
        let request = WatchRequest { proxy_id: "p".into(), version: "t".into(), have_revision, have_lineage };
        let updates = self.client().await.watch(request).await.unwrap().into_inner();
        let mut proxy = Proxy { updates, held: Held::default() };
        proxy.apply().await;
        proxy
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// What a proxy knows after its updates.
#[derive(Default)]
struct Held {
    revision: u64,
    lineage: Bytes,
    /// Of the last update.
    replaced_everything: bool,
    parts: usize,
    changes: Vec<Change>,
    /// Of all.
    organizations: BTreeMap<Bytes, Organization>,
    keys: BTreeMap<Bytes, ApiKey>,
    servers: BTreeMap<Bytes, Server>,
    secrets: BTreeMap<Bytes, Secret>,
    users: BTreeMap<Bytes, User>,
    token_issuers: BTreeMap<Bytes, TokenIssuer>,
    rate_limits: BTreeMap<Bytes, RateLimit>,
    budgets: BTreeMap<Bytes, Budget>,
    tool_classifications: BTreeMap<Bytes, ToolClassification>,
    tool_permissions: BTreeMap<Bytes, ToolPermission>,
    safety_policies: BTreeMap<Bytes, SafetyPolicy>,
}

struct Proxy {
    updates: Streaming<Update>,
    held: Held,
}

impl Proxy {
    /// Waits for one whole update and applies it.
    async fn apply(&mut self) -> &Held {
        let mut changes = Vec::new();
        let mut parts = 0;
        let last = loop {
            let next = tokio::time::timeout(SOON, self.updates.message()).await.expect("an update comes");
            let mut update = next.unwrap().expect("the stream is open");
            changes.append(&mut update.changes);
            parts += 1;
            if !update.more {
                break update;
            }
        };
        if last.replaces_everything {
            self.held = Held::default();
        }
        for change in &changes {
            self.held.change(change.entity.clone().unwrap());
        }
        self.held.revision = last.revision;
        self.held.lineage = last.lineage;
        self.held.replaced_everything = last.replaces_everything;
        self.held.parts = parts;
        self.held.changes = changes;
        &self.held
    }

    /// Applies updates until the condition holds.
    async fn until(&mut self, condition: impl Fn(&Held) -> bool) -> &Held {
        while !condition(&self.held) {
            self.apply().await;
        }
        &self.held
    }

    /// Waits until the feed has come to what the proxy has: from here on each update tells only what is new.
    async fn settle(&mut self, house: &House) {
        let last = house.add_key(&format!("settled at {}", self.held.revision)).await;
        self.until(|held| held.has_key(last)).await;
    }

    fn key(&self, id: Uuid) -> &ApiKey {
        &self.held.keys[id.as_bytes().as_slice()]
    }

    fn user(&self, id: Uuid) -> &User {
        &self.held.users[id.as_bytes().as_slice()]
    }
}

impl Held {
    fn change(&mut self, entity: Entity) {
        match entity {
            Entity::Organization(it) => drop(self.organizations.insert(it.id.clone(), it)),
            Entity::ApiKey(it) => drop(self.keys.insert(it.id.clone(), it)),
            Entity::Server(it) => drop(self.servers.insert(it.id.clone(), it)),
            Entity::Secret(it) => drop(self.secrets.insert(it.id.clone(), it)),
            Entity::User(it) => drop(self.users.insert(it.id.clone(), it)),
            Entity::TokenIssuer(it) => drop(self.token_issuers.insert(it.id.clone(), it)),
            Entity::RateLimit(it) => drop(self.rate_limits.insert(it.id.clone(), it)),
            Entity::Budget(it) => drop(self.budgets.insert(it.id.clone(), it)),
            Entity::ToolClassification(it) => drop(self.tool_classifications.insert(it.id.clone(), it)),
            Entity::ToolPermission(it) => drop(self.tool_permissions.insert(it.id.clone(), it)),
            Entity::SafetyPolicy(it) => drop(self.safety_policies.insert(it.id.clone(), it)),
            Entity::Deleted(gone) => match gone.kind() {
                Kind::Organization => drop(self.organizations.remove(&gone.id)),
                Kind::ApiKey => drop(self.keys.remove(&gone.id)),
                Kind::Server => drop(self.servers.remove(&gone.id)),
                Kind::Secret => drop(self.secrets.remove(&gone.id)),
                Kind::User => drop(self.users.remove(&gone.id)),
                Kind::TokenIssuer => drop(self.token_issuers.remove(&gone.id)),
                Kind::RateLimit => drop(self.rate_limits.remove(&gone.id)),
                Kind::Budget => drop(self.budgets.remove(&gone.id)),
                Kind::ToolClassification => drop(self.tool_classifications.remove(&gone.id)),
                Kind::ToolPermission => drop(self.tool_permissions.remove(&gone.id)),
                Kind::SafetyPolicy => drop(self.safety_policies.remove(&gone.id)),
                Kind::Unknown => panic!("nothing of an unknown kind is deleted"),
            },
        }
    }

    fn has_user(&self, id: Uuid) -> bool {
        self.users.contains_key(id.as_bytes().as_slice())
    }

    fn has_key(&self, id: Uuid) -> bool {
        self.keys.contains_key(id.as_bytes().as_slice())
    }
}
