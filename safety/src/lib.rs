//! What is wrong with a text that passes the gateway: pure detectors, no I/O, nothing that waits.
//!
//! Both planes use it: the proxy on what passes, the control plane for `POST /v1/safety/test`. A text is found guilty in
//! two steps: [detectors](finding) say what stands in it and where, a [policy](policy) says what becomes of it.

mod command_injection;
mod exfiltration;
pub mod finding;
#[cfg(any(fuzzing, test))]
pub mod fuzzing;
pub mod injection;
pub mod json;
pub mod normalise;
mod path_traversal;
pub mod pii;
pub mod policy;
pub mod scan;
pub mod secret;
mod ssrf;
