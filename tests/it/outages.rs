//! Short forms of the long proofs in `scripts/soak`: what is behind the proxy goes away, and nothing is lost.

use std::process::Command;

use anyhow::{Result, ensure};
use gatewayops_tests::stack::{binary, root};

/// Runs one proof on the binaries of this build.
fn soak(name: &str, arguments: &[&str]) -> Result<()> {
    let built = binary("proxy")?;
    let output = Command::new(root().join("scripts/soak").join(format!("{name}.sh")))
        .args(arguments)
        .current_dir(root())
        .env("PROFILE", "dev")
        .env("BUILT", built)
        .output()?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{name}: {said}");
    println!("{said}");
    Ok(())
}

#[test]
fn no_call_fails_and_no_span_is_lost_while_the_control_plane_is_dead() -> Result<()> {
    soak("control-plane-outage", &["6", "50"])
}

#[test]
fn no_call_fails_and_no_span_is_lost_while_redis_is_stopped() -> Result<()> {
    soak("redis-outage", &["6", "50"])
}

#[test]
fn no_call_fails_and_no_span_is_lost_while_postgres_restarts() -> Result<()> {
    soak("postgres-restart", &["4", "50"])
}

#[test]
fn no_call_fails_and_no_span_is_lost_while_a_standby_takes_over_from_postgres() -> Result<()> {
    soak("postgres-failover", &["4", "50"])
}

#[test]
fn a_revoked_key_is_refused_within_two_seconds() -> Result<()> {
    soak("revocation", &["10"])
}

#[test]
fn many_clients_are_served_at_once() -> Result<()> {
    soak("clients", &["5", "100", "50"])
}

#[test]
fn a_proxy_with_many_keys_is_small_and_starts_from_what_it_kept() -> Result<()> {
    soak("keys", &["2000"])
}
