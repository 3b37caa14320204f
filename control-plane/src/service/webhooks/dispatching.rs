//! From the outbox to deliveries: each event becomes one for every webhook that asked for it, exactly once. Any number of
//! replicas may do it at the same time.

use crate::{
    app::App,
    error::Result,
    id::OrgId,
    service::webhooks::events,
    store::{
        outbox::{self, OutboxRow},
        webhook_deliveries::{self, NewDelivery},
        webhooks::{self, WebhookRow},
    },
};

/// Events in one transaction.
pub const BATCH: i64 = 200;
/// Deliveries that wait for one webhook; an event beyond is told to nobody there.
const MOST_WAITING: i64 = 10_000;

/// What a batch came to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Dispatched {
    pub events: usize,
    pub deliveries: usize,
}

/// One batch, the oldest events first.
///
/// # Errors
/// The database's; then nothing was done.
pub async fn dispatch(app: &App) -> Result<Dispatched> {
    let mut tx = app.database.worker().await?;
    let rows = outbox::take(&mut tx, BATCH).await?;
    if rows.is_empty() {
        return Ok(Dispatched::default());
    }
    let mut orgs: Vec<OrgId> = rows.iter().map(|row| row.org_id).collect();
    orgs.sort_unstable();
    orgs.dedup();
    let webhooks = webhooks::list_enabled(&mut tx, &orgs).await?;
    let new: Vec<NewDelivery> = rows.iter().flat_map(|row| deliveries(row, &webhooks)).collect();
    if !new.is_empty() {
        webhook_deliveries::insert_all(&mut tx, &new, MOST_WAITING).await?;
    }
    outbox::mark_dispatched(&mut tx, &rows).await?;
    tx.commit().await?;
    Ok(Dispatched { events: rows.len(), deliveries: new.len() })
}

fn deliveries(row: &OutboxRow, webhooks: &[WebhookRow]) -> Vec<NewDelivery> {
    let wanting = webhooks.iter().filter(|webhook| {
        // What was before somebody asked to be told is not told.
        webhook.org_id == row.org_id
            && webhook.created_at <= row.created_at
            && events::is_wanted(&webhook.settings.events, &row.event)
    });
    let payload = || events::envelope(row.id, row.org_id, &row.event, row.created_at, &row.payload);
    wanting
        .map(|webhook| NewDelivery {
            org: row.org_id,
            webhook: webhook.id,
            event_id: row.id,
            event: row.event.clone(),
            payload: payload(),
        })
        .collect()
}
