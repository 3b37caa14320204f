//! A person decides, and another than the one who asked (four eyes, contract 3.7).

use chrono::{DateTime, Duration, Utc};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    event,
    form::{ApproveForm, DenyForm},
    name,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    id::{ApiKeyId, ApprovalId, UserId},
    service::audit::{self, Entry},
    settings::{Approvals, Settings},
    store::{
        approvals::{self, ApprovalRow, Review, calls},
        outbox, settings,
    },
};

/// # Errors
/// `permission_denied`, `self_review`, `not_found`; `invalid_state` unless it is pending.
pub async fn approve(
    app: &App,
    principal: &Principal,
    id: ApprovalId,
    form: &ApproveForm,
) -> Result<ApprovalRow> {
    let now = Utc::now();
    let mut tx = principal.begin(&app.database).await?;
    let settings = check(&mut tx, principal, id).await?;
    let valid_until = now + Duration::seconds(form.valid_seconds.unwrap_or(settings.valid_seconds));
    let review = Review { by: principal.user(), at: now, note: &form.note };
    let row = approvals::approve(&mut tx, principal.org, id, &review, valid_until, form.max_uses).await?;
    let row = decided(&mut tx, principal, id, row, now).await?;
    outbox::insert(&mut tx, principal.org, "approval.approved", &event(&row)).await?;
    let details = json!({"valid_until": valid_until, "max_uses": form.max_uses, "note": form.note});
    let entry = Entry::success("approval.approve").on(id, name(&row)).details(details);
    audit::record(&mut tx, principal.org, &principal.into(), entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// As [`approve`].
pub async fn deny(app: &App, principal: &Principal, id: ApprovalId, form: &DenyForm) -> Result<ApprovalRow> {
    let now = Utc::now();
    let mut tx = principal.begin(&app.database).await?;
    check(&mut tx, principal, id).await?;
    let review = Review { by: principal.user(), at: now, note: &form.note };
    let row = approvals::deny(&mut tx, principal.org, id, &review).await?;
    let row = decided(&mut tx, principal, id, row, now).await?;
    outbox::insert(&mut tx, principal.org, "approval.denied", &event(&row)).await?;
    let entry = Entry::success("approval.deny").on(id, name(&row)).details(json!({"note": form.note}));
    audit::record(&mut tx, principal.org, &principal.into(), entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// Whoever asked takes it back.
///
/// # Errors
/// `permission_denied` of anybody else's, `not_found`; `invalid_state` unless it is pending.
pub async fn cancel(app: &App, principal: &Principal, id: ApprovalId) -> Result<ApprovalRow> {
    let now = Utc::now();
    let mut tx = principal.begin(&app.database).await?;
    let row = approvals::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    if !is_requester(&row, principal) {
        return Err(match sees(principal, &row) {
            true => Error::new(Code::PermissionDenied, "only who asked for it can cancel it"),
            false => Error::not_found(),
        });
    }
    let row = approvals::cancel(&mut tx, principal.org, id, now).await?;
    let row = decided(&mut tx, principal, id, row, now).await?;
    let entry = Entry::success("approval.cancel").on(id, name(&row));
    audit::record(&mut tx, principal.org, &principal.into(), entry).await?;
    tx.commit().await?;
    Ok(row)
}

/// Whether the caller may decide about it. What of the row this looks at does not change while it is pending.
async fn check(conn: &mut PgConnection, principal: &Principal, id: ApprovalId) -> Result<Approvals> {
    let reach = principal.require("approvals:review")?;
    let row = approvals::get(conn, principal.org, id).await?.ok_or_else(Error::not_found)?;
    if !row.is_within(&reach) {
        return Err(match sees(principal, &row) {
            true => Error::permission_denied("approvals:review"),
            false => Error::not_found(),
        });
    }
    let stored = settings::get(conn, principal.org).await?.ok_or_else(Error::not_found)?;
    let settings = Settings::read(&stored)?.approvals;
    if !settings.allow_self_review {
        let key = match principal.api_key() {
            Some(key) => calls::get_key(conn, principal.org, key).await?.and_then(|key| key.created_by),
            None => None,
        };
        Reviewer { key: principal.api_key(), people: [principal.user(), key] }.check(&row)?;
    }
    Ok(settings)
}

/// The row as it is now, or why nothing was decided.
async fn decided(
    conn: &mut PgConnection,
    principal: &Principal,
    id: ApprovalId,
    row: Option<ApprovalRow>,
    now: DateTime<Utc>,
) -> Result<ApprovalRow> {
    if let Some(row) = row {
        return Ok(row);
    }
    let row = approvals::get(conn, principal.org, id).await?.ok_or_else(Error::not_found)?;
    // The job that ends it comes by a little later.
    let is_over = row.status == "pending" && row.expires_at <= now;
    let status = if is_over { "expired" } else { &row.status };
    Err(Error::invalid_state(status, format!("it is {status} already; only what is pending can be decided")))
}

fn is_requester(row: &ApprovalRow, principal: &Principal) -> bool {
    let is_user = row.requested_by.is_some() && row.requested_by == principal.user();
    is_user || (row.api_key_id.is_some() && row.api_key_id == principal.api_key())
}

fn sees(principal: &Principal, row: &ApprovalRow) -> bool {
    principal.require("approvals:read").is_ok_and(|reach| row.is_within(&reach))
}

/// The people who decide by a credential: who uses it, and who made it and may know its secret.
struct Reviewer {
    key: Option<ApiKeyId>,
    people: [Option<UserId>; 2],
}

impl Reviewer {
    /// A key behind which nobody is known cannot show that another person decides.
    fn check(&self, row: &ApprovalRow) -> Result<()> {
        let refuse = |message: &'static str| Err(Error::new(Code::SelfReview, message));
        let mut people = self.people.iter().flatten().peekable();
        if people.peek().is_none() {
            return refuse(
                "this key belongs to nobody, and a person must decide; log in or use a key of your own",
            );
        }
        let involved = [row.requested_by, row.key_owner, row.key_creator];
        if self.key.is_some() && self.key == row.api_key_id
            || people.any(|one| involved.contains(&Some(*one)))
        {
            return refuse(
                "whoever asked, or owns or made the key that asked, cannot decide about it; let somebody else",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::id::OrgId;

    fn asked_by(requester: Option<UserId>, key: [Option<UserId>; 2]) -> ApprovalRow {
        ApprovalRow {
            id: ApprovalId::new(),
            org_id: OrgId::new(),
            mcp_server: "fs".into(),
            tool_name: "rm".into(),
            arguments: Value::Null,
            arguments_hash: String::new(),
            requested_by: requester,
            api_key_id: Some(ApiKeyId::new()),
            team_id: None,
            reason: String::new(),
            status: "pending".into(),
            expires_at: Utc::now(),
            reviewed_by: None,
            reviewed_at: None,
            review_note: None,
            valid_until: None,
            max_uses: 1,
            use_count: 0,
            expiry_reason: None,
            trace_id: None,
            created_at: Utc::now(),
            requester: None,
            reviewer: None,
            key_name: None,
            key_owner: key[0],
            key_creator: key[1],
        }
    }

    #[test]
    fn nobody_who_had_a_part_in_asking_decides() {
        let [requester, owner, creator, other] = [(); 4].map(|()| Some(UserId::new()));
        let row = asked_by(requester, [owner, creator]);
        let allows = |key, people| Reviewer { key, people }.check(&row).is_ok();
        let a_key = Some(ApiKeyId::new());
        for one in [requester, owner, creator] {
            assert!(!allows(None, [one, None]), "in person");
            assert!(!allows(a_key, [other, one]), "by a key that they made for somebody else");
        }
        assert!(!allows(a_key, [None, None]), "nobody is known to be behind it");
        assert!(!allows(row.api_key_id, [other, None]), "the very key that asked");
        assert!(allows(None, [other, None]) && allows(a_key, [other, other]) && allows(a_key, [None, other]));
    }
}
