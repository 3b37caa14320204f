//! Somebody is told that something is wrong, and looks after it.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;

use super::console::Console;
use crate::receiver::Receiver;

#[tokio::test]
async fn an_alert_of_a_new_rule_fires_and_is_acknowledged_and_the_receiver_hears_both() -> Result<()> {
    let (console, receiver) = (Console::start().await?, Receiver::start(Duration::ZERO).await?);
    console.fail(4).await?;
    let plan =
        json!({ "hook": receiver.url(), "secret": Receiver::secret(), "rule": "failing", "note": "on it" });
    let seen = console.see("alerted", &plan).await?;
    assert!(seen["tried"].as_str().is_some_and(|said| said.contains("took the test")), "{seen}");
    let alert = seen["alert"].as_str().unwrap_or_default();
    assert!(alert.contains("Acknowledged") && alert.contains("on it"), "{alert}");
    assert!(alert.contains("ada@example.com"), "who looks after it: {alert}");
    assert_eq!(seen["isOffered"], false, "it is acknowledged once");
    let told = |kind: &str| -> Result<usize> {
        let messages = receiver.messages()?.into_iter();
        let of_rule =
            messages.filter(|message| message.alert["rule_name"] == "failing" && message.kind == kind);
        Ok(of_rule.count())
    };
    console
        .stack
        .until("the receiver has heard of both", async |_| {
            Ok(told("alert.firing")? == 1 && told("alert.acknowledged")? == 1)
        })
        .await
}
