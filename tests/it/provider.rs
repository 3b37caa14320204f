//! Identity providers: real ones, with accounts, that a stack trusts or does not.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, answer};
use serde_json::{Value, json};

use crate::{
    scripts::{said, script},
    servers::Server,
};

/// What the button of the log-in page says.
pub(crate) const NAME: &str = "Test provider";

pub(crate) struct Provider {
    server: Arc<Server>,
    /// As the control plane knows it; null while it does not.
    known: Value,
}

impl Provider {
    /// One with everybody that the tests know: who they are is said by their names and addresses.
    pub(crate) async fn start() -> Result<Self> {
        let accounts = json!([
            { "sub": "ada", "name": "Ada Admin", "groups": ["admins", "engineers"] },
            { "sub": "ben", "name": "Ben Builder", "groups": ["engineers"] },
            { "sub": "sam", "name": "Sam Suspended" },
            { "sub": "una", "name": "Una Unverified", "email_verified": false },
            { "sub": "eve", "name": "Eve Elsewhere", "email": "eve@elsewhere.example" },
            { "sub": "nils", "name": "Nils Never" },
        ]);
        Ok(Self { server: Arc::new(Server::identity_provider(&accounts).await?), known: Value::Null })
    }

    /// One that a new stack trusts; its people of example.com get in, and call tools as `developer`.
    pub(crate) async fn trusted() -> Result<(Stack, Self)> {
        let stack = Stack::start_with(&[], |stack| {
            // It listens on the loopback, and without TLS.
            stack.set("EGRESS_ALLOW_PRIVATE", "true");
            Ok(())
        })
        .await?;
        let provider = Self::start().await?.joined(&stack, &stack.key, "dashboard").await?;
        Ok((stack, provider))
    }

    /// The same, as the organization of this key trusts it from now on, and as it knows that organization.
    pub(crate) async fn joined(&self, stack: &Stack, key: &str, client: &str) -> Result<Self> {
        let mut joining = script("idp/run");
        joining.arg("join.mjs").env("ISSUER", self.issuer()).env("CLIENT", client);
        joining.env("GATEWAYOPS_URL", stack.control_url("")).env("GATEWAYOPS_API_KEY", key);
        Ok(Self { server: Arc::clone(&self.server), known: said(joining).await? })
    }

    /// As the control plane knows it, with our secret there.
    pub(crate) fn known(&self) -> &Value {
        &self.known
    }

    pub(crate) fn issuer(&self) -> String {
        self.server.at("")
    }

    /// Where a test tells it what to do (`tests/idp/admin.mjs`).
    pub(crate) fn act(&self, act: &str) -> String {
        self.server.at(&format!("/_admin/{act}"))
    }

    pub(crate) async fn administer(&self, stack: &Stack, act: &str, body: Value) -> Result<()> {
        let done = answer(stack.http.post(self.act(act)).json(&body)).await?;
        ensure!(done.status == 204, "{act}: {done:?}");
        Ok(())
    }

    /// Who signs in to the dashboard, without a browser; what `tests/idp/enter.mjs` says of it.
    pub(crate) async fn entered(&self, stack: &Stack, account: &str) -> Result<Value> {
        let id = self.known["id"].as_str().with_context(|| format!("no id in {}", self.known))?;
        let authorize = stack.control_url(&format!("/v1/sso/authorize/{id}"));
        let mut entering = script("idp/run");
        entering.arg("enter.mjs").env("ACCOUNT", account).env("AUTHORIZE", authorize);
        let entered = said(entering).await?;
        ensure!(entered["location"] == "/", "{entered}");
        Ok(entered)
    }

    /// The same; the id of the user that they are from now on.
    pub(crate) async fn enter(&self, stack: &Stack, account: &str) -> Result<String> {
        let entered = self.entered(stack, account).await?;
        let cookie = entered["cookie"].as_str().unwrap_or_default();
        let me = answer(stack.http.get(stack.control_url("/v1/auth/me")).header("cookie", cookie)).await?;
        Ok(me.body["user"]["id"].as_str().with_context(|| format!("{me:?}"))?.to_owned())
    }

    /// An access token for a resource, as an MCP client gets it.
    pub(crate) async fn token(&self, account: &str, resource: &str, scope: &str) -> Result<String> {
        let mut asking = script("idp/run");
        asking.arg("token.mjs").env("ISSUER", self.issuer()).env("ACCOUNT", account);
        asking.env("RESOURCE", resource).env("SCOPE", scope);
        let issued = said(asking).await?;
        Ok(issued["access_token"].as_str().with_context(|| format!("{issued}"))?.to_owned())
    }
}
