//! `control-plane reseal`: what an earlier `ENCRYPTION_KEY` has sealed comes under the present one, while everything
//! serves. After that nothing needs `ENCRYPTION_KEY_PREVIOUS` any more, and the key can be changed again.

use anyhow::{Context, Result, ensure};
use uuid::Uuid;

use crate::{
    config::Config,
    seal::{SealError, Sealer},
    server,
    store::{
        Database,
        sealed::{self, COLUMNS, Column},
    },
};

/// Rows in one transaction: a payload is up to 64 KiB.
const AT_ONCE: i64 = 100;

/// Goes over everything until nothing is left to do, because a replica that does not know the present key yet may write
/// behind its back. Tells what was found in each column.
///
/// # Errors
/// The database's; or some values can be opened by neither key, and were left as they are.
pub async fn run(config: &Config, mut tell: impl FnMut(&str)) -> Result<()> {
    let sealer = config.sealer();
    let database = Database::new(config.database_hosts(), 1, 0);
    server::reach(&database).await?;
    tell(&format!("under the key {}", hex::encode(sealer.key_id())));
    while round(&database, &sealer, &mut tell).await? > 0 {
        tell("once more, for what came meanwhile");
    }
    database.pool().close().await;
    Ok(())
}

/// How many values were sealed anew.
async fn round(database: &Database, sealer: &Sealer, tell: &mut impl FnMut(&str)) -> Result<usize> {
    let mut tx = database.worker().await.context("database role gatewayops_worker")?;
    let secrets = sealed::reseal_system_secrets(&mut tx, sealer).await?;
    tx.commit().await?;
    tell(&format!("system_secrets.secret: {secrets}"));
    let (mut all, mut unopened) = (secrets, 0);
    for column in COLUMNS {
        let (count, faulty) = reseal(database, sealer, column).await?;
        tell(&format!("{}.{}: {count}", column.table, column.name));
        for (id, error) in &faulty {
            tell(&format!("  {id}: {error}"));
        }
        all += count;
        unopened += faulty.len();
    }
    ensure!(unopened == 0, "{unopened} values cannot be opened, by this key or by the previous one");
    Ok(all)
}

async fn reseal(
    database: &Database,
    sealer: &Sealer,
    column: Column,
) -> Result<(usize, Vec<(Uuid, SealError)>)> {
    let (mut count, mut unopened) = (0, Vec::new());
    let mut after = Uuid::nil();
    loop {
        let mut tx = database.worker().await?;
        let mut resealed = sealed::reseal(&mut tx, sealer, column, after, AT_ONCE).await?;
        tx.commit().await?;
        count += resealed.count;
        unopened.append(&mut resealed.unopened);
        let Some(last) = resealed.last else { return Ok((count, unopened)) };
        after = last;
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use serde_json::json;
    use sqlx::AssertSqlSafe;

    use super::*;
    use crate::{store::trace_payloads, testing::TestApp};

    const ANOTHER: &str = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

    /// The settings once the key was changed.
    fn changed(test: &TestApp) -> Config {
        let mut config = test.app.config.clone();
        config.encryption_key_previous = Some(config.encryption_key.clone());
        config.encryption_key = ANOTHER.into();
        config
    }

    async fn lines(config: &Config) -> (Result<()>, Vec<String>) {
        let mut lines = Vec::new();
        let outcome = run(config, |line| lines.push(line.to_owned())).await;
        (outcome, lines)
    }

    async fn keep_payload(test: &TestApp, request: Vec<u8>, id: Uuid) {
        let row = trace_payloads::Row {
            id,
            org_id: test.org.0,
            started_at: Utc::now(),
            request: Some(request),
            response: None,
            redacted: false,
            truncated: false,
        };
        let mut tx = test.app.database.worker().await.unwrap();
        trace_payloads::insert(&mut tx, &[row]).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn after_it_nothing_needs_the_previous_key() {
        let test = TestApp::start().await;
        let webhook =
            json!({"url": "https://hooks.example.com/x", "events": ["user.*"], "headers": {"X-Key": "hush"}});
        test.post("/v1/webhooks", webhook).await.expect(201);
        let id = Uuid::now_v7();
        let place = trace_payloads::place(test.org, id, trace_payloads::REQUEST);
        keep_payload(&test, test.app.config.sealer().seal(&place, b"{}"), id).await;

        let mut config = changed(&test);
        let (outcome, told) = lines(&config).await;
        outcome.unwrap();
        for line in [
            "webhooks.secret_encrypted: 1",
            "webhooks.headers_encrypted: 1",
            "trace_payloads.request_encrypted: 1",
        ] {
            assert!(told.iter().any(|told| told == line), "{line}: {told:?}");
        }
        assert!(!told[1].ends_with(": 0"), "the system's own secrets: {told:?}");
        let (outcome, again) = lines(&config).await;
        outcome.unwrap();
        assert!(again[1..].iter().all(|line| line.ends_with(": 0")), "{again:?}");

        config.encryption_key_previous = None;
        let sealed: Vec<u8> = {
            let mut tx = test.app.database.worker().await.unwrap();
            sqlx::query_scalar("select request_encrypted from trace_payloads")
                .fetch_one(&mut *tx)
                .await
                .unwrap()
        };
        assert_eq!(config.sealer().open(&place, &sealed).unwrap(), b"{}");
        server::prepare(config).await.unwrap();
    }

    #[tokio::test]
    async fn what_no_key_opens_is_named_and_left_as_it_is() {
        let test = TestApp::start().await;
        let id = Uuid::now_v7();
        let unopened = vec![1; 200];
        keep_payload(&test, unopened.clone(), id).await;
        let (outcome, told) = lines(&changed(&test)).await;
        assert!(outcome.is_err());
        assert!(told.iter().any(|line| line.contains(&id.to_string())), "{told:?}");
        let mut tx = test.app.database.worker().await.unwrap();
        let left: Vec<u8> = sqlx::query_scalar("select request_encrypted from trace_payloads")
            .fetch_one(&mut *tx)
            .await
            .unwrap();
        assert_eq!(left, unopened);
    }

    #[tokio::test]
    async fn every_sealed_column_is_known() {
        let test = TestApp::start().await;
        let named = "select table_name::text, column_name::text from information_schema.columns
             join pg_class on pg_class.oid = format('%I', table_name)::regclass
             where table_schema = 'public' and column_name like '%\\_encrypted' and not relispartition order by 1, 2";
        let there: Vec<(String, String)> =
            sqlx::query_as(AssertSqlSafe(named)).fetch_all(test.app.database.pool()).await.unwrap();
        let mut known = COLUMNS.map(|column| (column.table.to_owned(), column.name.to_owned()));
        known.sort_unstable();
        assert_eq!(there, known);
    }
}
