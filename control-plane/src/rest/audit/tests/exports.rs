//! Exports, and what they prove without this database.

use super::*;
use crate::{service::audit::key, store::audit};

const CONTROL: &[char] = &['=', '+', '-', '@', '\t', '\r'];

#[tokio::test]
async fn an_export_is_itself_in_the_log_and_proves_itself() {
    let app = TestApp::start().await;
    app.write(4).await;
    sign_moved(&app.app).await.unwrap();
    let export = app.export().await;
    let outcome = export.check().unwrap();
    assert!(outcome.valid, "{:?}", outcome.lines);
    let verdict = outcome.lines.last().unwrap();
    assert!(
        verdict.starts_with("VALID: 8 rows (1 to 8) are as they were written; row 7 was signed at"),
        "{verdict}"
    );
    assert!(outcome.lines.contains(&"note: the rows from 8 on came after the newest signed head".to_owned()));

    let last = app.get("/v1/audit-logs?action=export.run").await.expect(200)["audit_logs"][0].clone();
    assert_eq!(last["details"], json!({"resource": "audit_logs", "format": "jsonl", "rows": 7}));
}

#[tokio::test]
async fn only_the_given_key_is_trusted_and_old_keys_stay_known() {
    let app = TestApp::start().await;
    sign_moved(&app.app).await.unwrap();
    let keys = app.get("/v1/audit-logs/keys").await.expect(200);
    let old: key::PublicKey = keys["keys"][0]["public_key"].as_str().unwrap().parse().unwrap();
    let mut tx = app.app.database.worker().await.unwrap();
    let new = key::rotate(&mut tx, &app.app.sealer).await.unwrap();
    tx.commit().await.unwrap();
    app.write(1).await;
    sign_moved(&app.app).await.unwrap();

    let keys = app.get("/v1/audit-logs/keys").await.expect(200);
    let known: Vec<_> = keys["keys"].as_array().unwrap().iter().map(|key| key["key_id"].clone()).collect();
    assert_eq!(known, [json!(new.key_id), json!(old.key_id)]);
    assert!(keys["keys"][0]["retired_at"].is_null() && keys["keys"][1]["retired_at"].is_string());
    assert_eq!(app.verification().await["valid"], json!(true));

    let export = app.export().await;
    let by = |keys: &[key::PublicKey]| file::check(&export.path, keys, &[] as &[PathBuf]).unwrap();
    assert!(by(&[]).valid && by(&[old.clone(), new.clone()]).valid);
    let untrusted = by(&[new]);
    assert!(
        !untrusted.valid && untrusted.lines[1].contains(&format!("by the key {}", old.key_id)),
        "{:?}",
        untrusted.lines
    );
}

#[tokio::test]
async fn a_part_by_time_can_be_verified_and_a_selection_cannot() {
    let app = TestApp::start().await;
    app.write(6).await;
    sign_moved(&app.app).await.unwrap();
    let list = app.get("/v1/audit-logs?sort=seq").await.expect(200);
    let at = |seq: usize| list["audit_logs"][seq - 1]["created_at"].as_str().unwrap().to_owned();
    let path = format!("/v1/audit-logs/export?format=jsonl&start_time={}&end_time={}", at(3), at(6));
    let part = Download::of(&app.get(&path).await.text).check().unwrap();
    assert!(part.valid, "{:?}", part.lines);
    assert!(
        part.lines.last().unwrap().starts_with("VALID: 3 rows (3 to 5) fit together"),
        "{:?}",
        part.lines
    );
    assert!(part.lines.iter().any(|line| line.contains("begins at row 3")));

    let selection = Download::of(&app.get("/v1/audit-logs/export?format=jsonl&outcome=success").await.text);
    assert!(format!("{:#}", selection.check().err().unwrap()).contains("a selection of rows"));
    let csv = Download::of(&app.get("/v1/audit-logs/export").await.text);
    assert!(format!("{:#}", csv.check().err().unwrap()).contains("line 1 is none of an export"));
}

