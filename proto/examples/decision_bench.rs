//! What one decision costs a principal with many grants, and one who has none that fits.
//!
//! `cargo run --release -p gatewayops-proto --example decision_bench [grants]`

use std::{hint::black_box, time::Instant};

use gatewayops_proto::access::{Access, Decision, Holder, Permission, Scope, Subject, VOCABULARY};
use uuid::Uuid;

const ROUNDS: u128 = 2_000_000;

fn main() {
    let grants = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(500_u128);
    let place = |n: u128| Uuid::from_u128(n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835));
    let granted = (0..grants).map(|n| {
        let (name, ..) = VOCABULARY[(n % 36) as usize];
        (name, if n % 2 == 0 { Scope::Team(place(n)) } else { Scope::Server(place(n)) })
    });
    let access = Access::new(Holder::default(), granted);
    for (what, server) in [("granted", place(1)), ("refused", place(grants + 1))] {
        let subject = Subject { team: Some(place(grants + 2)), server: Some(server), ..Subject::default() };
        let started = Instant::now();
        let mut allowed = 0;
        for _ in 0..ROUNDS {
            let decision = black_box(&access).decide(Permission::MCP_CALL, black_box(&subject));
            allowed += u128::from(decision.is_allowed());
        }
        let nanoseconds = started.elapsed().as_nanos() / ROUNDS;
        assert!(allowed == if what == "granted" { ROUNDS } else { 0 }, "{:?}", Decision::NotGranted);
        println!("{what:<10} {nanoseconds} ns a decision with {grants} grants");
    }
}
