//! Refused sign-ins on record. Anybody may fail as often as they like, so that there is a limit to what is written down
//! of it; what exceeds it is counted in the log.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    app::App,
    auth::Origin,
    error::Result,
    id::ProviderId,
    oidc::{Reason, Refusal},
    service::audit::{self, Author, Entry},
    store::sso_providers::ProviderRow,
};

const WINDOW: Duration = Duration::from_secs(60);
/// Rows a minute for each provider and process.
const MOST: u32 = 100;

#[derive(Default)]
pub struct Failures(Mutex<HashMap<ProviderId, (Instant, u32)>>);

impl Failures {
    /// Whether one more is to be written down.
    fn count(&self, provider: ProviderId, now: Instant) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
        let (_, count) = counted.entry(provider).or_insert((now, 0));
        *count = count.saturating_add(1);
        *count <= MOST
    }
}

pub(super) async fn note(app: &App, row: &ProviderRow, origin: &Origin, refusal: &Refusal) {
    tracing::info!(
        sso_provider.id = %row.id, org.id = %row.org_id, request.id = origin.request_id,
        reason = refusal.reason.code(), detail = %refusal.detail, "a sign-in was refused"
    );
    if !app.sso_failures.count(row.id, Instant::now()) {
        return;
    }
    if let Err(error) = record(app, row, origin, refusal).await {
        tracing::error!(%error, request.id = origin.request_id, "a refused sign-in could not be recorded");
    }
}

async fn record(app: &App, row: &ProviderRow, origin: &Origin, refusal: &Refusal) -> Result<()> {
    let outcome = match refusal.reason {
        Reason::ProviderError | Reason::ProviderUnreachable | Reason::Ours(_) => "failure",
        _ => "denied",
    };
    let details = json!({
        "reason": refusal.reason.code(), "detail": refusal.detail, "auth_method": "sso", "sso_provider_id": row.id,
    });
    let entry =
        Entry::refused("session.login_failed", outcome).on(row.id, &row.settings.name).details(details);
    let mut tx = app.database.tenant(row.org_id).await?;
    audit::record(&mut tx, row.org_id, &Author::of("user", None, None, origin), entry).await?;
    tx.commit().await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_in_a_minute_is_bounded_for_each_provider() {
        let (failures, now) = (Failures::default(), Instant::now());
        let (one, other) = (ProviderId::new(), ProviderId::new());
        assert_eq!((0..2 * MOST).filter(|_| failures.count(one, now)).count(), MOST as usize);
        assert!(failures.count(other, now) && failures.count(one, now + WINDOW));
    }
}
