//! `subscriptions/listen`: what a modern client wants to hear of, from every server that it concerns (R4.13).

use std::{collections::HashMap, sync::Arc, time::Instant};

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{ASK_AGAIN, Changes, Ears, KEEP_ALIVE, REFRESH, REOPEN, changed, event, next};
use crate::{
    exchange::Exchange,
    federation::uri,
    gateway::{Client, Gone},
    mcp::message::Message,
    pipeline::{
        authenticate::standing::withdrawn,
        federated::{
            Federated,
            hear::{Said, hear},
        },
    },
    rejection::{Code, Rejection},
    upstream::{Server, era::Finding, own::Leg},
};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// What the client wants to hear of.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Filter {
    tools_list_changed: bool,
    prompts_list_changed: bool,
    resources_list_changed: bool,
    resource_subscriptions: Vec<String>,
}

#[derive(Deserialize)]
struct Params {
    notifications: Filter,
    #[serde(rename = "_meta")]
    meta: Option<Map<String, Value>>,
}

/// One client's subscription.
struct Subscription<'a> {
    id: &'a str,
    filter: Filter,
    meta: Map<String, Value>,
    /// The URIs of each server, as the server knows them.
    uris: HashMap<String, Vec<String>>,
}

impl Filter {
    fn wants(&self, method: &str) -> bool {
        match method {
            "notifications/tools/list_changed" => self.tools_list_changed,
            "notifications/prompts/list_changed" => self.prompts_list_changed,
            "notifications/resources/list_changed" => self.resources_list_changed,
            _ => false,
        }
    }

    fn wants_lists(&self) -> bool {
        self.tools_list_changed || self.prompts_list_changed || self.resources_list_changed
    }
}

impl Federated<'_> {
    pub(in crate::pipeline::federated) async fn subscribe(
        &self,
        client: &mut Client,
        message: &Message<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let raw = message.params.as_ref().map_or("{}", |params| params.raw);
        let params: Params = serde_json::from_str(raw).map_err(|_| {
            Rejection::new(
                Code::UnknownItem,
                "params.notifications says what to listen to; it is missing or wrong",
            )
        })?;
        let id = message.id.map_or("null", |id| id.get());
        let mut subscription = Subscription {
            id,
            filter: params.notifications,
            meta: params.meta.unwrap_or_default(),
            uris: HashMap::new(),
        };
        self.sort_uris(&mut subscription);
        let _open = self.gateway.telemetry.stream_opened();
        if self.begin(client, exchange).await?.is_err() {
            return Ok(());
        }
        // A client that went away has ended its subscription, and that is all.
        let _: Result<(), Gone> = self.relay_subscription(client, &subscription, exchange).await;
        Ok(())
    }

    /// The URIs by server; those of no server that the caller may use are not honoured.
    fn sort_uris(&self, subscription: &mut Subscription<'_>) {
        subscription.filter.resource_subscriptions.retain(|exposed| {
            let Some((slug, own)) = uri::inward(exposed) else { return false };
            let is_there = self.servers().any(|server| &*server.name == slug);
            if is_there {
                subscription.uris.entry(slug.to_owned()).or_default().push(own.into_owned());
            }
            is_there
        });
    }

    async fn relay_subscription(
        &self,
        client: &mut Client,
        subscription: &Subscription<'_>,
        exchange: &Exchange,
    ) -> Result<(), Gone> {
        client.write(subscription.acknowledged()).await?;
        let mut ears = Ears::default();
        let mut listening: HashMap<Uuid, Option<Instant>> = HashMap::new();
        let (mut changes, mut seen) = (Changes::default(), self.seen());
        let mut refreshed = Instant::now() - REFRESH;
        let mut written = Instant::now();
        let mut now = self.now();
        let standing = exchange.standing.as_ref();
        let withdrawn = withdrawn(&self.gateway.current, standing, None);
        tokio::pin!(withdrawn);
        loop {
            if refreshed.elapsed() >= REFRESH {
                now.renew(self.gateway, standing);
                let refresh = self.at(&now);
                tokio::select! {
                    biased;
                    rejection = &mut withdrawn => return ended(client, subscription, &rejection, exchange).await,
                    () = refresh.refresh_subscription(subscription, &mut listening, &mut ears) => {}
                }
                refreshed = Instant::now();
            }
            let by_now = self.at(&now);
            if by_now.has_changed(&mut seen) {
                changes.of_all();
            }
            for method in changes.take(Instant::now()) {
                if subscription.filter.wants(method) {
                    client.write(subscription.notification(method)).await?;
                    written = Instant::now();
                }
            }
            if written.elapsed() >= KEEP_ALIVE {
                client.write(Bytes::from_static(b":\n\n")).await?;
                written = Instant::now();
            }
            tokio::select! {
                biased;
                () = client.closed() => return Err(Gone),
                () = self.gateway.drained() => {
                    client.write(subscription.result()).await?;
                    return client.end().await;
                }
                rejection = &mut withdrawn => return ended(client, subscription, &rejection, exchange).await,
                said = next(&mut ears) => match said {
                    Some(Said::Message(server, data)) => {
                        // What a server says that is not for the caller any more, nobody hears.
                        let Some(server) = by_now.still(&server) else { continue };
                        if let Some(event) = by_now.heard(server, &data, subscription, &mut changes) {
                            client.write(event).await?;
                            written = Instant::now();
                        }
                    }
                    Some(Said::Ended(server, had_one)) => {
                        let again = if had_one { REOPEN } else { ASK_AGAIN };
                        listening.insert(server.id, Some(Instant::now() + again));
                    }
                    None => {}
                }
            }
        }
    }

    async fn refresh_subscription(
        &self,
        subscription: &Subscription<'_>,
        listening: &mut HashMap<Uuid, Option<Instant>>,
        ears: &mut Ears,
    ) {
        for server in self.servers() {
            self.look_for(server).await;
            self.listen_to(server, subscription, listening, ears).await;
        }
    }

    /// Subscribes at a server to what concerns it, unless that is done or not yet due again.
    async fn listen_to(
        &self,
        server: &Arc<Server>,
        subscription: &Subscription<'_>,
        listening: &mut HashMap<Uuid, Option<Instant>>,
        ears: &mut Ears,
    ) {
        let is_due = match listening.get(&server.id) {
            None => true,
            Some(not_before) => not_before.is_some_and(|at| Instant::now() >= at),
        };
        let uris = subscription.uris.get(&*server.name);
        if !is_due || (uris.is_none() && !subscription.filter.wants_lists()) {
            return;
        }
        let own = self.own(server);
        if !matches!(server.eras.find(own, self.era).await, Finding::Speaks(_)) {
            listening.insert(server.id, Some(Instant::now() + REOPEN));
            return;
        }
        let body = subscription.request(uris.map_or(&[], Vec::as_slice));
        match own.stream(Leg::Modern, "subscriptions/listen", &body).await {
            Ok(connection) => {
                listening.insert(server.id, None);
                ears.push(hear(server.clone(), connection));
            }
            Err(_) => {
                listening.insert(server.id, Some(Instant::now() + REOPEN));
            }
        }
    }

    /// What the client is told of a server's message.
    fn heard(
        &self,
        server: &Server,
        data: &str,
        subscription: &Subscription<'_>,
        changes: &mut Changes,
    ) -> Option<Bytes> {
        let mut message: Value = serde_json::from_str(data).ok()?;
        let method = message["method"].as_str()?.to_owned();
        if let Some(kind) = changed(&method) {
            self.gateway.federation.lists.forget(server.id, Some(kind));
            changes.of(kind);
            return None;
        }
        if method != "notifications/resources/updated" {
            return None;
        }
        let exposed = uri::outward(&server.name, message["params"]["uri"].as_str()?);
        message["params"]["uri"] = exposed.into();
        message["params"]["_meta"][SUBSCRIPTION] = subscription.id();
        Some(event(&message))
    }
}

