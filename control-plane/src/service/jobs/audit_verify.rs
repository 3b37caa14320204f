//! Verifies the organization's audit log, however long it has become.

use serde_json::{Value, json};

use super::Work;
use crate::{app::App, error::Result, rest::value::Time, service::audit::log};

pub(super) async fn run(app: &App, work: &Work<'_>) -> Result<Value> {
    let verified = log::verify_whole(app, work.row.org_id, &work.progress).await?;
    let report = verified.report;
    let findings = report.findings.iter().map(|finding| {
        json!({"seq": finding.seq, "id": finding.id, "reason": finding.fault.name(), "message": finding.to_string()})
    });
    Ok(json!({
        "valid": report.is_valid(),
        "checked": report.checked,
        "first_seq": report.first_seq,
        "last_seq": report.last_seq,
        "broken_at_seq": report.broken_at_seq,
        "findings": findings.collect::<Vec<_>>(),
        "findings_total": report.findings_total,
        "verified_at": Time(verified.verified_at),
    }))
}
