//! Looks at every enabled server of the organization, a few at a time.

use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::Work;
use crate::{
    app::App,
    error::Result,
    id::{OrgId, ServerId},
    service::servers,
    store,
};

/// Visits under way at the same time: a server that says nothing holds up few others.
const MAX_VISITS: usize = 8;

pub(super) async fn run(app: &App, work: &Work<'_>) -> Result<Value> {
    let org = work.row.org_id;
    let mut tx = app.database.tenant(org).await?;
    let enabled = store::servers::list_enabled(&mut tx, org).await?;
    tx.commit().await?;
    let count = enabled.len();
    let visits: Vec<_> = enabled.into_iter().map(|(id, name)| visit(app, org, id, name)).collect();
    let mut visits = stream::iter(visits).buffer_unordered(MAX_VISITS);
    let (mut visited, mut unwell) = (0, Vec::new());
    while let Some((name, is_well)) = visits.next().await {
        if !is_well {
            unwell.push(name);
        }
        visited += 1;
        work.progress.set(visited, count as u64);
    }
    unwell.sort();
    Ok(json!({"servers": count, "unwell": unwell}))
}

async fn visit(app: &App, org: OrgId, id: ServerId, name: String) -> (String, bool) {
    let is_well = servers::discover(app, org, id).await.unwrap_or_else(|error| {
        tracing::warn!(%error, server.id = %id, "a server could not be looked at");
        false
    });
    (name, is_well)
}
