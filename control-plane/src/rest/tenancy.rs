//! The promise that another organization's key sees nothing of this one's, through any route there is.
//!
//! The routes come from the OpenAPI document, so a new one is walked without being named here.

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::document_json;
use crate::{
    id::OrgId,
    testing::{TestApp, detections::detection, sign_in::provider_form},
};

/// Stands in every name that the organization has, and in nobody else's.
const MARK: &str = "tenantmark";
const TRACE_ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// What one organization has, by the name of the path parameter that leads to it.
struct Belongings {
    key: String,
    server: String,
    role: String,
    team: String,
    user: String,
    invite: String,
    provider: String,
    classification: String,
    permission: String,
    approval: String,
    audited: String,
    rate_limit: String,
    budget: String,
    policy: String,
    detection: String,
    webhook: String,
    job: String,
    alert_rule: String,
    alert_channel: String,
    alert_silence: String,
    alert: String,
    exporter: String,
    span_row: Uuid,
}

#[tokio::test]
async fn another_organizations_key_sees_nothing_through_any_route() {
    let app = TestApp::start_with(|config| config.egress_allow_private = true).await;
    let (_, other) = app.other_organization().await;
    let own = belongings(&app).await;
    let before = own_view(&app, &own).await;
    let document: Value = serde_json::from_str(&document_json()).unwrap();
    let mut walked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "parameters") {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            for target in targets(path, &own) {
                let body = (method != Method::GET).then(|| json!({}));
                let answer = app.request(&other, method.clone(), &target, &[], body).await;
                let what = format!("{method} {target}: {} {}", answer.status, answer.text);
                assert!(!answer.text.contains(MARK), "{what}");
                let leads_to_a_row = target.contains(&own.key)
                    || target.contains(&own.server)
                    || target.contains(&own.role)
                    || target.contains(&own.team)
                    || target.contains(&own.user)
                    || target.contains(&own.invite)
                    || target.contains(&own.provider)
                    || target.contains(&own.classification)
                    || target.contains(&own.permission)
                    || target.contains(&own.approval)
                    || target.contains(&own.audited)
                    || target.contains(&own.rate_limit)
                    || target.contains(&own.budget)
                    || target.contains(&own.policy)
                    || target.contains(&own.detection)
                    || target.contains(&own.webhook)
                    || target.contains(&own.job)
                    || target.contains(&own.alert_rule)
                    || target.contains(&own.alert_channel)
                    || target.contains(&own.alert_silence)
                    || target.contains(&own.alert)
                    || target.contains(&own.exporter)
                    || target.contains(TRACE_ID)
                    || target.contains(&own.span_row.to_string());
                assert!(!(leads_to_a_row && answer.status.is_success()), "{what}");
                walked += 1;
            }
        }
    }
    assert!(walked > 40, "only {walked} requests were made");
    assert_eq!(own_view(&app, &own).await, before, "and it could change nothing either");
}

#[tokio::test]
async fn row_level_security_holds_where_a_query_forgets_its_filter() {
    let app = TestApp::start_with(|config| config.egress_allow_private = true).await;
    let (other, _) = app.other_organization().await;
    belongings(&app).await;
    let mut tx = app.app.database.worker().await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "select c.table_name::text from information_schema.columns c
         join pg_class t on t.relname = c.table_name and t.relkind in ('r', 'p') and not t.relispartition
         where c.table_schema = 'public' and c.column_name = 'org_id' order by 1",
    )
    .fetch_all(&mut *tx)
    .await
    .unwrap();
    let mut filled = 0;
    for table in &tables {
        filled += i32::from(rows_of(&mut tx, table, app.org).await > 0);
    }
    assert!(tables.len() > 30 && filled >= 6, "{filled} of {} tables have rows to hide", tables.len());
    drop(tx);
    for table in tables {
        // A table of its own transaction: one that the role may not read at all ends it.
        let mut tx = app.app.database.tenant(other).await.unwrap();
        let seen: Result<i64, _> = sqlx::query_scalar(AssertSqlSafe(format!(
            "select count(*) from {table} where org_id <> current_setting('app.org_id')::uuid"
        )))
        .fetch_one(&mut *tx)
        .await;
        assert!(matches!(seen, Ok(0) | Err(_)), "{table} shows {seen:?} rows of another organization");
    }
}

