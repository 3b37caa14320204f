//! Builders for tests that see the product from outside: both planes as processes, real stores, real MCP servers.

pub mod balancer;
pub mod faulty;
pub mod forgetful;
pub mod load;
pub mod stack;
