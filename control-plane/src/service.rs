//! Decisions: permission, one transaction, audit entry. One file per noun.

pub mod api_keys;
pub mod approvals;
pub mod audit;
pub mod bootstrap;
pub mod catalogue;
pub mod costs;
pub mod events;
pub mod invites;
pub mod login;
pub mod metrics;
pub mod organization;
pub mod servers;
pub mod sessions;
pub mod tools;
pub mod traces;
pub mod users;
