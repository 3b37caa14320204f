//! Reads the lines that the load generator printed over a benchmark and prints the Markdown table for the README:
//! medians over the rounds, and the gateway against the floor within each round, since only that is comparable.

use std::{collections::BTreeMap, fs, io::BufRead};

use clap::Parser;
use serde::Deserialize;

mod year;

const MUCH_STOLEN: f64 = 0.05;

/// Prints the table of a benchmark.
#[derive(Parser)]
struct Arguments {
    /// The lines, one JSON object each.
    results: String,
    /// Exit with an error when a bar is missed.
    #[arg(long)]
    strict: bool,
}

/// A run of the load generator, or of the ingest benchmark.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Run {
    phase: String,
    target: String,
    round: String,
    calls: u64,
    errors: u64,
    streams: u64,
    rps: f64,
    p50_us: f64,
    p99_us: f64,
    stream_p50_us: f64,
    stream_p99_us: f64,
    cpu_us_per_call: Option<f64>,
    peak_rss_bytes: Option<f64>,
    spans_per_second: Option<f64>,
    drain_seconds: Option<f64>,
    sessions: u64,
    bytes_per_session: Option<f64>,
    stolen_share: f64,
}

#[derive(Default)]
struct Row {
    what: &'static str,
    floor: String,
    gateway: String,
    difference: String,
    bar: &'static str,
    is_met: Option<bool>,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let runs = fs::read_to_string(&arguments.results)?
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Run>, _>>()?;
    let rows = rows(&runs);
    println!("{}\n", machine());
    let stolen = runs.iter().map(|run| run.stolen_share).fold(0.0, f64::max);
    if stolen > MUCH_STOLEN {
        println!(
            "The host took up to {:.0} % of the cores for others: these figures say little.\n",
            stolen * 100.0
        );
    }
    let year = year::lines(&runs).unwrap_or_default();
    if !rows.is_empty() {
        println!("| | floor | gateway | difference | bar | |\n|---|---:|---:|---:|---:|---|");
    }
    for row in &rows {
        let verdict = match row.is_met {
            None => "",
            Some(true) => "met",
            Some(false) => "missed",
        };
        println!(
            "| {} | {} | {} | {} | {} | {verdict} |",
            row.what, row.floor, row.gateway, row.difference, row.bar
        );
    }
    println!();
    year.iter().for_each(|line| println!("{}", line.text));
    let missed = rows.iter().filter(|row| row.is_met == Some(false)).count()
        + year.iter().filter(|line| !line.is_met).count();
    anyhow::ensure!(!arguments.strict || missed == 0, "{missed} bars missed");
    Ok(())
}

fn rows(runs: &[Run]) -> Vec<Row> {
    let mut rows = Vec::new();
    rows.extend(
        pairs(runs, "saturation", ["floor", "gateway"]).into_iter().flat_map(|pairs| saturation(&pairs)),
    );
    rows.extend(pairs(runs, "latency", ["floor", "gateway"]).into_iter().flat_map(|pairs| latencies(&pairs)));
    rows.extend(runs.iter().find(|run| run.phase == "clients").map(clients));
    let ingested = runs.iter().filter(|run| run.phase == "ingest");
    rows.extend(ingested.filter_map(|run| Some(ingest(run, run.spans_per_second?))).next());
    rows.extend(pairs(runs, "federated", ["transparent", "federated"]).map(|pairs| federated(&pairs)));
    rows.extend(pairs(runs, "tokens", ["key", "token"]).map(|pairs| tokens(&pairs)));
    rows.extend(lists(runs).into_iter().flatten());
    rows.extend(runs.iter().find_map(|run| Some(idle_sessions(run, run.bytes_per_session?))));
    if !rows.is_empty() {
        rows.push(failed(runs));
    }
    rows
}

fn cpu(run: &Run) -> f64 {
    run.cpu_us_per_call.unwrap_or_default()
}

fn saturation(pairs: &[(&Run, &Run)]) -> [Row; 2] {
    let ratio = median(pairs.iter().map(|(floor, gateway)| cpu(gateway) / cpu(floor)));
    let used = Row {
        what: "CPU of the proxy per `tools/call`, 32 connections, as fast as it goes",
        floor: format!("{:.1} µs", median(pairs.iter().map(|(floor, _)| cpu(floor)))),
        gateway: format!("{:.1} µs", median(pairs.iter().map(|(_, gateway)| cpu(gateway)))),
        difference: format!("× {ratio:.2}"),
        bar: "≤ × 1.5",
        is_met: Some(ratio <= 1.5),
    };
    let rates = median(pairs.iter().map(|(floor, gateway)| gateway.rps / floor.rps));
    let answered = Row {
        what: "calls a second then, with generator, upstream, Redis and Postgres on the same cores",
        floor: format!("{:.0}", median(pairs.iter().map(|(floor, _)| floor.rps))),
        gateway: format!("{:.0}", median(pairs.iter().map(|(_, gateway)| gateway.rps))),
        difference: format!("× {rates:.2}"),
        ..Row::default()
    };
    [used, answered]
}

