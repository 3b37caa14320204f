//! What a writer of the database can do to a log, and what verification makes of it.

use serde_json::json;

use super::*;
use crate::service::audit::key::SigningKey;

const ORG: OrgId = OrgId(Uuid::from_u128(7));

fn key() -> SigningKey {
    SigningKey::from_seed(&[7; 32]).unwrap()
}

fn row(seq: i64, prev_hash: Vec<u8>) -> AuditRow {
    let mut row = AuditRow {
        id: Uuid::from_u128(seq.unsigned_abs().into()),
        org_id: ORG,
        seq,
        action: "team.update".into(),
        outcome: "success".into(),
        actor_type: "user".into(),
        actor_id: Some("ann".into()),
        actor_name: Some("Ann".into()),
        resource_type: Some("team".into()),
        resource_id: Some("1".into()),
        resource_name: Some("Payments".into()),
        changes: json!({"name": {"before": "a", "after": "b"}}),
        details: json!({"number": seq}),
        ip_address: Some("192.0.2.1".into()),
        user_agent: Some("curl".into()),
        request_id: Some("r1".into()),
        trace_id: Some("t1".into()),
        prev_hash,
        hash: Vec::new(),
        created_at: DateTime::from_timestamp(1_800_000_000 + seq, 0).unwrap(),
    };
    row.hash = hash(&row).unwrap();
    row
}

/// A log as it is written.
fn log(rows: i64) -> Vec<AuditRow> {
    grow(Vec::new(), rows)
}

fn grow(mut log: Vec<AuditRow>, to: i64) -> Vec<AuditRow> {
    let next = log.last().map_or(1, |last| last.seq + 1);
    for seq in next..=to {
        let previous = log.last().map_or(vec![0; 32], |last| last.hash.clone());
        log.push(row(seq, previous));
    }
    log
}

fn link(row: &AuditRow) -> Link {
    Link { seq: row.seq, hash: row.hash.clone() }
}

fn signed(row: &AuditRow) -> SignedHead {
    key().sign(ORG, row.seq, row.hash.clone(), row.created_at)
}

fn verify(rows: &[AuditRow], heads: &[SignedHead]) -> Report {
    let keys = [key().public];
    let mut verifier = Verifier::of_log(ORG, &keys, Vec::new());
    verifier.heads(heads.iter().cloned());
    for row in rows {
        verifier.row(row).unwrap();
    }
    verifier.finish(&rows.last().map_or(End::Unknown, |last| End::Head(link(last))))
}

fn found(report: &Report) -> Vec<(i64, &'static str)> {
    report.findings.iter().map(|finding| (finding.seq, finding.fault.name())).collect()
}

#[test]
fn a_log_as_it_was_written_is_valid() {
    let log = log(10);
    let report = verify(&log, &[signed(&log[3]), signed(&log[7])]);
    assert!(report.is_valid(), "{:?}", report.findings);
    assert_eq!((report.checked, report.first_seq, report.last_seq), (10, Some(1), Some(10)));
    assert_eq!(report.signed, Some(signed(&log[7])), "the rows behind it are not proven yet");
    assert!(verify(&[], &[]).is_valid(), "and so is one in which nothing is");
}

#[test]
fn a_changed_row_is_named_and_the_others_are_not() {
    let mut log = log(10);
    log[4].resource_name = Some("payments".into());
    let report = verify(&log, &[]);
    assert_eq!((report.broken_at_seq, found(&report)), (Some(5), vec![(5, "hash_differs")]));
    assert_eq!(report.findings[0].id, Some(log[4].id));
}

#[test]
fn a_changed_row_with_its_hash_made_anew_does_not_fit_its_neighbour() {
    let mut log = log(10);
    log[4].outcome = "denied".into();
    log[4].hash = hash(&log[4]).unwrap();
    assert_eq!(found(&verify(&log, &[])), [(6, "previous_hash_differs")]);
}

#[test]
fn a_log_written_anew_is_not_the_one_that_was_signed() {
    let log = log(10);
    let heads = [signed(&log[5]), signed(&log[9])];
    let mut forged = log[..4].to_vec();
    let mut other = row(5, forged[3].hash.clone());
    other.action = "team.delete".into();
    other.hash = hash(&other).unwrap();
    forged.push(other);
    let forged = grow(forged, 12);
    assert!(verify(&forged, &[]).is_valid(), "it fits in itself");
    assert_eq!(found(&verify(&forged, &heads)), [(6, "signed_otherwise"), (10, "signed_otherwise")]);
}

#[test]
fn rows_cut_from_the_end_are_told_by_the_signed_head() {
    let log = log(10);
    let report = verify(&log[..6], &[signed(&log[2]), signed(&log[8])]);
    assert_eq!((report.broken_at_seq, found(&report)), (Some(7), vec![(7, "cut_off")]));
    assert!(verify(&[], &[signed(&log[8])]).findings[0].to_string().contains("from 1 on are cut off"));
}

