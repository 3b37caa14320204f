//! The dashboard as people have it: both planes, with its export, and a provider to sign in at.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, root};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    provider::{NAME, Provider},
    scripts::{said, script},
    servers::Server,
};

/// Who signs in where a test says nothing else: an administrator.
const ADA: &str = "ada";

/// Of the poisoned server; to call it needs an approval.
pub(super) const DANGEROUS: &str = "delete_everything";

pub(super) struct Console {
    pub(super) stack: Stack,
    pub(super) poisoned: Server,
    pub(super) provider: Provider,
}

impl Console {
    pub(super) async fn start() -> Result<Self> {
        Self::with_servers(&[]).await
    }

    /// The same, with more servers.
    pub(super) async fn with_servers(servers: &[(&str, String)]) -> Result<Self> {
        let export = root().join("dashboard/out");
        ensure!(
            export.join("index.html").exists(),
            "dashboard/out is missing: `./dev test` makes it, or `npm ci` and `npm run build` in dashboard/"
        );
        let poisoned = Server::poisoned().await?;
        let servers = [servers, &[("poisoned", poisoned.url())]].concat();
        let stack = Stack::start_with(&servers, |stack| {
            stack.set("DASHBOARD_DIR", export.display().to_string());
            // The provider and the receivers listen on the loopback.
            stack.set("EGRESS_ALLOW_PRIVATE", "true");
            stack.set("ALERT_EVALUATION_SECONDS", "1");
            Ok(())
        })
        .await?;
        let provider = Provider::start().await?.joined(&stack, &stack.key, "dashboard").await?;
        let console = Self { stack, poisoned, provider };
        console.invite(ADA, "admin").await?;
        Ok(console)
    }

    /// Who has this account at the provider is somebody of that role as soon as they sign in.
    pub(super) async fn invite(&self, account: &str, role: &str) -> Result<()> {
        let invite = json!({ "email": format!("{account}@example.com"), "role": role });
        self.post("/v1/users/invite", invite).await?;
        Ok(())
    }

    /// What was seen by whoever the script is about (`tests/browser/dashboard`).
    pub(super) async fn see(&self, name: &str, plan: &Value) -> Result<Value> {
        said(self.browser(name, plan)).await
    }

    /// The script with its plan, which says who signs in only where that is not Ada.
    pub(super) fn browser(&self, name: &str, plan: &Value) -> Command {
        let mut whole = json!({ "base": self.stack.control_url(""), "provider": NAME, "account": ADA });
        for (name, value) in plan.as_object().into_iter().flatten() {
            whole[name.as_str()] = value.clone();
        }
        let mut browser = script("browser/run");
        browser.arg(format!("dashboard/{name}.mjs")).env("PLAN", whole.to_string());
        browser
    }

    /// Makes something, or does something to it; what the API says of it.
    pub(super) async fn post(&self, path: &str, form: Value) -> Result<Value> {
        let done = self.stack.rest_post(path, form).await?;
        ensure!((200..300).contains(&done.status), "{path}: {done:?}");
        Ok(done.body)
    }

    pub(super) async fn set(&self, changes: Value) -> Result<()> {
        let changed = self.stack.rest_patch("/v1/settings", changes).await?;
        ensure!(changed.status == 200, "{changed:?}");
        self.stack.caught_up().await
    }

    /// The first row of a list, once there is one.
    pub(super) async fn first(&self, list: &str) -> Result<Value> {
        let what = format!("there is something at {list}");
        self.stack.until(&what, async |stack| Ok(!rows(stack, list).await?.is_empty())).await?;
        rows(&self.stack, list).await?.into_iter().next().context("there was one")
    }

    /// A service's key that calls tools, once the proxy knows it.
    pub(super) async fn agent(&self) -> Result<String> {
        let form = json!({ "name": "agent", "permissions": ["mcp:*", "approvals:*"] });
        let agent = text(&self.post("/v1/api-keys", form).await?, "key")?;
        self.stack
            .until("the proxy knows the agent", async |stack| {
                let arguments = json!({ "text": "hello" });
                Ok(stack.call_as(&agent, "poisoned", "note", arguments).await?.is_success())
            })
            .await?;
        Ok(agent)
    }

    /// From now on a call that needs an approval waits for it so long. What was asked before the tool's definition is
    /// known would be void as soon as it is.
    pub(super) async fn hold(&self, seconds: u32) -> Result<()> {
        self.first(&format!("/v1/tools?mcp_server=poisoned&q={DANGEROUS}")).await?;
        self.set(json!({ "approvals": { "hold_seconds": seconds } })).await
    }

    /// So many calls of the demo server, each for a dollar.
    pub(super) async fn call_for_money(&self, times: usize) -> Result<()> {
        let price = json!({ "pricing": { "per_call": "1.000000" } });
        let priced = self.stack.rest_patch("/v1/mcp-servers/demo", price).await?;
        ensure!(priced.status == 200, "{priced:?}");
        self.stack.caught_up().await?;
        for time in 0..times {
            let called = self.stack.call("demo", "echo", json!({ "text": format!("call {time}") })).await?;
            ensure!(called.is_success(), "{called:?}");
        }
        Ok(())
    }

    /// Calls of the demo server that go wrong.
    pub(super) async fn fail(&self, times: usize) -> Result<()> {
        for _ in 0..times {
            self.stack.call("demo", "fail", json!({ "message": "no" })).await?;
        }
        Ok(())
    }
}

/// The rows of a page of a list, whatever the list calls them.
async fn rows(stack: &Stack, list: &str) -> Result<Vec<Value>> {
    let found = stack.rest(list).await?.body;
    let rows = found.as_object().into_iter().flatten().find_map(|(_, value)| value.as_array());
    Ok(rows.cloned().unwrap_or_default())
}

/// A text member of an answer.
pub(super) fn text(body: &Value, name: &str) -> Result<String> {
    Ok(body[name].as_str().with_context(|| format!("no {name} in {body}"))?.to_owned())
}
