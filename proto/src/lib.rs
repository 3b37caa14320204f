//! What both planes must agree on, and nothing else: the gRPC messages, the events on the stream,
//! the format of an API key, how a glob matches, what a tool wants
//! mirrored in headers, how calls are counted against limits, where a request comes from, and how a process reads its
//! environment.

pub mod access;
pub mod api_key;
pub mod event;
pub mod forwarded;
pub mod glob;
pub mod header_parameter;
pub mod limit;
pub mod money;
pub mod settings;

/// Counts the kinds and fields of what proxies run on: whoever reads of an older count has not got all that is there. To
/// be raised with every kind or field of a [`control::Change`] that a proxy has to know.
pub const SCHEMA: u32 = 3;

/// Generated from `gatewayops/v1/control_plane.proto`.
#[allow(unreachable_pub, clippy::all, clippy::allow_attributes, reason = "generated code")]
pub mod control {
    tonic::include_proto!("gatewayops.control.v1");
}
