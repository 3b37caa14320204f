//! How fast events become rows: fills a stream with spans, lets the ingester drain it into a fresh database with all
//! indexes and cost rows, and checks that every call has its trace and its cost.
//!
//! `DATABASE_URL=… REDIS_URL=… cargo run --release -p gatewayops-control-plane --example ingest_bench [spans]`

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use chrono::Utc;
use gatewayops_control_plane::ingest::{Figures, Ingester, Options};
use gatewayops_control_plane::metrics::Metrics;
use gatewayops_control_plane::seal::Sealer;
use gatewayops_control_plane::store::{Database, MIGRATIONS};
use rust_decimal::Decimal;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, PgPool};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// As the control plane has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SERVERS: [&str; 4] = ["files", "github", "search", "tickets"];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let spans: usize = std::env::args().nth(1).map_or(Ok(200_000), |text| text.parse()).context("spans")?;
    let connect: PgConnectOptions = std::env::var("DATABASE_URL").context("DATABASE_URL")?.parse()?;
    let redis_url = std::env::var("REDIS_URL").context("REDIS_URL")?;
    let name = format!("ingest_bench_{}", std::process::id());

    let outside = PgPool::connect_with(connect.clone()).await?;
    sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&outside).await?;
    let client = redis::Client::open(redis_url.as_str())?;
    let outcome = measure(spans, connect.database(&name), &redis_url, client.clone(), &name).await;
    sqlx::query(AssertSqlSafe(format!("drop database {name} with (force)"))).execute(&outside).await?;
    let mut redis = client.get_multiplexed_async_connection().await?;
    let () = redis::cmd("DEL").arg(&name).arg(format!("{name}:dead")).query_async(&mut redis).await?;
    outcome
}

