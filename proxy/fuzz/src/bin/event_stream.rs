//! Event streams: cut anywhere, and written anew.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatewayops_proxy::fuzzing::event_stream(input));
