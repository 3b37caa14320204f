//! URIs of federated servers, and the texts they stand in.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatewayops_proxy::fuzzing::uri(input));
