//! An export verified from its file alone: no database, no settings, nothing of the installation it came from.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::{
    key::PublicKey,
    lines::{FORMAT, HeadLine, Header, Line, Totals, written},
    verify::{End, Report, Verifier},
};
use crate::{
    id::OrgId,
    store::audit::heads::{Link, SignedHead},
};

/// A line of an export is no longer; a row holds at most a request's body.
const LONGEST_LINE: u64 = 64 * 1024 * 1024;

/// What a check of a file came to: lines for people, and whether all is well.
pub struct Outcome {
    pub lines: Vec<String>,
    pub valid: bool,
}

/// What stands in a file beside its rows.
struct Contents {
    header: Header,
    keys: Vec<PublicKey>,
    anchors: Vec<Link>,
    heads: Vec<SignedHead>,
}

/// Verifies an export; by the given keys, or else by those it brings along. `kept` are files with signed heads that were
/// kept elsewhere.
///
/// # Errors
/// What cannot be read, or is no export.
pub fn check(path: &Path, keys: &[PublicKey], kept: &[impl AsRef<Path>]) -> anyhow::Result<Outcome> {
    let contents = read_contents(path).with_context(|| path.display().to_string())?;
    let mut heads = Vec::new();
    for file in kept {
        let file = file.as_ref();
        heads.extend(read_heads(file).with_context(|| file.display().to_string())?);
    }
    let trusted = if keys.is_empty() { &contents.keys } else { keys };
    let report = read_rows(path, &contents, trusted, &heads).with_context(|| path.display().to_string())?;
    let mut outcome = Outcome { lines: vec![subject(&contents.header)], valid: report.is_valid() };
    outcome.lines.extend(report.findings.iter().map(ToString::to_string));
    outcome.lines.extend(remarks(&contents, keys, &heads, &report));
    outcome.lines.push(verdict(&report));
    Ok(outcome)
}

/// Everything but the rows, which may be too many to keep.
fn read_contents(path: &Path) -> anyhow::Result<Contents> {
    let mut lines = read(path)?;
    let Some(Line::Export(header)) = lines.next().transpose()? else {
        bail!("the first line does not say what this is an export of: take an export with format=jsonl");
    };
    ensure!(header.format == FORMAT, "the layout {} of this export is not known here", header.format);
    ensure!(
        !header.selection,
        "this export is a selection of rows, which prove nothing: export without filters other than times"
    );
    let (mut keys, mut anchors, mut heads, mut found) =
        (Vec::new(), Vec::new(), Vec::new(), Totals::default());
    for line in lines.by_ref() {
        match line? {
            Line::Key(key) => keys.push(key.public_key.parse().map_err(anyhow::Error::msg)?),
            Line::Anchor(anchor) => anchors.push(Link::try_from(anchor)?),
            Line::Head(head) => {
                found.heads += 1;
                heads.push(SignedHead::try_from(head)?);
            }
            Line::Row(_) => found.rows += 1,
            Line::Export(_) => bail!("there is more than one first line"),
            Line::End(totals) => {
                ensure!(
                    totals == found,
                    "lines are missing: there should be {} rows and {} heads, and there are {} and {}",
                    totals.rows,
                    totals.heads,
                    found.rows,
                    found.heads
                );
                ensure!(lines.next().is_none(), "there are lines behind the last one");
                return Ok(Contents { header, keys, anchors, heads });
            }
        }
    }
    bail!("the last line is missing: the download was cut off")
}

fn read_heads(path: &Path) -> anyhow::Result<Vec<SignedHead>> {
    let mut heads = Vec::new();
    let text = std::fs::read_to_string(path)?;
    for value in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
        let mut value = value.context("this is no JSON")?;
        // REST shows a head without it, exports and the process log with it.
        if let Some(object) = value.as_object_mut() {
            object.remove("type");
        }
        let head: HeadLine =
            serde_json::from_value(value).context("this is no signed head of an audit log")?;
        heads.push(SignedHead::try_from(head)?);
    }
    ensure!(!heads.is_empty(), "there is no signed head in it");
    Ok(heads)
}

fn read_rows(
    path: &Path,
    contents: &Contents,
    keys: &[PublicKey],
    kept: &[SignedHead],
) -> anyhow::Result<Report> {
    let Contents { header, anchors, heads, .. } = contents;
    let org = OrgId(header.org_id);
    let mut verifier = match header.from_start {
        true => Verifier::of_log(org, keys, anchors.clone()),
        false => Verifier::of_part(org, keys),
    };
    verifier.heads(heads.iter().chain(kept).cloned());
    for line in read(path)? {
        if let Line::Row(row) = line? {
            let seq = row.seq;
            let row = (*row).try_into().with_context(|| format!("row {seq}"))?;
            verifier.row(&row)?;
        }
    }
    Ok(verifier.finish(&if header.to_end { End::Row(header.last_seq) } else { End::Unknown }))
}

fn read(path: &Path) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Line>>> {
    let mut file = BufReader::new(File::open(path)?);
    let mut number = 0;
    Ok(std::iter::from_fn(move || {
        number += 1;
        let mut text = String::new();
        match (&mut file).take(LONGEST_LINE).read_line(&mut text) {
            Ok(0) => None,
            Ok(_) => Some(
                serde_json::from_str(&text).with_context(|| format!("line {number} is none of an export")),
            ),
            Err(error) => Some(Err(anyhow::Error::new(error).context(format!("line {number}")))),
        }
    }))
}

fn subject(header: &Header) -> String {
    format!("the audit log of organization {}, exported at {}", header.org_id, header.exported_at)
}

/// What somebody should know who relies on the verdict.
fn remarks(contents: &Contents, given: &[PublicKey], kept: &[SignedHead], report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if given.is_empty() {
        let ids: Vec<_> = contents.keys.iter().map(|key| key.key_id.as_str()).collect();
        remarks.push(format!(
            "note: the signatures are checked by the keys that came with the file ({}); give the key that you know with --key",
            ids.join(", ")
        ));
    }
    if let Some(first) = report.first_seq.filter(|first| *first > 1) {
        let why = if contents.header.from_start {
            "older rows left with their month"
        } else {
            "it was asked for so"
        };
        remarks.push(format!("note: the export begins at row {first}: {why}"));
        for head in kept.iter().filter(|head| head.seq + 1 < first) {
            remarks.push(format!(
                "note: the head of row {} is older than the first row and says nothing here",
                head.seq
            ));
        }
    }
    if !contents.header.to_end {
        remarks.push("note: the export does not go to the end of the log: it was asked for so".to_owned());
    }
    match (&report.signed, report.last_seq) {
        (None, _) => remarks.push("note: no signed head names any of these rows".to_owned()),
        (Some(signed), Some(last)) if signed.seq < last => remarks
            .push(format!("note: the rows from {} on came after the newest signed head", signed.seq + 1)),
        _ => {}
    }
    remarks
}

fn verdict(report: &Report) -> String {
    let rows = match (report.first_seq, report.last_seq) {
        (Some(first), Some(last)) => format!("{} rows ({first} to {last})", report.checked),
        _ => "no rows".to_owned(),
    };
    if let Some(seq) = report.broken_at_seq {
        return format!("BROKEN at row {seq}: {} findings in {rows}", report.findings_total);
    }
    match &report.signed {
        Some(head) => format!(
            "VALID: {rows} are as they were written; row {} was signed at {} by key {}",
            head.seq,
            written(head.signed_at),
            head.key_id
        ),
        None => format!("VALID: {rows} fit together"),
    }
}
