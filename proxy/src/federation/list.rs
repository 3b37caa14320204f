//! The lists of one server: read whole, their names and URIs made the endpoint's, kept as long as the server allows
//! (R5.5, R6). Who may see which item is decided later, on every look (R6.2).

use std::{
    borrow::Cow,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use lru::LruCache;
use pingora::time::timeout;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{name, naming, uri};
use crate::{
    catalogue,
    mcp::{self, json},
    upstream::{
        era::DEADLINE,
        own::{Fault, Leg, Own},
    },
};

/// A server that never ends its list is cut off here.
const MAX_PAGES: usize = 200;
const MAX_ITEMS: usize = 20_000;
/// Kept at most so long, whatever the server allows (R6.2).
const MAX_TTL_MS: u64 = 24 * 60 * 60 * 1000;
/// Lists of all servers, kinds and principals that are kept at once.
const KEPT: usize = 4096;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Kind {
    Tools,
    Prompts,
    Resources,
    Templates,
}

impl Kind {
    pub(crate) fn of_method(method: &str) -> Option<Self> {
        Some(match method {
            "tools/list" => Self::Tools,
            "prompts/list" => Self::Prompts,
            "resources/list" => Self::Resources,
            "resources/templates/list" => Self::Templates,
            _ => return None,
        })
    }

    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Tools => "tools/list",
            Self::Prompts => "prompts/list",
            Self::Resources => "resources/list",
            Self::Templates => "resources/templates/list",
        }
    }

    /// The member of the result that is the list.
    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::Templates => "resourceTemplates",
        }
    }

    /// The capability without which a server has no such list.
    pub(crate) fn capability(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Prompts => "prompts",
            Self::Resources | Self::Templates => "resources",
        }
    }
}

/// One item, as the endpoint shows it.
#[derive(Debug)]
pub(crate) struct Item {
    /// The server's own name of it: what policy decides on. Empty for resources.
    pub(crate) name: Box<str>,
    pub(crate) text: Box<str>,
}

/// A whole list of one server.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) items: Vec<Item>,
    pub(crate) fresh_until: Instant,
    pub(crate) is_public: bool,
}

impl Listing {
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now < self.fresh_until
    }
}

/// Whose list: what a server answers may depend on all of this (R6.1).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Key {
    pub(crate) server: Uuid,
    pub(crate) kind: Kind,
    /// Hash of what the client says of itself, and of the era that it speaks.
    pub(crate) client: u64,
    /// None: the server said that everybody gets the same.
    pub(crate) principal: Option<Uuid>,
    /// Of the table of names with which it was written.
    pub(crate) names: u64,
}

pub(crate) struct Lists {
    kept: Mutex<LruCache<Key, Arc<Listing>>>,
    /// Moves with every change of what is kept.
    generation: AtomicU64,
    asking: [tokio::sync::Mutex<()>; 64],
}

impl Default for Lists {
    fn default() -> Self {
        Self {
            kept: Mutex::new(LruCache::new(NonZeroUsize::new(KEPT).unwrap_or(NonZeroUsize::MIN))),
            generation: AtomicU64::default(),
            asking: std::array::from_fn(|_| tokio::sync::Mutex::default()),
        }
    }
}

impl Lists {
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The list, asking the server if it is not kept. Many who want the same at once ask once (R6.6).
    pub(crate) async fn get(
        &self,
        key: &Key,
        own: Own<'_>,
        leg: Leg<'_>,
        params: &str,
        names: &naming::Table,
    ) -> Result<Arc<Listing>, Fault> {
        if let Some(listing) = self.kept(key) {
            return Ok(listing);
        }
        let _asking = self.asking[usize::from(key.server.as_bytes()[15] ^ key.kind as u8) % 64].lock().await;
        if let Some(listing) = self.kept(key) {
            return Ok(listing);
        }
        let read = timeout(DEADLINE, read(own, leg, key.kind, params, names)).await;
        let listing = Arc::new(read.unwrap_or(Err(Fault::Unusable("a list that took too long".into())))?);
        if listing.is_fresh(Instant::now()) {
            let key = Key { principal: key.principal.filter(|_| !listing.is_public), ..key.clone() };
            self.lock().put(key, listing.clone());
            self.generation.fetch_add(1, Ordering::AcqRel);
        }
        Ok(listing)
    }

    fn kept(&self, key: &Key) -> Option<Arc<Listing>> {
        let now = Instant::now();
        let mut kept = self.lock();
        let public = Key { principal: None, ..key.clone() };
        let listing = kept.get(&public).filter(|listing| listing.is_fresh(now)).cloned();
        listing.or_else(|| kept.get(key).filter(|listing| listing.is_fresh(now)).cloned())
    }