/// Says why there will be nothing more: the client would not be let in again.
async fn ended(
    client: &mut Client,
    subscription: &Subscription<'_>,
    rejection: &Rejection,
    exchange: &Exchange,
) -> Result<(), Gone> {
    let answer = rejection.to_mcp(Some(subscription.id), false, &exchange.request_id);
    client.write(event(&answer.body)).await?;
    client.end().await
}

impl Subscription<'_> {
    fn id(&self) -> Value {
        serde_json::from_str(self.id).unwrap_or_default()
    }

    fn acknowledged(&self) -> Bytes {
        let filter = &self.filter;
        let mut honoured = Map::new();
        for (name, wanted) in [
            ("toolsListChanged", filter.tools_list_changed),
            ("promptsListChanged", filter.prompts_list_changed),
            ("resourcesListChanged", filter.resources_list_changed),
        ] {
            if wanted {
                honoured.insert(name.into(), true.into());
            }
        }
        if !filter.resource_subscriptions.is_empty() {
            honoured.insert("resourceSubscriptions".into(), json!(filter.resource_subscriptions));
        }
        event(&json!({
            "jsonrpc": "2.0",
            "method": "notifications/subscriptions/acknowledged",
            "params": { "notifications": honoured, "_meta": { SUBSCRIPTION: self.id() } },
        }))
    }

    fn notification(&self, method: &str) -> Bytes {
        event(&json!({
            "jsonrpc": "2.0", "method": method, "params": { "_meta": { SUBSCRIPTION: self.id() } },
        }))
    }

    /// The end as it should be: nothing was lost, the client may subscribe again elsewhere.
    fn result(&self) -> Bytes {
        event(&json!({
            "jsonrpc": "2.0",
            "id": self.id(),
            "result": { "resultType": "complete", "_meta": { SUBSCRIPTION: self.id() } },
        }))
    }

    /// What one server is asked for.
    fn request(&self, uris: &[String]) -> String {
        let mut wanted = json!({
            "toolsListChanged": self.filter.tools_list_changed,
            "promptsListChanged": self.filter.prompts_list_changed,
            "resourcesListChanged": self.filter.resources_list_changed,
        });
        if !uris.is_empty() {
            wanted["resourceSubscriptions"] = json!(uris);
        }
        json!({
            "jsonrpc": "2.0",
            "id": "gwo-listen",
            "method": "subscriptions/listen",
            "params": { "notifications": wanted, "_meta": self.meta },
        })
        .to_string()
    }
}
