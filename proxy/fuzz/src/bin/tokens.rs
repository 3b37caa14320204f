//! Sealed tokens: made up, changed, of another kind or principal, or as they were sealed.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatewayops_proxy::fuzzing::tokens(input));
