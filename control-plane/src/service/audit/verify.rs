//! Whether an organization's audit log is what was written: a judgement over rows, anchors and signed heads alone, so
//! that it is the same for a database and for a file (contract 3.14, 5.4).
//!
//! The rows go by in the order of their numbers. Each must hash to what stands in it and follow the one before; where a
//! signed head names a row, it must be that row; and the last row must be the last that was ever signed, or newer.

use std::{collections::BTreeMap, fmt};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{hash, key::PublicKey};
use crate::{
    error::Result,
    id::OrgId,
    store::audit::{
        AuditRow,
        heads::{Link, SignedHead},
    },
};

/// Findings that are told; the rest is counted.
const TOLD: usize = 100;

/// Why a log is not what was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fault {
    /// The row's content does not hash to the hash in it.
    HashDiffers,
    /// The row follows another row than the one before it.
    PreviousHashDiffers,
    /// The rows from this one to that are not there.
    RowsMissing { to: i64 },
    /// There is a row of this number already.
    RowRepeated,
    /// The row is another one than was signed at that time.
    SignedOtherwise { signed_at: DateTime<Utc> },
    /// The log ends before a row that was signed as its end.
    CutOff { signed_seq: i64, signed_at: DateTime<Utc> },
    /// The last row is not the one that the organization's head names.
    HeadDiffers,
    /// The signature of a signed head does not fit it.
    SignatureBad,
    /// A signed head is by a key that is not ours.
    KeyUnknown { key_id: String },
    /// A row, or a signed head, of another organization.
    OtherOrganization,
}

impl Fault {
    /// For machines.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::HashDiffers => "hash_differs",
            Self::PreviousHashDiffers => "previous_hash_differs",
            Self::RowsMissing { .. } => "rows_missing",
            Self::RowRepeated => "row_repeated",
            Self::SignedOtherwise { .. } => "signed_otherwise",
            Self::CutOff { .. } => "cut_off",
            Self::HeadDiffers => "head_differs",
            Self::SignatureBad => "signature_bad",
            Self::KeyUnknown { .. } => "key_unknown",
            Self::OtherOrganization => "other_organization",
        }
    }
}

/// One place where the log is not what was written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    pub seq: i64,
    /// The row's, if one is there.
    pub id: Option<Uuid>,
    pub fault: Fault,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seq = self.seq;
        match &self.fault {
            Fault::RowsMissing { to } if *to == seq => return write!(f, "row {seq} is missing"),
            Fault::RowsMissing { to } => return write!(f, "rows {seq} to {to} are missing"),
            Fault::CutOff { signed_seq, signed_at } => {
                let cut = format_args!("the rows from {seq} on are cut off");
                return write!(f, "{cut}: at {signed_at} row {signed_seq} was signed as the last one");
            }
            Fault::SignatureBad => {
                return write!(f, "the signed head of row {seq} has a signature that does not fit");
            }
            Fault::KeyUnknown { key_id } => {
                return write!(
                    f,
                    "the signed head of row {seq} is by the key {key_id}, which is none of those trusted"
                );
            }
            _ => {}
        }
        write!(f, "row {seq}")?;
        if let Some(id) = self.id {
            write!(f, " ({id})")?;
        }
        match &self.fault {
            Fault::HashDiffers => f.write_str(" was changed: its content does not fit its hash"),
            Fault::PreviousHashDiffers => {
                write!(f, " does not follow row {}: one of the two was replaced", seq - 1)
            }
            Fault::RowRepeated => f.write_str(" is there more than once"),
            Fault::SignedOtherwise { signed_at } => {
                write!(f, " is not the one that was signed at {signed_at}: the log was written anew")
            }
            Fault::HeadDiffers => f.write_str(" is the last one, but the head of the log names another"),
            _ => f.write_str(" is of another organization"),
        }
    }
}

/// What came out.
#[derive(Debug, Default)]
pub struct Report {
    pub checked: u64,
    pub first_seq: Option<i64>,
    pub last_seq: Option<i64>,
    /// The first of them, in the order they were met.
    pub findings: Vec<Finding>,
    pub findings_total: u64,
    /// The first row that is broken, or should be there.
    pub broken_at_seq: Option<i64>,
    /// The newest signed head that names a row which is here.
    pub signed: Option<SignedHead>,
}

impl Report {
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.findings_total == 0
    }
}

/// What is known of the row that was read last.
#[derive(Clone, Debug)]
pub enum End {
    /// It is the last of the log, which is this.
    Head(Link),
    /// There are more behind this one.
    Row(i64),
    /// Nothing.
    Unknown,
}

/// A verification under way.
pub struct Verifier<'a> {
    org: OrgId,
    keys: &'a [PublicKey],
    /// What the first row may follow; none: whatever it says.
    starts: Vec<Link>,
    /// The row before the next one.
    last: Option<Link>,
    /// Signed heads of rows that are still to come.
    heads: BTreeMap<i64, Vec<SignedHead>>,
    report: Report,
}

impl<'a> Verifier<'a> {
    /// From the first row there is: the first ever, or the one behind an anchor.
    #[must_use]
    pub fn of_log(org: OrgId, keys: &'a [PublicKey], anchors: Vec<Link>) -> Self {
        let origin = Link { seq: 0, hash: vec![0; 32] };
        let starts = std::iter::once(origin).chain(anchors).collect();
        Self { starts, ..Self::of_part(org, keys) }
    }

