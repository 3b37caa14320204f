//! What people see after a quarter of a year of traffic, as a table of its own.

use crate::Run;

/// Bar of every page.
const PAGE_US: f64 = 100_000.0;
/// Until a call that was answered is seen.
const SEEN_US: f64 = 2_000_000.0;
const DROPPED_US: f64 = 1_000_000.0;
/// Until a page of the dashboard is drawn and answers a key.
const OPENED_US: f64 = 1_500_000.0;
/// Spans a second.
const FOLDED: f64 = 10_000.0;

/// A line of the table, and whether its bar was met.
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) is_met: bool,
}

/// None without such runs.
pub(crate) fn lines(runs: &[Run]) -> Option<Vec<Line>> {
    let of = |phase: &'static str| runs.iter().filter(move |run| run.phase == phase);
    let spans = of("year-size").next()?.calls;
    let mut lines = Vec::new();
    for run in of("year") {
        let what = format!("`GET /v1/{}`, {} answers", run.target, run.calls);
        lines.push(line(&what, run.p50_us, run.p99_us, "< 100 ms", PAGE_US));
    }
    for run in of("opened") {
        let what = format!(
            "the dashboard's {}, in Chromium with nothing in its cache, {} times",
            run.target, run.calls
        );
        lines.push(line(&what, run.p50_us, run.p99_us, "< 1.5 s", OPENED_US));
    }
    for run in of("visible") {
        let what = |how| format!("until a call is seen {how}, at 2,000 calls a second");
        lines.push(line(&what("over REST"), run.p50_us, run.p99_us, "≤ 2 s", SEEN_US));
        let [p50, p99] = [run.stream_p50_us, run.stream_p99_us];
        lines.push(line(&what("on the live stream"), p50, p99, "≤ 2 s", SEEN_US));
    }
    for run in of("folding") {
        let rate = run.spans_per_second.unwrap_or_default();
        let text = format!("| spans a second into the sums, {} at once | {rate:.0} | | ≥ 10,000", run.calls);
        lines.push(judged(text, rate >= FOLDED));
    }
    for run in of("drop") {
        let what = format!("dropping a day of {} spans", run.calls);
        lines.push(line(&what, run.p99_us, run.p99_us, "< 1 s", DROPPED_US));
    }
    lines.insert(0, Line { text: heading(spans), is_met: true });
    Some(lines)
}

fn heading(spans: u64) -> String {
    format!(
        "| {spans} spans of 90 days, 20 people who look at each answer for a second | p50 | p99 | bar | |\n|---|---:|---:|---:|---|"
    )
}

fn line(what: &str, p50_us: f64, p99_us: f64, bar: &str, limit: f64) -> Line {
    let text = format!("| {what} | {:.1} ms | {:.1} ms | {bar}", p50_us / 1e3, p99_us / 1e3);
    judged(text, p99_us < limit)
}

fn judged(text: String, is_met: bool) -> Line {
    Line { text: format!("{text} | {} |", if is_met { "met" } else { "missed" }), is_met }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_over_its_bar_is_told() {
        let run = |line: &str| serde_json::from_str::<Run>(line).unwrap();
        assert!(lines(&[run(r#"{"phase":"latency"}"#)]).is_none());
        let runs = [
            run(r#"{"phase":"year-size","calls":20000000}"#),
            run(r#"{"phase":"year","target":"costs","calls":7,"p50_us":9000,"p99_us":99999}"#),
            run(r#"{"phase":"year","target":"traces","calls":7,"p50_us":9000,"p99_us":100000}"#),
            run(r#"{"phase":"opened","target":"overview","p99_us":1500000}"#),
            run(r#"{"phase":"visible","p99_us":1999999,"stream_p99_us":2000000}"#),
            run(r#"{"phase":"folding","spans_per_second":10000}"#),
            run(r#"{"phase":"drop","p99_us":12000,"calls":5}"#),
        ];
        let met: Vec<bool> = lines(&runs).unwrap().iter().map(|line| line.is_met).collect();
        assert_eq!(met, [true, true, false, false, true, false, true, true]);
    }
}
