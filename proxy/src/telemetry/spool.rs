//! Where events wait on disk while Redis is away: append-only segments, replayed in order (contract 7).
//!
//! A segment is a run of records: length (u32) ‖ CRC-32 ‖ kind ‖ organization ‖ JSON. A record that was
//! cut off by a crash ends its segment. A segment is deleted once all of it was sent; after a crash in
//! between it is sent again, which is harmless because events have ids.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use gatewayops_proto::event::kind;
use uuid::Uuid;

use super::span::Entry;

const SEGMENT_BYTES: u64 = 8 << 20;
const KINDS: [&str; 4] = [kind::SPAN, kind::DETECTION, kind::AUDIT, kind::KEY_USED];
const FIXED: usize = 4 + 4 + 1 + 16;

pub(crate) struct Spool {
    dir: PathBuf,
    max_bytes: u64,
    /// Number and size of each segment, oldest first.
    segments: VecDeque<(u64, u64)>,
    writer: Option<File>,
}

impl Spool {
    /// # Errors
    /// The directory cannot be made or read.
    pub(crate) fn open(dir: &Path, max_bytes: u64) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let mut segments = Vec::new();
        for file in fs::read_dir(dir)? {
            let file = file?;
            let name = file.file_name();
            if let Some(number) = name.to_str().and_then(|name| name.strip_suffix(".spool")?.parse().ok()) {
                segments.push((number, file.metadata()?.len()));
            }
        }
        segments.sort_unstable();
        Ok(Self { dir: dir.to_owned(), max_bytes, segments: segments.into(), writer: None })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Appends as many entries as there is room for; returns how many that were.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> io::Result<usize> {
        let mut records = Vec::new();
        let mut appended = 0;
        let used: u64 = self.segments.iter().map(|(_, bytes)| bytes).sum();
        for entry in entries {
            if used + (records.len() + FIXED + entry.json.len()) as u64 > self.max_bytes {
                break;
            }
            write_record(&mut records, entry);
            appended += 1;
        }
        if records.is_empty() {
            return Ok(appended);
        }
        self.segment()?.write_all(&records)?;
        if let Some((_, bytes)) = self.segments.back_mut() {
            *bytes += records.len() as u64;
        }
        Ok(appended)
    }

    /// The entries of the oldest segment, which is closed for writing by that.
    pub(crate) fn oldest(&mut self) -> io::Result<Vec<Entry>> {
        let Some(&(number, _)) = self.segments.front() else { return Ok(Vec::new()) };
        if self.segments.len() == 1 {
            self.writer = None;
        }
        let mut bytes = Vec::new();
        File::open(self.path(number))?.read_to_end(&mut bytes)?;
        let mut entries = Vec::new();
        let mut rest = &bytes[..];
        while let Some((entry, after)) = read_record(rest) {
            entries.push(entry);
            rest = after;
        }
        if !rest.is_empty() {
            tracing::warn!(
                bytes = rest.len(),
                "the end of a spool segment was cut off by a crash and is left out"
            );
        }
        Ok(entries)
    }

    /// The oldest segment was sent.
    pub(crate) fn remove_oldest(&mut self) -> io::Result<()> {
        match self.segments.pop_front() {
            Some((number, _)) => fs::remove_file(self.path(number)),
            None => Ok(()),
        }
    }

    fn segment(&mut self) -> io::Result<&mut File> {
        let is_full = self.segments.back().is_none_or(|(_, bytes)| *bytes >= SEGMENT_BYTES);
        let writer = match self.writer.take() {
            Some(writer) if !is_full => writer,
            _ => {
                let number = self.segments.back().map_or(1, |(number, _)| number + 1);
                self.segments.push_back((number, 0));
                OpenOptions::new().create_new(true).append(true).open(self.path(number))?
            }
        };
        Ok(self.writer.insert(writer))
    }

    fn path(&self, number: u64) -> PathBuf {
        self.dir.join(format!("{number:012}.spool"))
    }
}

fn write_record(records: &mut Vec<u8>, entry: &Entry) {
    let kind = KINDS.iter().position(|kind| *kind == entry.kind).unwrap_or_default() as u8;
    let mut payload = Vec::with_capacity(17 + entry.json.len());
    payload.push(kind);
    payload.extend_from_slice(entry.org.as_bytes());
    payload.extend_from_slice(&entry.json);
    records.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    records.extend_from_slice(&crc32fast::hash(&payload).to_be_bytes());
    records.extend_from_slice(&payload);
}

fn read_record(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (checksum, rest) = rest.split_first_chunk::<4>()?;
    let (payload, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    if crc32fast::hash(payload) != u32::from_be_bytes(*checksum) {
        return None;
    }
    let (&[kind], payload) = payload.split_first_chunk::<1>()?;
    let (org, json) = payload.split_first_chunk::<16>()?;
    let entry =
        Entry { kind: KINDS.get(usize::from(kind))?, org: Uuid::from_bytes(*org), json: json.to_vec() };
    Some((entry, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(range: std::ops::Range<u32>) -> Vec<Entry> {
        range
            .map(|n| Entry {
                kind: kind::SPAN,
                org: Uuid::from_u128(1),
                json: format!("{{\"n\":{n}}}").into_bytes(),
            })
            .collect()
    }

    fn drain(spool: &mut Spool) -> Vec<Entry> {
        let mut all = Vec::new();
        while !spool.is_empty() {
            all.extend(spool.oldest().unwrap());
            spool.remove_oldest().unwrap();
        }
        all
    }

    #[test]
    fn what_is_appended_comes_back_in_order_also_after_a_restart() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), 1 << 20).unwrap();
        assert_eq!(spool.append(&entries(0..10)).unwrap(), 10);
        drop(spool);
        let mut spool = Spool::open(dir.path(), 1 << 20).unwrap();
        spool.append(&entries(10..20)).unwrap();
        assert_eq!(drain(&mut spool), entries(0..20));
        assert!(Spool::open(dir.path(), 1).unwrap().is_empty());
    }

    #[test]
    fn writing_goes_on_while_the_oldest_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), 1 << 20).unwrap();
        spool.append(&entries(0..3)).unwrap();
        assert_eq!(spool.oldest().unwrap(), entries(0..3));
        spool.append(&entries(3..5)).unwrap();
        spool.remove_oldest().unwrap();
        assert_eq!(drain(&mut spool), entries(3..5));
    }

    #[test]
    fn a_full_spool_takes_no_more() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), 100).unwrap();
        let appended = spool.append(&entries(0..100)).unwrap();
        assert!((1..10).contains(&appended));
        assert_eq!(spool.append(&entries(0..1)).unwrap(), 0);
        assert_eq!(drain(&mut spool).len(), appended);
    }

    #[test]
    fn a_record_cut_off_by_a_crash_costs_only_itself() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::open(dir.path(), 1 << 20).unwrap();
        spool.append(&entries(0..3)).unwrap();
        let path = spool.path(1);
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 2]).unwrap();
        assert_eq!(Spool::open(dir.path(), 1 << 20).unwrap().oldest().unwrap(), entries(0..2));
    }
}
