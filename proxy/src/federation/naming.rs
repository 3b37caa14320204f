//! Which name the endpoint gives a tool: a table made of the catalogue, the same on every replica and for every
//! caller (R5.2). What the catalogue does not know yet, and every prompt, has its server's name before it.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    num::NonZeroUsize,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;
use uuid::Uuid;

use super::name;
use crate::{snapshot::Snapshot, upstream::Server};

/// Organizations whose tables are kept.
const KEPT: usize = 1024;

/// When a tool has its server's name before it (`MCP_NAME_PREFIX`).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Prefix {
    #[default]
    Always,
    /// When another server has a tool of that name.
    OnCollision,
    /// Never. Of tools of one name only the first server's is listed.
    Never,
}

impl FromStr for Prefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "always" => Ok(Self::Always),
            "on_collision" => Ok(Self::OnCollision),
            "never" => Ok(Self::Never),
            _ => Err(format!("{text:?} must be always, on_collision or never")),
        }
    }
}

/// The names of one organization that go without a prefix, and those that are not listed.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Whose tool each is.
    bare: HashMap<Box<str>, Arc<str>>,
    hidden: HashSet<String>,
    digest: u64,
}

impl Table {
    /// `servers` in the order in which they come first.
    pub(crate) fn new<'a>(prefix: Prefix, servers: impl Iterator<Item = &'a Arc<Server>>) -> Self {
        let mut table = Self::default();
        let servers: Vec<_> = servers.collect();
        let is_server = |name: &str| servers.iter().any(|server| &*server.name == name);
        let mut owners: HashMap<&str, Vec<&Arc<str>>> = HashMap::new();
        for server in &servers {
            for tool in server.tool_names() {
                owners.entry(tool).or_default().push(&server.name);
            }
        }
        for (tool, owners) in owners {
            // It would say that it is another server's.
            let misleads = name::inward(tool).is_some_and(|(server, _)| is_server(server));
            if misleads || !name::fits(tool) || (owners.len() > 1 && prefix == Prefix::OnCollision) {
                continue;
            }
            table.bare.insert(tool.into(), owners[0].clone());
            table.hidden.extend(owners[1..].iter().map(|server| name::outward(server, tool)));
        }
        table.digest = table.digest();
        table
    }

    /// Under which name a server's tool is listed. None: it is not.
    pub(crate) fn outward(&self, server: &str, tool: &str) -> Option<String> {
        if self.bare.get(tool).is_some_and(|owner| **owner == *server) {
            return Some(tool.to_owned());
        }
        let prefixed = name::outward(server, tool);
        (!self.hidden.contains(&prefixed)).then_some(prefixed)
    }

    /// Whose tool a name without a prefix means.
    pub(crate) fn owner(&self, exposed: &str) -> Option<&str> {
        self.bare.get(exposed).map(|owner| &**owner)
    }

    /// The tools that are not listed, as `{server}__{tool}`: under these names they can still be called.
    pub(crate) fn hidden(&self) -> impl Iterator<Item = &str> {
        self.hidden.iter().map(String::as_str)
    }

    /// Moves when any name does: lists that were written with another table do not hold any more.
    pub(crate) fn version(&self) -> u64 {
        self.digest
    }

    fn digest(&self) -> u64 {
        let mut names: Vec<_> = self.bare.iter().collect();
        names.sort_unstable();
        let mut hasher = DefaultHasher::new();
        names.hash(&mut hasher);
        hasher.finish()
    }
}

/// The tables of the organizations that were asked for last.
pub(crate) struct Tables {
    /// Where everything has its prefix there is nothing to look up.
    empty: Arc<Table>,
    kept: Mutex<LruCache<Uuid, (u64, Arc<Table>)>>,
}

impl Default for Tables {
    fn default() -> Self {
        let kept = LruCache::new(NonZeroUsize::new(KEPT).unwrap_or(NonZeroUsize::MIN));
        Self { empty: Arc::default(), kept: Mutex::new(kept) }
    }
}

impl Tables {
    pub(crate) fn of(&self, prefix: Prefix, snapshot: &Snapshot, org: Uuid) -> Arc<Table> {
        if prefix == Prefix::Always {
            return self.empty.clone();
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, table)) = kept.get(&org).filter(|(revision, _)| *revision == snapshot.revision) {
            return table.clone();
        }
        let servers = snapshot.servers_of(org);
        let table = Arc::new(Table::new(prefix, servers.into_iter().filter(|server| server.enabled)));
        kept.put(org, (snapshot.revision, table.clone()));
        table
    }
}

#[cfg(test)]
mod tests {
    use gatewayops_proto::control as proto;

    use super::*;

    fn server(name: &str, tools: &[&str]) -> Arc<Server> {
        let tool = |name: &&str| proto::Tool { name: (*name).into(), ..Default::default() };
        let message = proto::Server {
            id: vec![1; 16].into(),
            org_id: vec![2; 16].into(),
            name: name.into(),
            url: "http://localhost/mcp".into(),
            tools: tools.iter().map(tool).collect(),
            ..Default::default()
        };
        Arc::new(Server::from_proto(&message, None).unwrap())
    }

    fn shown(prefix: Prefix) -> (Vec<Option<String>>, Table) {
        let servers = [server("a", &["echo", "add", "b__x"]), server("b", &["echo", "x"])];
        let table = Table::new(prefix, servers.iter());
        let tools = [("a", "echo"), ("a", "add"), ("a", "b__x"), ("b", "echo"), ("b", "x"), ("b", "new")];
        (tools.iter().map(|(server, tool)| table.outward(server, tool)).collect(), table)
    }

    #[test]
    fn every_mode_gives_every_tool_one_name_of_its_own() {
        let names = |names: [&str; 6]| names.map(|name| Some(name.to_owned())).to_vec();
        let table = Table::default();
        let always =
            [("a", "echo"), ("a", "b__x"), ("b", "echo")].map(|(server, tool)| table.outward(server, tool));
        assert_eq!(always, ["a__echo", "a__b__x", "b__echo"].map(|name| Some(name.to_owned())));
        let (on_collision, table) = shown(Prefix::OnCollision);
        assert_eq!(on_collision, names(["a__echo", "add", "a__b__x", "b__echo", "x", "b__new"]));
        assert_eq!((table.owner("add"), table.owner("echo"), table.owner("b__x")), (Some("a"), None, None));
        let (never, table) = shown(Prefix::Never);
        assert_eq!(never[0].as_deref(), Some("echo"));
        assert_eq!((&never[3], table.hidden().collect::<Vec<_>>()), (&None, vec!["b__echo"]));
        assert_eq!(table.owner("echo"), Some("a"));
        assert_ne!(table.version(), Table::default().version());
    }

    #[test]
    fn a_mode_is_read_or_refused_with_what_it_may_be() {
        assert_eq!("on_collision".parse(), Ok(Prefix::OnCollision));
        assert!("none".parse::<Prefix>().is_err_and(|fault| fault.contains("never")));
    }
}
