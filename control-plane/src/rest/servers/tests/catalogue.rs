//! What servers have, as the control plane reads it.

use super::*;

#[tokio::test]
async fn a_refresh_fills_the_catalogue_and_tells_what_changed() {
    let app = TestApp::start().await;
    let fixture = Fixture::start(Kind::Dual).await;
    create(&app, json!({"name": "files", "url": fixture.url})).await;
    let refresh = format!("{SERVERS}/files/refresh");
    let none = json!({"added": 0, "changed": 0, "removed": 0});
    let added = |added: usize| json!({"added": added, "changed": 0, "removed": 0});
    assert_eq!(
        app.post(&refresh, json!({})).await.expect(200),
        json!({"tools": added(3), "resources": added(2), "prompts": added(1)})
    );
    assert_eq!(
        app.post(&refresh, json!({})).await.expect(200),
        json!({"tools": none, "resources": none, "prompts": none})
    );

    let server = app.get(&format!("{SERVERS}/files")).await.expect(200);
    assert_eq!((&server["health"]["status"], &server["tool_count"]), (&json!("healthy"), &json!(3)));
    assert_eq!((&server["protocol_version"], &server["version"]), (&json!("2026-07-28"), &json!(1)));

    fixture.set_tools(vec![
        json!({"name": "echo", "description": "does evil", "inputSchema": {"type": "object"}}),
        json!({"name": "delete_all", "inputSchema": {"type": "object"}}),
    ]);
    let changes = app.post(&refresh, json!({})).await.expect(200);
    assert_eq!(changes["tools"], json!({"added": 1, "changed": 1, "removed": 2}));
    let changed = app.get("/v1/tools?status=new,changed").await.expect(200);
    let echo = &changed["tools"][0];
    assert_eq!((changed["total"].as_i64(), echo["name"].as_str()), (Some(1), Some("echo")));
    assert_eq!(echo["approved_definition"]["description"], "does echo");
    assert_ne!(echo["approved_hash"], echo["schema_hash"]);
    let one = app.get(&format!("/v1/tools/{}", echo["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(&one, echo);
    let server = app.get(&format!("{SERVERS}/files")).await.expect(200);
    assert_eq!((&server["tool_count"], &server["pending_review_count"]), (&json!(2), &json!(1)));

    let original = json!({"name": "echo", "description": "does echo", "inputSchema": {"type": "object"}});
    fixture.set_tools(vec![original]);
    app.post(&refresh, json!({})).await.expect(200);
    assert_eq!(
        app.get("/v1/tools?status=changed").await.expect(200)["total"],
        0,
        "what was approved is approved again"
    );
}

#[tokio::test]
async fn the_catalogue_is_read_by_server_kind_and_filter() {
    let app = TestApp::start().await;
    let fixture = Fixture::start(Kind::Dual).await;
    for name in ["one", "two"] {
        create(&app, json!({"name": name, "url": fixture.url})).await;
        app.post(&format!("{SERVERS}/{name}/refresh"), json!({})).await.expect(200);
    }
    let total = |path: String| {
        let app = &app;
        async move { app.get(&path).await.expect(200)["total"].as_i64().unwrap() }
    };
    for (query, expected) in [
        ("", 6),
        ("mcp_server=one", 3),
        ("server=one,two", 6),
        ("mcp_server=three", 0),
        ("classification=sensitive", 6),
        ("classification=dangerous", 0),
        ("q=does+ec", 2),
        ("status=removed", 0),
    ] {
        assert_eq!(total(format!("/v1/tools?{query}")).await, expected, "{query}");
    }
    assert_eq!(total(format!("{SERVERS}/one/tools?q=add")).await, 1);
    let resources = app.get(&format!("{SERVERS}/one/resources?sort=name")).await.expect(200);
    assert_eq!(resources["resources"][0]["uri"], "demo://about");
    assert_eq!(resources["resources"][1]["is_template"], true);
    let prompts = app.get(&format!("{SERVERS}/one/prompts")).await.expect(200);
    assert_eq!(prompts["prompts"][0]["name"], "greet");
    let (_, other) = app.other_organization().await;
    assert_eq!(app.get_as(&other, "/v1/tools").await.expect(200)["total"], 0);
}

#[tokio::test]
async fn a_server_that_cannot_be_read_is_unhealthy_and_keeps_its_catalogue() {
    let app = TestApp::start().await;
    let fixture = Fixture::start(Kind::Dual).await;
    create(&app, json!({"name": "files", "url": fixture.url})).await;
    let refresh = format!("{SERVERS}/files/refresh");
    app.post(&refresh, json!({})).await.expect(200);
    fixture.become_kind(Kind::Plain(http::StatusCode::SERVICE_UNAVAILABLE, "secret body"));
    let answer = app.post(&refresh, json!({})).await;
    assert!(!answer.text.contains("secret body"));
    assert_eq!(answer.body["error"]["details"]["mcp_server"], "files");
    assert_eq!(answer.body["error"]["details"]["reason"], "status");
    assert_eq!(answer.refused(502), "upstream_error");
    let server = app.get(&format!("{SERVERS}/files")).await.expect(200);
    assert_eq!((&server["health"]["status"], &server["tool_count"]), (&json!("unhealthy"), &json!(3)));
    assert_eq!(app.post(&format!("{SERVERS}/files/test"), json!({})).await.expect(200)["ok"], false);
    let moved = app.patch(&format!("{SERVERS}/files"), json!({"url": "http://x/mcp"})).await.expect(200);
    assert_eq!(moved["health"]["status"], "unknown");
}