fn latencies(pairs: &[(&Run, &Run)]) -> [Row; 2] {
    let p50 = "p50 at 1,000 calls a second, from the moment each is due";
    [
        latency(p50, pairs, |run| run.p50_us, "≤ + 200 µs", 200.0),
        latency("p99 of the same", pairs, |run| run.p99_us, "≤ + 500 µs", 500.0),
    ]
}

fn clients(run: &Run) -> Row {
    let megabytes = run.peak_rss_bytes.unwrap_or_default() / 1e6;
    Row {
        what: "peak memory of the proxy with many clients, half of them holding a stream",
        gateway: format!("{megabytes:.0} MB"),
        difference: format!("{} calls, {} streams", run.calls - run.streams, run.streams),
        bar: "≤ 150 MB",
        is_met: Some(megabytes <= 150.0),
        ..Row::default()
    }
}

fn ingest(run: &Run, rate: f64) -> Row {
    let lag = |drain| format!("no lag after {drain:.1} s");
    Row {
        what: "spans a second into Postgres, with indexes and cost rows",
        gateway: format!("{rate:.0}"),
        difference: run.drain_seconds.map(lag).unwrap_or_default(),
        bar: "≥ 20,000",
        is_met: Some(rate >= 20_000.0),
        ..Row::default()
    }
}

/// Here the gateway itself is the floor, on the endpoint of one server.
fn federated(pairs: &[(&Run, &Run)]) -> Row {
    let ratio = median(pairs.iter().map(|(one, all)| cpu(all) / cpu(one)));
    Row {
        what: "CPU of the proxy per `tools/call` on the endpoint of all servers, 32 connections, as fast as it goes",
        floor: format!("on one server's: {:.1} µs", median(pairs.iter().map(|(one, _)| cpu(one)))),
        gateway: format!("{:.1} µs", median(pairs.iter().map(|(_, all)| cpu(all)))),
        difference: format!("× {ratio:.2}"),
        bar: "≤ × 1.15",
        is_met: Some(ratio <= 1.15),
    }
}

/// Here too: called with a key, and with a token.
fn tokens(pairs: &[(&Run, &Run)]) -> Row {
    let more = median(pairs.iter().map(|(key, token)| cpu(token) - cpu(key)));
    Row {
        what: "CPU of the proxy per `tools/call` with a token (JWT), 32 connections, as fast as it goes",
        floor: format!("with a key: {:.1} µs", median(pairs.iter().map(|(key, _)| cpu(key)))),
        gateway: format!("{:.1} µs", median(pairs.iter().map(|(_, token)| cpu(token)))),
        difference: format!("{more:+.1} µs"),
        bar: "≤ + 40 µs",
        is_met: Some(more <= 40.0),
    }
}

fn lists(runs: &[Run]) -> Option<[Row; 2]> {
    let runs: Vec<_> = runs.iter().filter(|run| run.phase == "lists").collect();
    let cpu = median(runs.iter().copied().filter_map(|run| run.cpu_us_per_call));
    let of_one_core = if cpu > 0.0 { 1e6 / cpu } else { 0.0 };
    let used = Row {
        what: "merged `tools/list` a second of one core, first page of 2,000 tools of 50 servers, kept",
        gateway: format!("{of_one_core:.0}"),
        difference: format!("{:.3} s of CPU for 1,000", cpu / 1e3),
        bar: "≥ 2,000",
        is_met: Some(of_one_core >= 2_000.0),
        ..Row::default()
    };
    let answered = Row {
        what: "lists a second then, with the generator on the same cores",
        gateway: format!("{:.0}", median(runs.iter().map(|run| run.rps))),
        ..Row::default()
    };
    (!runs.is_empty()).then_some([used, answered])
}

fn idle_sessions(run: &Run, bytes: f64) -> Row {
    Row {
        what: "memory of the proxy for a legacy session that is only open",
        gateway: format!("{bytes:.0} bytes"),
        difference: format!("{} sessions", run.sessions),
        bar: "< 10 KB",
        is_met: Some(bytes < 10_000.0),
        ..Row::default()
    }
}

fn failed(runs: &[Run]) -> Row {
    let errors: u64 = runs.iter().map(|run| run.errors).sum();
    let calls: u64 = runs.iter().map(|run| run.calls).sum();
    Row {
        what: "failed calls of all the above",
        gateway: format!("{errors} of {calls}"),
        bar: "0",
        is_met: Some(errors == 0),
        ..Row::default()
    }
}

fn latency(
    what: &'static str,
    pairs: &[(&Run, &Run)],
    of: impl Fn(&Run) -> f64,
    bar: &'static str,
    limit: f64,
) -> Row {
    let added = median(pairs.iter().map(|(floor, gateway)| of(gateway) - of(floor)));
    Row {
        what,
        floor: format!("{:.0} µs", median(pairs.iter().map(|(floor, _)| of(floor)))),
        gateway: format!("{:.0} µs", median(pairs.iter().map(|(_, gateway)| of(gateway)))),
        difference: format!("{added:+.0} µs"),
        bar,
        is_met: Some(added <= limit),
    }
}

