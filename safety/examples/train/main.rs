//! Trains the model of `injection` and says how good it is on sources that it has not seen.
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
    path::PathBuf,
    sync::Mutex,
    time::Instant,
};

use gatewayops_safety::injection::{self, model::Model};

use fit::Corpus;
use records::Record;

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

    let margins = Mutex::new(vec![f32::NAN; records.len()]);
    let micros = Mutex::new(vec![0.0; records.len()]);
    let group = |record: &Record| -> String {
        let fast = std::env::var("FAST").is_ok();
        let attacks = records.iter().any(|other| other.attack && other.source == record.source);
        if attacks || !fast { record.source.clone() } else { (record.source.len() % 4).to_string() }
    };
    let groups: std::collections::BTreeMap<&String, String> = sources
        .iter()
        .map(|source| (source, group(records.iter().find(|record| record.source == *source).unwrap())))
        .collect();
    let none = "code".to_owned();
    let sources = groups.values().collect::<std::collections::BTreeSet<_>>();
    let jobs = Mutex::new(sources.iter().collect::<Vec<_>>());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(source) = { jobs.lock().expect("no thread panics").pop() } {
                    let start = Instant::now();
                    let model = corpus.fit(|record| groups.get(&record.source).unwrap_or(&none) != *source);
                    for (at, record) in records
                        .iter()
                        .enumerate()
                        .filter(|(_, record)| groups.get(&record.source).unwrap_or(&none) == *source)
                    {
                        let start = Instant::now();
                        let margin = injection::margin(&model, &record.text, record.surface);
                        micros.lock().expect("no thread panics")[at] =
                            start.elapsed().as_nanos() as f64 / 1000.0;
                        margins.lock().expect("no thread panics")[at] = margin;
                    }
                    eprintln!("{source} {:.1?}", start.elapsed());
                }
            });
        }
    });
    let margins = margins.into_inner()?;
    let micros = micros.into_inner()?;

    let mut model = corpus.fit(|_| true);
    model.scale = scale::of(&records[..labelled], &margins);
    fs::create_dir_all(&out)?;
    fs::write(out.join("injection.bin"), model.write())?;
    predictions(&out, &records[..labelled], &margins, &micros, &model)?;
    Ok(())
}

fn predictions(
    out: &std::path::Path,
    records: &[Record],
    margins: &[f32],
    micros: &[f64],
    model: &Model,
) -> Result<(), Box<dyn Error>> {
    let mut file = BufWriter::new(fs::File::create(out.join("predictions.jsonl"))?);
    for ((record, margin), micros) in records.iter().zip(margins).zip(micros) {
        let score = model.confidence(*margin, record.surface);
        writeln!(
            file,
            "{}",
            serde_json::json!({ "id": record.id, "score": score, "margin": margin, "sentences": injection::sentences(&record.text), "micros": micros })
        )?;
    }
    Ok(file.flush()?)
}
