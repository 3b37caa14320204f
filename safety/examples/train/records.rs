//! Reads the labelled records, and program code as good texts.

use std::{collections::BTreeSet, error::Error, fs, ops::Range, path::Path};

use gatewayops_safety::finding::Surface;
use serde_json::Value;

pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) source: String,
    pub(crate) attack: bool,
    pub(crate) surface: Surface,
    pub(crate) text: String,
    /// Bytes of the text where the attack is, if that is known.
    pub(crate) spans: Vec<Range<usize>>,
}

pub(crate) fn labelled(folder: &Path) -> Result<Vec<Record>, Box<dyn Error>> {
    let mut records = Vec::new();
    for name in ["attacks.jsonl", "benign.jsonl"] {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            records.push(record(&serde_json::from_str(line)?).ok_or_else(|| format!("no record: {line}"))?);
        }
    }
    Ok(records)
}

fn record(line: &Value) -> Option<Record> {
    let text = line["text"].as_str()?.to_owned();
    let source = line["source"].as_str()?.split('#').next()?.to_owned();
    let surface = match line["surface"].as_str()? {
        "tool_args" => Surface::Arguments,
        "tool_result" => Surface::Result,
        "tool_description" => Surface::Definition,
        "user_prompt" => Surface::Prompt,
        _ => return None,
    };
    let spans = line["spans"].as_array().map_or(&[][..], Vec::as_slice);
    let spans = spans.iter().filter_map(|span| bytes(&text, span)).collect();
    let attack = line["label"].as_u64()? == 1;
    Some(Record { id: line["id"].as_str()?.to_owned(), source, attack, surface, text, spans })
}

/// From code points to bytes.
fn bytes(text: &str, span: &Value) -> Option<Range<usize>> {
    let place = |of: &str| {
        let nth = span[of].as_u64()? as usize;
        Some(text.char_indices().nth(nth).map_or(text.len(), |(at, _)| at))
    };
    Some(place("start")?..place("end")?)
}

pub(crate) fn sources(records: &[Record]) -> Vec<String> {
    records.iter().map(|record| record.source.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// Pieces of the files below `folder`, a few of each, in the order of their names.
pub(crate) fn code(folder: &Path) -> Result<Vec<Record>, Box<dyn Error>> {
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    // Prose is rare among code, and closer to what attacks look like.
    let (prose, code): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|path| path.extension().is_some_and(|kind| kind == "md"));
    let sparse = code.len() / (prose.len() + 1);
    let files: Vec<_> = prose.into_iter().chain(code.into_iter().step_by(sparse.max(1))).collect();
    let step = (files.len() / 2000).max(1);
    let mut records = Vec::new();
    for (number, path) in files.iter().step_by(step).enumerate() {
        let Ok(text) = fs::read_to_string(path) else { continue };
        let mut end = text.len().min(300 + number % 5 * 500);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let prose = path.extension().is_some_and(|kind| kind == "md");
        let surface = match number % 4 {
            0 | 1 if prose => Surface::Prompt,
            2 if prose => Surface::Definition,
            0 => Surface::Arguments,
            _ => Surface::Result,
        };
        records.push(Record {
            id: path.display().to_string(),
            source: "code".to_owned(),
            attack: false,
            surface,
            text: text[..end].to_owned(),
            spans: Vec::new(),
        });
    }
    Ok(records)
}

fn walk(folder: &Path, files: &mut Vec<std::path::PathBuf>) -> Result<(), Box<dyn Error>> {
    const KINDS: [&str; 8] = ["rs", "md", "toml", "c", "h", "py", "js", "sh"];
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path.extension().and_then(|kind| kind.to_str()).is_some_and(|kind| KINDS.contains(&kind)) {
            files.push(path);
        }
    }
    Ok(())
}
