//! Everything is killed and starts again: rules, channels, silences and what is open are as they were, and nobody is told
//! twice.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::*;
use crate::own_redis::OwnRedis;

/// What people have set up and what is open, as REST shows it; without what every evaluation writes anew.
async fn view(stack: &Stack) -> Result<Vec<(&'static str, Value)>> {
    const LISTS: [(&str, &str); 5] = [
        ("alerts/rules", "rules"),
        ("alerts/channels", "channels"),
        ("alerts/silences", "silences"),
        ("alerts", "alerts"),
        ("alerts/notifications", "notifications"),
    ];
    let mut view = Vec::new();
    for (path, list) in LISTS {
        let mut shown = stack.rest(&format!("/v1/{path}?limit=200")).await?;
        let rows = shown.body[list].as_array_mut().with_context(|| format!("{path} has no {list}"))?;
        ensure!(!rows.is_empty(), "{path} is empty");
        for row in rows {
            for moving in ["value", "last_value", "last_evaluated_at", "updated_at"] {
                row.as_object_mut().context("no row")?.remove(moving);
            }
        }
        view.push((path, shown.body));
    }
    Ok(view)
}

#[tokio::test]
async fn rules_channels_silences_and_open_incidents_survive_a_restart_of_everything() -> Result<()> {
    let mut redis = OwnRedis::start().await?;
    let url = redis.url();
    let mut house = House::start_with(Duration::ZERO, |stack| stack.set("REDIS_URL", url)).await?;
    let failing = |tools: Value| {
        json!({ "metric": "error_rate", "condition": "gt", "threshold": 0.5,
            "filters": { "mcp_servers": ["demo"], "tool_names": tools } })
    };
    let open = house.rule("open", failing(json!(["fail", "echo"]))).await?;
    let seen_to = house.rule("seen to", failing(json!(["fail", "echo", "slow"]))).await?;
    let silenced = house.rule("silenced", failing(json!(["fail"]))).await?;
    house
        .rule("off", json!({ "metric": "request_rate", "condition": "gt", "threshold": 0, "enabled": false }))
        .await?;
    let silence = json!({ "rule_ids": [silenced], "reason": "we know",
        "ends_at": chrono::Utc::now() + Duration::from_secs(3600) });
    ensure!(house.stack.rest_post("/v1/alerts/silences", silence).await?.status == 201);
    house.stack.caught_up().await?;

    house.call("fail", json!({ "message": "no" }), 4).await?;
    house.hears(&open, "alert.firing").await?;
    let heard = house.hears(&seen_to, "alert.firing").await?;
    house.alert_action(&heard, "acknowledge", "on it").await?;
    house.hears(&seen_to, "alert.acknowledged").await?;
    let path = format!("/v1/alerts?rule_id={silenced}");
    house
        .stack
        .until("the silenced one is open, and everybody who is told was told", async |stack| {
            let shown = stack.rest(&path).await?;
            let waiting = stack.rest("/v1/alerts/notifications?status=pending").await?;
            Ok(shown.body["alerts"][0]["status"] == "firing" && waiting.body["notifications"] == json!([]))
        })
        .await?;
    let before = view(&house.stack).await?;

    house.stack.kill("proxy")?;
    house.stack.kill("control-plane")?;
    redis.kill()?;
    redis.start_again().await?;
    house.stack.start_control_plane().await?;
    house.stack.start_proxy().await?;

    for (was, is) in before.into_iter().zip(view(&house.stack).await?) {
        assert_eq!(was, is);
    }
    // A rule that is new shows that all are evaluated again.
    let sentinel = house.rule("sentinel", failing(json!(["fail", "echo"]))).await?;
    house.hears(&sentinel, "alert.firing").await?;
    assert_eq!(house.told(&open, "alert.firing")?.len(), 1, "what is open is not told of again");
    assert_eq!(house.told(&seen_to, "alert.firing")?.len(), 1);

    house.call("echo", json!({ "text": "fine" }), 30).await?;
    for rule in [&open, &seen_to] {
        house.hears(rule, "alert.resolved").await?;
        assert_eq!(house.told(rule, "alert.resolved")?.len(), 1);
    }
    assert!(house.told(&silenced, "alert.firing")?.is_empty(), "the silence holds");
    Ok(())
}
