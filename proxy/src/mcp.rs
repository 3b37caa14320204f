//! The Model Context Protocol without I/O: messages, methods, versions, headers, sessions, answers.
//!
//! Nothing here knows sockets, configuration or policy.

pub(crate) mod answer;
pub(crate) mod approval_state;
pub(crate) mod elicitation;
pub(crate) mod header;
pub(crate) mod header_parameter;
pub(crate) mod json;
pub(crate) mod list;
pub(crate) mod message;
pub(crate) mod method;
pub(crate) mod request_state;
pub(crate) mod session;
pub(crate) mod sse;
pub(crate) mod token;
pub(crate) mod trace_context;
pub(crate) mod version;
