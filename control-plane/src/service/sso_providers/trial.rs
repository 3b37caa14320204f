//! Trying a provider: whether it answers as it should.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::ProviderId,
    oidc::{Kind, Metadata, Refusal, keys::Keys},
    store::sso_providers,
};

/// What trying a provider came to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SsoProviderTrial)]
pub struct Trial {
    pub ok: bool,
    /// As the provider calls itself.
    #[schema(required)]
    pub issuer: Option<String>,
    pub endpoints: Endpoints,
    #[schema(required)]
    pub jwks_keys: Option<usize>,
    #[schema(required)]
    pub error: Option<String>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = SsoProviderEndpoints)]
pub struct Endpoints {
    #[schema(required)]
    pub authorization: Option<String>,
    #[schema(required)]
    pub token: Option<String>,
    #[schema(required)]
    pub userinfo: Option<String>,
    #[schema(required)]
    pub jwks: Option<String>,
    #[schema(required)]
    pub end_session: Option<String>,
}

/// Asks the provider for its document and its keys, not what we remember of them.
///
/// # Errors
/// `permission_denied`, `not_found`.
pub async fn test(app: &App, principal: &Principal, id: ProviderId) -> Result<Trial> {
    principal.require_everywhere("sso:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = sso_providers::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    let failed = |error: Refusal| Some(error.detail.into_owned());
    let mut trial =
        Trial { ok: false, issuer: None, endpoints: Endpoints::default(), jwks_keys: None, error: None };
    let kind = Kind::of(&row.settings.r#type);
    let metadata = match Metadata::fetch(&app.egress, kind, &row.settings.issuer_url).await {
        Ok(metadata) => metadata,
        Err(error) => return Ok(Trial { error: failed(error), ..trial }),
    };
    match Keys::fetch(&app.egress, &metadata.jwks_uri).await {
        Ok(keys) if keys.is_empty() => trial.error = Some("the key set has no key that signs".to_owned()),
        Ok(keys) => trial.jwks_keys = Some(keys.len()),
        Err(error) => trial.error = failed(error),
    }
    trial.ok = trial.error.is_none();
    trial.issuer = Some(metadata.issuer);
    trial.endpoints = Endpoints {
        authorization: Some(metadata.authorization_endpoint),
        token: Some(metadata.token_endpoint),
        userinfo: metadata.userinfo_endpoint,
        jwks: Some(metadata.jwks_uri),
        end_session: metadata.end_session_endpoint,
    };
    Ok(trial)
}
