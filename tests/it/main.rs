//! Promises of the product, kept from outside: one file each.

mod bad_input;
mod calls;
mod conformance;
mod facade;
mod faults;
mod first_run;
mod outages;
mod restart;
mod sealed_snapshot;
mod sessions;
mod streams;
mod tls;
