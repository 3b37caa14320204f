//! What is in a backup, entry by entry, and how it comes back under another owner.
//!
//! Objects are restored without their owner: whoever restores them owns them, except for the functions of
//! `gatewayops_worker`. Those change hands at the end, and only then their grants are given, for what an owner grants goes
//! with them.

use std::{io::Write, path::Path};

use anyhow::{Context, Result, ensure};

use super::{
    object::Object,
    tool::{Tool, private_file},
};

const WORKER: &str = " gatewayops_worker";

pub(super) struct Contents {
    entries: Vec<Entry>,
    worker_functions: Vec<String>,
}

struct Entry {
    line: String,
    /// Whether it says who may use a function of the worker.
    is_worker_grant: bool,
}

impl Contents {
    pub(super) async fn list(tool: &Tool, backup: &Path) -> Result<Self> {
        let path = backup.to_str().context("the path is no UTF-8")?;
        Ok(Self::read(&tool.run(&["--list", path]).await?))
    }

    /// The same of one that is in a bucket, of which only the beginning is read.
    pub(super) async fn list_object(tool: &Tool, backup: &Object) -> Result<Self> {
        Ok(Self::read(&tool.run_on(&["--list"], |stdin| backup.pour_into(stdin)).await?))
    }

    /// Lines such as `415; 1255 18035 FUNCTION public look(uuid) gatewayops_worker`.
    fn read(list: &str) -> Self {
        let mut contents = Self { entries: Vec::new(), worker_functions: Vec::new() };
        for line in list.lines().filter(|line| !line.is_empty() && !line.starts_with(';')) {
            let described = line.splitn(4, ' ').nth(3).unwrap_or_default();
            let of_worker = described.strip_suffix(WORKER);
            if let Some(function) = of_worker.and_then(|rest| rest.strip_prefix("FUNCTION public ")) {
                contents.worker_functions.push(format!("public.{function}"));
            }
            let is_worker_grant = of_worker.is_some_and(|rest| rest.starts_with("ACL public FUNCTION "));
            contents.entries.push(Entry { line: line.to_owned(), is_worker_grant });
        }
        contents
    }

    /// # Errors
    /// It is a backup of something else.
    pub(super) fn check(&self) -> Result<()> {
        let is_ours = [
            "TABLE public organizations ",
            "TABLE public _sqlx_migrations ",
            "TABLE DATA public organizations ",
        ]
        .iter()
        .all(|wanted| self.entries.iter().any(|entry| entry.line.contains(wanted)));
        ensure!(is_ours, "this is no backup of a control plane");
        Ok(())
    }

    pub(super) fn worker_functions(&self) -> &[String] {
        &self.worker_functions
    }

    /// Everything but the grants of the worker's functions.
    pub(super) async fn restore(&self, tool: &Tool, backup: &Path, arguments: &[&str]) -> Result<()> {
        self.run(tool, backup, arguments, |entry| !entry.is_worker_grant).await.map(|_| ())
    }

    /// Those, as statements.
    pub(super) async fn worker_grants(&self, tool: &Tool, backup: &Path) -> Result<Vec<String>> {
        let script =
            self.run(tool, backup, &["--no-owner", "--file=-"], |entry| entry.is_worker_grant).await?;
        Ok(grants(&script))
    }

    async fn run(
        &self,
        tool: &Tool,
        backup: &Path,
        arguments: &[&str],
        wanted: impl Fn(&Entry) -> bool,
    ) -> Result<String> {
        let list = std::env::temp_dir().join(format!("gatewayops-restore-{}.list", uuid::Uuid::new_v4()));
        let mut file = private_file(&list)?;
        for entry in self.entries.iter().filter(|entry| wanted(entry)) {
            writeln!(file, "{}", entry.line)?;
        }
        let use_list = format!("--use-list={}", list.display());
        let path = backup.to_str().context("the path is no UTF-8")?;
        let outcome = tool.run(&[arguments, &[use_list.as_str(), path]].concat()).await;
        let _ = std::fs::remove_file(&list);
        outcome
    }
}

/// The grants of a script. To whom the owner of the backed-up tables granted something, that is whoever restores them.
fn grants(script: &str) -> Vec<String> {
    let statements = script.lines().filter(|line| line.starts_with("GRANT ") || line.starts_with("REVOKE "));
    let statements = statements.map(|statement| match statement.rsplit_once(" TO ") {
        Some((what, to)) if !matches!(to, "gatewayops_app;" | "gatewayops_worker;") => {
            format!("{what} TO session_user;")
        }
        _ => statement.to_owned(),
    });
    statements.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
;
; Archive created at 2026-11-30
;
5683; 0 0 ACL - SCHEMA public pg_database_owner
409; 1255 18028 FUNCTION public find_api_key_by_hash(bytea) gatewayops_worker
5692; 0 0 ACL public FUNCTION find_api_key_by_hash(hash bytea) gatewayops_worker
412; 1255 18033 FUNCTION public ensure_day(text, date) owner
5689; 0 0 ACL public FUNCTION ensure_day(table_name text, day date) owner
220; 1259 16400 TABLE public organizations owner
";

    #[test]
    fn functions_of_the_worker_and_what_is_granted_on_them_are_told_apart() {
        let contents = Contents::read(LIST);
        assert_eq!(contents.worker_functions(), ["public.find_api_key_by_hash(bytea)"]);
        let grants: Vec<_> = contents.entries.iter().map(|entry| entry.is_worker_grant).collect();
        assert_eq!(grants, [false, false, true, false, false, false]);
        assert!(contents.check().is_err(), "it has no rows");
    }

    #[test]
    fn what_the_owner_was_granted_goes_to_whoever_restores() {
        let script = "SET row_security = off;\n\
            REVOKE ALL ON FUNCTION public.f(a bytea) FROM PUBLIC;\n\
            GRANT ALL ON FUNCTION public.f(a bytea) TO gatewayops_app;\n\
            GRANT ALL ON FUNCTION public.f(a bytea) TO \"the owner\";\n";
        assert_eq!(
            grants(script),
            [
                "REVOKE ALL ON FUNCTION public.f(a bytea) FROM PUBLIC;",
                "GRANT ALL ON FUNCTION public.f(a bytea) TO gatewayops_app;",
                "GRANT ALL ON FUNCTION public.f(a bytea) TO session_user;"
            ]
        );
    }
}