async fn rows_of(conn: &mut PgConnection, table: &str, org: OrgId) -> i64 {
    sqlx::query_scalar(AssertSqlSafe(format!("select count(*) from {table} where org_id = $1")))
        .bind(org)
        .fetch_one(conn)
        .await
        .unwrap()
}

async fn belongings(app: &TestApp) -> Belongings {
    let key = app.post("/v1/api-keys", json!({ "name": MARK })).await.expect(201);
    let server = json!({ "name": MARK, "url": format!("http://127.0.0.1:1/{MARK}"), "description": MARK });
    let server = app.post("/v1/mcp-servers", server).await.expect(201);
    let role = json!({ "name": MARK, "permissions": ["mcp:*"] });
    let role = app.post("/v1/roles", role).await.expect(201);
    let team = app.post("/v1/teams", json!({ "name": MARK })).await.expect(201);
    let user = app.user(MARK, Some(MARK)).await;
    app.post(&format!("/v1/teams/{}/members", team["id"].as_str().unwrap()), json!({ "user_id": user }))
        .await
        .expect(201);
    let invite = json!({ "email": format!("{MARK}@elsewhere.example") });
    let invite = app.post("/v1/users/invite", invite).await.expect(201);
    let mut provider = provider_form("http://127.0.0.1:1");
    provider["name"] = json!(MARK);
    let provider = app.post("/v1/sso/providers", provider).await.expect(201);
    let rule = json!({ "mcp_server": MARK, "tool_name": MARK, "classification": "safe" });
    let classification = app.post("/v1/tool-classifications", rule).await.expect(201);
    let rule = json!({ "subject_type": "user", "subject_id": user, "mcp_server": MARK, "tool_name": MARK });
    let permission = app.post("/v1/tool-permissions", rule).await.expect(201);
    let approval = json!({ "mcp_server": MARK, "tool_name": MARK, "arguments": {}, "reason": MARK });
    let approval = app.post("/v1/approvals", approval).await.expect(201);
    let rate_limit = json!({ "name": MARK, "scope_type": "server", "scope_value": MARK, "limit": 1 });
    let rate_limit = app.post("/v1/rate-limits", rate_limit).await.expect(201);
    let budget = json!({ "name": MARK, "scope_type": "organization", "amount": "1", "enforce": true });
    let budget = app.post("/v1/budgets", budget).await.expect(201);
    let policy = app.post("/v1/safety-policies", json!({ "name": MARK })).await.expect(201);
    let exporter = json!({ "name": MARK, "endpoint": format!("http://127.0.0.1:1/{MARK}"),
        "protocol": "http_json", "headers": { "x-mark": MARK } });
    let exporter = app.post("/v1/telemetry/exporters", exporter).await.expect(201);
    let found =
        json!({ "rule": MARK, "mcp_server": MARK, "tool_name": MARK, "snippet": MARK, "trace_id": TRACE_ID });
    let found = app.detect(vec![detection(found)]).await.remove(0);
    let hook = json!({ "url": format!("http://127.0.0.1:1/{MARK}"), "description": MARK, "events": ["*"] });
    let webhook = app.post("/v1/webhooks", hook).await.expect(201);
    app.post(&format!("/v1/webhooks/{}/test", webhook["id"].as_str().unwrap()), json!({})).await.expect(200);
    let backfill = json!({ "type": "rollup_backfill", "params": { "start_time": "2026-01-01T00:00:00Z" } });
    let job = app.post("/v1/jobs", backfill).await.expect(202);
    let channel = json!({ "name": MARK, "type": "email", "config": { "to": format!("{MARK}@example.com") } });
    let channel = app.post("/v1/alerts/channels", channel).await.expect(201);
    let rule = json!({ "name": MARK, "metric": "error_rate", "condition": "gt", "threshold": 1, "description": MARK,
        "channel_ids": [channel["id"]], "filters": { "mcp_servers": [MARK] } });
    let alert_rule = app.post("/v1/alerts/rules", rule).await.expect(201);
    let silence =
        json!({ "reason": MARK, "starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-02-01T00:00:00Z" });
    let silence = app.post("/v1/alerts/silences", silence).await.expect(201);
    let alert = app.post("/v1/alerts/test", json!({ "rule_id": alert_rule["id"] })).await.expect(201);
    let span_row = Uuid::now_v7();
    let mut tx = app.app.database.worker().await.unwrap();
    sqlx::query(
        "insert into traces (id, org_id, trace_id, span_id, operation_name, mcp_server, tool_name, status, duration_ms,
            is_root, kind, environment, request_bytes, response_bytes, proxy_id, metadata, started_at, ended_at)
         values ($1, $2, $3, '00f067aa0ba902b7', 'tools/call', $4, $4, 'success', 1, true, 'server', 'dev', 1, 1, $4,
            '{}', now(), now())",
    )
    .bind(span_row)
    .bind(app.org)
    .bind(TRACE_ID)
    .bind(MARK)
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query(
        "insert into costs (id, org_id, trace_id, mcp_server, tool_name, cost_usd, environment, created_at)
         values ($1, $2, $1, $3, $3, 0.5, 'dev', now())",
    )
    .bind(span_row)
    .bind(app.org)
    .bind(MARK)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let audited = app.get("/v1/audit-logs?limit=1").await.expect(200)["audit_logs"][0].clone();
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    Belongings {
        key: id(&key),
        server: id(&server),
        role: id(&role),
        team: id(&team),
        user: user.to_string(),
        invite: id(&invite),
        provider: id(&provider),
        classification: id(&classification),
        permission: id(&permission),
        approval: id(&approval),
        audited: id(&audited),
        rate_limit: id(&rate_limit),
        budget: id(&budget),
        policy: id(&policy),
        detection: found,
        webhook: id(&webhook),
        job: id(&job),
        alert_rule: id(&alert_rule),
        alert_channel: id(&channel),
        alert_silence: id(&silence),
        alert: id(&alert),
        exporter: id(&exporter),
        span_row,
    }
}

