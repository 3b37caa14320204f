//! What the policy stage costs a call of a kilobyte that everything lets pass, and what each part of it costs.
//!
//! `cargo run --release -p gatewayops-proxy --example policy_bench`

use std::{hint::black_box, time::Instant};

use gatewayops_proxy::bench::policy::Stage;
use serde_json::json;

const ROUNDS: usize = 50_000;
/// Microseconds that the whole may cost in the middle, and a check of the limits.
const BARS: (f64, f64) = (60.0, 1.0);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = arguments();
    println!("a call of {} bytes, microseconds in the middle of {ROUNDS}", arguments.len());
    let stage = Stage::new(arguments);
    let limits = row("3 limits, far from full", || stage.limits())?;
    row("20 permissions", || stage.permissions())?;
    row("2 safety policies", || stage.guard())?;
    let whole = row("all of it", || stage.limits() && stage.permissions() && stage.guard())?;
    let verdict = |is_met: bool| if is_met { "met" } else { "missed" };
    println!(
        "bars: all of it {} µs, {}; limits {} µs, {}",
        BARS.0,
        verdict(whole <= BARS.0),
        BARS.1,
        verdict(limits <= BARS.1)
    );
    Ok(())
}

fn row(name: &str, pass: impl Fn() -> bool) -> Result<f64, String> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        if !black_box(pass()) {
            return Err(format!("{name}: the call did not pass"));
        }
        times.push(started.elapsed().as_nanos());
    }
    times.sort_unstable();
    let middle = times[ROUNDS / 2] as f64 / 1000.0;
    println!("  {name:<24} {middle:>7.2}");
    Ok(middle)
}

/// An issue as an agent files it.
fn arguments() -> String {
    let paragraph = "The nightly export stops at the first customer without a billing address and writes no line for \
        those behind it. The log says that the job has ended well. Expected is a file with every customer, and an empty \
        column where there is no address. It began with the release of last Thursday; the one before wrote all lines. ";
    json!({
        "owner": "acme", "repo": "exports", "title": "Customers without an address end the export",
        "body": paragraph.repeat(2), "labels": ["bug", "exports"], "assignees": ["grace"], "milestone": 7,
        "comment": "A copy of the file is attached to the ticket of the customer.",
    })
    .to_string()
}
