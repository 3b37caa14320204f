//! The keys that proxies check access tokens with (contract 1.6): fetched when a provider with `mcp_tokens` is made or
//! changed, every ten minutes, and when a proxy meets a key that it does not know. They reach proxies by the change log.

use std::sync::Arc;

use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    app::App,
    error::{Error, Result},
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

/// At most one fetch in this time for each provider, whoever asks and on whatever replica. Proxies wait five seconds
/// more: whoever waited is not too early by the time that the question took.
const PAUSE_SECONDS: i32 = 25;
/// A fetch takes no longer: of two documents, one after the other.
const FETCH_SECONDS: i32 = 20;

/// What is known of a key after it was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found {
    /// The set has it, or is another than before.
    Here,
    /// The set was fetched, and it is not in it.
    Absent,
    /// The set is being fetched for somebody else.
    UnderWay,
}

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

/// A proxy has met a token that names `key_id`, or none if that is empty: then only what is new can be its key.
///
/// # Errors
/// `unavailable` when the provider does not answer; the database's.
pub async fn refresh_for(app: &Arc<App>, provider: Uuid, key_id: &str) -> Result<Found> {
    let mut tx = app.database.worker().await?;
    let Some(provider) = sso_keys::get_watched(&mut tx, provider).await? else { return Ok(Found::Absent) };
    let before = sso_keys::get(&mut tx, provider.org_id, provider.id).await?;
    if knows(before.as_ref(), key_id) {
        return Ok(Found::Here);
    }
    if !sso_keys::take_turn(&mut tx, provider.org_id, provider.id, PAUSE_SECONDS).await? {
        let last = sso_keys::last_try(&mut tx, provider.org_id, provider.id, FETCH_SECONDS).await?;
        return match (last.is_done, last.is_recent) {
            // It may have ended after `before` was read.
            (true, _) => look_again(&mut tx, &provider, before, key_id).await,
            (false, true) => Ok(Found::UnderWay),
            (false, false) => Err(no_answer()),
        };
    }
    tx.commit().await?;
    // It is fetched for all proxies: the one that asked may go away meanwhile.
    let fetching = {
        let (app, provider) = (Arc::clone(app), provider.clone());
        tokio::spawn(async move { refresh(&app, &provider).await })
    };
    if !fetching.await.map_err(Error::internal)? {
        return Err(no_answer());
    }
    let mut tx = app.database.worker().await?;
    look_again(&mut tx, &provider, before, key_id).await
}

/// After a fetch.
async fn look_again(
    conn: &mut PgConnection,
    provider: &Watched,
    before: Option<Value>,
    key_id: &str,
) -> Result<Found> {
    let now = sso_keys::get(conn, provider.org_id, provider.id).await?;
    Ok(if knows(now.as_ref(), key_id) || now != before { Found::Here } else { Found::Absent })
}

fn knows(set: Option<&Value>, key_id: &str) -> bool {
    !key_id.is_empty() && set.is_some_and(|set| has_key(set, key_id))
}

fn no_answer() -> Error {
    Error::unavailable("identity provider")
}

/// They are another issuer's.
///
/// # Errors
/// The database's.
pub(super) async fn forget(conn: &mut PgConnection, org: OrgId, provider: ProviderId) -> Result<()> {
    Ok(sso_keys::delete(conn, org, provider).await?)
}
