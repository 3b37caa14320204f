//! The Redis that replicas share. It may be away: then everybody goes on with what they know themselves.

use std::{sync::OnceLock, time::Duration};

use redis::{
    Cmd, FromRedisValue, Pipeline, ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use secrecy::ExposeSecret;

use crate::config::Config;

const CONNECT: Duration = Duration::from_secs(1);
/// Somebody is waiting for every answer.
const ANSWER: Duration = Duration::from_millis(500);

pub(crate) struct Store {
    client: redis::Client,
    /// Made when it is first needed: its tasks run where it is used.
    manager: OnceLock<ConnectionManager>,
}

/// The store did not answer. What that means is for the caller to say.
#[derive(Debug)]
pub(crate) struct Away;

impl Store {
    /// Connects when it is first asked.
    pub(crate) fn open(config: &Config) -> anyhow::Result<Self> {
        // The URL may carry a password: the error must not.
        let refused = |_| anyhow::anyhow!("REDIS_URL: this is no Redis URL such as redis://host:6379/0");
        let client = redis::Client::open(config.redis_url.expose_secret()).map_err(refused)?;
        Ok(Self { client, manager: OnceLock::new() })
    }

    /// Of tests and benches, whose URLs are right.
    pub(crate) fn at(url: &str) -> Self {
        Self { client: redis::Client::open(url).expect("a Redis URL"), manager: OnceLock::new() }
    }

    fn manager(&self) -> Result<ConnectionManager, Away> {
        if let Some(manager) = self.manager.get() {
            return Ok(manager.clone());
        }
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(CONNECT))
            .set_response_timeout(Some(ANSWER))
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(self.client.clone(), settings).map_err(away)?;
        Ok(self.manager.get_or_init(|| manager).clone())
    }

    pub(crate) async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Away> {
        command.query_async(&mut self.manager()?).await.map_err(away)
    }

    pub(crate) async fn ask_all<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, Away> {
        commands.query_async(&mut self.manager()?).await.map_err(away)
    }

    /// By its digest; a server that does not know the script is told it.
    pub(crate) async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Away> {
        script.invoke_async(&mut self.manager()?).await.map_err(away)
    }
}

fn away(error: redis::RedisError) -> Away {
    tracing::debug!(error = %error.category(), "the store did not answer");
    Away
}
