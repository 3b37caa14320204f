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

use super::list::{Item, Kind, Listing};
use crate::{mcp::token::Token, upstream::Server};

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

/// The items from `from` on that `write` takes, as the inside of a JSON array, and where the next page begins.
pub(crate) fn cut(
    kind: Kind,
    parts: &[Part],
    mut write: impl FnMut(&Server, &Item, &mut String) -> bool,
    from: Option<&Cursor>,
) -> (String, Option<Cursor>) {
    let mut written = String::new();
    let mut count = 0;
    for part in parts {
        let name = &*part.server.name;
        let skip = match from {
            Some(from) if name < &*from.server => continue,
            Some(from) if name == &*from.server => from.passed,
            _ => 0,
        };
        for (index, item) in part.listing.items.iter().enumerate().skip(skip) {
            let before = written.len();
            if count > 0 {
                written.push(',');
            }
            let is_shown = write(&part.server, item, &mut written);
            if !is_shown || count == ITEMS {
                written.truncate(before);
            }
            if is_shown && count == ITEMS {
                return (written, Some(Cursor { kind, server: name.to_owned(), passed: index }));
            }
            count += usize::from(is_shown);
        }
    }
    (written, None)
}

/// Whose page, and which.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Key {
    pub(crate) principal: Uuid,
    /// What its token leaves of what it may see.
    pub(crate) extent: u64,
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
        let holds =
            page.revision == revision && page.generation == generation && Instant::now() < page.fresh_until;
        holds.then(|| page.clone())
    }

    pub(crate) fn put(&self, key: Key, page: Page) {
        if page.text.len() <= MAX_KEPT_BYTES && Instant::now() < page.fresh_until {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).put(key, page);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use gatewayops_proto::control as proto;

    use super::{super::list::Item, *};

    fn part(name: &str, tools: usize) -> Part {
        let message = proto::Server {
            id: vec![1; 16].into(),
            org_id: vec![2; 16].into(),
            name: name.into(),
            url: "http://localhost/mcp".into(),
            ..Default::default()
        };
        let item = |number: usize| Item {
            name: format!("t{number}").into(),
            text: format!(r#"{{"name":"{name}__t{number}"}}"#).into(),
        };
        let items = (0..tools).map(item).collect();
        let fresh_until = Instant::now() + Duration::from_secs(60);
        Part {
            server: Arc::new(Server::from_proto(&message, None).unwrap()),
            listing: Arc::new(Listing { items, fresh_until, is_public: true }),
        }
    }

    fn all_of(_: &Server, item: &Item, page: &mut String) -> bool {
        page.push_str(&item.text);
        true
    }

    fn names(page: &str) -> Vec<String> {
        let items: Vec<serde_json::Value> = serde_json::from_str(&format!("[{page}]")).unwrap();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn pages_hold_everything_once_and_in_order() {
        let parts = [part("a", 3), part("b", ITEMS), part("c", 0), part("d", 10)];
        let (mut all, mut from, mut pages) = (Vec::new(), None, 0);
        loop {
            let (page, next) = cut(Kind::Tools, &parts, all_of, from.as_ref());
            all.extend(names(&page));
            pages += 1;
            from = next;
            if from.is_none() {
                break;
            }
        }
        let expected: Vec<_> = [("a", 3), ("b", ITEMS), ("d", 10)]
            .into_iter()
            .flat_map(|(server, count)| (0..count).map(move |number| format!("{server}__t{number}")))
            .collect();
        assert_eq!((all, pages), (expected, 2));
    }

    #[test]
    fn what_is_not_shown_leaves_no_trace() {
        let parts = [part("a", 3), part("b", 2)];
        let some = |server: &Server, item: &Item, page: &mut String| {
            all_of(server, item, page) && (&*item.name == "t1" || &*server.name == "b")
        };
        let (page, next) = cut(Kind::Tools, &parts, some, None);
        assert_eq!((names(&page), next), (["a__t1", "b__t0", "b__t1"].map(String::from).into(), None));
    }

    #[test]
    fn a_page_holds_until_a_list_or_the_policy_changes() {
        let pages = Pages::default();
        let key = Key { principal: Uuid::from_u128(1), extent: 0, client: 1, kind: Kind::Tools, from: None };
        let fresh_until = Instant::now() + Duration::from_secs(60);
        let page = Page { text: Bytes::from_static(b"x"), fresh_until, revision: 1, generation: 1 };
        pages.put(key.clone(), page.clone());
        assert!(pages.get(&key, 1, 1).is_some());
        assert!(pages.get(&key, 2, 1).is_none() && pages.get(&key, 1, 2).is_none());
        pages.put(key.clone(), Page { fresh_until: Instant::now(), revision: 2, ..page });
        assert!(pages.get(&key, 2, 1).is_none(), "what is not fresh is not kept");
    }
}
