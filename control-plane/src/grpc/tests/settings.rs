//! What an organization's settings say about calls.

use gatewayops_proto::control::{DefaultRates, ToolPolicy};
use serde_json::json;

use super::*;

fn told(house: &House, proxy: &Proxy) -> Organization {
    proxy.held.organizations[house.org.as_bytes().as_slice()].clone()
}

#[tokio::test]
async fn an_organization_that_has_decided_nothing_has_the_defaults() {
    let house = House::open().await;
    let proxy = house.proxy().await;
    let organization = told(&house, &proxy);
    let rates = DefaultRates {
        prd_rpm: 1000,
        stg_rpm: 300,
        dev_rpm: 100,
        user_rpm: 600,
        org_rpm: 10_000,
        ip_rpm: 100,
    };
    assert_eq!(organization.default_rates, Some(rates));
    let policy = ToolPolicy {
        safe: "allow".into(),
        sensitive: "allow".into(),
        dangerous: "approve".into(),
        unknown_tool: "sensitive".into(),
        new_tool: "allow".into(),
        changed_tool: "quarantine".into(),
    };
    assert_eq!(organization.tool_policy, Some(policy));
    assert_eq!(organization.approval_hold_seconds, 0);
    assert_eq!(organization.payload_capture, "none");
}

#[tokio::test]
async fn changed_settings_arrive_as_one_small_change() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    proxy.settle(&house).await;
    let decided = json!({
        "rate_limits": {"dev_rpm": 7},
        "tool_policy": {"safe": "approve", "unknown_tool": "dangerous", "new_tool": "warn"},
        "approvals": {"hold_seconds": 15},
        "traces": {"payload_capture": "redacted"},
    });
    house.test.patch("/v1/settings", decided).await.expect(200);
    proxy.until(|held| held.organizations.values().any(|it| it.approval_hold_seconds == 15)).await;
    assert_eq!(proxy.held.changes.len(), 1);
    let organization = told(&house, &proxy);
    assert_eq!(organization.payload_capture, "redacted");
    let (rates, policy) = (organization.default_rates.unwrap(), organization.tool_policy.unwrap());
    assert_eq!((rates.dev_rpm, rates.prd_rpm), (7, 1000));
    assert_eq!(
        [policy.safe.as_str(), &policy.dangerous, &policy.unknown_tool, &policy.new_tool],
        ["approve", "approve", "dangerous", "warn"]
    );
    assert_eq!(house.proxy().await.held.organizations, proxy.held.organizations);
}

#[tokio::test]
async fn while_the_settings_cannot_be_read_every_tool_is_refused() {
    let house = House::open().await;
    let mut proxy = house.proxy().await;
    house
        .sql(
            r#"update organizations set settings = '{"tool_policy": {"dangerous": "perhaps"}}' where id = $1"#,
            house.org,
        )
        .await;
    let policy_of = |held: &Held| held.organizations.values().next().unwrap().tool_policy.clone().unwrap();
    proxy.until(|held| policy_of(held).safe == "deny").await;
    let policy = policy_of(&proxy.held);
    assert_eq!([policy.sensitive, policy.dangerous], ["deny", "deny"]);

    // What has nothing to do with calls does no harm.
    house
        .sql(
            r#"update organizations set settings = '{"security": {"local_login": "moon"}}' where id = $1"#,
            house.org,
        )
        .await;
    proxy.until(|held| policy_of(held).safe == "allow").await;
}
