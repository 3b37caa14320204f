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
pub mod permissions;
pub mod role_assignments;
pub mod roles;
pub mod servers;
pub mod sessions;
pub mod slug;
pub mod team_members;
pub mod teams;
pub mod tools;
pub mod traces;
pub mod users;
