//! What somebody can do who can write to the database, past every trigger, and what verification says to it: over REST,
//! and from an export alone.

use chrono::{DateTime, Datelike, Duration, TimeZone, Utc};

use super::{exports::row_of, *};
use crate::store::audit;

/// The row that is changed.
const ROW: i64 = 6;

/// The column with one bit or letter of it changed.
fn flipped(column: &str, data_type: &str, other_org: OrgId) -> String {
    match (column, data_type) {
        ("org_id", _) => format!("'{other_org}'"),
        ("outcome", _) => "'denied'".to_owned(),
        ("actor_type", _) => "'system'".to_owned(),
        ("ip_address", _) => "set_masklen(ip_address, 31)".to_owned(),
        (_, "uuid") => format!("translate({column}::text, '0123456789abcdef', '1032547698badcfe')::uuid"),
        (_, "bigint") => format!("{column} # 1024"),
        (_, "character varying" | "text") => format!("chr(ascii({column}) # 1) || substr({column}, 2)"),
        (_, "jsonb") => format!("replace({column}::text, 'flip', 'flhp')::jsonb"),
        (_, "bytea") => format!("set_byte({column}, 31, get_byte({column}, 31) # 1)"),
        (_, "timestamp with time zone") => format!("{column} + interval '1 microsecond'"),
        _ => panic!("how is one byte of {column} ({data_type}) flipped?"),
    }
}

#[tokio::test]
async fn a_flipped_byte_in_any_column_names_its_row() {
    let app = TestApp::start().await;
    let (other, _) = app.other_organization().await;
    app.write(5).await;
    let columns: Vec<(String, String)> = sqlx::query_as(
        "select column_name::text, data_type::text from information_schema.columns
         where table_schema = 'public' and table_name = 'audit_logs' order by ordinal_position",
    )
    .fetch_all(app.app.database.pool())
    .await
    .unwrap();
    assert_eq!(columns.len(), 20, "{columns:?}");
    let org = app.org;
    app.as_superuser(&format!(
        "create table kept as select * from audit_logs where org_id = '{org}' and seq = {ROW}"
    ))
    .await;
    for (column, data_type) in columns {
        let value = flipped(&column, &data_type, other);
        let update =
            format!("update audit_logs set {column} = {value} where org_id = '{org}' and seq = {ROW}");
        app.as_superuser(&update).await;
        let verified = app.verification().await;
        assert_eq!(
            (&verified["valid"], &verified["broken_at_seq"]),
            (&json!(false), &json!(ROW)),
            "{column}: {verified}"
        );
        let first = &verified["findings"][0];
        let named = ["seq", "org_id"].contains(&column.as_str()) || first["id"].is_string();
        assert!(
            named && first["message"].as_str().unwrap().starts_with(&format!("row {ROW} ")),
            "{column}: {first}"
        );

        let outcome = app.export().await.check().unwrap();
        assert!(!outcome.valid, "{column}: {:?}", outcome.lines);
        assert_eq!(outcome.lines[1], first["message"].as_str().unwrap(), "{column}");
        let verdict = outcome.lines.last().unwrap();
        assert!(verdict.starts_with(&format!("BROKEN at row {ROW}: ")), "{column}: {verdict}");

        app.as_superuser(
            "delete from audit_logs a using kept k where a.id = k.id or (a.org_id, a.seq) = (k.org_id, k.seq)",
        )
        .await;
        app.as_superuser("insert into audit_logs select * from kept").await;
        assert_eq!(app.verification().await["valid"], json!(true), "{column} is as it was");
    }
}

#[tokio::test]
async fn newest_rows_that_were_deleted_with_the_head_set_back_are_told_by_the_signed_heads() {
    let app = TestApp::start().await;
    app.write(5).await;
    sign_moved(&app.app).await.unwrap();
    let kept = app.get("/v1/audit-logs/head").await.expect(200);
    assert_eq!(kept["seq"], json!(8));
    cut_behind(&app, 5).await;

    let verified = app.verification().await;
    assert_eq!((&verified["valid"], &verified["broken_at_seq"]), (&json!(false), &json!(6)));
    assert_eq!((&verified["findings"][0]["reason"], &verified["last_seq"]), (&json!("cut_off"), &json!(5)));
    let reason = sign_moved(&app.app).await.err().unwrap().to_string();
    assert_eq!(reason, "1 audit logs contradict what was signed of them");
    assert!(
        !app.export().await.check().unwrap().valid,
        "the export is row 6 now, and not the one that was signed"
    );

    // What is written on top of it does not hide it.
    app.write(4).await;
    sign_moved(&app.app).await.err().unwrap();
    let verified = app.verification().await;
    assert_eq!(
        (&verified["broken_at_seq"], &verified["findings"][0]["reason"]),
        (&json!(8), &json!("signed_otherwise"))
    );

    // Without any signed head left the log fits in itself; the one that was kept elsewhere does not fit it.
    app.as_superuser("delete from audit_signed_heads").await;
    assert_eq!(app.verification().await["valid"], json!(true));
    let export = app.export().await;
    assert!(export.check().unwrap().valid);
    let head = Download::of(&kept.to_string());
    let outcome = file::check(&export.path, &[], &[&head.path]).unwrap();
    assert!(!outcome.valid && outcome.lines[1].starts_with("row 8 ("), "{:?}", outcome.lines);
    assert!(outcome.lines.last().unwrap().starts_with("BROKEN at row 8: 1 findings"), "{:?}", outcome.lines);
}

