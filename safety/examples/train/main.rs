//! Trains the model of `injection` and says how good the detector is on sources that it has not seen.
//!
//! `cargo run --release -p gatewayops-safety --example train -- DATA OUT [CODE]`
//!
//! DATA is the folder with `attacks.jsonl` and `benign.jsonl`. OUT takes `injection.bin`, trained on all of it, and
//! `predictions.jsonl`, where every record is scored by a model that has seen nothing of the record's source. CODE is a
//! tree of program code: good texts that nobody needs to label.

mod fit;
mod records;
mod scale;

use std::{
    error::Error,
    fs,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Mutex,
    time::Instant,
};

use gatewayops_safety::injection::{
    self,
    model::{Model, Opinion},
};

use fit::Corpus;
use records::Record;

/// What a model that had not seen a record's source says of it, and how long that took.
#[derive(Clone, Default)]
struct Blind {
    opinions: Vec<Opinion>,
    micros: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(data), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("usage: train DATA OUT [CODE]".into());
    };
    let mut records = records::labelled(&data)?;
    let labelled = records.len();
    if let Some(code) = arguments.next() {
        records.extend(records::code(&code)?);
    }
    let sources = records::sources(&records[..labelled]);
    eprintln!(
        "{labelled} labelled records of {} sources, {} of code",
        sources.len(),
        records.len() - labelled
    );
    let corpus = Corpus::read(&records);

    let blind = leave_one_source_out(&corpus, &records[..labelled], sources)?;
    let mut model = corpus.fit(|_| true);
    model.scale = scale::of(&records[..labelled], &blind);
    fs::create_dir_all(&out)?;
    fs::write(out.join("injection.bin"), model.write())?;
    predictions(&out, &records[..labelled], &blind, &model)
}

fn leave_one_source_out(
    corpus: &Corpus<'_>,
    records: &[Record],
    sources: Vec<String>,
) -> Result<Vec<Blind>, Box<dyn Error>> {
    let blind = Mutex::new(vec![Blind::default(); records.len()]);
    let sources = Mutex::new(sources);
    let work = || {
        while let Some(source) = { sources.lock().expect("no thread panics").pop() } {
            let model = corpus.fit(|record| record.source != source);
            for (at, record) in records.iter().enumerate().filter(|(_, record)| record.source == source) {
                let start = Instant::now();
                let opinions = injection::opinions(&model, &record.text, record.surface);
                let micros = start.elapsed().as_secs_f64() * 1e6;
                blind.lock().expect("no thread panics")[at] = Blind { opinions, micros };
            }
            eprintln!("without {source}");
        }
    };
    std::thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    Ok(blind.into_inner()?)
}

fn predictions(out: &Path, records: &[Record], blind: &[Blind], model: &Model) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(fs::File::create(out.join("predictions.jsonl"))?);
    for (record, Blind { opinions, micros }) in records.iter().zip(blind) {
        let scores = opinions.iter().map(|opinion| model.confidence(opinion, record.surface));
        let score = scores.fold(0.0, f32::max);
        writeln!(file, "{}", serde_json::json!({ "id": record.id, "score": score, "micros": micros }))?;
    }
    Ok(file.flush()?)
}
