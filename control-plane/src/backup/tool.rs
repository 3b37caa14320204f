//! A program of the PostgreSQL client, found on the PATH.

use std::{
    fs::File,
    io::ErrorKind,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{ExitStatus, Stdio},
};

use anyhow::{Context, Result, anyhow, bail};
use tokio::{
    io::AsyncReadExt,
    process::{Child, ChildStdin, ChildStdout, Command},
};
use tokio_util::task::AbortOnDropHandle;

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
        let child = self.spawn(self.command(arguments).stdout(Stdio::piped()))?;
        self.output(child).await
    }

    /// Runs it with what `feed` writes as its input, which it need not read to the end.
    pub(super) async fn run_on<F: Future<Output = Result<()>>>(
        &self,
        arguments: &[&str],
        feed: impl FnOnce(ChildStdin) -> F,
    ) -> Result<String> {
        let mut command = self.command(arguments);
        let mut child = self.spawn(command.stdin(Stdio::piped()).stdout(Stdio::piped()))?;
        let stdin = child.stdin.take().context(self.name)?;
        let (fed, output) = tokio::join!(feed(stdin), self.output(child));
        fed.and(output)
    }

    /// Runs it with its output going to a file.
    pub(super) async fn run_into(&self, arguments: &[&str], file: File) -> Result<()> {
        let child = self.spawn(self.command(arguments).stdout(file))?;
        self.output(child).await.map(|_| ())
    }

    /// Starts it: its output, and how it ends once that is read.
    pub(super) fn start(&self, arguments: &[&str]) -> Result<(ChildStdout, Running)> {
        let mut child = self.spawn(self.command(arguments).stdout(Stdio::piped()))?;
        let stdout = child.stdout.take().context(self.name)?;
        let mut stderr = child.stderr.take().context(self.name)?;
        // It must not wait for us to listen.
        let said = AbortOnDropHandle::new(tokio::spawn(async move {
            let mut said = Vec::new();
            stderr.read_to_end(&mut said).await.map(|_| said)
        }));
        Ok((stdout, Running { name: self.name, child, said }))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.name);
        let environment = self.environment.iter().map(|(name, value)| (*name, value.as_str()));
        command.args(arguments).envs(environment).stdin(Stdio::null()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        command
    }

    fn spawn(&self, command: &mut Command) -> Result<Child> {
        let name = self.name;
        command.spawn().map_err(|error| match error.kind() {
            ErrorKind::NotFound => anyhow!(
                "{name} is not on the PATH: install the PostgreSQL client (Debian: postgresql-client), not older than the server"
            ),
            _ => anyhow!("{name}: {error}"),
        })
    }

    async fn output(&self, child: Child) -> Result<String> {
        let output = child.wait_with_output().await.context(self.name)?;
        judge(self.name, output.status, &output.stderr)?;
        String::from_utf8(output.stdout).with_context(|| format!("the output of {}", self.name))
    }
}

/// A tool whose output somebody reads.
pub(super) struct Running {
    name: &'static str,
    child: Child,
    said: AbortOnDropHandle<std::io::Result<Vec<u8>>>,
}

impl Running {
    /// Whether it ended well.
    pub(super) async fn finish(mut self) -> Result<()> {
        let status = self.child.wait().await.context(self.name)?;
        judge(self.name, status, &self.said.await??)
    }
}

fn judge(name: &str, status: ExitStatus, said: &[u8]) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(said);
    let said: String = said.trim().chars().take(TOLD).collect();
    bail!("{name} failed: {said}")
}

/// A new file that only its owner reads.
pub(super) fn private_file(path: &Path) -> Result<File> {
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path);
    file.with_context(|| path.display().to_string())
}
