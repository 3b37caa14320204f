//! Logging out where one signed in: sending the browser there (RP-Initiated Logout 1.0), and hearing of log-outs there
//! (Back-Channel Logout 1.0).

use chrono::Utc;
use serde_json::json;
use url::Url;
use uuid::Uuid;

use super::{
    audit::{self, Author, Entry},
    login::SignedInBy,
    sso_login::{find, metadata, spent_hash},
};
use crate::{
    app::App,
    auth::Origin,
    error::Result,
    id::{OrgId, ProviderId},
    oidc::{
        Kind, Reason, Refusal,
        logout_token::{self, LogoutToken},
        quirks::issuer,
    },
    store::{
        sessions,
        sso_providers::{self, ProviderRow},
        sso_spent_tokens,
    },
};

/// Where to end the session at the provider too. None when it cannot be done there, or not now: here it has ended.
pub async fn logout_url(app: &App, org: OrgId, by: SignedInBy) -> Option<String> {
    let row = provider(app, org, by.provider).await?;
    let metadata = match metadata(app, &row).await {
        Ok(metadata) => metadata,
        Err(refusal) => {
            tracing::warn!(sso_provider.id = %row.id, error = %refusal.detail, "nobody can be logged out of an identity provider");
            return None;
        }
    };
    let mut url = Url::parse(metadata.end_session_endpoint.as_deref()?).ok()?;
    let back = format!("{}/login", app.config.public_url);
    let mut query = url.query_pairs_mut();
    // It says who is to be logged out, so that nobody has to confirm it.
    if let Some(id_token) = &by.id_token {
        query.append_pair("id_token_hint", id_token);
    }
    query.append_pair("client_id", &row.settings.client_id);
    query.append_pair("post_logout_redirect_uri", &back);
    query.append_pair("state", &Uuid::new_v4().simple().to_string());
    drop(query);
    Some(url.into())
}

async fn provider(app: &App, org: OrgId, id: ProviderId) -> Option<ProviderRow> {
    let mut tx = app.database.tenant(org).await.ok()?;
    sso_providers::get(&mut tx, org, id).await.ok().flatten()
}

/// A provider says that somebody has logged out there: their sessions here end too.
///
/// # Errors
/// Why it is not believed.
pub async fn hear(app: &App, id: ProviderId, token: &str, origin: &Origin) -> Result<(), Refusal> {
    // Of one that was switched off too: sessions may have been kept.
    let row = find(app, id).await?;
    let token = verified(app, &row, token).await?;
    let (org, provider) = (row.org_id, row.id);
    let mut tx = app.database.acting(org, &format!("sso_provider:{provider}")).await?;
    let hash = spent_hash("jti", &token.id);
    if !sso_spent_tokens::spend(&mut tx, org, provider, &hash, token.expires_at).await? {
        return Err(Refusal::new(Reason::CodeReplayed, "this logout token was used before"));
    }
    let (subject, sid) = (token.subject.as_deref(), token.session.as_deref());
    let ended = sessions::revoke_sso(&mut tx, org, provider, subject, sid).await?;
    let author = Author::of("system", Some(provider.0), Some(row.settings.name.clone()), origin);
    for (session, user) in ended {
        let details = json!({"backchannel": true, "user_id": user, "sso_provider_id": provider});
        let entry = Entry::success("session.logout").on(session, user.to_string()).details(details);
        audit::record(&mut tx, org, &author, entry).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn verified(app: &App, row: &ProviderRow, token: &str) -> Result<LogoutToken, Refusal> {
    let settings = &row.settings;
    let hint = logout_token::hint(token)?;
    let metadata = metadata(app, row).await?;
    let expected =
        issuer::expected(Kind::of(&settings.r#type), &settings.issuer_url, &metadata.issuer, &hint.claims);
    let issuer =
        expected.ok_or_else(|| Refusal::new(Reason::IssuerInvalid, "the logout token names no tenant"))?;
    let keys = app.oidc.keys(&app.egress, &metadata.jwks_uri, hint.key_id.as_deref()).await?;
    let mut token = logout_token::verify(token, &settings.client_id, &issuer, &keys, Utc::now())?;
    let (kind, url) = (Kind::of(&settings.r#type), &settings.issuer_url);
    // The hint is of the same token, which is good.
    token.subject = token.subject.map(|subject| issuer::subject(kind, url, &hint.claims, &subject));
    Ok(token)
}