/// The path with everything of the organization's in the place of its parameters.
fn targets(path: &str, own: &Belongings) -> Vec<String> {
    if !path.contains('{') {
        return vec![path.to_owned()];
    }
    let row = own.span_row.to_string();
    let ids: [&str; 25] = [
        &own.key,
        &own.server,
        &own.role,
        &own.team,
        &own.user,
        &own.invite,
        &own.provider,
        &own.classification,
        &own.permission,
        &own.approval,
        &own.audited,
        &own.rate_limit,
        &own.budget,
        &own.policy,
        &own.detection,
        &own.webhook,
        &own.job,
        &own.alert_rule,
        &own.alert_channel,
        &own.alert_silence,
        &own.alert,
        &own.exporter,
        MARK,
        TRACE_ID,
        &row,
    ];
    ids.map(|id| {
        let filled = path.replace("{span_id}", "00f067aa0ba902b7");
        let (mut target, mut rest) = (String::new(), &*filled);
        while let Some((before, after)) = rest.split_once('{') {
            target.push_str(before);
            target.push_str(id);
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        target + rest
    })
    .into()
}

/// What the organization itself sees of its things.
async fn own_view(app: &TestApp, own: &Belongings) -> Vec<Value> {
    let paths = [
        format!("/v1/api-keys/{}", own.key),
        format!("/v1/mcp-servers/{}", own.server),
        format!("/v1/roles/{}", own.role),
        format!("/v1/teams/{}", own.team),
        format!("/v1/teams/{}/members", own.team),
        format!("/v1/role-assignments?role_id={}", own.role),
        format!("/v1/users/{}", own.user),
        "/v1/users/invites".to_owned(),
        format!("/v1/sso/providers/{}", own.provider),
        format!("/v1/tool-classifications/{}", own.classification),
        format!("/v1/tool-permissions/{}", own.permission),
        format!("/v1/approvals/{}", own.approval),
        format!("/v1/rate-limits/{}", own.rate_limit),
        format!("/v1/budgets/{}", own.budget),
        format!("/v1/safety-policies/{}", own.policy),
        format!("/v1/safety/detections/{}", own.detection),
        format!("/v1/webhooks/{}", own.webhook),
        format!("/v1/webhooks/{}/deliveries", own.webhook),
        format!("/v1/jobs/{}", own.job),
        format!("/v1/alerts/rules/{}", own.alert_rule),
        format!("/v1/alerts/channels/{}", own.alert_channel),
        format!("/v1/alerts/silences/{}", own.alert_silence),
        format!("/v1/alerts/{}", own.alert),
        "/v1/alerts/notifications".to_owned(),
        format!("/v1/telemetry/exporters/{}", own.exporter),
        format!("/v1/traces/{TRACE_ID}"),
        format!("/v1/audit-logs/{}", own.audited),
    ];
    let mut view = Vec::new();
    for path in paths {
        view.push(app.get(&path).await.expect(200));
    }
    view
}
