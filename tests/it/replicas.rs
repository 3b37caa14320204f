//! Two replicas that share nothing but the stores, behind a balancer without affinity.

use anyhow::{Context, Result};
use gatewayops_tests::{balancer::Balancer, stack::Stack};

/// The replica that every stack has.
pub(crate) const FIRST: &str = "proxy";

pub(crate) struct Replicas {
    pub(crate) stack: Stack,
    /// The other one's name.
    pub(crate) second: String,
    balancer: Balancer,
}

impl Replicas {
    /// Both ready, and what goes to the stack goes to one after the other.
    pub(crate) async fn start(servers: &[(&str, String)]) -> Result<Self> {
        Self::start_with(servers, |_| {}).await
    }

    /// The same, with what `prepare` sets before anything runs.
    pub(crate) async fn start_with(
        servers: &[(&str, String)],
        prepare: impl FnOnce(&mut Stack),
    ) -> Result<Self> {
        let mut made = None;
        let mut stack = Stack::start_with(servers, |stack| {
            prepare(stack);
            let second = stack.reserve_replica()?;
            let replicas = [stack.proxy_url_of(FIRST, "")?, stack.proxy_url_of(&second, "")?];
            let balancer = Balancer::start(replicas.into())?;
            // To a client it is the gateway, so pages of its own address are the gateway's own.
            let url = balancer.url();
            stack.set("PROXY_ALLOWED_ORIGINS", format!("{url},{}", url.replace("127.0.0.1", "localhost")));
            stack.go_through(url);
            made = Some((second, balancer));
            Ok(())
        })
        .await?;
        let (second, balancer) = made.context("a stack is prepared before it starts")?;
        stack.restart_replica(&second).await?;
        Ok(Self { stack, second, balancer })
    }

    /// How many requests have been answered.
    pub(crate) fn answered(&self) -> u64 {
        self.balancer.counts().iter().sum()
    }
}
