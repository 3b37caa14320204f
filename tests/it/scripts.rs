//! The scripts beside these tests: each prints one line of JSON, and fails when anything is off.

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::root;
use serde_json::Value;
use tokio::process::Command;

/// `path` starts at the folder of the tests. It ends with whoever waits for it.
pub(crate) fn script(path: &str) -> Command {
    let mut command = Command::new(root().join("tests").join(path));
    command.kill_on_drop(true);
    command
}

/// What it printed.
pub(crate) async fn said(mut command: Command) -> Result<Value> {
    let output = command.output().await.with_context(|| format!("{command:?} does not start"))?;
    let [out, err] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    ensure!(output.status.success(), "{command:?}: {out}{err}");
    serde_json::from_str(&out).with_context(|| format!("{command:?}: {out}{err}"))
}
