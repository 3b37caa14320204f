//! The load generator: calls one tool of one MCP endpoint from many connections, or lists its tools, checks every
//! answer, prints one JSON line. The API key comes from `GATEWAYOPS_API_KEY`, never from the command line.

use std::time::Duration;

use clap::Parser;
use gatewayops_tests::load::{
    call::Target,
    run::{Plan, run},
    wire::split_url,
};

/// Calls an MCP tool under load and prints what came back as one line of JSON.
#[derive(Parser)]
struct Arguments {
    /// The MCP endpoint, such as http://127.0.0.1:8080/mcp/github.
    url: String,
    /// Clients, each with one connection that is kept alive.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// Share of the clients that hold a stream of events instead of calling.
    #[arg(long, default_value_t = 0.0)]
    sse_share: f64,
    /// Closed loop: so many calls are measured, instead of a duration.
    #[arg(long, conflicts_with = "rate")]
    requests: Option<u64>,
    /// Open loop: calls a second, each measured from the moment it was due.
    #[arg(long)]
    rate: Option<f64>,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 10.0)]
    duration: f64,
    /// Seconds of calls before that.
    #[arg(long, default_value_t = 0.0)]
    warm_up: f64,
    /// Seconds after which a call has failed.
    #[arg(long, default_value_t = 30.0)]
    timeout: f64,
    #[arg(long, default_value = "echo")]
    tool: String,
    #[arg(long, default_value = r#"{"text":"hello"}"#, value_parser = json)]
    arguments: serde_json::Value,
    /// Asks for the first page of the list of tools instead of calling one; with fewer tools it is an error.
    #[arg(long, value_name = "AT_LEAST", num_args = 0..=1, require_equals = true, default_missing_value = "1")]
    list: Option<usize>,
    /// Events of a held stream.
    #[arg(long, default_value_t = 10)]
    events: u64,
    /// Milliseconds between two of them.
    #[arg(long, default_value_t = 1000)]
    interval_ms: u64,
    /// The process whose CPU time and memory are measured, with its children.
    #[arg(long)]
    pid: Option<u32>,
    /// Copied into the line, as `name=value`, to find it again.
    #[arg(long, value_parser = label)]
    label: Vec<(String, String)>,
}

fn json(text: &str) -> Result<serde_json::Value, serde_json::Error> {
    serde_json::from_str(text)
}

fn label(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("not of the form name=value")?;
    Ok((name.to_owned(), value.to_owned()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    anyhow::ensure!((0.0..=1.0).contains(&arguments.sse_share), "--sse-share is between 0 and 1");
    anyhow::ensure!(arguments.rate.is_none_or(|rate| rate > 0.0), "--rate is above 0");
    let (authority, path) = split_url(&arguments.url)?;
    let key = std::env::var("GATEWAYOPS_API_KEY").ok().filter(|key| !key.is_empty());
    let holders = (arguments.connections as f64 * arguments.sse_share).round() as usize;
    let report = run(Plan {
        target: Target { authority, path, key },
        callers: arguments.connections - holders,
        holders,
        tool: arguments.tool,
        arguments: arguments.arguments,
        list_of: arguments.list,
        rate: arguments.rate,
        requests: arguments.requests,
        duration: Duration::from_secs_f64(arguments.duration),
        warm_up: Duration::from_secs_f64(arguments.warm_up),
        timeout: Duration::from_secs_f64(arguments.timeout),
        events: arguments.events,
        interval: Duration::from_millis(arguments.interval_ms),
        pid: arguments.pid,
    })
    .await?;
    let mut line = serde_json::to_value(report)?;
    for (name, value) in arguments.label {
        line[name] = value.into();
    }
    println!("{line}");
    Ok(())
}
