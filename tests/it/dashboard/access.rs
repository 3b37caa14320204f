//! Who gets in, what each of them sees, and what they hand to clients.

use anyhow::{Context, Result};
use serde_json::json;

use super::console::Console;

#[tokio::test]
async fn somebody_signs_in_by_the_provider_and_invites_somebody_who_joins() -> Result<()> {
    let console = Console::start().await?;
    let invited =
        json!({ "email": "grace@example.com", "name": "Grace Guest", "password": "correct horse battery" });
    let seen = console.see("joined", &json!({ "invited": invited })).await?;
    assert_eq!(seen["landed"], "/team", "on the page that was asked for: {seen}");
    assert!(seen["menu"].as_str().is_some_and(|menu| menu.contains("Ada Admin")), "{}", seen["menu"]);
    assert_eq!(seen["link"], console.stack.control_url("/invite"));
    let joined = json!({ "email": "grace@example.com", "name": "Grace Guest", "roles": ["viewer"] });
    assert_eq!(seen["joined"], joined);
    let navigation = seen["navigation"].to_string();
    assert!(navigation.contains("Traces") && !navigation.contains("API keys"), "{navigation}");
    let people = seen["people"].as_str().context("nobody is listed")?;
    assert!(people.contains("grace@example.com") && people.contains("viewer"), "{people}");
    assert!(seen["again"].as_str().is_some_and(|said| said.contains("no longer good")), "{}", seen["again"]);
    Ok(())
}

/// With an account at the provider.
async fn somebody(console: &Console, account: &str, role: &str) -> Result<()> {
    console.provider.administer(&console.stack, "accounts", json!({ "sub": account })).await?;
    console.invite(account, role).await
}

#[tokio::test]
async fn each_role_is_shown_what_it_may_see_and_offered_what_it_may_do() -> Result<()> {
    const ROLES: [&str; 4] = ["viewer", "developer", "security", "billing"];
    let console = Console::furnished().await?;
    let mut people = Vec::new();
    for role in ROLES {
        let account = format!("a-{role}");
        somebody(&console, &account, role).await?;
        people.push(json!({ "role": role, "account": account }));
    }
    let seen = console.see("allowed", &json!({ "people": people })).await?;
    for role in ROLES {
        let seen = &seen[role];
        assert_eq!(seen["wrong"], json!([]), "{role}: {seen:#}");
        assert!(seen["pages"].as_u64() > Some(40), "{role}: {seen}");
    }
    // They differ, and so does what they are offered.
    let offered = |role: &str| seen[role]["offered"].as_u64();
    assert_eq!(offered("viewer"), Some(0), "{seen}");
    assert!(offered("security") > offered("developer") && offered("billing") > Some(0), "{seen}");
    Ok(())
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_the_gateway_until_it_is_rotated_or_revoked() -> Result<()> {
    let console = Console::start().await?;
    let plan = json!({ "key": "agent", "mcp": console.stack.proxy_url("/mcp/demo") });
    let seen = console.see("keyed", &plan).await?;
    let hello = json!({ "status": 200, "text": "hello" });
    assert_eq!([&seen["called"], &seen["rotated"]], [&hello, &hello], "{seen}");
    assert_eq!([&seen["old"]["status"], &seen["revoked"]["status"]], [401, 401], "{seen}");
    assert_eq!((&seen["differ"], &seen["isShown"]), (&json!(true), &json!([false, false])), "{seen}");
    let offered = seen["offered"].to_string();
    assert!(!offered.contains("Rotate") && !offered.contains("Revoke"), "{offered}");
    Ok(())
}
