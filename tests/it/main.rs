//! Promises of the product, kept from outside: one file each.

mod approved;
mod asked;
mod backup;
mod bad_input;
mod batches;
mod calls;
mod conformance;
mod credentials;
mod exported;
mod facade;
mod faults;
mod federated;
mod first_run;
mod guarded;
mod limited;
mod oauth;
mod outages;
mod restart;
mod sealed_snapshot;
mod secrets;
mod sessions;
mod sso;
mod stolen;
mod streams;
mod suspended;
mod tenants;
mod tls;
mod tokens;

mod heard;
mod legacy;
mod own_redis;
mod provider;
mod replicas;
mod scripts;
mod servers;
