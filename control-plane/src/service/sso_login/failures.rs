//! Refused sign-ins on record; those beyond the limit stand in the process log only.

use std::time::Instant;

use serde_json::json;

use crate::{
    app::App,
    auth::Origin,
    error::Result,
    oidc::{Reason, Refusal},
    service::audit::{self, Author, Entry},
    store::sso_providers::ProviderRow,
};

/// Who was refused, as far as the provider has proved it. For the audit log: the process log names nobody.
#[derive(Default)]
pub(super) struct Who {
    pub(super) subject: Option<String>,
    pub(super) email: Option<String>,
}

pub(super) async fn note(app: &App, row: &ProviderRow, origin: &Origin, refusal: &Refusal, who: &Who) {
    tracing::info!(
        sso_provider.id = %row.id, org.id = %row.org_id, request.id = origin.request_id,
        reason = refusal.reason.code(), detail = %refusal.detail, "a sign-in was refused"
    );
    if !app.refusals.count(row.id.0, Instant::now()) {
        return;
    }
    if let Err(error) = record(app, row, origin, refusal, who).await {
        tracing::error!(%error, request.id = origin.request_id, "a refused sign-in could not be recorded");
    }
}

async fn record(app: &App, row: &ProviderRow, origin: &Origin, refusal: &Refusal, who: &Who) -> Result<()> {
    let details = json!({
        "reason": refusal.reason.code(), "detail": refusal.detail, "auth_method": "sso", "sso_provider_id": row.id,
        "sso_subject": who.subject, "email": who.email,
    });
    let outcome = outcome(refusal.reason);
    let entry =
        Entry::refused("session.login_failed", outcome).on(row.id, &row.settings.name).details(details);
    let mut tx = app.database.tenant(row.org_id).await?;
    audit::record(&mut tx, row.org_id, &Author::of("user", None, None, origin), entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether something did not work, or somebody may not (contract 4.3).
fn outcome(reason: Reason) -> &'static str {
    match reason {
        Reason::ProviderError | Reason::ProviderUnreachable => "failure",
        Reason::Ours(code) if !matches!(code.http().as_u16(), 401 | 403) => "failure",
        _ => "denied",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn who_may_not_is_denied_and_what_does_not_work_fails() {
        for (reason, expected) in [
            (Reason::EmailUnverified, "denied"),
            (Reason::Ours(Code::UserSuspended), "denied"),
            (Reason::Ours(Code::IpNotAllowed), "denied"),
            (Reason::Ours(Code::Unavailable), "failure"),
            (Reason::ProviderUnreachable, "failure"),
        ] {
            assert_eq!(outcome(reason), expected, "{reason:?}");
        }
    }
}