#[tokio::test]
async fn a_download_that_was_cut_off_is_no_export() {
    let app = TestApp::start().await;
    app.write(3).await;
    let text = std::fs::read_to_string(&app.export().await.path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    for kept in 1..lines.len() {
        let part = Download::of(&(lines[..kept].join("\n") + "\n"));
        assert!(part.check().is_err(), "{kept} lines");
    }
    let without_a_row = [&lines[..4], &lines[5..]].concat().join("\n");
    assert!(
        format!("{:#}", Download::of(&without_a_row).check().err().unwrap()).contains("lines are missing")
    );
}

/// Everything that could be flipped is under a hash or a signature.
#[tokio::test]
async fn no_bit_of_a_row_or_a_signed_head_can_be_flipped_in_a_file() {
    let app = TestApp::start().await;
    app.write(2).await;
    sign_moved(&app.app).await.unwrap();
    let text = std::fs::read_to_string(&app.export().await.path).unwrap();
    let mut flipped = 0;
    for mark in ["\"action\":\"team.update\"", "\"type\":\"head\""] {
        let found = text.find(mark).unwrap();
        let start = text[..found].rfind('\n').unwrap() + 1;
        let end = found + text[found..].find('\n').unwrap();
        for place in start..end {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let passed = Download::of(&changed).check().is_ok_and(|outcome| outcome.valid);
            assert!(!passed, "byte {place}: {}", &changed[place.saturating_sub(20)..end.min(place + 20)]);
            flipped += 1;
        }
    }
    assert!(flipped > 1000, "only {flipped} bytes were flipped");
}

#[tokio::test]
async fn ten_thousand_rows_are_sent_as_they_are_read() {
    let app = TestApp::start().await;
    fill(&app, 10_000).await;
    sign_moved(&app.app).await.unwrap();
    let request = Request::builder()
        .method(Method::GET)
        .uri("/v1/audit-logs/export?format=jsonl")
        .header("authorization", format!("Bearer {ADMIN_KEY}"));
    let mut chunks = app.stream(request.body(axum::body::Body::empty()).unwrap()).await;
    let (mut text, mut largest, mut count) = (Vec::new(), 0, 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.unwrap();
        largest = largest.max(chunk.len());
        count += 1;
        text.extend_from_slice(&chunk);
    }
    assert!(count >= 5 && largest < text.len() / 3, "{count} chunks, the largest of {largest} bytes");
    let outcome = Download::of(&String::from_utf8(text).unwrap()).check().unwrap();
    assert!(
        outcome.valid && outcome.lines.last().unwrap().starts_with("VALID: 10004 rows"),
        "{:?}",
        outcome.lines
    );
    let verified = app.verification().await;
    assert_eq!((&verified["valid"], &verified["checked"]), (&json!(true), &json!(10_004)));
    let part = app.get("/v1/audit-logs/verify?start_seq=5000&end_seq=6200").await.expect(200);
    assert_eq!(
        (&part["valid"], &part["checked"], &part["first_seq"], &part["last_seq"]),
        (&json!(true), &json!(1201), &json!(5000), &json!(6200))
    );
    assert_eq!(app.get("/v1/audit-logs/verify?start_seq=9&end_seq=8").await.refused(400), "invalid_request");
    assert_eq!(app.get("/v1/audit-logs/verify?start_seq=0").await.refused(400), "invalid_request");
}

#[tokio::test]
async fn no_cell_of_a_table_is_taken_for_a_formula() {
    let app = TestApp::start().await;
    for name in ["=1+1", "+1", "-1", "@x"] {
        app.post("/v1/teams", json!({"name": name})).await.expect(201);
    }
    let csv = app.get("/v1/audit-logs/export").await.text;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(reader.headers().unwrap().len(), 20);
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let seqs: Vec<_> = records.iter().map(|record| record[2].parse::<i64>().unwrap()).collect();
    assert_eq!(seqs, (1..=8).collect::<Vec<_>>(), "the oldest first, the export itself last");
    let names: Vec<_> = records[3..7].iter().map(|record| &record[10]).collect();
    assert_eq!(names, ["'=1+1", "'+1", "'-1", "'@x"]);
    assert!(records.iter().flatten().all(|cell| !cell.starts_with(CONTROL)));
}

/// Rows behind the last one, all at once.
async fn fill(app: &TestApp, rows: i64) {
    let mut tx = app.app.database.pool().begin().await.unwrap();
    let mut head = audit::lock_head(&mut tx, app.org).await.unwrap();
    let mut values = Vec::new();
    for number in 0..rows {
        let at = head.locked_at + chrono::Duration::microseconds(number);
        let row = row_of(app.org, &Link { seq: head.seq, hash: head.hash }, at);
        (head.seq, head.hash) = (row.seq, row.hash.clone());
        let bytes = |bytes: &[u8]| format!("\\x{}", hex::encode(bytes));
        values.push(json!({
            "id": row.id, "org_id": row.org_id, "seq": row.seq, "action": row.action, "outcome": row.outcome,
            "actor_type": row.actor_type, "resource_type": row.resource_type, "changes": row.changes,
            "details": row.details, "prev_hash": bytes(&row.prev_hash), "hash": bytes(&row.hash),
            "created_at": row.created_at,
        }));
    }
    sqlx::query("insert into audit_logs select * from jsonb_populate_recordset(null::audit_logs, $1)")
        .bind(Value::from(values))
        .execute(&mut *tx)
        .await
        .unwrap();
    sqlx::query("update audit_heads set seq = $2, hash = $3 where org_id = $1")
        .bind(app.org)
        .bind(head.seq)
        .bind(head.hash)
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// A row that follows this one.
pub(super) fn row_of(org: OrgId, before: &Link, at: chrono::DateTime<chrono::Utc>) -> AuditRow {
    let mut row = AuditRow {
        id: uuid::Uuid::now_v7(),
        org_id: org,
        seq: before.seq + 1,
        action: "job.run".into(),
        outcome: "success".into(),
        actor_type: "system".into(),
        actor_id: None,
        actor_name: None,
        resource_type: Some("job".into()),
        resource_id: None,
        resource_name: None,
        changes: json!({}),
        details: json!({"number": before.seq}),
        ip_address: None,
        user_agent: None,
        request_id: None,
        trace_id: None,
        prev_hash: before.hash.clone(),
        hash: Vec::new(),
        created_at: at,
    };
    row.hash = crate::service::audit::hash(&row).unwrap();
    row
}
