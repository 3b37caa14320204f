//! Who gets in, what each of them sees, and what they hand to clients.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::console::{Console, text};

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

/// Somebody whose only role is the one that comes with a team.
async fn member(console: &Console, team: &str, account: &str, role: &str) -> Result<()> {
    somebody(console, account, "viewer").await?;
    let user = console.provider.enter(&console.stack, account).await?;
    let given = console.first(&format!("/v1/role-assignments?user_id={user}")).await?;
    let taken = console.stack.rest_delete(&format!("/v1/role-assignments/{}", text(&given, "id")?)).await?;
    assert_eq!(taken.status, 204, "{taken:?}");
    console.post(&format!("/v1/teams/{team}/members"), json!({ "user_id": user, "role": role })).await?;
    Ok(())
}

#[tokio::test]
async fn each_role_is_shown_what_it_may_see_and_offered_what_it_may_do() -> Result<()> {
    let console = Console::furnished().await?;
    let roles = console.stack.rest("/v1/roles?limit=200").await?;
    let built_in = roles.body["roles"].as_array().context("no roles")?.iter();
    let built_in: Vec<_> =
        built_in.filter(|role| role["is_builtin"] == true).filter_map(|role| role["name"].as_str()).collect();
    let team = text(&console.first("/v1/teams").await?, "id")?;
    let mut people = Vec::new();
    for role in &built_in {
        let account = format!("a-{}", role.replace('_', "-"));
        match role.strip_prefix("team_") {
            Some(role) => member(&console, &team, &account, role).await?,
            None => somebody(&console, &account, role).await?,
        }
        people.push(json!({ "role": role, "account": account }));
    }
    let seen = console.see("allowed", &json!({ "people": people })).await?;
    assert!(["viewer", "developer", "security", "billing"].iter().all(|role| built_in.contains(role)));
    let wrong: Vec<_> = built_in
        .iter()
        .map(|role| (role, &seen[role]["wrong"]))
        .filter(|(_, wrong)| **wrong != json!([]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for role in built_in {
        let counted = [&seen[role]["pages"], &seen[role]["actions"]].map(Value::as_u64);
        assert!(counted[0] > Some(30) && counted[1] > Some(15), "{role}: {}", seen[role]);
    }
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
