//! What came back: answers, faults by kind, and how long they took.
//!
//! The window counts what is answered while it is open; latencies are those of the calls that became due in it,
//! however late they were answered, so that the slowest are not left out.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde::Serialize;

use super::{call::Fault, process::Usage};

/// Counted while the run goes on.
#[derive(Debug, Default)]
pub struct Tally {
    pub ok: u64,
    pub faults: BTreeMap<Fault, u64>,
    pub streams: u64,
    pub events: u64,
    window: Option<Window>,
    is_open: bool,
}

#[derive(Debug)]
struct Window {
    opened: Instant,
    answered: u64,
    latencies_us: Vec<u32>,
}

/// What was measured of processes and machine while the window was open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measured {
    pub elapsed: Duration,
    pub usage: Option<Usage>,
    pub stolen_share: f64,
}

impl Tally {
    /// From here on the answers are measured, not only counted.
    pub fn open(&mut self) {
        self.window = Some(Window { opened: Instant::now(), answered: 0, latencies_us: Vec::new() });
        self.is_open = true;
    }

    pub fn close(&mut self) {
        self.is_open = false;
    }

    /// A call that was due then is answered now.
    pub fn answer(&mut self, due: Instant) {
        self.ok += 1;
        let Some(window) = &mut self.window else { return };
        window.answered += u64::from(self.is_open);
        if due >= window.opened {
            window.latencies_us.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }

    /// A stream that ran to its result; its length was asked for, so it is no latency.
    pub fn stream(&mut self, events: u64) {
        self.ok += 1;
        self.streams += 1;
        self.events += events;
    }

    /// Returns whether it is the first of its kind.
    pub fn fault(&mut self, fault: Fault) -> bool {
        if let Some(window) = &mut self.window {
            window.answered += u64::from(self.is_open);
        }
        let count = self.faults.entry(fault).or_default();
        *count += 1;
        *count == 1
    }

    #[must_use]
    pub fn errors(&self) -> u64 {
        self.faults.values().sum()
    }

    #[must_use]
    pub fn report(self, Measured { elapsed, usage, stolen_share }: Measured) -> Report {
        let (errors, calls) = (self.errors(), self.ok + self.errors());
        let (requests, mut latencies) =
            self.window.map(|window| (window.answered, window.latencies_us)).unwrap_or_default();
        latencies.sort_unstable();
        Report {
            calls,
            ok: self.ok,
            errors,
            error_kinds: self.faults.iter().map(|(fault, count)| (fault.to_string(), *count)).collect(),
            streams: self.streams,
            stream_events: self.events,
            requests,
            seconds: elapsed.as_secs_f64(),
            rps: (requests as f64 / elapsed.as_secs_f64()).round(),
            p50_us: percentile(&latencies, 0.5),
            p90_us: percentile(&latencies, 0.9),
            p99_us: percentile(&latencies, 0.99),
            max_us: latencies.last().copied().unwrap_or_default(),
            cpu_seconds: usage.map(|usage| usage.cpu_seconds),
            cpu_us_per_call: usage
                .filter(|_| requests > 0)
                .map(|usage| (usage.cpu_seconds * 1e7 / requests as f64).round() / 10.0),
            peak_rss_bytes: usage.map(|usage| usage.peak_rss_bytes),
            stolen_share: (stolen_share * 1e3).round() / 1e3,
        }
    }
}

/// The one line a run prints. `calls`, `ok`, `errors` and streams are of the whole run, the rest of its window.
#[derive(Debug, Serialize)]
pub struct Report {
    pub calls: u64,
    pub ok: u64,
    pub errors: u64,
    pub error_kinds: BTreeMap<String, u64>,
    pub streams: u64,
    pub stream_events: u64,
    pub requests: u64,
    pub seconds: f64,
    pub rps: f64,
    pub p50_us: u32,
    pub p90_us: u32,
    pub p99_us: u32,
    pub max_us: u32,
    pub cpu_seconds: Option<f64>,
    pub cpu_us_per_call: Option<f64>,
    pub peak_rss_bytes: Option<u64>,
    /// Of the machine's time, what its host kept for others: figures with much of it say little.
    pub stolen_share: f64,
}

/// Nearest rank; zero of nothing.
#[must_use]
pub fn percentile(sorted: &[u32], share: f64) -> u32 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_seen() {
        let sorted: Vec<u32> = (1..=200).collect();
        assert_eq!([0.5, 0.99, 1.0].map(|share| percentile(&sorted, share)), [100, 198, 200]);
        assert_eq!((percentile(&[5], 0.5), percentile(&[], 0.5)), (5, 0));
    }

    #[test]
    fn every_call_counts_but_only_the_window_is_measured() {
        let mut tally = Tally::default();
        let before = Instant::now();
        tally.answer(before);
        tally.open();
        tally.answer(before);
        tally.answer(Instant::now());
        assert!(tally.fault(Fault::Status(503)) && !tally.fault(Fault::Status(503)));
        tally.stream(4);
        tally.close();
        tally.answer(Instant::now() - Duration::from_micros(1));
        let usage = Usage { cpu_seconds: 0.0004, peak_rss_bytes: 1 };
        let report =
            tally.report(Measured { elapsed: Duration::from_secs(1), usage: Some(usage), stolen_share: 0.0 });
        assert_eq!((report.calls, report.ok, report.errors, report.requests), (7, 5, 2, 4));
        assert_eq!(report.cpu_us_per_call, Some(100.0), "by what was answered in the window");
        assert!((1..1_000_000).contains(&report.max_us), "of what was due in it");
        assert_eq!(report.error_kinds, BTreeMap::from([("status_503".to_owned(), 2)]));
    }
}
