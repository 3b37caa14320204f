//! The data plane: what MCP clients talk to. No database, no state that a restart would miss.
//!
//! `server` listens, `gateway` joins Pingora to the `pipeline`, whose page is the one to read first.
//! `mcp`, `federation`, `oauth`, `limit`, `sessions`, `upstream`, `snapshot` and `telemetry` serve the stages and never
//! look up.

mod admin;
#[doc(hidden)]
pub mod bench;
mod catalogue;
mod config;
mod control_plane;
mod exchange;
mod federation;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
mod gateway;
mod limit;
mod mcp;
mod oauth;
mod pipeline;
mod policies;
mod principal;
mod rejection;
mod seal;
mod server;
mod sessions;
mod snapshot;
mod store;
mod telemetry;
mod upstream;

pub use config::Config;
pub use server::run;
