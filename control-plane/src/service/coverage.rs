//! The servers and tools that a key or a token is for, as somebody writes them (contract 3.5). What the globs mean is
//! decided in `gatewayops_proto::access`, for both planes.

use crate::rest::form::Faults;

const MOST: usize = 100;

/// What is wrong with the fields `servers` and `tools`.
pub fn check(faults: &mut Faults, servers: &[String], tools: &[String]) {
    for (field, globs) in [("servers", servers), ("tools", tools)] {
        if globs.len() > MOST {
            faults.add(field, "length", format!("must have at most {MOST} entries"));
        }
        for (index, glob) in globs.iter().enumerate() {
            faults.length(&format!("{field}.{index}"), glob, 1..=255);
        }
    }
}
