//! What servers say about their tools, held against what was approved: a definition is known by its hash, and one that
//! is not as approved is noticed on its way to the client (contract 3.6, `tool_policy`).
//!
//! [`facts`] remembers what is known of definitions that passed before, [`pins`] which tools stray, [`report`] tells the
//! control plane, and [`schema`] holds arguments against what a tool says of them.

use std::collections::HashSet;

use gatewayops_proto::tool_policy::State;
use serde_json::value::RawValue;

use crate::{mcp::list, upstream::Server};

pub(crate) mod facts;
pub(crate) mod pins;
pub(crate) mod report;
pub(crate) mod schema;

use pins::{Hash, Pins};
use report::Reports;

/// A tool as the control plane's catalogue has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) state: State,
    pub(crate) destructive: bool,
    /// Of the definition that was approved.
    pub(crate) approved: Option<Hash>,
    /// Of the one that the control plane saw last.
    pub(crate) seen: Option<Hash>,
}

impl Entry {
    /// Of a tool that the catalogue does not have.
    pub(crate) const UNKNOWN: Self =
        Self { state: State::Unknown, destructive: false, approved: None, seen: None };

    /// As it is to be judged, by what passed through this proxy last if the control plane has not yet said more.
    pub(crate) fn judged(self, tool: &str, pins: &Pins) -> Self {
        let Some(stray) = pins.stray(tool) else { return self };
        let state = match self.state {
            State::Blocked => State::Blocked,
            _ if self.approved == Some(stray) => State::Active,
            _ if self.approved.is_some() => State::Changed,
            State::Active | State::Changed => State::Changed,
            State::New | State::Unknown => State::New,
        };
        Self { state, seen: Some(stray), ..self }
    }

    /// By which definition a call of it is judged.
    pub(crate) fn definition(&self) -> Option<Hash> {
        self.seen.or(self.approved)
    }
}

/// A hash as the control plane writes it.
pub(crate) fn hash_of(hex_digits: &str) -> Option<Hash> {
    hex::decode(hex_digits).ok()?.try_into().ok()
}

/// Notes which definitions are not as approved, and tells the control plane of those that it does not know.
/// `is_whole`: the server has no other tools.
pub(crate) fn saw(reports: &Reports, server: &Server, tools: &[&RawValue], is_whole: bool) {
    let mut strays: Vec<(String, Hash)> = Vec::new();
    let mut settled: Vec<String> = Vec::new();
    let mut unknown = Vec::new();
    for raw in tools {
        let Ok(tool) = serde_json::from_str::<list::Tool<'_>>(raw.get()) else { continue };
        let Some(hash) = server.runtime.facts.hash(raw.get()) else { continue };
        let entry = server.catalogued(&tool.name);
        if entry.seen != Some(hash) {
            unknown.push(raw.get());
        }
        if entry.approved == Some(hash) || (entry.approved.is_none() && entry.seen == Some(hash)) {
            settled.push(tool.name);
        } else {
            strays.push((tool.name, hash));
        }
    }
    let lacks = is_whole && {
        let shown: HashSet<&str> =
            settled.iter().chain(strays.iter().map(|(name, _)| name)).map(String::as_str).collect();
        server.tool_names().any(|known| !shown.contains(known))
    };
    if !strays.is_empty() || server.runtime.pins.has_strays() {
        let strays = strays.iter().map(|(name, hash)| (name.as_str(), *hash));
        server.runtime.pins.saw(strays, settled.iter().map(String::as_str));
    }
    if lacks || !unknown.is_empty() {
        reports.push(server.org, server.id, unknown.into_iter(), lacks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passed_here_last_counts_before_the_control_plane_has_heard_of_it() {
        let (approved, other) = ([1; 32], [2; 32]);
        let entry = |state, approved| Entry { state, approved, ..Entry::UNKNOWN };
        let pins = Pins::default();
        let judged = |entry: Entry| entry.judged("t", &pins).state;
        assert_eq!(judged(entry(State::Active, Some(approved))), State::Active);
        pins.saw([("t", other)].into_iter(), [].into_iter());
        assert_eq!(judged(entry(State::Active, Some(approved))), State::Changed);
        assert_eq!(judged(entry(State::Active, Some(other))), State::Active, "it was approved meanwhile");
        assert_eq!(judged(entry(State::Changed, Some(other))), State::Active, "and is back");
        assert_eq!(judged(entry(State::Blocked, Some(other))), State::Blocked);
        assert_eq!(judged(entry(State::New, None)), State::New);
        assert_eq!(judged(Entry::UNKNOWN), State::New);
    }
}
