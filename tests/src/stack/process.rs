//! The processes of a stack by name: started, killed as in a crash, ended as an orchestrator ends them.

use std::{
    path::PathBuf,
    process::{Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::{PATIENCE, Stack, binary, free_port, root};

/// A control plane beside the one that every stack has.
pub struct SecondControlPlane {
    pub name: &'static str,
    port: u16,
    admin_port: u16,
    grpc: u16,
}

impl SecondControlPlane {
    /// Where proxies find it.
    pub fn grpc_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.grpc)
    }
}

impl Stack {
    pub async fn start_control_plane(&mut self) -> Result<()> {
        let mut command = self.command(binary("control-plane")?);
        self.spawn("control-plane", command.arg("serve"))?;
        let ready = format!("http://127.0.0.1:{}/ready", self.ports.control_admin);
        self.until("the control plane is ready", async |stack| Ok(stack.status(&ready).await == Some(200)))
            .await
    }

    /// One more control plane on the same stores, ready; its name is `control-plane-2`. REST goes on asking the first.
    pub async fn start_second_control_plane(&mut self) -> Result<SecondControlPlane> {
        let second = SecondControlPlane {
            name: "control-plane-2",
            port: free_port()?,
            admin_port: free_port()?,
            grpc: free_port()?,
        };
        let mut command = self.command(binary("control-plane")?);
        for (name, port) in [
            ("CONTROL_LISTEN", second.port),
            ("CONTROL_ADMIN_LISTEN", second.admin_port),
            ("CONTROL_GRPC_LISTEN", second.grpc),
        ] {
            command.env(name, format!("127.0.0.1:{port}"));
        }
        self.spawn(second.name, command.arg("serve"))?;
        let ready = format!("http://127.0.0.1:{}/ready", second.admin_port);
        self.until("the second control plane is ready", async |stack| {
            Ok(stack.status(&ready).await == Some(200))
        })
        .await?;
        Ok(second)
    }

    /// From now on REST asks that one.
    pub fn ask(&mut self, second: &SecondControlPlane) {
        self.ports.control = second.port;
        self.ports.control_admin = second.admin_port;
    }

    pub fn start_demo(&mut self) -> Result<()> {
        let mut command = self.command("node");
        command.arg(root().join("demo/server.mjs")).env("PORT", self.ports.demo.to_string());
        self.spawn("demo", &mut command)
    }

    /// A command that is told the settings of this stack.
    pub(super) fn command(&self, program: impl Into<PathBuf>) -> Command {
        let mut command = Command::new(program.into());
        command.envs(&self.settings);
        command
    }

    pub(super) fn spawn(&mut self, name: &str, command: &mut Command) -> Result<()> {
        if let Some(last) = self.children.get_mut(name) {
            ensure!(last.try_wait()?.is_some(), "{name} runs already");
        }
        let log = std::fs::File::options().create(true).append(true).open(self.log_path(name))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        self.children.insert(name.to_owned(), child);
        Ok(())
    }

    /// Kills a process as a crash would.
    pub fn kill(&mut self, name: &str) -> Result<()> {
        let mut child = self.children.remove(name).with_context(|| format!("{name} is not running"))?;
        child.kill()?;
        child.wait()?;
        Ok(())
    }

    /// Asks a process to end, and waits until it has.
    pub async fn terminate(&mut self, name: &str) -> Result<ExitStatus> {
        let child = self.children.get_mut(name).with_context(|| format!("{name} is not running"))?;
        // A child that nobody has waited for still owns its id, so no stranger gets the signal.
        kill_process(Pid::from_child(child), Signal::TERM)?;
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            ensure!(Instant::now() < until, "{name} does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        self.children.remove(name);
        Ok(status)
    }

    pub fn pid(&self, name: &str) -> Option<u32> {
        Some(self.children.get(name)?.id())
    }

    /// What the process has written so far.
    pub fn log(&self, name: &str) -> String {
        std::fs::read_to_string(self.log_path(name)).unwrap_or_default()
    }

    fn log_path(&self, name: &str) -> PathBuf {
        self.dir.path().join(format!("{name}.log"))
    }
}
