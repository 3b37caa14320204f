//! Notifications: who was told what, and what came of it (contract 3.13).

use crate::{
    app::App,
    auth::Principal,
    error::Result,
    store::{
        alert_notifications::{self, Filter, NotificationRow},
        page::{Found, Page},
    },
};

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<NotificationRow>> {
    principal.require_everywhere("alerts:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(alert_notifications::list(&mut tx, principal.org, filter, page).await?)
}
