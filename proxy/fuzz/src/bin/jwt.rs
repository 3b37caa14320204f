//! OAuth tokens: made up, changed, or signed with anything in them; and sets of keys.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| gatewayops_proxy::fuzzing::jwt(input));
