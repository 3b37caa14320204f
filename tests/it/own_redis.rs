//! A Redis of a test's own, which it may kill as a crash would. What was written is in its file.

use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::free_port;

/// No Redis takes longer to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct OwnRedis {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl OwnRedis {
    pub(crate) async fn start() -> Result<Self> {
        let (port, dir) = (free_port()?, tempfile::tempdir()?);
        let child = spawn(port, dir.path())?;
        let redis = Self { child, port, dir };
        redis.answers().await?;
        Ok(redis)
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// With what it had written down.
    pub(crate) async fn start_again(&mut self) -> Result<()> {
        self.child = spawn(self.port, self.dir.path())?;
        self.answers().await
    }

    async fn answers(&self) -> Result<()> {
        let (client, until) = (redis::Client::open(self.url())?, Instant::now() + PATIENCE);
        let ping = async || -> redis::RedisResult<String> {
            redis::cmd("PING").query_async(&mut client.get_multiplexed_async_connection().await?).await
        };
        while ping().await.is_err() {
            ensure!(Instant::now() < until, "a Redis of our own does not answer");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn spawn(port: u16, dir: &std::path::Path) -> Result<Child> {
    Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
        .arg(dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("redis-server does not start")
}