    /// The server said that a list has changed (R6.3).
    pub(crate) fn forget(&self, server: Uuid, kind: Option<Kind>) {
        let mut kept = self.lock();
        let gone: Vec<_> = kept
            .iter()
            .map(|(key, _)| key)
            .filter(|key| key.server == server && kind.is_none_or(|kind| key.kind == kind))
            .cloned()
            .collect();
        for key in gone {
            kept.pop(&key);
        }
        drop(kept);
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Key, Arc<Listing>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    result: Option<Page<'a>>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow, default, alias = "prompts", alias = "resources", alias = "resourceTemplates")]
    tools: Vec<&'a RawValue>,
    #[serde(borrow)]
    next_cursor: Option<Cow<'a, str>>,
    ttl_ms: Option<f64>,
    #[serde(borrow)]
    cache_scope: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

/// Reads every page. `params` are the client's, without a cursor.
async fn read(
    own: Own<'_>,
    leg: Leg<'_>,
    kind: Kind,
    params: &str,
    names: &naming::Table,
) -> Result<Listing, Fault> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    let mut ttl_ms = MAX_TTL_MS;
    let mut is_public = true;
    for page in 0..MAX_PAGES {
        let params = match &cursor {
            Some(cursor) => {
                let cursor = serde_json::Value::from(cursor.as_str()).to_string();
                Cow::Owned(json::insert_member(params, &[], "cursor", &cursor).unwrap_or_default())
            }
            None => Cow::Borrowed(params),
        };
        let method = kind.method();
        let body = format!(r#"{{"jsonrpc":"2.0","id":"gwo-{page}","method":"{method}","params":{params}}}"#);
        let answered = own.ask(leg, method, None, &body).await?;
        let page = page_of(&answered.text, answered.status)?;
        ttl_ms = ttl_ms.min(page.ttl_ms.map_or(0, |ttl| if ttl > 0.0 { ttl as u64 } else { 0 }));
        is_public &= page.cache_scope.as_deref() == Some("public");
        if kind == Kind::Tools {
            let is_whole = cursor.is_none() && page.next_cursor.is_none();
            catalogue::saw(&own.gateway.reports, own.server, &page.tools, is_whole);
        }
        let server = &*own.server.name;
        let mirrors = kind == Kind::Tools && matches!(leg, Leg::Modern);
        let offered = page.tools.iter().filter(|item| !mirrors || can_be_mirrored(server, item.get()));
        items.extend(offered.filter_map(|item| shown(names, server, kind, item.get())));
        let next = page.next_cursor.map(Cow::into_owned);
        if next.is_none() || next == cursor || items.len() > MAX_ITEMS {
            break;
        }
        cursor = next;
    }
    items.truncate(MAX_ITEMS);
    Ok(Listing { items, fresh_until: Instant::now() + Duration::from_millis(ttl_ms), is_public })
}

fn page_of(text: &str, status: u16) -> Result<Page<'_>, Fault> {
    if !(200..300).contains(&status) {
        return Err(Fault::Status(status));
    }
    let message: Message<'_> =
        serde_json::from_str(text).map_err(|_| Fault::Unusable("a list that cannot be read".into()))?;
    match (message.result, message.error) {
        (Some(page), _) => Ok(page),
        // A server without such a list says so like this.
        (None, Some(error)) if error.get().contains("-32601") => Ok(Page::default()),
        _ => Err(Fault::Unusable("an error in place of a list".into())),
    }
}

/// Whether a modern client could call the tool at all (R2.7).
fn can_be_mirrored(server: &str, tool: &str) -> bool {
    !mcp::list::may_mirror(tool)
        || serde_json::from_str::<mcp::list::Tool<'_>>(tool).is_ok_and(|tool| tool.can_be_mirrored(server))
}

/// An item under the endpoint's name for it. What has no name cannot be called, and is left out.
fn shown(names: &naming::Table, server: &str, kind: Kind, item: &str) -> Option<Item> {
    let named = || serde_json::from_str::<Named<'_>>(item).ok().map(|named| named.name.into_owned());
    let (own, text) = match kind {
        Kind::Tools => {
            let own = named()?;
            let text = uri::map_tool(server, item, &names.outward(server, &own)?);
            (own, text)
        }
        Kind::Prompts => {
            let own = named()?;
            let text = uri::map_prompt(item, &name::outward(server, &own));
            (own, text)
        }
        Kind::Resources => (String::new(), uri::map_resource(server, item)?),
        Kind::Templates => (String::new(), uri::map_template(server, item)?),
    };
    Some(Item { name: own.into(), text: text.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_shown_under_the_name_of_their_server() {
        let names = naming::Table::default();
        let tool =
            shown(&names, "github", Kind::Tools, r#"{"name":"get","inputSchema":{"maximum":1.10}}"#).unwrap();
        assert_eq!(&*tool.text, r#"{"name":"github__get","inputSchema":{"maximum":1.10}}"#);
        assert_eq!(&*tool.name, "get");
        let resource = shown(&names, "fs", Kind::Resources, r#"{"uri":"file:///a","name":"a"}"#).unwrap();
        assert_eq!(&*resource.text, r#"{"uri":"fs+file:///a","name":"a"}"#);
        assert!(shown(&names, "fs", Kind::Tools, r#"{"title":"nameless"}"#).is_none());
    }

    #[test]
    fn a_page_says_what_may_be_kept_of_it() {
        let text = r#"{"jsonrpc":"2.0","id":1,"result":{"prompts":[{"name":"a"}],"nextCursor":"","ttlMs":5000,"cacheScope":"public"}}"#;
        let page = page_of(text, 200).unwrap();
        assert_eq!((page.tools.len(), page.next_cursor.as_deref(), page.ttl_ms), (1, Some(""), Some(5000.0)));
        let none = r#"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}"#;
        assert!(page_of(none, 200).unwrap().tools.is_empty());
        assert!(page_of(text, 503).is_err() && page_of("{", 200).is_err());
    }

    #[test]
    fn what_changed_is_forgotten_and_the_generation_moves() {
        let lists = Lists::default();
        let key = Key { server: Uuid::from_u128(1), kind: Kind::Tools, client: 1, principal: None, names: 0 };
        let until = Instant::now() + Duration::from_secs(60);
        let listing = Arc::new(Listing { items: Vec::new(), fresh_until: until, is_public: true });
        lists.lock().put(key.clone(), listing);
        let private = Key { principal: Some(Uuid::from_u128(9)), ..key.clone() };
        assert!(lists.kept(&private).is_some(), "what is public is everybody's");
        let before = lists.generation();
        lists.forget(key.server, Some(Kind::Prompts));
        assert!(lists.kept(&key).is_some());
        lists.forget(key.server, None);
        assert!(lists.kept(&key).is_none() && lists.generation() > before);
    }
}
