//! Keeps the keys of identity providers fresh that proxies check access tokens with.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{app::App, service, store};

const EVERY: Duration = Duration::from_secs(600);
const AT_ONCE: usize = 8;

/// # Errors
/// Never; what fails is logged and tried again.
pub(super) async fn run(app: Arc<App>, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        let _ = super::measured(&app, "sso_keys", refresh_all(&app)).await;
        if stop.run_until_cancelled(sleep(EVERY)).await.is_none() {
            return Ok(());
        }
    }
}

async fn refresh_all(app: &App) -> anyhow::Result<()> {
    let mut tx = app.database.worker().await?;
    let providers = store::sso_keys::list_watched(&mut tx).await?;
    tx.commit().await?;
    let refreshed = stream::iter(providers)
        .map(async |provider| service::sso_keys::refresh(app, &provider).await)
        .buffer_unordered(AT_ONCE);
    refreshed.for_each(async |_| {}).await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::sign_in::SsoHouse;

    async fn kept(house: &SsoHouse) -> Vec<Value> {
        let mut tx = house.test.app.database.tenant(house.test.org).await.unwrap();
        sqlx::query_scalar("select jwks -> 'keys' -> 0 -> 'kid' from sso_provider_keys")
            .fetch_all(&mut *tx)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn rotated_keys_are_fetched_and_those_of_other_providers_are_not() {
        let house = SsoHouse::open().await;
        house.idp.rotate("second");
        refresh_all(&house.test.app).await.unwrap();
        assert_eq!(kept(&house).await, [json!(null); 0], "its tokens open nothing here");
        house.change(json!({"mcp_tokens": true})).await;
        assert_eq!(kept(&house).await, ["second"]);
        house.idp.rotate("third");
        refresh_all(&house.test.app).await.unwrap();
        assert_eq!(kept(&house).await, ["third"]);
        house.idp.says().document = json!({"jwks_uri": "http://127.0.0.1:1/jwks"});
        refresh_all(&house.test.app).await.unwrap();
        assert_eq!(kept(&house).await, ["third"], "what cannot be had leaves what there was");
    }
}
