//! Promises of the product, kept from outside: one file each.

mod asked;
mod bad_input;
mod batches;
mod calls;
mod conformance;
mod credentials;
mod facade;
mod faults;
mod federated;
mod first_run;
mod outages;
mod restart;
mod sealed_snapshot;
mod secrets;
mod sessions;
mod stolen;
mod streams;
mod tls;

mod heard;
mod legacy;
mod replicas;
mod scripts;
mod servers;
