//! Many servers behind one endpoint: names and URIs that say whose they are, lists that are merged, sessions that
//! are opened as they are needed (requirements section 5).
//!
//! A client of either era is served by the servers that speak its era. What they say is relayed by the same stages
//! as on an endpoint of one server; here is only what is different.

pub(crate) mod capability;
pub(crate) mod list;
pub(crate) mod mapping;
pub(crate) mod name;
pub(crate) mod naming;
pub(crate) mod page;
pub(crate) mod session;
pub(crate) mod uri;

/// What federated endpoints remember.
#[derive(Default)]
pub(crate) struct Federation {
    pub(crate) names: naming::Tables,
    pub(crate) lists: list::Lists,
    pub(crate) pages: page::Pages,
    pub(crate) sessions: session::Upstreams,
}
