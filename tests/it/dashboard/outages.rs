//! The dashboard while the API is away: it says so, and goes on by itself once it is back.

use anyhow::Result;
use serde_json::json;

use super::console::Console;
use crate::scripts::said;

#[tokio::test]
async fn every_page_says_that_the_api_is_away_and_goes_on_by_itself() -> Result<()> {
    let console = Console::furnished().await?;
    let seen = console.see("away", &json!({})).await?;
    assert_eq!(seen["wrong"], json!({}), "{:#}", seen["wrong"]);
    assert!(seen["pages"].as_u64() > Some(60), "{seen}");
    Ok(())
}

#[tokio::test]
async fn pages_that_are_open_outlive_the_control_plane() -> Result<()> {
    let mut console = Console::start().await?;
    let signs = console.stack.dir().join("signs");
    std::fs::create_dir(&signs)?;
    let browser = console.browser("left-open", &json!({ "signs": signs, "tool": "echo" }));
    let stack = &mut console.stack;
    let dying = async {
        let is_told = |sign: &str| signs.join(sign).exists();
        stack.until("all pages are open", async |_| Ok(is_told("open"))).await?;
        stack.kill("control-plane")?;
        std::fs::write(signs.join("gone"), "")?;
        stack.until("all pages have said so", async |_| Ok(is_told("said"))).await?;
        stack.start_control_plane().await?;
        stack.until("the stream is live again", async |_| Ok(is_told("live"))).await?;
        stack.call("demo", "echo", json!({ "text": "after all" })).await
    };
    let (seen, called) = tokio::try_join!(said(browser), dying)?;
    assert!(called.is_success(), "{called:?}");
    let pages = seen["pages"].as_array().map(Vec::len);
    assert_eq!(seen["said"].as_array().map(Vec::len), pages, "{seen}");
    assert!(seen["same"].as_array().is_some_and(|same| same.iter().all(|same| same == true)), "{seen}");
    let shown = seen["shown"].to_string();
    assert!(!shown.contains("does not answer") && !shown.contains("could not be loaded"), "{shown}");
    Ok(())
}