#[test]
fn rows_cut_from_the_middle_or_the_beginning_are_missing() {
    let log = log(10);
    let gap = [&log[..3], &log[5..]].concat();
    let report = verify(&gap, &[signed(&log[3])]);
    assert_eq!(found(&report), [(4, "rows_missing")]);
    assert_eq!(report.findings[0].to_string(), "rows 4 to 5 are missing");
    assert_eq!(found(&verify(&log[2..], &[])), [(1, "rows_missing")]);
}

#[test]
fn the_head_of_the_database_must_be_the_last_row() {
    let log = log(10);
    let keys = [key().public];
    let finish = |rows: &[AuditRow], head: &AuditRow| {
        let mut verifier = Verifier::of_log(ORG, &keys, Vec::new());
        rows.iter().for_each(|row| verifier.row(row).unwrap());
        verifier.finish(&End::Head(link(head)))
    };
    assert_eq!(found(&finish(&log[..8], &log[9])), [(9, "rows_missing")]);
    assert_eq!(found(&finish(&log, &log[8])), [(10, "head_differs")]);
}

#[test]
fn a_log_may_begin_behind_an_anchor_and_nowhere_else() {
    let log = log(10);
    let keys = [key().public];
    let of = |anchor: Link, heads: &[SignedHead]| {
        let mut verifier = Verifier::of_log(ORG, &keys, vec![anchor]);
        verifier.heads(heads.iter().cloned());
        log[4..].iter().for_each(|row| verifier.row(row).unwrap());
        verifier.finish(&End::Head(link(&log[9])))
    };
    assert!(
        of(link(&log[3]), &[signed(&log[1]), signed(&log[3])]).is_valid(),
        "older heads name no row that is here"
    );
    assert_eq!(found(&of(link(&log[2]), &[])), [(4, "rows_missing")]);
    let forged = Link { seq: 4, hash: vec![9; 32] };
    assert_eq!(
        found(&of(forged, &[signed(&log[3])])),
        [(4, "signed_otherwise"), (5, "previous_hash_differs")]
    );
}

#[test]
fn nothing_is_left_of_a_log_whose_last_partition_went() {
    let keys = [key().public];
    let last = link(&log(3)[2]);
    let verifier = Verifier::of_log(ORG, &keys, vec![last.clone()]);
    assert!(verifier.finish(&End::Head(last)).is_valid());
}

#[test]
fn a_signed_head_that_nobody_signed_proves_nothing_and_is_told() {
    let log = log(3);
    let stranger =
        SigningKey::from_seed(&[8; 32]).unwrap().sign(ORG, 2, log[1].hash.clone(), log[1].created_at);
    let mut altered = signed(&log[2]);
    altered.signature[5] ^= 1;
    let mut moved = signed(&log[0]);
    moved.org_id = OrgId(Uuid::from_u128(8));
    let report = verify(&log, &[moved, stranger, altered]);
    assert_eq!(found(&report), [(1, "other_organization"), (2, "key_unknown"), (3, "signature_bad")]);
    assert_eq!(report.signed, None);
}

#[test]
fn a_number_that_stands_twice_and_a_row_of_somebody_else_are_told() {
    let mut log = log(6);
    log[4].seq = 4;
    assert_eq!(found(&verify(&log, &[])), [(4, "row_repeated"), (5, "rows_missing")]);
    let mut log = super::tests::log(3);
    log[1].org_id = OrgId(Uuid::from_u128(8));
    assert_eq!(found(&verify(&log, &[])), [(2, "other_organization"), (2, "rows_missing")]);
}

#[test]
fn a_part_is_verified_between_its_neighbours() {
    let log = log(10);
    let keys = [key().public];
    let part = |before: Link, rows: &[AuditRow]| {
        let mut verifier = Verifier::behind(ORG, &keys, before);
        rows.iter().for_each(|row| verifier.row(row).unwrap());
        verifier.finish(&End::Row(8))
    };
    assert!(part(link(&log[3]), &log[4..8]).is_valid());
    assert_eq!(found(&part(link(&log[3]), &log[4..7])), [(8, "rows_missing")]);
    let other = Link { seq: 4, hash: vec![9; 32] };
    assert_eq!(found(&part(other, &log[4..8])), [(5, "previous_hash_differs")]);
}

#[test]
fn countless_findings_are_counted_and_not_kept() {
    let mut log = log(300);
    log.iter_mut().for_each(|row| row.action = "x".into());
    let report = verify(&log, &[]);
    assert_eq!((report.findings_total, report.findings.len()), (300, TOLD));
}
