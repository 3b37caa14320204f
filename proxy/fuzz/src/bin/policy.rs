//! Globs, and headers that repeat what a body says.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatewayops_proxy::fuzzing::policy(input));
