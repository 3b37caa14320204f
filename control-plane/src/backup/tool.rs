//! A program of the PostgreSQL client, found on the PATH.

use std::{
    fs::File,
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Output, Stdio},
};

use anyhow::{Context, Result, anyhow, bail};
use tokio::process::Command;

/// What it says when it fails is told up to here.
const TOLD: usize = 2000;

pub(super) struct Tool {
    name: &'static str,
    environment: Vec<(&'static str, String)>,
}

impl Tool {
    pub(super) fn new(name: &'static str, environment: &[(&'static str, String)]) -> Self {
        Self { name, environment: environment.to_vec() }
    }

    /// Runs it and answers what it printed.
    pub(super) async fn run(&self, arguments: &[&str]) -> Result<String> {
        let output = self.finish(self.command(arguments).stdout(Stdio::piped())).await?;
        String::from_utf8(output.stdout).with_context(|| format!("the output of {}", self.name))
    }

    /// Runs it with its output going to a file.
    pub(super) async fn run_into(&self, arguments: &[&str], file: File) -> Result<()> {
        self.finish(self.command(arguments).stdout(file)).await.map(|_| ())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.name);
        let environment = self.environment.iter().map(|(name, value)| (*name, value.as_str()));
        command.args(arguments).envs(environment).stdin(Stdio::null()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    async fn finish(&self, command: &mut Command) -> Result<Output> {
        let name = self.name;
        let child = command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow!(
                "{name} is not on the PATH: install the PostgreSQL client (Debian: postgresql-client), not older than the server"
            ),
            _ => anyhow!("{name}: {error}"),
        })?;
        let output = child.wait_with_output().await.context(name)?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr);
        let said: String = said.trim().chars().take(TOLD).collect();
        bail!("{name} failed: {said}")
    }
}

/// A new file that only its owner reads.
pub(super) fn private_file(path: &Path) -> Result<File> {
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.with_context(|| path.display().to_string())
}
