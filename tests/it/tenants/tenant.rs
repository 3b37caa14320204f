//! One of the two organizations: it has one of everything, under the same names as the other, and its mark in every
//! text that it may choose.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use fastrand::Rng;
use gatewayops_tests::stack::{Stack, answer, modern_meta};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::organization::{Administrator, accept, text};
use crate::{legacy::Caller, provider::Provider, replicas::FIRST, servers::Server};

/// More than one page of the endpoint of all servers.
const TOOLS: usize = 300;

/// What is called in the walk; an empty name means all servers.
const ENDPOINTS: [&str; 5] = ["", "notes", "cards", "only-amber", "only-birch"];

pub(super) struct Tenant {
    name: &'static str,
    /// In its texts, and in nobody else's.
    pub(super) mark: String,
    pub(super) administrator: Administrator,
    /// Of its member who signs in by the provider: one of ours, and one of the provider's for each endpoint that either
    /// organization has.
    own_token: String,
    access_tokens: Vec<(&'static str, String)>,
    /// Every id that it was ever told, and the list where it was.
    pub(super) ids: Vec<(String, String)>,
    /// Where its lists go on.
    pub(super) cursors: Vec<String>,
    _servers: [Server; 4],
}

impl Tenant {
    /// The provider is the same for both; `account` is who signs in there to this one.
    pub(super) async fn build(
        stack: &Stack,
        provider: &Provider,
        (name, account): (&'static str, &str),
        mark: String,
    ) -> Result<Self> {
        let administrator = Administrator::of_new(stack, &mark).await?;
        let provider = provider.joined(stack, &administrator.key, &mark).await?;
        provider.enter(stack, account).await?;
        let servers = [
            Server::asking(&mark).await?,
            Server::conformance("legacy").await?,
            Server::conformance("modern").await?,
            Server::with_tools(TOOLS).await?,
        ];
        let own_token = administrator.post(stack, "/v1/auth/token", json!({ "ttl_seconds": 3600 })).await?;
        let own_token = text(&own_token, "access_token")?;
        let mut access_tokens = Vec::new();
        for endpoint in ENDPOINTS {
            let path = if endpoint.is_empty() { "/mcp".to_owned() } else { format!("/mcp/{endpoint}") };
            let token = provider.token(account, &stack.proxy_url(&path), "mcp:read mcp:call").await?;
            access_tokens.push((endpoint, token));
        }
        let (ids, cursors) = (Vec::new(), Vec::new());
        let tenant =
            Self { name, mark, administrator, own_token, access_tokens, ids, cursors, _servers: servers };
        tenant.register_servers(stack).await?;
        tenant.invite_people(stack).await?;
        tenant.write_rules(stack).await?;
        tenant.call(stack).await?;
        tenant.be_stopped(stack).await?;
        Ok(tenant)
    }

    /// The name of the server that the other one does not have. Whoever asks for it says it, so it holds no mark.
    pub(super) fn only(&self) -> String {
        format!("only-{}", self.name)
    }

    async fn register_servers(&self, stack: &Stack) -> Result<()> {
        let [notes, forms, cards, many] = &self._servers;
        let only = self.only();
        let servers = [("notes", notes), ("forms", forms), ("cards", cards), ("many", many), (&*only, notes)];
        for (name, server) in servers {
            let form = json!({ "name": name, "url": server.url(), "display_name": self.mark,
                "description": self.mark, "tags": [self.mark] });
            self.administrator.post(stack, "/v1/mcp-servers", form).await?;
        }
        Ok(())
    }

    async fn invite_people(&self, stack: &Stack) -> Result<()> {
        let post = async |path: &str, body: Value| self.administrator.post(stack, path, body).await;
        let mark = &self.mark;
        let team = post("/v1/teams", json!({ "name": "Payments", "description": mark })).await?;
        let form = json!({ "name": "auditor", "description": mark, "permissions": ["traces:read"] });
        let role = post("/v1/roles", form).await?;
        let invite = json!({ "email": "member@example.com", "role": role["id"], "team_ids": [team["id"]] });
        let invite = post("/v1/users/invite", invite).await?;
        let accepted = accept(stack, &invite, mark).await?;
        let member = &accepted["user"]["id"];
        let form =
            json!({ "user_id": member, "role_id": role["id"], "scope_type": "team", "scope_id": team["id"] });
        post("/v1/role-assignments", form).await?;
        let form = json!({ "name": "agent", "description": mark, "metadata": { "mark": mark },
            "user_id": member, "team_id": team["id"] });
        post("/v1/api-keys", form).await?;
        post("/v1/users/invite", json!({ "email": "new@example.com" })).await?;
        Ok(())
    }

    /// Rules of every kind about calls, and a call that waits for a person.
    async fn write_rules(&self, stack: &Stack) -> Result<()> {
        let post = async |path: &str, body: Value| self.administrator.post(stack, path, body).await;
        let mark = &self.mark;
        let key = post("/v1/api-keys", json!({ "name": "ruled", "description": mark })).await?;
        let rule =
            json!({ "mcp_server": mark, "tool_name": "*", "classification": "safe", "description": mark });
        post("/v1/tool-classifications", rule).await?;
        let rule = json!({ "subject_type": "api_key", "subject_id": key["id"], "mcp_server": mark, "tool_name": "*" });
        post("/v1/tool-permissions", rule).await?;
        let limit = json!({ "name": mark, "scope_type": "organization", "limit": 1_000_000 });
        post("/v1/rate-limits", limit).await?;
        let budget = json!({ "name": mark, "scope_type": "organization", "amount": "1000000" });
        post("/v1/budgets", budget).await?;
        let webhook = json!({ "url": format!("http://127.0.0.1:1/{mark}"), "description": mark,
            "events": ["alert.firing"] });
        post("/v1/webhooks", webhook).await?;
        // Switched off: what changes by itself cannot be told from what a thief has changed.
        let rule = json!({ "name": mark, "description": mark, "metric": "error_rate", "condition": "gt",
            "threshold": 1, "enabled": false });
        let rule = post("/v1/alerts/rules", rule).await?;
        let channel = json!({ "name": mark, "type": "email", "config": { "to": format!("{mark}@example.com") },
            "enabled": false });
        post("/v1/alerts/channels", channel).await?;
        let silence =
            json!({ "reason": mark, "starts_at": "2099-01-01T00:00:00Z", "ends_at": "2099-02-01T00:00:00Z" });
        post("/v1/alerts/silences", silence).await?;
        post("/v1/alerts/test", json!({ "rule_id": rule["id"] })).await?;
        let exporter = json!({ "name": mark, "protocol": "http_json", "endpoint": "http://127.0.0.1:1", "enabled": false });
        post("/v1/telemetry/exporters", exporter).await?;
        let backfill =
            json!({ "type": "rollup_backfill", "params": { "start_time": "2026-01-01T00:00:00Z" } });
        post("/v1/jobs", backfill).await?;
        let approval = json!({ "mcp_server": "cards", "tool_name": mark, "arguments": {}, "reason": mark });
        post("/v1/approvals", approval).await?;
        Ok(())
    }

    /// A call that the guard stops, and keeps a record of.
    async fn be_stopped(&self, stack: &Stack) -> Result<()> {
        // Shaped like a key of a vendor; opens nothing.
        let arguments = json!({ "token": "ghp_1B2m3K4n5P6q7R8s9T0uVwXyZaBcDe0bNzBY" });
        let params = json!({ "name": "test_simple_text", "arguments": arguments, "_meta": modern_meta() });
        let stopped =
            answer(self.modern(stack, "cards", "tools/call", Some("test_simple_text"), params)).await?;
        ensure!(!stopped.is_success(), "{stopped:?}");
        stack
            .until("the detection is recorded", async |stack| {
                let found = self.administrator.get(stack, "/v1/safety/detections").await?;
                Ok(found["detections"].as_array().is_some_and(|all| !all.is_empty()))
            })
            .await
    }

    /// A call that is recorded, as soon as the proxy knows the key and the server.
    async fn call(&self, stack: &Stack) -> Result<()> {
        let only = self.caller(stack, &self.only())?;
        let mut meta = modern_meta();
        meta["io.modelcontextprotocol/clientInfo"]["name"] = self.mark.as_str().into();
        stack
            .until("the proxy knows all servers", async |_| {
                let params = json!({ "name": "test_simple_text", "arguments": {}, "_meta": meta });
                let called =
                    answer(self.modern(stack, "cards", "tools/call", Some("test_simple_text"), params))
                        .await?;
                Ok(called.is_success() && only.ping().await?.status == 200)
            })
            .await?;
        stack
            .until("the call is recorded", async |stack| {
                let found = self.administrator.get(stack, "/v1/traces").await?;
                Ok(found.to_string().contains(&self.mark))
            })
            .await
    }

    pub(super) fn caller(&self, stack: &Stack, server: &str) -> Result<Caller> {
        Ok(Caller::new(stack, FIRST, server)?.with_key(&self.administrator.key))
    }

    /// A request of 2026-07-28 to a server, or with an empty name to all of them.
    pub(super) fn modern(
        &self,
        stack: &Stack,
        server: &str,
        method: &str,
        name: Option<&str>,
        params: Value,
    ) -> RequestBuilder {
        self.modern_as(&self.administrator.key, stack, server, method, name, params)
    }

    /// The same, with another key or token.
    pub(super) fn modern_as(
        &self,
        credential: &str,
        stack: &Stack,
        server: &str,
        method: &str,
        name: Option<&str>,
        mut params: Value,
    ) -> RequestBuilder {
        if params["_meta"].is_null() {
            params["_meta"] = modern_meta();
        }
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({ "elicitation": {} });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        stack.modern_as(credential, server, method, name).body(body.to_string())
    }

    /// A key or a token that this organization calls the endpoint with.
    pub(super) fn credential(&self, rng: &mut Rng, server: &str) -> &str {
        let access_token = self.access_tokens.iter().find(|(of, _)| *of == server);
        match (rng.u8(..3), access_token) {
            (0, _) => &self.own_token,
            (1, Some((_, token))) => token,
            _ => &self.administrator.key,
        }
    }

    /// Reads every list there is, and keeps what it finds.
    pub(super) async fn look_around(&mut self, stack: &Stack, lists: &[String]) -> Result<()> {
        let (mut found, mut read) = (BTreeSet::new(), 0);
        for list in lists {
            // What is for others than administrators, or wants to be told more, is not read.
            let Some(body) = self.administrator.try_get(stack, list).await? else { continue };
            read += 1;
            collect_ids(&body, &mut |id| {
                found.insert((list.clone(), id.to_owned()));
            });
            if let Some((path, _)) = list.split_once("?limit") {
                let page = self.administrator.get(stack, &format!("{path}?limit=1")).await?;
                self.cursors.extend(page["next_cursor"].as_str().map(str::to_owned));
            }
        }
        ensure!(read > 10 && found.len() > 30, "{} ids were found in {read} lists", found.len());
        self.ids = found.into_iter().collect();
        Ok(())
    }

    /// Nothing of this may ever be told to the other one.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let tokens = self.access_tokens.iter().map(|(_, token)| &**token);
        let known = [&*self.mark, &*self.administrator.key, &*self.own_token];
        known.into_iter().chain(tokens).chain(self.ids.iter().map(|(_, id)| &**id))
    }
}

/// Every text that is an id: a UUID, a trace id, the beginning of a key.
fn collect_ids(value: &Value, found: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => {
            let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            if is_hex || text.starts_with("gwo_") || uuid::Uuid::try_parse(text).is_ok() {
                found(text);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_ids(value, found)),
        Value::Object(members) => members.values().for_each(|value| collect_ids(value, found)),
        _ => {}
    }
}

/// The lists whose rows nobody but their organization may change, without what changes by itself.
pub(super) async fn view(stack: &Stack, tenant: &Tenant) -> Result<Vec<Value>> {
    const LISTS: [&str; 8] = [
        "api-keys",
        "mcp-servers",
        "role-assignments",
        "roles",
        "sso/providers",
        "teams",
        "users",
        "users/invites",
    ];
    // Of these some change by themselves, others when their owner writes what was there before.
    const VOLATILE: [&str; 8] = [
        "health",
        "last_active_at",
        "last_login_at",
        "last_used_at",
        "pending_review_count",
        "tool_count",
        "updated_at",
        "version",
    ];
    let mut view = Vec::new();
    for list in LISTS {
        let mut body = tenant.administrator.get(stack, &format!("/v1/{list}?limit=200")).await?;
        let name = list.rsplit('/').next().unwrap_or(list).replace('-', "_");
        let rows = body[&name].as_array_mut().with_context(|| format!("no {name}"))?;
        for row in rows.iter_mut() {
            let row = row.as_object_mut().context("a row is an object")?;
            row.retain(|name, _| !VOLATILE.contains(&&**name));
        }
        view.append(rows);
    }
    Ok(view)
}
