//! Which definitions of a server's tools passed through this proxy last, where they are not the approved ones.
//!
//! The control plane hears of them and tells every proxy; until then, and while it is away, what was seen here counts
//! here. Most servers change nothing, so the call path finds nothing and takes no lock.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwapOption;

/// Of the definition, as `gatewayops_proto::definition` makes it.
pub(crate) type Hash = [u8; 32];

/// Tools of one server that are remembered; a server that shows more of them anew is left to the control plane.
const REMEMBERED: usize = 4096;

#[derive(Default)]
pub(crate) struct Pins {
    strays: ArcSwapOption<HashMap<Box<str>, Hash>>,
    writing: Mutex<()>,
}

impl Pins {
    /// The definition that was seen last, if it is not the one that was approved when it was seen.
    pub(crate) fn stray(&self, tool: &str) -> Option<Hash> {
        self.strays.load().as_ref()?.get(tool).copied()
    }

    pub(crate) fn has_strays(&self) -> bool {
        self.strays.load().is_some()
    }

    /// Takes in what a list showed. `strays`: what of it is not as approved; `settled`: what is.
    pub(crate) fn saw<'a>(
        &self,
        strays: impl Iterator<Item = (&'a str, Hash)>,
        settled: impl Iterator<Item = &'a str>,
    ) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.strays.load_full();
        let mut after = before.as_deref().cloned().unwrap_or_default();
        for tool in settled {
            after.remove(tool);
        }
        for (tool, hash) in strays {
            if after.len() < REMEMBERED || after.contains_key(tool) {
                after.insert(tool.into(), hash);
            }
        }
        if before.as_deref().unwrap_or(&HashMap::new()) != &after {
            self.strays.store((!after.is_empty()).then(|| Arc::new(after)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_last_counts_until_the_approved_one_is_back() {
        let pins = Pins::default();
        assert_eq!(pins.stray("a"), None);
        pins.saw([("a", [1; 32]), ("b", [2; 32])].into_iter(), [].into_iter());
        assert_eq!((pins.stray("a"), pins.stray("b"), pins.stray("c")), (Some([1; 32]), Some([2; 32]), None));
        pins.saw([("b", [3; 32])].into_iter(), ["a"].into_iter());
        assert_eq!((pins.stray("a"), pins.stray("b")), (None, Some([3; 32])));
        pins.saw([].into_iter(), ["b"].into_iter());
        assert!(pins.strays.load().is_none(), "nothing is left to look up");
    }

    #[test]
    fn a_server_that_always_shows_something_new_fills_no_memory() {
        let pins = Pins::default();
        let names: Vec<_> = (0..2 * REMEMBERED).map(|number| number.to_string()).collect();
        pins.saw(names.iter().map(|name| (&**name, [0; 32])), [].into_iter());
        assert_eq!(pins.strays.load().as_ref().unwrap().len(), REMEMBERED);
    }
}
