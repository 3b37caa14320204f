use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::{
    config::Config,
    testing::{self, TestApp},
};

const SERVER: &str = "/v1/mcp-servers/files";

fn variables(url: &str, token: Option<&str>) -> Vec<EnvServer> {
    vec![EnvServer { name: "files".into(), url: url.into(), token: token.map(Into::into) }]
}

async fn start(servers: Vec<EnvServer>) -> TestApp {
    TestApp::start_with(|config| config.env_servers = servers).await
}

/// The same database under another environment.
fn restarted(app: &TestApp, env_servers: Vec<EnvServer>) -> Arc<App> {
    let config = Config { env_servers, ..testing::config() };
    App::new(config, app.app.database.clone(), app.app.peppers.clone(), app.app.derived.clone()).unwrap()
}

#[tokio::test]
async fn a_server_of_the_environment_is_there_at_start() {
    let app = start(variables("http://files:8080/mcp", Some("hush"))).await;
    let server = app.get(SERVER).await.expect(200);
    assert_eq!(server["url"], "http://files:8080/mcp");
    assert_eq!(server["managed_by"], "env");
    assert_eq!((&server["auth"]["type"], &server["auth"]["token_set"]), (&json!("bearer"), &json!(true)));
    assert_eq!(server["pricing"]["per_call"], "0.001000");
}

#[tokio::test]
async fn what_the_environment_gives_is_immutable_and_the_rest_is_not() {
    let app = start(variables("http://files:8080/mcp", Some("hush"))).await;
    for (change, field) in [
        (json!({"url": "http://other/mcp"}), "url"),
        (json!({"auth": {"token": "other"}}), "auth"),
        (json!({"auth": {"type": "none", "token": null}}), "auth"),
    ] {
        let answer = app.patch(SERVER, change).await;
        assert_eq!(answer.body["error"]["details"]["field"], field);
        assert_eq!(answer.refused(409), "immutable");
    }
    assert_eq!(app.delete(SERVER).await.refused(409), "immutable");
    let patched =
        app.patch(SERVER, json!({"description": "mine", "url": "http://files:8080/mcp"})).await.expect(200);
    assert_eq!(patched["description"], "mine");
}

#[tokio::test]
async fn a_second_start_changes_nothing_and_a_new_value_does() {
    let app = start(variables("http://files:8080/mcp", Some("hush"))).await;
    app.patch(SERVER, json!({"timeout_ms": 5000})).await.expect(200);
    apply_environment(&app.app, app.org).await.unwrap();
    assert_eq!(app.get(SERVER).await.expect(200)["version"], 2);

    let moved = restarted(&app, variables("http://moved/mcp", Some("hush")));
    apply_environment(&moved, app.org).await.unwrap();
    let server = app.get(SERVER).await.expect(200);
    assert_eq!((&server["url"], &server["timeout_ms"]), (&json!("http://moved/mcp"), &json!(5000)));
}

#[tokio::test]
async fn a_server_that_left_the_environment_can_be_removed_and_one_that_enters_it_cannot() {
    let app = start(variables("http://files:8080/mcp", None)).await;
    app.post("/v1/mcp-servers", json!({"name": "mine", "url": "http://mine/mcp"})).await.expect(201);
    let servers = vec![EnvServer { name: "mine".into(), url: "http://theirs/mcp".into(), token: None }];
    apply_environment(&restarted(&app, servers), app.org).await.unwrap();
    app.delete(SERVER).await.expect(204);
    let entered = app.get("/v1/mcp-servers/mine").await.expect(200);
    assert_eq!((&entered["managed_by"], &entered["url"]), (&json!("env"), &json!("http://theirs/mcp")));
    assert_eq!(app.delete("/v1/mcp-servers/mine").await.refused(409), "immutable");
}

#[tokio::test]
async fn a_variable_that_no_server_can_be_made_of_is_named() {
    let app = TestApp::start().await;
    let bad = restarted(&app, variables("http://me:pw@files/mcp", None));
    let error = apply_environment(&bad, app.org).await.unwrap_err();
    assert!(error.message.starts_with("MCP_SERVER_FILES_URL"), "{error}");
    assert!(!error.to_string().contains("pw"), "{error}");
}