#[tokio::test]
async fn a_log_emptied_whole_is_told_as_long_as_one_head_is_left() {
    let app = TestApp::start().await;
    app.write(2).await;
    sign_moved(&app.app).await.unwrap();
    let kept = app.get("/v1/audit-logs/head").await.expect(200);
    app.as_superuser("delete from audit_logs").await;
    app.as_superuser("delete from audit_heads").await;
    let verified = app.verification().await;
    assert_eq!(
        (&verified["broken_at_seq"], &verified["findings"][0]["reason"]),
        (&json!(1), &json!("cut_off"))
    );
    app.as_superuser("delete from audit_signed_heads").await;
    let head = Download::of(&kept.to_string());
    let export = app.export().await;
    let outcome = file::check(&export.path, &[], &[&head.path]).unwrap();
    assert!(outcome.lines.last().unwrap().starts_with("BROKEN at row 2"), "{:?}", outcome.lines);
}

#[tokio::test]
async fn a_signed_head_that_was_written_by_somebody_else_is_told() {
    let app = TestApp::start().await;
    app.write(2).await;
    sign_moved(&app.app).await.unwrap();
    app.as_superuser("update audit_signed_heads set signed_at = signed_at - interval '1 day'").await;
    let verified = app.verification().await;
    assert_eq!(
        (&verified["broken_at_seq"], &verified["findings"][0]["reason"]),
        (&json!(5), &json!("signature_bad"))
    );
    app.as_superuser("update audit_signed_heads set key_id = repeat('0', 16)").await;
    assert_eq!(app.verification().await["findings"][0]["reason"], json!("key_unknown"));
}

#[tokio::test]
async fn a_chain_over_months_holds_also_when_the_old_ones_are_gone() {
    let app = TestApp::start().await;
    let (org, key) = app.other_organization().await;
    app.sql("select ensure_partitions(now())").await;
    let (this, next) = (month(0), month(1));
    let times = [
        this - Duration::days(2),
        this - Duration::days(1),
        this,
        next - Duration::days(1),
        next,
        next + Duration::days(1),
    ];
    for at in times {
        write_at(&app, org, at).await;
    }
    sign_moved(&app.app).await.unwrap();
    let verify = async || app.get_as(&key, "/v1/audit-logs/verify").await.expect(200);
    let whole = verify().await;
    assert_eq!((&whole["valid"], &whole["checked"]), (&json!(true), &json!(6)), "{whole}");

    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::query("select drop_partitions('audit_logs', $1)").bind(this).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let rest = verify().await;
    assert_eq!(
        (&rest["valid"], &rest["checked"], &rest["first_seq"], &rest["last_seq"]),
        (&json!(true), &json!(4), &json!(3), &json!(6)),
        "{rest}"
    );
    assert_eq!(sign_moved(&app.app).await.unwrap(), 0, "nothing moved");
    let export =
        Download::of(&app.get_as(&key, "/v1/audit-logs/export?format=jsonl").await.text).check().unwrap();
    assert!(export.valid, "{:?}", export.lines);
    assert!(
        export
            .lines
            .contains(&"note: the export begins at row 3: older rows left with their month".to_owned())
    );

    app.as_superuser(&format!("delete from audit_logs where org_id = '{org}' and seq = 3")).await;
    let cut = verify().await;
    assert_eq!((&cut["broken_at_seq"], &cut["findings"][0]["reason"]), (&json!(3), &json!("rows_missing")));
}

/// Deletes the rows behind this one and sets the head back to it.
async fn cut_behind(app: &TestApp, seq: i64) {
    let org = app.org;
    app.as_superuser(&format!(
        "update audit_heads h set (seq, hash) = (select seq, hash from audit_logs l where l.org_id = '{org}' and l.seq = {seq})
         where h.org_id = '{org}'"
    ))
    .await;
    app.as_superuser(&format!("delete from audit_logs where org_id = '{org}' and seq > {seq}")).await;
}

/// When this month began, or a later one.
fn month(ahead: u32) -> DateTime<Utc> {
    let now = Utc::now();
    let months = now.month0() + ahead;
    let year = now.year() + i32::try_from(months / 12).unwrap();
    Utc.with_ymd_and_hms(year, months % 12 + 1, 1, 0, 0, 0).unwrap()
}

async fn write_at(app: &TestApp, org: OrgId, at: DateTime<Utc>) {
    let mut tx = app.app.database.tenant(org).await.unwrap();
    let head = audit::lock_head(&mut tx, org).await.unwrap();
    let row = row_of(org, &Link { seq: head.seq, hash: head.hash }, at);
    audit::append(&mut tx, org, &row).await.unwrap();
    tx.commit().await.unwrap();
}