    /// From the row behind this one.
    #[must_use]
    pub fn behind(org: OrgId, keys: &'a [PublicKey], row: Link) -> Self {
        Self { starts: vec![row], ..Self::of_part(org, keys) }
    }

    /// From some row on, without a word about what came before.
    #[must_use]
    pub fn of_part(org: OrgId, keys: &'a [PublicKey]) -> Self {
        Self { org, keys, starts: Vec::new(), last: None, heads: BTreeMap::new(), report: Report::default() }
    }

    /// Signed heads, before the rows they name; one whose signature is worth nothing is a finding itself.
    pub fn heads(&mut self, heads: impl IntoIterator<Item = SignedHead>) {
        for head in heads {
            if let Err(fault) = self.trust(&head) {
                self.find(head.seq, None, fault);
                continue;
            }
            self.heads.entry(head.seq).or_default().push(head);
        }
    }

    fn trust(&self, head: &SignedHead) -> Result<(), Fault> {
        if head.org_id != self.org {
            return Err(Fault::OtherOrganization);
        }
        match self.keys.iter().find(|key| key.key_id == head.key_id) {
            None => Err(Fault::KeyUnknown { key_id: head.key_id.clone() }),
            Some(key) if key.verifies(head) => Ok(()),
            Some(_) => Err(Fault::SignatureBad),
        }
    }

    /// The next row.
    ///
    /// # Errors
    /// A row that cannot be hashed.
    pub fn row(&mut self, row: &AuditRow) -> Result<()> {
        self.report.checked += 1;
        self.report.first_seq.get_or_insert(row.seq);
        if row.org_id != self.org {
            self.find(row.seq, Some(row.id), Fault::OtherOrganization);
            return Ok(());
        }
        let before = self.last.take().or_else(|| self.start(row.seq));
        if before.as_ref().is_some_and(|before| row.seq <= before.seq) {
            self.find(row.seq, Some(row.id), Fault::RowRepeated);
            self.last = before;
            return Ok(());
        }
        let fits = self.follows(before, row);
        if hash(row)? != row.hash {
            self.find(row.seq, Some(row.id), Fault::HashDiffers);
        } else if !fits {
            self.find(row.seq, Some(row.id), Fault::PreviousHashDiffers);
        }
        let link = Link { seq: row.seq, hash: row.hash.clone() };
        self.compare(&link, Some(row.id));
        self.report.last_seq = Some(row.seq);
        self.last = Some(link);
        Ok(())
    }

    /// What stands before the first row: of the places where the log may begin, the last before it.
    fn start(&mut self, seq: i64) -> Option<Link> {
        let start = self.starts.iter().filter(|start| start.seq < seq).max_by_key(|start| start.seq)?.clone();
        self.compare(&start, None);
        Some(start)
    }

    /// Whether the row follows that one; rows that are missing between them are found.
    fn follows(&mut self, before: Option<Link>, row: &AuditRow) -> bool {
        let Some(before) = before else { return true };
        if row.seq == before.seq + 1 {
            return row.prev_hash == before.hash;
        }
        self.find(before.seq + 1, None, Fault::RowsMissing { to: row.seq - 1 });
        true
    }

    /// Compares a row with what was signed of it. Heads of rows before it name none that is here: those are missing,
    /// which was found, or left with their partition.
    fn compare(&mut self, row: &Link, id: Option<Uuid>) {
        let later = self.heads.split_off(&(row.seq + 1));
        let past = std::mem::replace(&mut self.heads, later);
        for head in past.into_values().flatten().filter(|head| head.seq == row.seq) {
            if head.hash == row.hash {
                self.report.signed = Some(head);
            } else {
                self.find(row.seq, id, Fault::SignedOtherwise { signed_at: head.signed_at });
            }
        }
    }

    /// There are no more rows. Signed heads of later rows say that there were.
    #[must_use]
    pub fn finish(mut self, end: &End) -> Report {
        let last = self.last.take().or_else(|| self.start(i64::MAX));
        let last_seq = last.as_ref().map_or(0, |last| last.seq);
        let cut = self.heads.split_off(&(last_seq + 1)).into_values().flatten().next_back();
        if let Some(signed) = cut {
            let fault = Fault::CutOff { signed_seq: signed.seq, signed_at: signed.signed_at };
            self.find(last_seq + 1, None, fault);
            return self.report;
        }
        match end {
            End::Head(Link { seq, .. }) | End::Row(seq) if *seq > last_seq => {
                self.find(last_seq + 1, None, Fault::RowsMissing { to: *seq });
            }
            End::Head(head) if last.is_some_and(|last| last != *head) => {
                self.find(last_seq, None, Fault::HeadDiffers);
            }
            _ => {}
        }
        self.report
    }

    fn find(&mut self, seq: i64, id: Option<Uuid>, fault: Fault) {
        let report = &mut self.report;
        report.findings_total += 1;
        report.broken_at_seq = Some(report.broken_at_seq.map_or(seq, |first| first.min(seq)));
        if report.findings.len() < TOLD {
            report.findings.push(Finding { seq, id, fault });
        }
    }
}

#[cfg(test)]
mod tests;
