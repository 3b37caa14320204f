use serde_json::{Value, json};

use crate::{config::Config, testing::TestApp};

fn both(config: &mut Config) {
    config.slack_webhook_url = Some("https://hooks.slack.com/services/hush".into());
    config.alerts.pagerduty_routing_key = Some("hush-hush".into());
}

async fn channels(test: &TestApp) -> Vec<Value> {
    let list = test.get("/v1/alerts/channels?sort=name").await.expect(200);
    list["channels"].as_array().unwrap().clone()
}

#[tokio::test]
async fn the_environment_gives_the_first_organization_its_channels() {
    let test = TestApp::start_with(both).await;
    let found = channels(&test).await;
    let [pagerduty, slack] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&slack["name"], &slack["type"]), (&json!("slack-default"), &json!("slack")));
    assert_eq!((&pagerduty["name"], &pagerduty["type"]), (&json!("pagerduty-default"), &json!("pagerduty")));
    assert_eq!(slack["config"], json!({"webhook_url_set": true, "channel": null}));
    for channel in &found {
        assert_eq!((&channel["managed_by"], &channel["version"]), (&json!("env"), &json!(1)));
        let path = format!("/v1/alerts/channels/{}", channel["id"].as_str().unwrap());
        assert_eq!(test.delete(&path).await.refused(409), "immutable");
        assert_eq!(test.patch(&path, json!({"name": "mine"})).await.refused(409), "immutable");
        let other = json!({"config": {"webhook_url": "https://hooks.slack.com/services/other"}});
        if channel["type"] == "slack" {
            assert_eq!(test.patch(&path, other).await.refused(409), "immutable");
        }
        test.patch(&path, json!({"min_severity": "critical"})).await.expect(200);
    }
}

#[tokio::test]
async fn a_later_start_changes_what_has_changed_and_lets_go_of_what_is_gone() {
    let before = TestApp::start_with(both).await;
    let ids: Vec<_> = channels(&before).await.iter().map(|channel| channel["id"].clone()).collect();
    let template = before.into_template().await;

    let same = template.start_with(both).await;
    assert!(channels(&same).await.iter().all(|channel| channel["version"] == 1));

    let changed = |config: &mut Config| {
        config.slack_webhook_url = Some("https://hooks.slack.com/services/another".into());
    };
    let test = template.start_with(changed).await;
    let found = channels(&test).await;
    assert_eq!(found.iter().map(|channel| channel["id"].clone()).collect::<Vec<_>>(), ids);
    let [pagerduty, slack] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&slack["managed_by"], &slack["version"]), (&json!("env"), &json!(2)));
    assert_eq!(pagerduty["managed_by"], "api");
    let path = format!("/v1/alerts/channels/{}", pagerduty["id"].as_str().unwrap());
    test.delete(&path).await.expect(204);
}
