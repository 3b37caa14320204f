//! Tells people of keys that end within a week, once of each end.

use crate::{app::App, service::api_keys};

pub(super) async fn run(app: &App) -> anyhow::Result<()> {
    api_keys::warn_of_expiring(app).await
}

#[cfg(test)]
mod tests;
