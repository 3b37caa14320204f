//! The pages are for everybody: whatever they see, and whatever they have to press.

use anyhow::{Context, Result};
use serde_json::json;

use super::{
    console::{Console, DANGEROUS},
    furnished::ALERT,
};

#[tokio::test]
async fn axe_finds_nothing_serious_on_any_page_light_or_dark() -> Result<()> {
    let console = Console::furnished().await?;
    let seen = console.see("accessible", &json!({})).await?;
    assert_eq!(seen["faults"], json!({}), "{:#}", seen["faults"]);
    assert_eq!(seen["left"], json!([]), "not in dashboard/e2e/pages.mjs");
    assert!(seen["pages"].as_u64() > Some(70), "{seen}");
    Ok(())
}

#[tokio::test]
async fn the_ten_commonest_things_are_done_by_the_keyboard_alone() -> Result<()> {
    let console = Console::furnished().await?;
    let plan = json!({ "password": "password", "tool": DANGEROUS, "alert": ALERT });
    let seen = console.see("by-keyboard", &plan).await?;
    assert_eq!(seen["pointed"], 0, "nothing pointed at a page");
    let did = seen["did"].as_object().with_context(|| format!("{seen}"))?;
    assert_eq!(did.len(), 10, "{seen}");
    assert_eq!((&did["went"], &did["opened"]), (&json!("/traces"), &json!("/trace")), "{seen}");
    assert!(did["found"].as_array().is_some_and(|found| !found.is_empty()), "{seen}");
    for (what, said) in [
        ("moved", "gatewayops.approval.wait"),
        ("time", "Last 7 days"),
        ("called", "by keyboard"),
        ("approved", "Nobody waits"),
        ("acknowledged", "on it"),
        ("made", "gwo_"),
    ] {
        assert!(did[what].as_str().is_some_and(|seen| seen.contains(said)), "{what}: {}", did[what]);
    }
    Ok(())
}
