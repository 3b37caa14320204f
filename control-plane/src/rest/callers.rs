//! Who gets what of every route: nobody, another organization's administrator, and each built-in role.
//!
//! The routes come from the OpenAPI document, the statuses from `callers.txt` beside this file. A new route without a
//! row fails; `CALLERS=write cargo test -p gatewayops-control-plane every_route` writes the rows anew, to be read.

use std::fmt::Write;

use axum::http::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::document_json;
use crate::{
    config::Config,
    service::audit::sign::sign_moved,
    testing::{Template, TestApp, calls::Call, detections::detection, sign_in::provider_form},
};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rest/callers.txt");
const SPAN: &str = "00f067aa0ba902b7";
const MEMBERS: [&str; 2] = ["team_member", "team_lead"];
/// In this order: whoever may more comes later.
const ROLES: [&str; 5] = ["viewer", "billing", "developer", "security", "admin"];

/// An organization in which there is one of everything, and somebody of every kind.
pub(super) struct House {
    pub(super) app: TestApp,
    /// The same before anybody came.
    untouched: Template,
    callers: Vec<(&'static str, String)>,
    /// What stands for a path's parameters, by the path up to them.
    examples: Vec<(&'static str, String)>,
    /// What is posted: to any other route nothing, which is enough where nothing is required.
    bodies: Vec<(&'static str, Value)>,
}

impl House {
    pub(super) async fn build() -> Self {
        let app = TestApp::start_with(allow_private).await;
        let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
        let key = id(&app.post("/v1/api-keys", json!({ "name": "service" })).await.expect(201));
        let form = json!({ "name": "files", "url": "http://127.0.0.1:1/mcp" });
        let server = id(&app.post("/v1/mcp-servers", form).await.expect(201));
        let team = id(&app.post("/v1/teams", json!({ "name": "Payments" })).await.expect(201));
        let form = json!({ "name": "custom", "permissions": ["mcp:read"] });
        let role = id(&app.post("/v1/roles", form).await.expect(201));
        let user = app.user("bystander", None).await.to_string();
        let joiner = app.user("joiner", None).await;
        let form = json!({ "user_id": user, "role_id": role });
        let assignment = id(&app.post("/v1/role-assignments", form).await.expect(201));
        app.post(&format!("/v1/teams/{team}/members"), json!({ "user_id": user })).await.expect(201);
        let invite =
            id(&app.post("/v1/users/invite", json!({ "email": "new@example.com" })).await.expect(201));
        let form = provider_form("http://127.0.0.1:1");
        let provider = id(&app.post("/v1/sso/providers", form).await.expect(201));
        let form = json!({ "mcp_server": "files", "tool_name": "read", "classification": "safe" });
        let classification = id(&app.post("/v1/tool-classifications", form).await.expect(201));
        let rule = json!({ "subject_type": "user", "subject_id": user, "mcp_server": "*", "tool_name": "*" });
        let permission = id(&app.post("/v1/tool-permissions", rule.clone()).await.expect(201));
        let form = json!({ "name": "each", "scope_type": "user", "limit": 10 });
        let rate_limit = id(&app.post("/v1/rate-limits", form).await.expect(201));
        let form = json!({
            "name": "Payments", "scope_type": "team", "scope_id": team, "amount": "1", "enforce": true,
        });
        let budget = app.post("/v1/budgets", form).await.expect(201);
        let until_the_end = budget["period_end"].clone();
        let budget = id(&budget);
        let policy = id(&app.post("/v1/safety-policies", json!({ "name": "custom" })).await.expect(201));
        let form = json!({ "name": "collector", "endpoint": "http://127.0.0.1:1" });
        let exporter = id(&app.post("/v1/telemetry/exporters", form).await.expect(201));
        let found = app.detect(vec![detection(json!({}))]).await.remove(0);
        let backfill =
            json!({ "type": "rollup_backfill", "params": { "start_time": "2026-01-01T00:00:00Z" } });
        let job = id(&app.post("/v1/jobs", backfill.clone()).await.expect(202));
        let form = json!({ "name": "mail", "type": "email", "config": { "to": "ops@example.com" } });
        let channel = id(&app.post("/v1/alerts/channels", form).await.expect(201));
        let rule_form =
            json!({ "name": "errors", "metric": "error_rate", "condition": "gt", "threshold": 0.05 });
        let alert_rule = id(&app.post("/v1/alerts/rules", rule_form).await.expect(201));
        let form =
            json!({ "ends_at": "2100-01-01T00:00:00Z", "starts_at": "2099-12-31T00:00:00Z", "reason": "x" });
        let silence = id(&app.post("/v1/alerts/silences", form.clone()).await.expect(201));
        let silence_form = form;
        let alert = id(&app.post("/v1/alerts/test", json!({ "rule_id": alert_rule })).await.expect(201));
        let call = Call::default();
        app.record(std::slice::from_ref(&call)).await;
        let (session, tool) = rows(&app, &user, &server).await;
        let hook = json!({ "url": "http://127.0.0.1:1/hook", "events": ["*"] });
        let webhook = id(&app.post("/v1/webhooks", hook.clone()).await.expect(201));
        app.post(&format!("/v1/webhooks/{webhook}/test"), json!({})).await.expect(200);
        let deliveries = app.get(&format!("/v1/webhooks/{webhook}/deliveries")).await.expect(200);
        let delivery = id(&deliveries["deliveries"][0]);
        let form = json!({ "mcp_server": "files", "tool_name": "read", "arguments": {}, "reason": "test" });
        let approval = id(&app.post("/v1/approvals", form.clone()).await.expect(201));
        sign_moved(&app.app).await.unwrap();
        let audited = id(&app.get("/v1/audit-logs?limit=1").await.expect(200)["audit_logs"][0]);

        let mut callers = vec![("nobody", String::new()), ("stranger", app.other_organization().await.1)];
        for name in ROLES {
            let user = app.user(&format!("a-{name}"), Some(name)).await;
            callers.push((name, app.key_of(user).await));
        }
        for name in MEMBERS {
            let user = app.user(name, None).await;
            let role = name.trim_start_matches("team_");
            let form = json!({ "user_id": user, "role": role });
            app.post(&format!("/v1/teams/{team}/members"), form).await.expect(201);
            callers.push((name, app.key_of(user).await));
        }
        let mut new_provider = provider_form("http://127.0.0.1:1");
        new_provider["name"] = json!("new");
        let bodies = [
            (
                "/v1/alerts/channels",
                json!({ "name": "new", "type": "email", "config": { "to": "ops@example.com" } }),
            ),
            (
                "/v1/alerts/rules",
                json!({ "name": "new", "metric": "error_rate", "condition": "gt", "threshold": 0.05 }),
            ),
            (
                "/v1/alerts/rules/preview",
                json!({ "metric": "error_rate", "condition": "gt", "threshold": 0.05, "period": "hour" }),
            ),
            ("/v1/alerts/silences", silence_form),
            ("/v1/alerts/test", json!({ "rule_id": alert_rule })),
            ("/v1/api-keys", json!({ "name": "new", "permissions": [] })),
            ("/v1/approvals", form),
            ("/v1/budgets", json!({ "name": "new", "scope_type": "team", "scope_id": team, "amount": "1" })),
            ("/v1/budgets/{id}/override", json!({ "until": until_the_end, "reason": "release" })),
            ("/v1/jobs", backfill),
            ("/v1/mcp-servers", json!({ "name": "new", "url": "http://127.0.0.1:1/mcp" })),
            ("/v1/mcp-servers/test", json!({ "url": "http://127.0.0.1:1/mcp" })),
            ("/v1/organizations", json!({ "name": "New", "admin_email": "admin@new.example" })),
            ("/v1/permissions/check", json!({ "permission": "mcp:call", "user_id": joiner })),
            ("/v1/rate-limits", json!({ "name": "new", "scope_type": "organization", "limit": 10 })),
            ("/v1/role-assignments", json!({ "user_id": joiner, "role_id": role })),
            ("/v1/roles", json!({ "name": "new", "permissions": ["mcp:read"] })),
            ("/v1/safety-policies", json!({ "name": "new" })),
            ("/v1/safety/policies", json!({ "name": "new" })),
            ("/v1/safety/test", json!({ "input": "hello" })),
            ("/v1/sessions/revoke", json!({ "user_id": user })),
            ("/v1/sso/providers", new_provider),
            ("/v1/teams", json!({ "name": "new" })),
            ("/v1/teams/{id}/members", json!({ "user_id": joiner })),
            (
                "/v1/tool-classifications",
                json!({ "mcp_server": "*", "tool_name": "x", "classification": "safe" }),
            ),
            ("/v1/tool-permissions", rule),
            (
                "/v1/tool-permissions/check",
                json!({ "mcp_server": "files", "tool_name": "x", "user_id": joiner }),
            ),
            ("/v1/telemetry/exporters", json!({ "name": "new", "endpoint": "http://127.0.0.1:1" })),
            ("/v1/tools/{id}/review", json!({ "decision": "block", "schema_hash": "a".repeat(64) })),
            ("/v1/users/invite", json!({ "email": "newer@example.com" })),
            ("/v1/users/invites", json!({ "email": "newer@example.com" })),
            ("/v1/webhooks", hook),
        ];
        let examples = [
            ("/v1/alerts/channels/", channel),
            ("/v1/alerts/rules/", alert_rule),
            ("/v1/alerts/silences/", silence),
            ("/v1/alerts/", alert),
            ("/v1/api-keys/", key),
            ("/v1/approvals/", approval),
            ("/v1/audit-logs/", audited),
            ("/v1/budgets/", budget),
            ("/v1/jobs/", job),
            ("/v1/mcp-servers/", server),
            ("/v1/rate-limits/", rate_limit),
            ("/v1/role-assignments/", assignment),
            ("/v1/roles/", role),
            ("/v1/safety-policies/", policy.clone()),
            ("/v1/safety/detections/", found),
            ("/v1/safety/policies/", policy),
            ("/v1/sessions/", session),
            ("/v1/sso/authorize/", provider.clone()),
            ("/v1/sso/backchannel-logout/", provider.clone()),
            ("/v1/sso/callback/", provider.clone()),
            ("/v1/sso/providers/", provider),
            ("/v1/teams/", team),
            ("/v1/telemetry/exporters/", exporter),
            ("/v1/tool-classifications/", classification),
            ("/v1/tool-permissions/", permission),
            ("/v1/tools/", tool),
            ("/v1/traces/", call.trace_id),
            ("/v1/users/invites/", invite),
            ("/v1/users/", user.clone()),
            ("/v1/webhooks/", webhook),
            ("/deliveries/", delivery),
            ("/members/", user),
            ("/spans/", SPAN.to_owned()),
        ];
        let untouched = app.into_template().await;
        let app = untouched.start_with(allow_private).await;
        Self { app, untouched, callers, examples: examples.into(), bodies: bodies.into() }
    }

    /// As if nobody had been here.
    pub(super) async fn renew(&mut self) {
        self.app = self.untouched.start_with(allow_private).await;
    }

    pub(super) fn key(&self, caller: &str) -> &str {
        &self.callers.iter().find(|(name, _)| *name == caller).expect("somebody of this kind").1
    }

    pub(super) fn body(&self, method: &Method, path: &str) -> Value {
        let found = self.bodies.iter().find(|(of, _)| *of == path && *method == Method::POST);
        found.map_or_else(|| json!({}), |(_, body)| body.clone())
    }

    /// The path with something of the organization's in the place of each parameter.
    pub(super) fn target(&self, path: &str) -> String {
        let (mut target, mut rest) = (String::new(), path);
        while let Some((before, after)) = rest.split_once('{') {
            target.push_str(before);
            let found = self.examples.iter().find(|(place, _)| before.ends_with(place));
            let (_, example) = found.unwrap_or_else(|| panic!("no example for a parameter of {path}"));
            target.push_str(example);
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        target + rest
    }
}

fn allow_private(config: &mut Config) {
    config.egress_allow_private = true;
}

/// A live session of the user, and a tool of the server.
async fn rows(app: &TestApp, user: &str, server: &str) -> (String, String) {
    let (session, tool) = (Uuid::now_v7(), Uuid::now_v7());
    let mut tx = app.app.database.tenant(app.org).await.unwrap();
    sqlx::query(
        "insert into user_sessions (id, org_id, user_id, token_hash, auth_method, expires_at)
         values ($1, $2, $3::text::uuid, sha256('s'), 'password', now() + interval '1 hour')",
    )
    .bind(session)
    .bind(app.org)
    .bind(user)
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query(
        "insert into mcp_tools (id, org_id, server_id, name, definition, schema_hash, status)
         values ($1, $2, $3::text::uuid, 'read', '{}', repeat('a', 64), 'active')",
    )
    .bind(tool)
    .bind(app.org)
    .bind(server)
    .execute(&mut *tx)
    .await
    .unwrap();
    tx.commit().await.unwrap();
    (session.to_string(), tool.to_string())
}

/// Every route of the document, by its path.
pub(super) fn routes() -> Vec<(String, Method)> {
    let document: Value = serde_json::from_str(&document_json()).unwrap();
    let mut routes = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys().filter(|method| *method != "parameters") {
            routes.push((path.clone(), Method::from_bytes(method.to_uppercase().as_bytes()).unwrap()));
        }
    }
    routes.sort_by_key(|(path, method)| (path.clone(), method.to_string()));
    routes
}

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    let mut house = House::build().await;
    let names = house.callers.iter().map(|(name, _)| format!("{name:>12}")).collect::<String>();
    let mut table = format!("{:52}{names}\n", "");
    for (path, method) in routes() {
        write!(table, "{:52}", format!("{method} {path}")).unwrap();
        for number in 0..house.callers.len() {
            let body = (method != Method::GET).then(|| house.body(&method, &path));
            let (target, key) = (house.target(&path), house.callers[number].1.clone());
            let answer = house.app.request(&key, method.clone(), &target, &[], body).await;
            write!(table, "{:>12}", answer.status.as_u16()).unwrap();
            // What was changed would decide what the next one is told.
            if method != Method::GET && answer.status.is_success() {
                house.renew().await;
            }
        }
        table.push('\n');
    }
    if std::env::var("CALLERS").is_ok_and(|wish| wish == "write") {
        return std::fs::write(TABLE, table).unwrap();
    }
    let expected = std::fs::read_to_string(TABLE).unwrap();
    let differing: Vec<_> =
        table.lines().filter(|line| !expected.lines().any(|known| known == *line)).collect();
    assert!(differing.is_empty(), "not as callers.txt says:\n{}", differing.join("\n"));
    assert_eq!(
        expected.lines().count(),
        table.lines().count(),
        "callers.txt has rows of routes that are gone"
    );
}

#[test]
fn nobody_gets_anything_that_is_not_public() {
    let table = std::fs::read_to_string(TABLE).unwrap();
    let public = table.lines().skip(1).filter(|line| line.split_whitespace().nth(2) != Some("401"));
    let public: Vec<_> =
        public.map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        public,
        [
            "GET /v1/auth/config",
            "POST /v1/auth/login",
            "GET /v1/sso/authorize/{provider_id}",
            "POST /v1/sso/backchannel-logout/{provider_id}",
            "GET /v1/sso/callback/{provider_id}",
            "POST /v1/users/invites/accept",
            "POST /v1/users/invites/lookup",
        ]
    );
}
