//! What both planes say of themselves is what Prometheus reads.

use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::Stack;
use serde_json::json;
use tokio::{io::AsyncWriteExt, process::Command};

/// What `promtool check metrics` finds wrong with a page of figures.
async fn check(figures: &str) -> Result<()> {
    let mut promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("promtool, of Debian's package prometheus, does not start; `./dev test` installs it")?;
    let mut input = promtool.stdin.take().context("no input")?;
    input.write_all(figures.as_bytes()).await?;
    drop(input);
    let found = promtool.wait_with_output().await?;
    let said =
        [found.stdout, found.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    ensure!(found.status.success() && said.is_empty(), "{}: {said}\n{figures}", found.status);
    Ok(())
}

#[tokio::test]
async fn promtool_finds_nothing_wrong_with_the_figures_of_either_plane() -> Result<()> {
    let stack = Stack::start(&[]).await?;
    stack.call("demo", "echo", json!({ "text": "hello" })).await?;
    stack.call("demo", "no_such_tool", json!({})).await?;
    stack.traces("tool_name=echo", 1).await?;
    for (url, figure) in [
        (stack.metrics_url(), "gatewayops_requests_total{"),
        (stack.control_metrics_url(), "gatewayops_ingest_events_total{"),
    ] {
        let figures = stack.http.get(&url).send().await?.error_for_status()?.text().await?;
        assert!(figures.contains(figure), "{figure} is not among {figures}");
        check(&figures).await.with_context(|| url)?;
    }
    assert!(check("gatewayops_calls{ 1\n").await.is_err(), "promtool does look");
    Ok(())
}
