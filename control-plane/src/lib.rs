//! The control plane: the only owner of Postgres. It serves people and scripts over REST, feeds proxies over gRPC,
//! and turns the events of proxies into traces and costs.
//!
//! `rest, grpc → service → store`; `ingest` and `jobs` act for nobody and go to `store` themselves.

pub mod app;
pub mod auth;
pub mod backup;
pub mod config;
pub mod egress;
pub mod error;
pub mod exporters;
pub mod grpc;
pub mod id;
pub mod ingest;
pub mod jobs;
pub mod live;
pub mod mail;
pub mod mcp;
pub mod metrics;
pub mod networks;
pub mod notify;
pub mod oidc;
pub mod own_span;
pub mod proxies;
pub mod reseal;
pub mod rest;
pub mod seal;
pub mod server;
pub mod service;
pub mod settings;
pub mod snapshot;
pub mod standard_webhooks;
pub mod store;
#[cfg(test)]
pub(crate) mod testing;
pub mod word;

pub use error::{Error, Result};
