//! What a provider says of somebody, and whether it is believed: the answer that the browser brings, the ID token, the
//! address.

use super::Answer;
use crate::{
    app::App,
    oidc::{
        Kind, Metadata, Reason, Refusal,
        claims::Claims,
        code::Tokens,
        id_token::{self, Expected, IdToken},
        quirks::{
            domain, email,
            groups::{self, Groups},
            issuer,
        },
        user_info,
    },
    service::sso_providers::{claim_mappings, group_mappings},
    store::sso_providers::ProviderRow,
};

/// All that the provider told of somebody.
pub(super) struct Told {
    pub(super) claims: Claims,
    pub(super) groups: Groups,
}

/// What came along with the code, or instead of it.
pub(super) fn check_answer(row: &ProviderRow, metadata: &Metadata, answer: &Answer) -> Result<(), Refusal> {
    let kind = Kind::of(&row.settings.r#type);
    // A multi-tenant issuer is not known before the token is.
    let known = !issuer::is_multi_tenant(kind, &row.settings.issuer_url);
    match &answer.iss {
        Some(iss) if known && *iss != metadata.issuer => {
            return Err(Refusal::new(Reason::IssuerInvalid, "the answer is of another provider (RFC 9207)"));
        }
        None if known && metadata.authorization_response_iss_parameter_supported => {
            return Err(Refusal::new(
                Reason::IssuerInvalid,
                "the answer does not say whose it is (RFC 9207)",
            ));
        }
        _ => {}
    }
    let Some(error) = &answer.error else { return Ok(()) };
    let error: String = error.chars().filter(char::is_ascii_graphic).take(50).collect();
    let reason = match error.as_str() {
        "access_denied" | "login_required" | "consent_required" | "interaction_required" => {
            Reason::AccessDenied
        }
        _ => Reason::ProviderError,
    };
    Err(Refusal::new(reason, format!("the provider answered {error}")))
}

pub(super) async fn verified(
    app: &App,
    row: &ProviderRow,
    metadata: &Metadata,
    tokens: &Tokens,
    nonce: &str,
) -> Result<IdToken, Refusal> {
    let settings = &row.settings;
    let hint = id_token::hint(tokens)?;
    let expected =
        issuer::expected(Kind::of(&settings.r#type), &settings.issuer_url, &metadata.issuer, &hint.claims);
    let issuer =
        expected.ok_or_else(|| Refusal::new(Reason::IssuerInvalid, "the ID token names no tenant"))?;
    let keys = app.oidc.keys(&app.egress, &metadata.jwks_uri, hint.key_id.as_deref()).await?;
    id_token::verify(tokens, &Expected { client_id: &settings.client_id, issuer: &issuer, nonce }, &keys)
}

/// Asks for what the ID token left out. Without an answer nobody comes in whose address is not certain, and nothing is
/// said about groups; a name can be done without.
pub(super) async fn complete(
    app: &App,
    row: &ProviderRow,
    metadata: &Metadata,
    tokens: &Tokens,
    token: &IdToken,
) -> Result<Told, Refusal> {
    let (settings, kind) = (&row.settings, Kind::of(&row.settings.r#type));
    let mappings = claim_mappings(settings);
    let has = |claim: &str| token.claims.get(claim).is_some();
    let multi_tenant = issuer::is_multi_tenant(kind, &settings.issuer_url);
    let needs_email = !email::is_settled(kind, multi_tenant, &mappings.email, &token.claims);
    let maps_groups = !group_mappings(settings).is_empty();
    let needs_groups = maps_groups && !has(&mappings.groups) && groups::may_be_asked_for(kind);
    let mut claims = token.claims.clone();
    if needs_email || needs_groups || !has(&mappings.name) {
        match user_info::fetch(&app.egress, metadata, &tokens.access_token, &token.subject).await {
            Ok(more) => claims = claims.completed_by(more),
            Err(refusal) if needs_email => return Err(refusal),
            Err(_) if needs_groups => {
                let groups = Groups::Untold("the UserInfo endpoint did not answer");
                return Ok(Told { claims, groups });
            }
            Err(_) => {}
        }
    }
    let groups = groups::groups(kind, &mappings.groups, &claims);
    Ok(Told { claims, groups })
}

/// The address by which an account is found.
pub(super) fn verified_email(row: &ProviderRow, claims: &Claims) -> Result<String, Refusal> {
    let (settings, kind) = (&row.settings, Kind::of(&row.settings.r#type));
    let multi_tenant = issuer::is_multi_tenant(kind, &settings.issuer_url);
    let email = email::verified(kind, multi_tenant, &claim_mappings(settings).email, claims);
    email.ok_or_else(|| {
        Refusal::new(Reason::EmailUnverified, "the provider gave no address that it has verified")
    })
}

pub(super) fn check_domain(row: &ProviderRow, email: &str, claims: &Claims) -> Result<(), Refusal> {
    let kind = Kind::of(&row.settings.r#type);
    if domain::allows(kind, &row.settings.allowed_domains, email, claims) {
        return Ok(());
    }
    Err(Refusal::new(Reason::DomainNotAllowed, "the address is of no allowed domain"))
}
