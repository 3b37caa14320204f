//! What an organization decides at its pages of settings is what holds.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};

use super::console::Console;

/// Pages without fields of their own.
const WITHOUT_FIELDS: [&str; 2] = ["backup", "jobs"];

fn members<'a>(value: &'a Value, what: &str) -> Result<&'a Map<String, Value>> {
    value.as_object().with_context(|| format!("{what}: {value}"))
}

/// Each field holds something else than before, and was found so.
fn check_changed(what: &str, seen: &Value) -> Result<()> {
    assert_eq!(seen["found"], seen["left"], "{what}");
    let left = members(&seen["left"], what)?;
    ensure!(!left.is_empty(), "{what} has no fields");
    for (field, before) in members(&seen["before"], what)? {
        ensure!(left.get(field) != Some(before), "{what}: {field} is still {before}");
    }
    Ok(())
}

#[tokio::test]
async fn each_setting_is_changed_and_found_as_it_was_left() -> Result<()> {
    let console = Console::start().await?;
    // For those who are told of approvals there must be somebody to choose.
    let channel =
        json!({ "name": "hook", "type": "webhook", "config": { "url": "http://127.0.0.1:9/hook" } });
    console.post("/v1/alerts/channels", channel).await?;
    let seen = console.see("settings", &json!({})).await?;

    let (pages, made) = (members(&seen["pages"], "pages")?, members(&seen["made"], "what was made")?);
    for (page, seen) in pages {
        check_changed(page, seen)?;
    }
    for (thing, seen) in made {
        assert_eq!(seen["made"]["found"], seen["made"]["left"], "{thing}, once it was made");
        check_changed(thing, &seen["changed"])?;
    }
    let names = seen["names"].as_array().context("no pages are listed")?.iter().filter_map(Value::as_str);
    let mut untouched: Vec<_> =
        names.filter(|name| !pages.contains_key(*name) && !made.contains_key(*name)).collect();
    untouched.sort_unstable();
    assert_eq!(untouched, WITHOUT_FIELDS, "no page is left out");
    assert!(seen["job"].as_str().is_some_and(|job| job.contains("Succeeded")), "{}", seen["job"]);

    // Nothing that can be decided has no field.
    let [before, after] = ["before", "after"].map(|when| &seen["documents"][when]);
    for (section, fields) in members(&before["settings"], "settings")? {
        for (field, value) in fields.as_object().into_iter().flatten() {
            assert_ne!(&after["settings"][section][field], value, "{section}.{field}");
        }
    }
    for field in ["name", "billing_email"] {
        assert_ne!(after["organization"][field], before["organization"][field], "{field}");
    }
    Ok(())
}
