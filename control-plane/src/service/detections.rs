//! Detections: what safety policies minded in calls, read and judged (contract 3.8).

use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    events::{self, EXPORT_MAX_ROWS},
    safety::Disposition,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::DetectionId,
    rest::form::{Faults, Form, Patch},
    store::{
        detections::{self, DetectionRow, Filter, Group, Judgement},
        page::{Found, Page, TimeRange},
    },
    word::{text, word},
};

/// What somebody makes of a detection.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DetectionForm {
    pub disposition: Disposition,
    #[schema(max_length = 1000)]
    pub note: Option<String>,
}

impl Form for DetectionForm {
    const READ_ONLY: &'static [&'static str] = &[
        "trace_id",
        "span_id",
        "policy_id",
        "type",
        "severity",
        "confidence",
        "rule",
        "pattern",
        "direction",
        "action",
        "snippet",
        "mcp_server",
        "tool_name",
        "api_key_id",
        "user_id",
        "ip_address",
        "reviewed_by",
        "reviewed_at",
    ];

    fn check(&self, faults: &mut Faults) {
        if let Some(note) = &self.note {
            faults.length("note", note, 0..=1000);
        }
    }
}

impl From<&Judgement> for DetectionForm {
    fn from(judgement: &Judgement) -> Self {
        Self { disposition: word(&judgement.disposition).unwrap_or_default(), note: judgement.note.clone() }
    }
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<DetectionRow>> {
    let visible = events::visible(principal, "policies:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    Ok(detections::list(&mut tx, org, &visible, filter, page).await?)
}

/// Checks that an export may begin, and records that it did; its rows are read page by page by [`list`].
///
/// # Errors
/// `permission_denied`, `export_too_large`, or the database's.
pub async fn begin_export(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    range: TimeRange,
    format: &str,
) -> Result<()> {
    let visible = events::visible(principal, "policies:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let rows = detections::count(&mut tx, org, &visible, filter, range, EXPORT_MAX_ROWS).await?;
    events::record_export(&mut tx, principal, "detections", format, rows).await?;
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: DetectionId) -> Result<DetectionRow> {
    let visible = events::visible(principal, "policies:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    detections::get(&mut tx, org, &visible, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `not_found`, `validation_error`.
pub async fn judge(
    app: &App,
    principal: &Principal,
    id: DetectionId,
    patch: Patch<DetectionForm>,
) -> Result<DetectionRow> {
    let visible = events::visible(principal, "policies:admin")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let current = detections::get(&mut tx, org, &visible, id, true).await?.ok_or_else(Error::not_found)?;
    let before = DetectionForm::from(&current.judgement);
    let after = patch.onto(&before)?;
    let is_reviewed = after.disposition != Disposition::Unreviewed;
    let judgement = Judgement {
        disposition: text(after.disposition),
        note: after.note.clone(),
        reviewed_by: principal.user().filter(|_| is_reviewed),
        reviewed_at: is_reviewed.then(Utc::now),
    };
    detections::judge(&mut tx, org, id, current.created_at, &judgement).await?;
    let entry = Entry::success("detection.update").changes(&before, &after).on(id, &current.rule);
    audit::record(&mut tx, org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(DetectionRow { judgement, ..current })
}

/// How many there were, in every respect.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn summary(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    range: TimeRange,
) -> Result<Vec<Group>> {
    let visible = events::visible(principal, "policies:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    Ok(detections::groups(&mut tx, org, &visible, filter, range).await?)
}