/// The runs against these targets in each round that has both; `None` without any.
fn pairs<'a>(runs: &'a [Run], phase: &str, targets: [&str; 2]) -> Option<Vec<(&'a Run, &'a Run)>> {
    let mut rounds: BTreeMap<&str, [Option<&Run>; 2]> = BTreeMap::new();
    for run in runs.iter().filter(|run| run.phase == phase) {
        let Some(place) = targets.iter().position(|target| *target == run.target) else { continue };
        rounds.entry(&run.round).or_default()[place] = Some(run);
    }
    let pairs: Vec<_> = rounds.into_values().filter_map(|[one, other]| one.zip(other)).collect();
    (!pairs.is_empty()).then_some(pairs)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => 0.0,
        count if count % 2 == 0 => (values[middle - 1] + values[middle]) / 2.0,
        _ => values[middle],
    }
}

/// What the figures were measured on.
fn machine() -> String {
    let first = |path: &str, start: &str| {
        let lines = fs::read(path).unwrap_or_default();
        let line = lines.lines().map_while(Result::ok).find(|line| line.starts_with(start))?;
        Some(line.split_once(':').map_or(line.as_str(), |(_, value)| value).trim().to_owned())
    };
    let unknown = || "unknown".to_owned();
    let model = first("/proc/cpuinfo", "model name").unwrap_or_else(unknown);
    let kernel = first("/proc/sys/kernel/osrelease", "").unwrap_or_else(unknown);
    let gibibytes = first("/proc/meminfo", "MemTotal")
        .and_then(|line| line.split_ascii_whitespace().next()?.parse::<f64>().ok())
        .unwrap_or_default()
        / f64::from(1 << 20);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "Measured on {cores} cores of {model}, {gibibytes:.0} GiB, Linux {kernel}, everything over the loopback; \
         Postgres with 1 GB of shared buffers; events flow into Redis during calls and into Postgres after them."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> Run {
        serde_json::from_str(line).unwrap()
    }

    #[test]
    fn only_floor_and_gateway_of_the_same_round_are_compared() {
        let runs = [
            run(r#"{"phase":"saturation","target":"floor","round":"1","cpu_us_per_call":50.0,"calls":10}"#),
            run(r#"{"phase":"saturation","target":"gateway","round":"1","cpu_us_per_call":60.0}"#),
            run(r#"{"phase":"saturation","target":"gateway","round":"2","cpu_us_per_call":200.0}"#),
            run(r#"{"phase":"saturation","target":"floor","round":"2","cpu_us_per_call":100.0}"#),
            run(r#"{"phase":"saturation","target":"floor","round":"3","cpu_us_per_call":1.0,"errors":2}"#),
        ];
        let rows = rows(&runs);
        assert_eq!(rows[0].difference, "× 1.60", "the median of 1.2 and 2.0");
        assert_eq!((rows[0].floor.as_str(), rows[0].is_met), ("75.0 µs", Some(false)));
        let failed = rows.last().unwrap();
        assert_eq!((failed.gateway.as_str(), failed.is_met), ("2 of 10", Some(false)));
    }

    #[test]
    fn the_gateway_is_compared_to_itself_and_a_core_is_a_second_of_cpu() {
        let runs = [
            run(r#"{"phase":"federated","target":"transparent","round":"1","cpu_us_per_call":80.0}"#),
            run(r#"{"phase":"federated","target":"federated","round":"1","cpu_us_per_call":96.0}"#),
            run(r#"{"phase":"tokens","target":"key","round":"1","cpu_us_per_call":80.0}"#),
            run(r#"{"phase":"tokens","target":"token","round":"1","cpu_us_per_call":121.0}"#),
            run(r#"{"phase":"lists","target":"federated","round":"1","cpu_us_per_call":400.0,"rps":3000}"#),
            run(r#"{"phase":"idle-sessions","sessions":500,"bytes_per_session":9999}"#),
        ];
        let rows: Vec<_> =
            rows(&runs).into_iter().map(|row| (row.difference, row.gateway, row.is_met)).collect();
        let expected = [
            ("× 1.20", "96.0 µs", Some(false)),
            ("+41.0 µs", "121.0 µs", Some(false)),
            ("0.400 s of CPU for 1,000", "2500", Some(true)),
            ("", "3000", None),
            ("500 sessions", "9999 bytes", Some(true)),
            ("", "0 of 0", Some(true)),
        ];
        assert_eq!(
            rows,
            expected.map(|(difference, gateway, is_met)| (difference.to_owned(), gateway.to_owned(), is_met))
        );
    }

    #[test]
    fn a_median_of_an_even_number_lies_between() {
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), 2.5);
        assert_eq!((median([7.0].into_iter()), median(std::iter::empty())), (7.0, 0.0));
    }
}
