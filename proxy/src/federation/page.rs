//! Merged lists, page by page: in the order of the servers' names, then of each server's own list (R5.3, R5.5).
//! A page that nothing has changed is not written twice.

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use lru::LruCache;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::list::{Kind, Listing};
use crate::{mcp::token::Token, principal::Principal, upstream::Server};

/// Items of one page.
pub(crate) const ITEMS: usize = 250;
const KEPT: usize = 512;
/// Larger pages are written anew each time.
const MAX_KEPT_BYTES: usize = 256 * 1024;

/// Where a list goes on: behind so many items of this server.
#[derive(Clone, Debug, Eq, Hash, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    pub(crate) kind: Kind,
    pub(crate) server: String,
    pub(crate) passed: usize,
}

impl Token for Cursor {
    const LABEL: &'static str = "cursor";
}

/// One server's part of a list.
pub(crate) struct Part {
    pub(crate) server: Arc<Server>,
    pub(crate) listing: Arc<Listing>,
}

/// The items from `from` on that the principal may use, as the inside of a JSON array, and where the next page begins.
pub(crate) fn cut(
    kind: Kind,
    parts: &[Part],
    principal: &Principal,
    from: Option<&Cursor>,
) -> (String, Option<Cursor>) {
    let mut written = String::new();
    let mut count = 0;
    let everything = kind != Kind::Tools || principal.reaches_all_tools();
    for part in parts {
        let name = &*part.server.name;
        let skip = match from {
            Some(from) if name < &*from.server => continue,
            Some(from) if name == &*from.server => from.passed,
            _ => 0,
        };
        for (index, item) in part.listing.items.iter().enumerate().skip(skip) {
            if !everything && !principal.reaches_tool(name, &item.name) {
                continue;
            }
            if count == ITEMS {
                return (written, Some(Cursor { kind, server: name.to_owned(), passed: index }));
            }
            if count > 0 {
                written.push(',');
            }
            written.push_str(&item.text);
            count += 1;
        }
    }
    (written, None)
}

/// Whose page, and which.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Key {
    pub(crate) principal: Uuid,
    pub(crate) client: u64,
    pub(crate) kind: Kind,
    pub(crate) from: Option<Cursor>,
}

/// The inside of a result up to what changes with time, and how long it holds.
#[derive(Clone)]
pub(crate) struct Page {
    pub(crate) text: Bytes,
    pub(crate) fresh_until: Instant,
    pub(crate) revision: u64,
    pub(crate) generation: u64,
}

pub(crate) struct Pages(Mutex<LruCache<Key, Page>>);

impl Default for Pages {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(NonZeroUsize::new(KEPT).unwrap_or(NonZeroUsize::MIN))))
    }
}

impl Pages {
    /// The page, if neither policy nor any list has changed since it was written.
    pub(crate) fn get(&self, key: &Key, revision: u64, generation: u64) -> Option<Page> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let page = kept.get(key)?;
        let holds = page.revision == revision
            && page.generation == generation
            && Instant::now() < page.fresh_until;
        holds.then(|| page.clone())
    }

    pub(crate) fn put(&self, key: Key, page: Page) {
        if page.text.len() <= MAX_KEPT_BYTES && Instant::now() < page.fresh_until {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, page);
        }
    }
}
