//! JSON-RPC messages of clients, and answers of servers.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatewayops_proxy::fuzzing::message(input));
