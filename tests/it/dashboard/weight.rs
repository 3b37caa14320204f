//! The dashboard is light: at the first page, and with many rows.

use anyhow::{Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::json;

use super::console::Console;
use crate::servers::Server;

const ROWS: usize = 10_000;
/// Calls at once.
const AT_ONCE: usize = 32;
/// More rows than that are never drawn, however many there are.
const MOST_DRAWN: u64 = 200;
/// Of all scripts of the first page, by gzip.
const MOST_BYTES: u64 = 350_000;

#[tokio::test]
async fn ten_thousand_rows_scroll_and_few_of_them_are_drawn() -> Result<()> {
    let many = Server::with_tools(1).await?;
    let console = Console::with_servers(&[("many", many.url())]).await?;
    let stack = &console.stack;
    stack
        .until("the proxy knows the server", async |stack| {
            Ok(stack.call("many", "tool_0001", json!({ "query": "ready" })).await?.is_success())
        })
        .await?;
    let calls =
        (0..ROWS).map(|number| stack.call("many", "tool_0001", json!({ "query": number.to_string() })));
    stream::iter(calls)
        .buffer_unordered(AT_ONCE)
        .try_for_each(|called| async move {
            ensure!(called.is_success(), "{called:?}");
            Ok(())
        })
        .await?;
    stack
        .until("all of them are recorded", async |stack| {
            let stats = stack.rest("/v1/traces/stats?period=day").await?;
            Ok(stats.body["total_requests"].as_u64() >= Some(ROWS as u64))
        })
        .await?;

    let seen = console.see("scrolled", &json!({})).await?;
    let drawn = seen["most"].as_u64();
    assert!(drawn > Some(10) && drawn < Some(MOST_DRAWN), "{seen}");
    let last = seen["last"]["to"].as_u64();
    assert!(last >= Some(ROWS as u64 - 1), "the last row is seen: {seen}");
    assert!(seen["ends"].as_str().is_some_and(|ends| ends.contains("in all")), "{seen}");
    let [from, to] = ["from", "to"].map(|end| seen["middle"][end].as_u64());
    assert!(from < Some(ROWS as u64 / 2 + 500) && to > Some(ROWS as u64 / 2 - 500), "{seen}");
    assert_eq!(seen["first"]["from"], 0, "{seen}");
    Ok(())
}

#[tokio::test]
async fn the_first_page_loads_little() -> Result<()> {
    let console = Console::start().await?;
    let seen = console.see("first-page", &json!({})).await?;
    let bytes = seen["bytes"].as_u64();
    assert!(bytes > Some(50_000) && bytes < Some(MOST_BYTES), "{seen}");
    Ok(())
}
