//! The four lists: every server's own, merged, cut into pages (R5.3 to R5.7).

use std::{
    borrow::Cow,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{Federated, Speaker, id_of};
use crate::{
    exchange::Exchange,
    federation::{
        capability,
        list::{self, Item, Kind, Listing},
        name,
        page::{self, Cursor, Page, Part},
    },
    gateway::Client,
    mcp::{json, message::Message, version::Era},
    pipeline::{answer, decode::Request, definitions::Definitions},
    rejection::{Code, Rejection},
    upstream::{
        Server,
        era::Finding,
        own::{Fault, Leg},
    },
};

/// A cursor is good for so long.
const CURSOR_LASTS_MS: u64 = 60 * 60 * 1000;
/// A page is written anew after this time at the latest: a cursor in it must not have grown old.
const PAGE_LASTS: Duration = Duration::from_secs(10 * 60);

#[derive(Default, Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    cursor: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_meta")]
    meta: Option<Meta<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct OnlyMeta<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<&'a RawValue>,
}

/// Everybody's lists, and who could not be asked.
struct Gathered {
    parts: Vec<Part>,
    missing: Vec<String>,
}

impl Federated<'_> {
    pub(super) async fn list(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        kind: Kind,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let Some(message) = request.message() else { return Ok(()) };
        let raw = message.params.as_ref().map_or("{}", |params| params.raw);
        let params: Params<'_> = serde_json::from_str(raw).unwrap_or_default();
        let from = params.cursor.as_deref().map(|cursor| self.cursor(kind, cursor)).transpose()?;
        let who = self.who(request, &params);
        let (principal, extent) = (self.principal.id, self.principal.extent());
        let key = page::Key { principal, extent, client: who, kind, from };
        let lists = &self.gateway.federation.lists;
        let generation = lists.generation();
        let page = match self.gateway.federation.pages.get(&key, self.snapshot.revision, generation) {
            Some(page) => page,
            None => self.page(request, message, &key, generation, raw, exchange).await?,
        };
        let body = self.written(id_of(request), &page);
        answer::respond(self.gateway, client, exchange, body.into()).await
    }

    fn cursor(&self, kind: Kind, text: &str) -> Result<Cursor, Rejection> {
        self.snapshot
            .token_keys
            .open::<Cursor>(self.principal.id, self.now_ms, text)
            .filter(|cursor| cursor.kind == kind)
            .ok_or_else(|| {
                Rejection::new(Code::UnknownItem, "this cursor is not known; begin with the first page")
            })
    }

    /// What a server's answer may depend on besides the principal.
    fn who(&self, request: &Request<'_>, params: &Params<'_>) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self.holder(request) {
            Some(holder) => (1, holder.version.name(), holder.client, holder.digest).hash(&mut hasher),
            None => {
                let declared = params.meta.as_ref().and_then(|meta| meta.capabilities);
                (2, declared.map(RawValue::get)).hash(&mut hasher);
            }
        }
        hasher.finish()
    }

    async fn page(
        &self,
        request: &Request<'_>,
        message: &Message<'_>,
        key: &page::Key,
        generation: u64,
        raw: &str,
        exchange: &mut Exchange,
    ) -> Result<Page, Rejection> {
        let kind = key.kind;
        let params = json::remove_member(raw, &["cursor"]);
        let gathered = self.gather(request, kind, key.client, params.as_deref().unwrap_or(raw)).await;
        if gathered.parts.is_empty() && !gathered.missing.is_empty() {
            return Err(Rejection::new(Code::UpstreamError, "none of the servers answers; try again later")
                .with("mcp_servers", gathered.missing)
                .with("retryable", true));
        }
        let write = |server: &Server, item: &Item, page: &mut String| {
            let shown = self.shown(kind, server, item, exchange);
            shown.map(|text| page.push_str(&text)).is_some()
        };
        let (items, next) = page::cut(kind, &gathered.parts, write, key.from.as_ref());
        let next = next.and_then(|next| {
            let expires_at_ms = self.now_ms + CURSOR_LASTS_MS;
            self.snapshot.token_keys.seal(self.principal.id, expires_at_ms, &next)
        });
        let next = next.map_or_else(String::new, |next| format!(r#","nextCursor":"{next}""#));
        let meta = self.meta(kind, &gathered.missing);
        let text = format!(r#""{}":[{items}]{next}{meta}"#, kind.member());
        let now = Instant::now();
        let freshest = gathered.parts.iter().map(|part| part.listing.fresh_until).min();
        let fresh_until =
            if gathered.missing.is_empty() { freshest.unwrap_or(now).min(now + PAGE_LASTS) } else { now };
        let page = Page { text: text.into(), fresh_until, revision: self.snapshot.revision, generation };
        // What was asked for meanwhile may have moved the generation: then this page is not kept for long.
        let generation = self.gateway.federation.lists.generation();
        self.gateway.federation.pages.put(key.clone(), Page { generation, ..page.clone() });
        tracing::trace!(method = message.method_name(), parts = gathered.parts.len(), "a page was written");
        Ok(page)
    }

    /// An item as this caller may see it. None: not at all.
    fn shown<'i>(
        &self,
        kind: Kind,
        server: &Server,
        item: &'i Item,
        exchange: &mut Exchange,
    ) -> Option<Cow<'i, str>> {
        let policies = self.snapshot.policies.of(self.principal.org);
        let (reports, now_ms) = (&self.gateway.reports, exchange.started_at_ms());
        let definitions = Definitions { reports, server, principal: self.principal, policies, now_ms };
        let tool = (kind == Kind::Tools).then_some(&*item.name);
        if tool.is_some_and(|tool| !definitions.lists(tool)) {
            return None;
        }
        definitions.shown(tool, &item.text, exchange)
    }

    fn meta(&self, kind: Kind, missing: &[String]) -> String {
        let mut meta = json!({});
        if self.era == Era::Modern {
            meta["io.modelcontextprotocol/serverInfo"] = capability::gateway();
        }
        if !missing.is_empty() {
            meta["io.gatewayops/unavailable"] = json!(missing);
        }
        let hidden = if kind == Kind::Tools { self.hidden() } else { Vec::new() };
        if !hidden.is_empty() {
            meta["io.gatewayops/hidden"] = json!(hidden);
        }
        if meta.as_object().is_some_and(serde_json::Map::is_empty) {
            String::new()
        } else {
            format!(r#","_meta":{meta}"#)
        }
    }

    /// Tools that another of their name keeps from being listed, among those that the caller may use (R5.2).
    fn hidden(&self) -> Vec<String> {
        let names = self.names();
        let mut hidden: Vec<_> = names
            .hidden()
            .filter(|exposed| {
                name::inward(exposed).is_some_and(|(server, tool)| {
                    let server = self.snapshot.server(self.principal.org, server);
                    server.is_some_and(|server| self.principal.may_call(server, tool))
                })
            })
            .map(str::to_owned)
            .collect();
        hidden.sort_unstable();
        hidden
    }

    /// The answer: the page as it is kept, and how long it still holds (R6.4).
    fn written(&self, id: &str, page: &Page) -> Vec<u8> {
        let mut body = Vec::with_capacity(page.text.len() + id.len() + 128);
        body.extend_from_slice(br#"{"jsonrpc":"2.0","id":"#);
        body.extend_from_slice(id.as_bytes());
        body.extend_from_slice(br#","result":{"#);
        body.extend_from_slice(&page.text);
        if self.era == Era::Modern {
            let left = page.fresh_until.saturating_duration_since(Instant::now()).as_millis();
            let end = format!(r#","resultType":"complete","ttlMs":{left},"cacheScope":"private""#);
            body.extend_from_slice(end.as_bytes());
        }
        body.extend_from_slice(b"}}");
        body
    }

    /// Asks all at once; nobody waits for one that is slow (R5.7).
    async fn gather(&self, request: &Request<'_>, kind: Kind, client: u64, params: &str) -> Gathered {
        let speakers = self.speakers().await;
        let asked = speakers.into_iter().map(|speaker| async move {
            let listing = match &speaker.finding {
                Finding::SpeaksNot => return None,
                Finding::Unknown => Err("it could not be asked what it speaks".to_owned()),
                Finding::Speaks(said) if !offers(said, kind) => return None,
                Finding::Speaks(_) => self
                    .listing(request, kind, client, params, &speaker.server)
                    .await
                    .map_err(|fault| format!("{fault:?}")),
            };
            Some((speaker, listing))
        });
        let mut gathered = Gathered { parts: Vec::new(), missing: Vec::new() };
        for (Speaker { server, .. }, listing) in join_all(asked).await.into_iter().flatten() {
            match listing {
                Ok(listing) => gathered.parts.push(Part { server, listing }),
                Err(reason) => {
                    tracing::warn!(server.name = &*server.name, reason, "a server is missing from a list");
                    server.runtime.presence.is_gone();
                    gathered.missing.push(server.name.as_ref().into());
                }
            }
        }
        gathered
    }

    /// What a name that was cut stands for: only the lists can tell.
    pub(super) async fn cut_name(
        &self,
        request: &Request<'_>,
        kind: Kind,
        exposed: &str,
    ) -> Option<(String, String)> {
        let raw = request.message()?.params.as_ref()?.raw;
        let params: Params<'_> = serde_json::from_str(raw).unwrap_or_default();
        let meta = serde_json::from_str::<OnlyMeta<'_>>(raw).ok().and_then(|only| only.meta);
        let asked = format!(r#"{{"_meta":{}}}"#, meta.map_or("{}", RawValue::get));
        let gathered = self.gather(request, kind, self.who(request, &params), &asked).await;
        gathered.parts.iter().find_map(|Part { server, listing }| {
            let item =
                listing.items.iter().find(|item| name::outward(&server.name, &item.name) == exposed)?;
            Some((server.name.as_ref().to_owned(), item.name.as_ref().to_owned()))
        })
    }

    async fn listing(
        &self,
        request: &Request<'_>,
        kind: Kind,
        client: u64,
        params: &str,
        server: &Arc<Server>,
    ) -> Result<Arc<Listing>, Fault> {
        let own = self.own(server);
        let names = self.names();
        let principal = Some(self.principal.id);
        let key = list::Key { server: server.id, kind, client, principal, names: names.version() };
        let federation = &self.gateway.federation;
        let Some(holder) = self.holder(request) else {
            return federation.lists.get(&key, own, Leg::Modern, params, &names).await;
        };
        let mut is_retry = false;
        loop {
            let upstream = federation.sessions.open(holder, own).await?;
            let leg = Leg::Legacy { version: upstream.version, session: upstream.id.as_deref() };
            match federation.lists.get(&key, own, leg, params, &names).await {
                // Its session is gone: a list may be asked for again in another one (R3.7).
                Err(Fault::Status(404)) if !is_retry => {
                    federation.sessions.lost(holder.digest, &self.gateway.store, server.id).await;
                    is_retry = true;
                }
                other => return other,
            }
        }
    }
}

/// Whether a server has such a list at all, by what it says of itself.
fn offers(said: &str, kind: Kind) -> bool {
    #[derive(Deserialize)]
    struct Said<'a> {
        #[serde(borrow)]
        capabilities: std::collections::HashMap<Cow<'a, str>, &'a RawValue>,
    }
    // One whose word cannot be read is asked.
    serde_json::from_str::<Said<'_>>(said)
        .map_or(true, |said| said.capabilities.contains_key(kind.capability()))
}