async fn measure(
    spans: usize,
    connect: PgConnectOptions,
    redis_url: &str,
    client: redis::Client,
    stream: &str,
) -> anyhow::Result<()> {
    let database = Database::new(vec![connect], 5, 2);
    MIGRATIONS.run(database.pool()).await?;
    let org = prepare(&database).await?;
    let started = Instant::now();
    fill(&client, stream, org, spans).await?;
    println!("filled       {spans} spans in {:.1} s", started.elapsed().as_secs_f64());
    settle(&client).await?;

    let redis_pool =
        deadpool_redis::Config::from_url(redis_url).create_pool(Some(deadpool_redis::Runtime::Tokio1))?;
    let options =
        Options { stream: stream.to_owned(), dead_stream: format!("{stream}:dead"), ..Options::default() };
    let figures = Figures::of(&Metrics::new());
    let sealer = Sealer::new("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", None)?; // no payload comes
    let ingester = Arc::new(Ingester::new(database.clone(), client, redis_pool, sealer, figures, options));
    let stop = CancellationToken::new();
    let started = Instant::now();
    let running = tokio::spawn(Arc::clone(&ingester).run(stop.clone()));
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if ingester.progress().await?.waiting == 0 {
            break;
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    stop.cancel();
    running.await?;

    let mut tx = database.worker().await?;
    let (traces, on_traces): (i64, Decimal) =
        sqlx::query_as("select count(*), coalesce(sum(cost_usd), 0) from traces").fetch_one(&mut *tx).await?;
    let (costs, sum): (i64, Decimal) =
        sqlx::query_as("select count(*), coalesce(sum(cost_usd), 0) from costs").fetch_one(&mut *tx).await?;
    println!("lag to zero  {seconds:.2} s");
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = spans as f64 / seconds;
    println!("ingest       {rate:.0} spans/s (one cost row each)");
    println!("rows         {traces} traces, {costs} costs, {sum} USD");
    ensure!(usize::try_from(traces)? == spans && costs == traces, "calls, traces and cost rows differ");
    ensure!(sum == on_traces, "the sums of traces and costs differ");
    Ok(())
}

/// So much at once makes Redis rewrite its append-only file, which is none of the ingester's work.
async fn settle(client: &redis::Client) -> anyhow::Result<()> {
    let mut redis = client.get_multiplexed_async_connection().await?;
    loop {
        let said: String = redis::cmd("INFO").arg("persistence").query_async(&mut redis).await?;
        if ["aof_rewrite_in_progress:1", "aof_rewrite_scheduled:1"].iter().all(|busy| !said.contains(busy)) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// An organization with priced servers.
async fn prepare(database: &Database) -> anyhow::Result<Uuid> {
    let mut tx = database.worker().await?;
    let org: Uuid =
        sqlx::query_scalar("insert into organizations (name, slug) values ('Bench', 'bench') returning id")
            .fetch_one(&mut *tx)
            .await?;
    sqlx::query(
        "insert into mcp_servers (org_id, name, url) select $1, unnest($2::text[]), 'http://localhost'",
    )
    .bind(org)
    .bind(SERVERS)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "insert into mcp_server_prices (org_id, server_id, per_call, per_input_token, per_output_token, valid_from)
        select org_id, id, 0.001, 0.000003, 0.000015, now() - interval '1 day' from mcp_servers",
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(org)
}

async fn fill(client: &redis::Client, stream: &str, org: Uuid, spans: usize) -> anyhow::Result<()> {
    let mut redis = client.get_multiplexed_async_connection().await?;
    let () = redis::cmd("XGROUP")
        .arg("CREATE")
        .arg(stream)
        .arg("ingest")
        .arg("0")
        .arg("MKSTREAM")
        .query_async(&mut redis)
        .await?;
    let keys: Vec<Uuid> = (0..50).map(|_| Uuid::now_v7()).collect();
    for chunk in (0..spans).collect::<Vec<_>>().chunks(1000) {
        let mut pipe = redis::pipe();
        for number in chunk {
            let add = pipe.cmd("XADD").arg(stream).arg("*").arg("v").arg("1").arg("kind").arg("span");
            add.arg("org").arg(org.to_string()).arg("d").arg(span(org, &keys, *number)).ignore();
        }
        let () = pipe.query_async(&mut redis).await?;
    }
    Ok(())
}

/// As the proxy writes them: one in twenty fails, in another way each time.
fn span(org: Uuid, keys: &[Uuid], number: usize) -> String {
    let failed = number.is_multiple_of(20);
    let started_at = Utc::now();
    let id = Uuid::now_v7();
    let trace_id = Uuid::new_v4().simple().to_string();
    json!({
        "id": id, "org_id": org, "trace_id": trace_id, "span_id": trace_id[..16],
        "parent_span_id": null, "is_root": true, "kind": "server", "operation_name": "tools/call",
        "mcp_server": SERVERS[number % SERVERS.len()], "tool_name": format!("tool_{}", number % 40),
        "status": if failed { "error" } else { "success" }, "status_code": 200,
        "error_type": failed.then_some("tool_error"),
        "error_message": failed.then(|| format!("file /srv/data/{number}.json was not found")),
        "duration_ms": 5 + number % 300, "upstream_ms": 4 + number % 300, "overhead_us": 150 + number % 500,
        "input_tokens": number % 500, "output_tokens": number % 3000, "charged": true, "cost_usd": "0.001000",
        "price_id": null, "user_id": null, "team_id": null, "api_key_id": keys[number % keys.len()],
        "environment": "prd", "session_id": null, "client_name": "claude-code", "client_version": "2.1.0",
        "protocol_version": "2026-07-28", "request_bytes": 214, "response_bytes": 1880, "proxy_id": "proxy-7d9f",
        "metadata": {"request_id": id, "retries": 0, "revision": 42, "classification": "safe", "http_version": "1.1"},
        "started_at": started_at, "ended_at": started_at + chrono::Duration::milliseconds(48),
    })
    .to_string()
}
