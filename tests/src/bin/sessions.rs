//! The soak of legacy sessions: goes through many of them, half of which are never ended, and sees that the gateway
//! neither grows with them nor leaves one open at the upstream. With `--idle` it measures what an open one costs.
//! The API key comes from `GATEWAYOPS_API_KEY`.

use std::{
    process::ExitCode,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::Parser;
use gatewayops_tests::load::{
    call::Target,
    crowd::{Crowd, Fate, Plan, Tally},
    process::rss,
    session::Client,
    stateful::{Seen, seen},
    wire::{Wire, split_url},
};
use tokio::{task::LocalSet, time::sleep};

/// Until then a server that was just registered is known to a proxy.
const KNOWN: Duration = Duration::from_secs(30);
const MEGABYTE: f64 = 1e6;
/// Growth of the memory over the second half of the sessions that is no leak yet.
const GROWTH: f64 = 1.2;

/// Goes through legacy sessions and prints PASS or FAIL.
#[derive(Parser)]
struct Arguments {
    /// The MCP endpoint, such as http://127.0.0.1:8080/mcp/sessions.
    url: String,
    /// The server behind it that keeps the sessions, `upstream --stateful`, such as 127.0.0.1:8091.
    #[arg(long)]
    upstream: String,
    /// The process whose memory is read.
    #[arg(long)]
    pid: u32,
    #[arg(long, default_value_t = 100_000)]
    sessions: u64,
    /// Clients that open sessions, each one after another.
    #[arg(long, default_value_t = 32)]
    clients: usize,
    /// Share of the sessions that their client does not end.
    #[arg(long, default_value_t = 0.5)]
    left: f64,
    /// Seconds after which an answer, or the end of the sessions that were left, is not waited for any more.
    #[arg(long, default_value_t = 30.0)]
    timeout: f64,
    #[arg(long, default_value_t = 120.0)]
    patience: f64,
    /// Only opens the sessions, and measures the memory that each takes.
    #[arg(long)]
    idle: bool,
}

/// Everything that the verdict is made of.
struct Report {
    sessions: u64,
    tally: Tally,
    rss_after: u64,
    seen: Seen,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let run = async {
        until_known(&arguments).await?;
        if arguments.idle { idle(&arguments).await } else { soak(&arguments).await }
    };
    let has_passed = LocalSet::new().run_until(run).await?;
    println!("{}", if has_passed { "PASS" } else { "FAIL" });
    Ok(if has_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// A gateway has just been told of the server: waits until a session can be opened.
async fn until_known(arguments: &Arguments) -> Result<()> {
    let Plan { target, timeout, .. } = plan(arguments, 1, Fate::Idle)?;
    let mut client = Client::new(target, timeout);
    let until = Instant::now() + KNOWN;
    loop {
        match client.open().await {
            Ok(session) => break client.end(&session).await,
            Err(_) if Instant::now() < until => sleep(Duration::from_millis(200)).await,
            Err(fault) => break Err(fault),
        }
    }
    .map_err(|fault| anyhow::anyhow!("no session can be opened and ended: {fault}"))
}

async fn soak(arguments: &Arguments) -> Result<bool> {
    let before = upstream(arguments).await?;
    let crowd = Crowd::new(plan(arguments, arguments.sessions, Fate::Used { left: arguments.left })?);
    let tally = watched(arguments, &crowd).await?;
    let until = Instant::now() + Duration::from_secs_f64(arguments.patience);
    while upstream(arguments).await?.open > 0 && Instant::now() < until {
        sleep(Duration::from_millis(200)).await;
    }
    let after = upstream(arguments).await?;
    let report = Report {
        sessions: arguments.sessions,
        tally,
        rss_after: rss(arguments.pid).unwrap_or_default(),
        seen: Seen { opened: after.opened - before.opened, calls: after.calls - before.calls, ..after },
    };
    report.print();
    Ok(expect(&report.expectations()))
}

async fn idle(arguments: &Arguments) -> Result<bool> {
    // Buffers and connections that are there once whatever number of sessions follows.
    let warm_up = plan(arguments, 10 * arguments.clients as u64, Fate::Used { left: 0.0 })?;
    Crowd::new(warm_up).run().await;
    sleep(Duration::from_secs(2)).await;
    let before = rss(arguments.pid).unwrap_or_default();
    let tally = watched(arguments, &Crowd::new(plan(arguments, arguments.sessions, Fate::Idle)?)).await?;
    sleep(Duration::from_secs(2)).await;
    let after = rss(arguments.pid).unwrap_or_default();
    let open = upstream(arguments).await?.open;
    println!(
        "{} sessions open, {open} at the upstream; memory before {:.1} MB, after {:.1} MB: {:.0} bytes a session",
        tally.opened,
        before as f64 / MEGABYTE,
        after as f64 / MEGABYTE,
        (after as f64 - before as f64) / tally.opened.max(1) as f64,
    );
    Ok(expect(&[
        (format!("errors: {}", faults(&tally)), tally.faults.is_empty()),
        ("all sessions are open".into(), open >= arguments.sessions && tally.opened == arguments.sessions),
    ]))
}

fn plan(arguments: &Arguments, sessions: u64, fate: Fate) -> Result<Plan> {
    let (authority, path) = split_url(&arguments.url)?;
    let key = std::env::var("GATEWAYOPS_API_KEY").ok().filter(|key| !key.is_empty());
    Ok(Plan {
        target: Target { authority, path, key },
        sessions,
        clients: arguments.clients,
        fate,
        timeout: Duration::from_secs_f64(arguments.timeout),
        pid: arguments.pid,
    })
}

/// Runs the crowd and says every few seconds how far it is.
async fn watched(arguments: &Arguments, crowd: &Rc<Crowd>) -> Result<Tally> {
    let report = async {
        loop {
            sleep(Duration::from_secs(3)).await;
            let memory = rss(arguments.pid).unwrap_or_default() as f64 / MEGABYTE;
            let open = upstream(arguments).await?.open;
            println!("  {} sessions, proxy {memory:.1} MB, {open} open at the upstream", crowd.tally().done);
        }
    };
    tokio::select! {
        tally = Rc::clone(crowd).run() => Ok(tally),
        failed = report => failed,
    }
}

async fn upstream(arguments: &Arguments) -> Result<Seen> {
    let mut wire = Wire::connect(&arguments.upstream).await?;
    Ok(seen(&mut wire, &arguments.upstream).await?)
}

impl Report {
    fn print(&self) {
        let Self { tally, seen, .. } = self;
        let memory: Vec<_> = tally
            .rss
            .iter()
            .chain([&self.rss_after])
            .map(|bytes| format!("{:.1}", *bytes as f64 / MEGABYTE))
            .collect();
        println!(
            "sessions opened {}, calls ok {}, ended {}, errors {}; proxy {} MB after 10 %, 50 %, 100 % and the end; \
             upstream: {} opened, {} calls, {} left",
            tally.opened,
            tally.calls,
            tally.ended,
            faults(tally),
            memory.join(", "),
            seen.opened,
            seen.calls,
            seen.open,
        );
    }

    fn expectations(&self) -> Vec<(String, bool)> {
        let Self { tally, seen, .. } = self;
        let [.., half, all] = tally.rss[..] else { return vec![("memory was read".into(), false)] };
        let growth = all as f64 / half.max(1) as f64;
        vec![
            ("no request failed".into(), tally.faults.is_empty() && tally.opened == self.sessions),
            ("the upstream has opened each session".into(), seen.opened >= self.sessions),
            ("the upstream saw each call once".into(), seen.calls == tally.calls),
            (
                format!("memory × {growth:.2} over the second half is at most × {GROWTH}"),
                half > 0 && growth <= GROWTH,
            ),
            (format!("{} sessions are left", seen.open), seen.open == 0),
        ]
    }
}

fn faults(tally: &Tally) -> String {
    match tally.faults.is_empty() {
        true => "0".into(),
        false => tally
            .faults
            .iter()
            .map(|(fault, count)| format!("{count} × {fault}"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

fn expect(expectations: &[(String, bool)]) -> bool {
    for (what, is_met) in expectations {
        println!("{} {what}", if *is_met { "PASS" } else { "FAIL" });
    }
    expectations.iter().all(|(_, is_met)| *is_met)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(change: impl FnOnce(&mut Report)) -> Vec<String> {
        let mut report = Report {
            sessions: 10,
            tally: Tally {
                done: 10,
                opened: 10,
                calls: 10,
                ended: 5,
                rss: vec![50, 100, 120],
                ..Tally::default()
            },
            rss_after: 90,
            seen: Seen { open: 0, opened: 12, calls: 10, unknown: 0 },
        };
        change(&mut report);
        report.expectations().into_iter().filter(|(_, is_met)| !is_met).map(|(what, _)| what).collect()
    }

    #[test]
    fn growth_a_session_that_is_left_and_an_error_are_each_enough_to_fail() {
        assert_eq!(failed(|_| {}), [""; 0]);
        assert_eq!(failed(|report| report.tally.rss[2] = 121).len(), 1);
        assert_eq!(failed(|report| report.tally.rss = vec![0, 0, 0]).len(), 1);
        assert_eq!(failed(|report| report.tally.rss.clear()), ["memory was read"]);
        assert_eq!(failed(|report| report.seen.open = 1), ["1 sessions are left"]);
        assert_eq!(failed(|report| report.seen.opened = 9).len(), 1);
        assert_eq!(failed(|report| report.tally.opened = 9), ["no request failed"]);
    }
}
