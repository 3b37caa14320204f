//! What the benchmarks and soaks are made of: a load generator, and the HTTP/1.1 and process reading under it.
//!
//! Everything here is cheap on purpose: generator and upstream share the machine with what they measure.

pub mod call;
pub mod crowd;
pub mod listing;
pub mod pace;
pub mod process;
pub mod run;
pub mod session;
pub mod stateful;
pub mod tally;
pub mod upstream;
pub mod wire;
