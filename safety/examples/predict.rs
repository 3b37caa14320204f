//! Scores labelled records with the shipped weights, one line each, for a scorer to read.
//!
//! `cargo run --release -p gatewayops-safety --example predict -- RECORDS.jsonl... > predictions.jsonl`

use std::{error::Error, fs, time::Instant};

use gatewayops_safety::{finding::Surface, injection};
use serde_json::{Value, json};

fn main() -> Result<(), Box<dyn Error>> {
    injection::score("the first call builds the tables", Surface::Result);
    for path in std::env::args().skip(1) {
        for line in fs::read_to_string(&path)?.lines().filter(|line| !line.trim().is_empty()) {
            let record: Value = serde_json::from_str(line)?;
            println!("{}", prediction(&record).ok_or_else(|| format!("{path}: no record: {line}"))?);
        }
    }
    Ok(())
}

fn prediction(record: &Value) -> Option<Value> {
    let text = record["text"].as_str()?;
    let surface = match record["surface"].as_str()? {
        "tool_args" => Surface::Arguments,
        "tool_result" => Surface::Result,
        "tool_description" => Surface::Definition,
        "user_prompt" => Surface::Prompt,
        _ => return None,
    };
    let start = Instant::now();
    let score = injection::score(text, surface);
    let micros = start.elapsed().as_secs_f64() * 1e6;
    Some(json!({ "id": record["id"], "score": score, "micros": micros }))
}
