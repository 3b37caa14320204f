//! What traces, costs and metrics share: which rows a caller may see, whose money, and how long a query may take.

use serde_json::json;

use super::audit::{self, Entry};
use crate::{
    app::App,
    auth::{Principal, permission::Reach},
    error::{Code, Error, Result},
    id::OrgId,
    store::{Transaction, dimensions::Visible, timeout},
};

/// Beyond this the answer is `query_timeout`: narrow the time range.
pub(super) const LONGEST_STATEMENT_MS: u32 = 10_000;
/// An export is no longer than this (contract 1.2).
pub const EXPORT_MAX_ROWS: i64 = 1_000_000;

impl From<Reach> for Visible {
    fn from(reach: Reach) -> Self {
        Self {
            everything: reach.everything,
            user: reach.user,
            api_key: reach.api_key,
            teams: reach.teams,
            mcp_servers: reach.server_names,
        }
    }
}

/// The rows that `permission` lets the caller see.
///
/// # Errors
/// `permission_denied` when it is none.
pub fn visible(principal: &Principal, permission: &str) -> Result<Visible> {
    principal.require(permission).map(Into::into)
}

/// The rows whose cost the caller may see; on others money is null (contract 3.12).
#[must_use]
pub fn priced(principal: &Principal) -> Visible {
    visible(principal, "costs:read").unwrap_or_default()
}

/// A transaction for reports.
///
/// # Errors
/// The database's.
pub async fn begin(app: &App, principal: &Principal) -> Result<(Transaction, OrgId)> {
    let mut tx = app.database.tenant(principal.org).await?;
    timeout::limit(&mut tx, LONGEST_STATEMENT_MS).await?;
    Ok((tx, principal.org))
}

/// Records that an export of so many rows begins.
///
/// # Errors
/// `export_too_large`, or the database's.
pub async fn record_export(
    tx: &mut Transaction,
    principal: &Principal,
    resource: &str,
    format: &str,
    rows: i64,
) -> Result<()> {
    check_size(rows)?;
    let details = json!({"resource": resource, "format": format, "rows": rows});
    let entry = Entry::success("export.run").details(details);
    audit::record(tx, principal.org, &principal.into(), entry).await
}

fn check_size(rows: i64) -> Result<()> {
    if rows <= EXPORT_MAX_ROWS {
        return Ok(());
    }
    let message =
        format!("an export has at most {EXPORT_MAX_ROWS} rows; narrow the filters or the time range");
    Err(Error::new(Code::ExportTooLarge, message).with("max_rows", EXPORT_MAX_ROWS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn a_report_that_takes_too_long_is_a_query_timeout() {
        let app = TestApp::start().await;
        let mut tx = app.app.database.tenant(app.org).await.unwrap();
        timeout::limit(&mut tx, 20).await.unwrap();
        let slept = sqlx::query("select pg_sleep(60)").execute(&mut *tx).await;
        assert_eq!(Error::from(slept.unwrap_err()).code, Code::QueryTimeout);
    }

    #[test]
    fn an_export_has_its_limit() {
        assert!(check_size(EXPORT_MAX_ROWS).is_ok());
        assert_eq!(check_size(EXPORT_MAX_ROWS + 1).unwrap_err().code, Code::ExportTooLarge);
    }
}
