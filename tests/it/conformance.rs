//! The official conformance suite cannot tell whether the gateway is in the middle (R11).

mod client;
mod server;
