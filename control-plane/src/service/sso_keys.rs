//! The keys that proxies check access tokens with (contract 1.6): fetched when a provider with `mcp_tokens` is made or
//! changed, every ten minutes, and when a proxy meets a key that it does not know. They reach proxies by the change log.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::App,
    error::Result,
    id::{OrgId, ProviderId},
    oidc::{
        Kind, Metadata, Refusal,
        keys::{Keys, has_key},
    },
    store::{
        sso_keys::{self, Watched},
        sso_providers::ProviderRow,
    },
};

/// At most one fetch in this time for each provider, whoever asks and on whatever replica.
const PAUSE_SECONDS: i32 = 30;

/// After a change; a provider that does not answer is tried again by the clock.
pub async fn refresh_now(app: &App, row: &ProviderRow) {
    if !(row.settings.enabled && row.settings.mcp_tokens) {
        return;
    }
    let provider = Watched {
        id: row.id,
        org_id: row.org_id,
        r#type: row.settings.r#type.clone(),
        issuer_url: row.settings.issuer_url.clone(),
    };
    refresh(app, &provider).await;
}

/// Fetches, and keeps what came. What cannot be had is logged: the keys there were stay in force.
pub async fn refresh(app: &App, provider: &Watched) -> bool {
    let fetched = match fetch(app, provider).await {
        Ok(keys) => keys,
        Err(refusal) => {
            tracing::warn!(
                sso_provider.id = %provider.id, org.id = %provider.org_id, error = %refusal.detail,
                "the keys of an identity provider cannot be had"
            );
            return false;
        }
    };
    match keep(app, provider, &fetched).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(sso_provider.id = %provider.id, %error, "the keys of an identity provider cannot be kept");
            false
        }
    }
}

async fn fetch(app: &App, provider: &Watched) -> Result<Keys, Refusal> {
    let metadata = Metadata::fetch(&app.egress, Kind::of(&provider.r#type), &provider.issuer_url).await?;
    let keys = Keys::fetch(&app.egress, &metadata.jwks_uri).await?;
    // An empty set would lock everybody out; a mistake at the provider is likelier.
    if keys.is_empty() {
        return Err(Refusal::provider("the key set has no key that signs"));
    }
    Ok(keys)
}

async fn keep(app: &App, provider: &Watched, keys: &Keys) -> Result<()> {
    let mut tx = app.database.tenant(provider.org_id).await?;
    sso_keys::put(&mut tx, provider, &keys.public).await?;
    tx.commit().await?;
    Ok(())
}

/// A proxy has met a token that names `key_id`. Whether the set has it now.
///
/// # Errors
/// The database's.
pub async fn refresh_for(app: &App, provider: Uuid, key_id: &str) -> Result<bool> {
    let mut tx = app.database.worker().await?;
    let Some(provider) = sso_keys::get_watched(&mut tx, provider).await? else { return Ok(false) };
    let known = knows(&mut tx, &provider, key_id).await?;
    let our_turn =
        !known && sso_keys::take_turn(&mut tx, provider.org_id, provider.id, PAUSE_SECONDS).await?;
    tx.commit().await?;
    if !our_turn {
        return Ok(known);
    }
    refresh(app, &provider).await;
    let mut tx = app.database.worker().await?;
    knows(&mut tx, &provider, key_id).await
}

async fn knows(conn: &mut PgConnection, provider: &Watched, key_id: &str) -> Result<bool> {
    let set = sso_keys::get(conn, provider.org_id, provider.id).await?;
    Ok(set.is_some_and(|set| has_key(&set, key_id)))
}

/// They are another issuer's.
///
/// # Errors
/// The database's.
pub(super) async fn forget(conn: &mut PgConnection, org: OrgId, provider: ProviderId) -> Result<()> {
    Ok(sso_keys::delete(conn, org, provider).await?)
}
