//! What a key was used for.

use super::*;

#[tokio::test]
async fn usage_adds_up_traces_and_costs() {
    let test = TestApp::start().await;
    let key = make(&test, json!({"name": "a"})).await;
    let id: uuid::Uuid = key["id"].as_str().unwrap().parse().unwrap();
    let mut tx = test.app.database.worker().await.unwrap();
    for (status, tool, cost) in
        [("success", "read", Some("0.001")), ("error", "read", Some("0.0005")), ("blocked", "drop", None)]
    {
        let span = uuid::Uuid::now_v7();
        sqlx::query(
            "insert into traces (id, org_id, trace_id, span_id, operation_name, mcp_server, tool_name, status,
                duration_ms, api_key_id, started_at, ended_at, is_root, kind, proxy_id)
             values ($1, $2, 't', 's', 'tools/call', 'files', $3, $4, 1, $5, now(), now(), true, 'server', 'p')",
        )
        .bind(span)
        .bind(test.org)
        .bind(tool)
        .bind(status)
        .bind(id)
        .execute(&mut *tx)
        .await
        .unwrap();
        if let Some(cost) = cost {
            sqlx::query(
                "insert into costs (id, org_id, trace_id, mcp_server, tool_name, api_key_id, cost_usd)
                 values ($1, $2, $1, 'files', $3, $4, $5::numeric)",
            )
            .bind(span)
            .bind(test.org)
            .bind(tool)
            .bind(id)
            .bind(cost)
            .execute(&mut *tx)
            .await
            .unwrap();
        }
    }
    tx.commit().await.unwrap();
    let usage = test.get(&path(&key, "/usage?period=day")).await.expect(200);
    assert_eq!(
        (
            &usage["total_requests"],
            &usage["error_count"],
            &usage["blocked_count"],
            &usage["total_cost"],
            &usage["currency"]
        ),
        (&json!(3), &json!(1), &json!(1), &json!("0.001500"), &json!("USD"))
    );
    let days = usage["daily"].as_array().unwrap();
    assert_eq!(days.len(), 2, "the last 24 hours touch two days");
    assert_eq!(days[1]["total_requests"], 3);
    assert_eq!(
        (&usage["by_server"][0]["mcp_server"], &usage["by_server"][0]["total_cost"]),
        (&json!("files"), &json!("0.001500"))
    );
    assert_eq!(
        (&usage["by_tool"][0]["tool_name"], &usage["by_tool"][0]["total_requests"]),
        (&json!("read"), &json!(2))
    );
    assert_eq!(test.get(&path(&key, "/usage?tool=x")).await.refused(400), "invalid_request");
}
