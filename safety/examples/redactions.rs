//! What the detectors of secrets and personal data would take out of labelled texts, for a scorer to judge.
//!
//! `cargo run --release -p gatewayops-safety --example redactions -- RECORDS.jsonl... > predictions.jsonl`
//! Each record is `{"id", "text"}`, each prediction `{"id", "micros", "spans": [{"start", "end", "type", "rule",
//! "confidence"}]}`, offsets in code points.

use std::{
    env, fs,
    io::{self, BufWriter, Write},
    time::Instant,
};

use gatewayops_safety::{
    finding::{Kind, Kinds, Surface},
    scan::{prepare, scan},
};
use serde_json::{Value, json};

/// The least that a policy can ask for (`strict`).
const MIN_CONFIDENCE: f32 = 0.5;

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    prepare();
    for path in env::args().skip(1) {
        for line in fs::read_to_string(path)?.lines() {
            let record: Value = serde_json::from_str(line)?;
            writeln!(out, "{}", predict(&record))?;
        }
    }
    out.flush()
}

fn predict(record: &Value) -> Value {
    let text = record["text"].as_str().unwrap_or_default();
    // Secrets are labelled in some records and personal data in others: what a record has no labels for is not judged.
    let kinds = match record["kind"].as_str() {
        Some("secret") => Kinds::default().with(Kind::Secret),
        Some("pii") => Kinds::default().with(Kind::Pii),
        _ => Kinds::default().with(Kind::Secret).with(Kind::Pii),
    };
    let mut findings = Vec::new();
    let started = Instant::now();
    scan(text, None, Surface::Result, kinds, &mut findings);
    let micros = started.elapsed().as_secs_f64() * 1e6;
    let sure = findings.iter().filter(|finding| finding.confidence >= MIN_CONFIDENCE);
    let characters = |end: usize| text[..end].chars().count();
    let spans: Vec<_> = sure
        .map(|finding| {
            json!({
                "start": characters(finding.span.start),
                "end": characters(finding.span.end),
                "type": finding.kind.as_str(),
                "rule": finding.rule,
                "confidence": finding.confidence,
            })
        })
        .collect();
    json!({ "id": record["id"], "micros": micros, "spans": spans })
}
