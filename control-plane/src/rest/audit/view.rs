//! What is told about the audit log as a whole.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rest::{value::Time, window::Window},
    service::audit::{
        key::Published,
        lines::HeadLine,
        log::{Stats, Verified},
        verify::Finding,
    },
    store::audit::list::Day,
};

#[derive(Serialize, ToSchema)]
#[schema(as = AuditCount)]
struct Count {
    value: String,
    count: i64,
}

impl From<(String, i64)> for Count {
    fn from((value, count): (String, i64)) -> Self {
        Self { value, count }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditDay)]
struct DayView {
    date: NaiveDate,
    total: i64,
}

impl From<Day> for DayView {
    fn from(day: Day) -> Self {
        Self { date: day.date, total: day.total }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct AuditStats {
    total: i64,
    /// The commonest first.
    by_action: Vec<Count>,
    by_outcome: Vec<Count>,
    by_actor_type: Vec<Count>,
    /// Every UTC day of the range.
    daily: Vec<DayView>,
    start_time: Time,
    end_time: Time,
}

impl AuditStats {
    pub(super) fn new(stats: Stats, window: Window) -> Self {
        fn counts(counted: Vec<(String, i64)>) -> Vec<Count> {
            counted.into_iter().map(Into::into).collect()
        }
        Self {
            total: stats.by_outcome.iter().map(|(_, count)| count).sum(),
            by_action: counts(stats.by_action),
            by_outcome: counts(stats.by_outcome),
            by_actor_type: counts(stats.by_actor_type),
            daily: stats.daily.into_iter().map(Into::into).collect(),
            start_time: Time(window.start),
            end_time: Time(window.end),
        }
    }
}

/// One place where the log is not what was written.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditFinding)]
struct FindingView {
    seq: i64,
    /// The row's, if one is there.
    #[schema(required)]
    id: Option<Uuid>,
    /// hash_differs, previous_hash_differs, rows_missing, row_repeated, signed_otherwise, cut_off, head_differs,
    /// signature_bad, key_unknown, other_organization
    reason: &'static str,
    message: String,
}

impl From<Finding> for FindingView {
    fn from(finding: Finding) -> Self {
        Self { seq: finding.seq, id: finding.id, reason: finding.fault.name(), message: finding.to_string() }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditVerification)]
pub(super) struct Verification {
    valid: bool,
    /// Rows.
    checked: u64,
    #[schema(required)]
    first_seq: Option<i64>,
    #[schema(required)]
    last_seq: Option<i64>,
    /// Of the organization's last row, as the database has it.
    #[schema(required)]
    head_hash: Option<String>,
    /// The first row that is broken, or should be there.
    #[schema(required)]
    broken_at_seq: Option<i64>,
    /// At most 100 of them.
    findings: Vec<FindingView>,
    findings_total: u64,
    /// The newest signed head that names one of these rows; what came after it no signature proves yet.
    #[schema(required)]
    signed_head: Option<HeadLine>,
    verified_at: Time,
}

impl From<Verified> for Verification {
    fn from(verified: Verified) -> Self {
        let report = verified.report;
        Self {
            valid: report.is_valid(),
            checked: report.checked,
            first_seq: report.first_seq,
            last_seq: report.last_seq,
            head_hash: verified.head.map(|head| hex::encode(head.hash)),
            broken_at_seq: report.broken_at_seq,
            findings: report.findings.into_iter().map(Into::into).collect(),
            findings_total: report.findings_total,
            signed_head: report.signed.as_ref().map(Into::into),
            verified_at: Time(verified.verified_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditPublicKey)]
pub(super) struct PublicKeyView {
    key_id: String,
    /// Ed25519, 64 hex digits.
    public_key: String,
    created_at: Time,
    /// It signs no more.
    #[schema(required)]
    retired_at: Option<Time>,
}

impl From<Published> for PublicKeyView {
    fn from(published: Published) -> Self {
        Self {
            public_key: published.key.to_string(),
            key_id: published.key.key_id,
            created_at: Time(published.created_at),
            retired_at: published.retired_at.map(Time),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditPublicKeys)]
pub(super) struct PublicKeys {
    pub(super) keys: Vec<PublicKeyView>,
}
