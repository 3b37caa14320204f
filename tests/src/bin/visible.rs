//! How soon a call can be seen: calls with a trace of its own, and waits until the live stream tells of it and until it
//! can be read over REST, both counted from the answer to the call. One JSON line at the end.
//! The API key comes from `GATEWAYOPS_API_KEY`.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use futures::StreamExt;
use gatewayops_tests::load::{call::PROTOCOL_VERSION, tally::percentile};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::json;
use tokio::time::sleep;

const TOOL: &str = "echo";
const STEP: Duration = Duration::from_millis(5);
const LIMIT: Duration = Duration::from_secs(30);

/// Measures how soon calls are visible.
#[derive(Parser)]
struct Arguments {
    /// The REST interface, such as http://127.0.0.1:8081.
    #[arg(long)]
    rest: String,
    /// The MCP endpoint, such as http://127.0.0.1:8080/mcp/github.
    #[arg(long)]
    mcp: String,
    #[arg(long, default_value_t = 100)]
    tries: u32,
}

/// When the live stream told of a trace.
type Told = Arc<Mutex<HashMap<String, Instant>>>;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    // A stream has no end: only each step of it must not take long.
    let http = Client::builder().no_proxy().connect_timeout(LIMIT).read_timeout(LIMIT).build()?;
    let admin = std::env::var("GATEWAYOPS_API_KEY")?;
    let key = own_key(http.post(format!("{}/v1/api-keys", arguments.rest)).bearer_auth(&admin)).await?;
    let watch = format!("{}/v1/traces/stream?api_key_id={}", arguments.rest, key.id);
    let told = watch_stream(http.get(watch).bearer_auth(&admin)).await?;
    let (mut stream, mut rest) = (Vec::new(), Vec::new());
    for number in 0..arguments.tries {
        let trace = uuid::Uuid::new_v4().simple().to_string();
        let call = || call(&http, &arguments.mcp, &key.secret, &trace);
        while number == 0 && call().await? == StatusCode::UNAUTHORIZED {
            sleep(STEP).await; // Until the proxy knows the key.
        }
        ensure!(call().await? == StatusCode::OK, "a call failed");
        let answered = Instant::now();
        let url = format!("{}/v1/traces/{trace}", arguments.rest);
        while http.get(&url).bearer_auth(&admin).send().await?.status() != StatusCode::OK {
            ensure!(answered.elapsed() < LIMIT, "{trace} cannot be read over REST");
            sleep(STEP).await;
        }
        rest.push(micros(answered.elapsed()));
        let told_at = loop {
            let known = told.lock().map_err(|_| anyhow::anyhow!("the watch is gone"))?.remove(&trace);
            if let Some(at) = known {
                break at;
            }
            ensure!(answered.elapsed() < LIMIT, "the live stream does not tell of {trace}");
            sleep(STEP).await;
        };
        stream.push(micros(told_at.saturating_duration_since(answered)));
    }
    stream.sort_unstable();
    rest.sort_unstable();
    let [rest_p50, rest_p99] = [0.5, 0.99].map(|share| percentile(&rest, share));
    let [stream_p50, stream_p99] = [0.5, 0.99].map(|share| percentile(&stream, share));
    let line = json!({ "phase": "visible", "calls": arguments.tries, "p50_us": rest_p50, "p99_us": rest_p99,
        "stream_p50_us": stream_p50, "stream_p99_us": stream_p99 });
    println!("{line}");
    Ok(())
}

struct Key {
    id: String,
    secret: String,
}

async fn own_key(request: RequestBuilder) -> Result<Key> {
    let form = json!({ "name": "visible", "permissions": ["mcp:*"] });
    let made: serde_json::Value = request.json(&form).send().await?.error_for_status()?.json().await?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).with_context(|| format!("no {name}"));
    Ok(Key { id: text("id")?, secret: text("key")? })
}

/// Notes what the live stream tells, from its answer on.
async fn watch_stream(request: RequestBuilder) -> Result<Told> {
    let answer = request.header("Accept", "text/event-stream").send().await?.error_for_status()?;
    let told = Told::default();
    let notes = told.clone();
    tokio::spawn(async move {
        let mut body = answer.bytes_stream();
        let mut unread = String::new();
        while let Some(Ok(piece)) = body.next().await {
            unread.push_str(&String::from_utf8_lossy(&piece));
            while let Some((event, rest)) = unread.split_once("\n\n") {
                let data = event.lines().filter_map(|line| line.strip_prefix("data:")).collect::<String>();
                if let Ok(data) = serde_json::from_str::<serde_json::Value>(&data)
                    && let Some(trace) = trace_id(&data)
                    && let Ok(mut notes) = notes.lock()
                {
                    notes.entry(trace.to_owned()).or_insert_with(Instant::now);
                }
                unread = rest.to_owned();
            }
        }
    });
    Ok(told)
}

/// Wherever in the message it stands.
fn trace_id(message: &serde_json::Value) -> Option<&str> {
    match message {
        serde_json::Value::Object(members) => {
            let own = members.get("trace_id").and_then(serde_json::Value::as_str);
            own.or_else(|| members.values().find_map(trace_id))
        }
        serde_json::Value::Array(items) => items.iter().find_map(trace_id),
        _ => None,
    }
}

async fn call(http: &Client, url: &str, key: &str, trace: &str) -> Result<StatusCode> {
    let meta = json!({ "io.modelcontextprotocol/protocolVersion": PROTOCOL_VERSION,
        "io.modelcontextprotocol/clientInfo": { "name": "visible", "version": "1.0.0" },
        "io.modelcontextprotocol/clientCapabilities": {} });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": { "name": TOOL, "arguments": {}, "_meta": meta } });
    let answer = http
        .post(url)
        .bearer_auth(key)
        .header("Accept", "application/json, text/event-stream")
        .header("MCP-Protocol-Version", PROTOCOL_VERSION)
        .header("Mcp-Method", "tools/call")
        .header("Mcp-Name", TOOL)
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .json(&body)
        .send()
        .await?;
    let status = answer.status();
    answer.bytes().await?;
    Ok(status)
}

fn micros(took: Duration) -> u32 {
    u32::try_from(took.as_micros()).unwrap_or(u32::MAX)
}
