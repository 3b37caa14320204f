//! A backup goes to a bucket in parts, and comes back from there, by a server of S3 that is not ours.

use std::process::{Child, Stdio};

use gatewayops_tests::stack::{free_port, root};

use super::*;

const BUCKET: &str = "safe";
const SECRET: &str = "a secret that nobody shall read anywhere";
/// More than one part of an upload, compressed.
const BALLAST: &str = "
    create table ballast as select n, string_agg(md5(random()::text), '') as content
        from generate_series(1, 120) n, generate_series(1, 10000) group by n;
    grant select on ballast to gatewayops_worker";
const PART_BYTES: u64 = 16 << 20;

/// `tests/s3/run`, until it is dropped.
struct S3 {
    child: Child,
    url: String,
}

impl S3 {
    async fn start(http: &reqwest::Client) -> Result<Self> {
        let port = free_port()?;
        let mut command = std::process::Command::new(root().join("tests/s3/run"));
        command
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let child = command.spawn().context("tests/s3/run; `./dev test` installs what it needs")?;
        let s3 = Self { child, url: format!("http://127.0.0.1:{port}") };
        for _ in 0..1200 {
            let made = http.put(format!("{}/{BUCKET}", s3.url)).header("Authorization", OF_S3).send().await;
            if made.is_ok_and(|made| made.status().is_success()) {
                return Ok(s3);
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        anyhow::bail!("the server of S3 makes no bucket")
    }

    /// What it says about its bucket.
    async fn asked(&self, stack: &Stack, query: &str) -> Result<String> {
        let url = format!("{}/{BUCKET}?{query}", self.url);
        let answer = stack.http.get(url).header("Authorization", OF_S3).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    }
}

/// By this it knows which of Amazon's services is meant.
const OF_S3: &str =
    "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x";

impl Drop for S3 {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Of every table, how many rows it has and what they hash to.
async fn rows(database_url: &str) -> Result<BTreeMap<String, (i64, String)>> {
    let mut connection = sqlx::PgConnection::connect(database_url).await?;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
    )
    .fetch_all(&mut connection)
    .await?;
    let mut rows = BTreeMap::new();
    for table in tables {
        let query = format!(
            "select count(*), md5(coalesce(string_agg(t::text, E'\\n' order by t::text), '')) from {table} t"
        );
        let found = sqlx::query_as(sqlx::AssertSqlSafe(query)).fetch_one(&mut connection).await?;
        rows.insert(table, found);
    }
    Ok(rows)
}

async fn restored(stack: &Stack, place: &str) -> Result<BTreeMap<String, (i64, String)>> {
    let elsewhere = fresh_database().await?;
    let (succeeded, said) = run(control_plane(stack, &elsewhere, &["restore", place])?).await?;
    ensure!(succeeded, "{said}");
    ensure!(said.contains(place) && !said.contains(SECRET), "{said}");
    rows(&elsewhere).await
}

#[tokio::test]
async fn a_backup_goes_to_a_bucket_and_comes_back_with_every_row() -> Result<()> {
    let s3 = S3::start(&reqwest::Client::builder().build()?).await?;
    let mut stack = Stack::start_with(&[], |stack| {
        stack.set("BACKUP_URL", format!("s3://{BUCKET}/nightly"));
        stack.set("AWS_ENDPOINT_URL", s3.url.clone());
        stack.set("AWS_ALLOW_HTTP", "true");
        stack.set("AWS_REGION", "eu-central-1");
        stack.set("AWS_ACCESS_KEY_ID", "tests");
        stack.set("AWS_SECRET_ACCESS_KEY", SECRET);
        Ok(())
    })
    .await?;
    let original = stack.setting("DATABASE_URL").to_owned();
    add(&stack, "/v1/teams", json!({ "name": "Payments" })).await?;
    for n in 0..5 {
        let called = stack.call("demo", "echo", json!({ "text": n.to_string() })).await?;
        ensure!(called.is_success(), "{called:?}");
    }
    stack.traces("tool_name=echo&mcp_server=demo", 5).await?;
    sqlx::raw_sql(BALLAST).execute(&mut sqlx::PgConnection::connect(&original).await?).await?;

    // A job writes one while everything runs.
    let asked = stack.rest_post("/v1/jobs", json!({ "type": "backup" })).await?;
    ensure!(asked.status == 202, "{asked:?}");
    let path = format!("/v1/jobs/{}", asked.body["id"].as_str().context("a job")?);
    stack
        .until("the backup is written", async |stack| {
            let job = stack.rest(&path).await?.body;
            ensure!(job["status"] == "succeeded", "{job}");
            Ok(true)
        })
        .await?;
    let result = stack.rest(&path).await?.body["result"].clone();
    let name = result["name"].as_str().context("a name")?;
    let bytes = result["bytes"].as_u64().context("a size")?;
    assert!(bytes > PART_BYTES, "{bytes} bytes are one part");
    let listed = s3.asked(&stack, "list-type=2").await?;
    assert!(
        listed.contains(&format!("<Key>nightly/{name}</Key>"))
            && listed.contains(&format!("<Size>{bytes}</Size>")),
        "{listed}"
    );
    let uploads = s3.asked(&stack, "uploads").await?;
    assert!(!uploads.contains("<Upload>"), "nothing half written is left: {uploads}");
    let from_job = restored(&stack, &format!("s3://{BUCKET}/nightly/{name}")).await?;

    // The command writes one of what stands still, so that nothing may differ.
    stack.terminate("proxy").await?;
    stack.terminate("control-plane").await?;
    let (succeeded, said) = run(control_plane(&stack, &original, &["backup"])?).await?;
    assert!(succeeded && !said.contains(SECRET), "{said}");
    let place = said.split_whitespace().next().context("a place")?;
    assert!(place.starts_with(&format!("s3://{BUCKET}/nightly/gatewayops-")), "{said}");
    let before = rows(&original).await?;
    assert_eq!(restored(&stack, place).await?, before);
    for table in ["ballast", "teams", "organizations", "users"] {
        assert_eq!(from_job.get(table), before.get(table), "{table}");
    }
    let calls = |rows: &BTreeMap<String, (i64, String)>| -> i64 {
        rows.iter().filter(|(table, _)| table.starts_with("traces_")).map(|(_, (count, _))| count).sum()
    };
    assert!(calls(&from_job) >= 5 && before["teams"].0 == 1, "there are rows to compare");

    // What cannot work says so, and never the secret.
    let nowhere = format!("s3://{BUCKET}/nightly/gatewayops-19990101T000000Z.dump");
    let (succeeded, said) =
        run(control_plane(&stack, &fresh_database().await?, &["restore", &nowhere])?).await?;
    assert!(!succeeded && said.contains("cannot be read") && !said.contains(SECRET), "{said}");
    let mut unknown = control_plane(&stack, &original, &["backup"])?;
    unknown.env("BACKUP_URL", "s3://no-such-bucket");
    let (succeeded, said) = run(unknown).await?;
    assert!(!succeeded && said.contains("no backup was written to s3://no-such-bucket/"), "{said}");
    let log = stack.log("control-plane");
    assert!(!said.contains(SECRET) && !log.contains(SECRET), "{said}\n{log}");
    Ok(())
}
