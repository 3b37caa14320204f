//! The proxies of a stack: `proxy`, which is always there, and replicas of it that share nothing but the stores.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use serde_json::Value;
use sqlx::Connection;

use super::{Stack, binary, free_port};

/// The name of the proxy that every stack has.
pub(super) const FIRST: &str = "proxy";

/// What a proxy has to itself; it keeps that over restarts.
pub(super) struct Replica {
    pub(super) port: u16,
    pub(super) admin_port: u16,
    /// Where they differ from the stack's.
    pub(super) settings: BTreeMap<String, String>,
}

impl Replica {
    pub(super) fn new(name: &str, dir: &Path) -> Result<Self> {
        let (port, admin_port) = (free_port()?, free_port()?);
        let in_dir = |what: &str| dir.join(format!("{name}.{what}")).display().to_string();
        let settings = [
            ("PROXY_LISTEN", format!("127.0.0.1:{port}")),
            ("PROXY_ADMIN_LISTEN", format!("127.0.0.1:{admin_port}")),
            ("CONFIG_CACHE_PATH", in_dir("config")),
            ("EVENT_SPOOL_DIR", in_dir("spool")),
            // Who waits until a credential is good is a stranger many times.
            ("PROXY_IP_RPM", "1000000".into()),
            // What a proxy calls itself in its records is made of this.
            ("HOSTNAME", name.to_owned()),
        ];
        let settings = settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Ok(Self { port, admin_port, settings })
    }
}

impl Stack {
    pub async fn start_proxy(&mut self) -> Result<()> {
        self.launch_proxy()?;
        self.until_ready(FIRST).await
    }

    /// Starts the proxy and does not wait until it is ready: it may never be.
    pub fn launch_proxy(&mut self) -> Result<()> {
        self.launch(FIRST)
    }

    /// One more proxy, ready; its name is `proxy-2` and so on.
    pub async fn start_replica(&mut self) -> Result<String> {
        let name = self.reserve_replica()?;
        self.restart_replica(&name).await?;
        Ok(name)
    }

    /// The address and files of one more proxy, which [`Stack::restart_replica`] starts.
    pub fn reserve_replica(&mut self) -> Result<String> {
        let name = format!("{FIRST}-{}", self.replicas.len() + 1);
        self.replicas.insert(name.clone(), Replica::new(&name, self.dir.path())?);
        Ok(name)
    }

    /// Starts a proxy where it was before, after it was killed or has ended, or ends and starts it; ready afterwards.
    pub async fn restart_replica(&mut self, name: &str) -> Result<()> {
        if self.children.contains_key(name) {
            self.terminate(name).await?;
        }
        self.launch(name)?;
        self.until_ready(name).await
    }

    fn launch(&mut self, name: &str) -> Result<()> {
        let mut command = self.command(binary("proxy")?);
        self.spawn(name, command.envs(&self.replica(name)?.settings))
    }

    async fn until_ready(&self, name: &str) -> Result<()> {
        let ready = self.admin_url_of(name, "/ready")?;
        self.until(&format!("{name} is ready"), async |stack| Ok(stack.status(&ready).await == Some(200)))
            .await
    }

    /// From now on [`Stack::proxy_url`], and with it every call, goes to `url`, such as that of a balancer.
    pub fn go_through(&mut self, url: impl Into<String>) {
        self.entry = Some(url.into());
    }

    pub fn proxy_url(&self, path: &str) -> String {
        match &self.entry {
            Some(entry) => format!("{entry}{path}"),
            None => self.url(self.ports.proxy, path),
        }
    }

    pub fn control_metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.ports.control_admin)
    }

    pub fn proxy_url_of(&self, name: &str, path: &str) -> Result<String> {
        Ok(self.url(self.replica(name)?.port, path))
    }

    pub fn metrics_url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.ports.proxy_admin)
    }

    pub fn admin_url_of(&self, name: &str, path: &str) -> Result<String> {
        Ok(format!("http://127.0.0.1:{}{path}", self.replica(name)?.admin_port))
    }

    /// Waits until every proxy runs on all that is written down by now, so whatever was changed before is in force.
    pub async fn caught_up(&self) -> Result<()> {
        let newest: i64 = sqlx::query_scalar("select coalesce(max(revision), 0) from policy_changes")
            .fetch_one(&mut sqlx::PgConnection::connect(self.setting("DATABASE_URL")).await?)
            .await?;
        for name in self.replicas.keys().filter(|name| self.children.contains_key(*name)) {
            let config = self.admin_url_of(name, "/debug/config")?;
            self.until(&format!("{name} runs on revision {newest}"), async |stack| {
                let config: Value = stack.http.get(&config).send().await?.json().await?;
                Ok(config["revision"].as_i64() >= Some(newest))
            })
            .await?;
        }
        Ok(())
    }

    fn replica(&self, name: &str) -> Result<&Replica> {
        self.replicas.get(name).with_context(|| format!("no proxy is named {name}"))
    }

    fn url(&self, port: u16, path: &str) -> String {
        let scheme = if self.settings.contains_key("PROXY_TLS_CERT") { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{port}{path}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::balancer::Balancer;

    async fn call_often(stack: &Stack) -> Result<()> {
        for _ in 0..6 {
            let answer = stack.call("demo", "echo", json!({ "text": "hello" })).await?;
            anyhow::ensure!(answer.is_success(), "{answer:?}");
        }
        Ok(())
    }

    #[tokio::test]
    async fn a_proxy_goes_and_comes_back_behind_a_balancer() -> Result<()> {
        let mut stack = Stack::start(&[]).await?;
        let second = stack.start_replica().await?;
        let urls = [stack.proxy_url_of(FIRST, "")?, stack.proxy_url_of(&second, "")?];
        let balancer = Balancer::start(urls.into())?;
        stack.go_through(balancer.url());
        call_often(&stack).await?;
        assert_eq!(balancer.counts(), [3, 3]);

        let ended = stack.terminate(FIRST).await?;
        assert!(ended.success(), "{ended}: {}", stack.log(FIRST));
        assert!(stack.pid(FIRST).is_none() && stack.pid(&second).is_some());
        call_often(&stack).await?;
        assert_eq!(balancer.counts(), [3, 9]);

        stack.restart_replica(FIRST).await?;
        stack.restart_replica(&second).await?;
        call_often(&stack).await?;
        assert_eq!(balancer.counts(), [6, 12]);

        let url = stack.setting("MCP_SERVER_DEMO_URL");
        stack.rest_post("/v1/mcp-servers", json!({ "name": "other", "url": url })).await?;
        let changed = stack.rest_patch("/v1/mcp-servers/other", json!({ "description": "new" })).await?;
        assert_eq!((changed.status, &changed.body["description"]), (200, &json!("new")));
        assert_eq!(stack.rest_delete("/v1/mcp-servers/other").await?.status, 204);
        assert_eq!(stack.rest("/v1/mcp-servers/other").await?.status, 404);
        Ok(())
    }
}
