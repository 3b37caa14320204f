//! Signing in by an identity provider (contract 3.1): sending the browser there, and judging what it comes back with.

use chrono::Utc;
use ring::digest;

use crate::{
    app::App,
    auth::Origin,
    error::{Error, Result},
    id::ProviderId,
    oidc::{
        Kind, Metadata, Reason, Refusal,
        claims::Claims,
        code::{Client, Tokens},
        id_token::{self, Expected, IdToken},
        pending::Pending,
        quirks::{domain, email, groups, issuer, scopes},
        redirect::is_own_path,
        user_info,
    },
    service::{
        login::{self, LoggedIn, Proof},
        sso_providers::{callback_url, claim_mappings, client_secret, group_mappings},
    },
    store::{
        self, organizations,
        sso_providers::{self, ProviderRow},
        sso_spent_tokens,
    },
};

mod account;
mod failures;
mod granted;

use account::Person;
pub use failures::Failures;

/// Longer codes are nobody's.
const LONGEST_CODE: usize = 4_096;

/// Where the browser goes, and the cookie it takes along.
pub struct Begun {
    pub url: String,
    pub sealed: String,
}

/// What the browser came back with.
pub struct Answer {
    pub code: Option<String>,
    pub state: Option<String>,
    /// RFC 9207.
    pub iss: Option<String>,
    pub error: Option<String>,
}

/// Signed in, and where to go now.
pub struct Completed {
    pub logged_in: LoggedIn,
    pub redirect: String,
}

/// Not signed in; `redirect` is where the person wanted to go, if that is known.
pub struct Refused {
    pub refusal: Refusal,
    pub redirect: Option<String>,
}

/// A provider that one can sign in by.
///
/// # Errors
/// `not_found` when there is none, or it is disabled.
pub(super) async fn find(app: &App, id: ProviderId) -> Result<ProviderRow> {
    let mut tx = app.database.outside().await?;
    let org = sso_providers::find_org(&mut tx, id).await?.ok_or_else(Error::not_found)?;
    store::enter(&mut tx, org).await?;
    let row = sso_providers::get(&mut tx, org, id).await?;
    row.filter(|row| row.settings.enabled).ok_or_else(Error::not_found)
}

/// # Errors
/// `not_found` as above, `invalid_request` when `redirect` leads elsewhere; inside, why the provider cannot be had.
pub async fn begin(
    app: &App,
    id: ProviderId,
    redirect: &str,
    origin: &Origin,
) -> Result<std::result::Result<Begun, Refused>> {
    if !is_own_path(redirect) {
        return Err(Error::invalid_request("redirect must be a path of this site, such as /traces"));
    }
    let row = find(app, id).await?;
    match send(app, &row, redirect).await {
        Ok(begun) => Ok(Ok(begun)),
        Err(refusal) => {
            failures::note(app, &row, origin, &refusal).await;
            Ok(Err(Refused { refusal, redirect: Some(redirect.to_owned()) }))
        }
    }
}

async fn send(app: &App, row: &ProviderRow, redirect: &str) -> Result<Begun, Refusal> {
    let metadata = metadata(app, row).await?;
    let pending = Pending::new(redirect.to_owned(), Utc::now())?;
    let settings = &row.settings;
    let maps_groups = !group_mappings(settings).is_empty();
    let scopes =
        scopes::asked(Kind::of(&settings.r#type), &settings.issuer_url, &settings.scopes, maps_groups);
    let callback_url = callback_url(app, row.id);
    // To begin, the secret is not needed.
    let client = Client {
        metadata: &metadata,
        client_id: &settings.client_id,
        client_secret: "",
        callback_url: &callback_url,
    };
    let url = client.authorize_url(&scopes, &pending)?.to_string();
    Ok(Begun { url, sealed: pending.seal(&app.derived, row.id)? })
}

pub(super) async fn metadata(app: &App, row: &ProviderRow) -> Result<std::sync::Arc<Metadata>, Refusal> {
    let kind = Kind::of(&row.settings.r#type);
    app.oidc.metadata(&app.egress, kind, &row.settings.issuer_url).await
}

/// # Errors
/// Why nobody is signed in; it stands in the audit log too.
pub async fn complete(
    app: &App,
    id: ProviderId,
    origin: Origin,
    cookie: Option<&str>,
    answer: Answer,
) -> Result<Completed, Refused> {
    let row = match find(app, id).await {
        Ok(row) => row,
        Err(error) => return Err(Refused { refusal: error.into(), redirect: None }),
    };
    let mut redirect = None;
    let state = answer.state.clone().unwrap_or_default();
    let outcome = match take_up(app, &row, cookie, &state).await {
        Ok(pending) => {
            redirect = Some(pending.redirect.clone());
            sign_in(app, &row, &pending, answer, origin.clone()).await
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(logged_in) => Ok(Completed { logged_in, redirect: redirect.unwrap_or_else(|| "/".to_owned()) }),
        Err(refusal) => {
            failures::note(app, &row, &origin, &refusal).await;
            Err(Refused { refusal, redirect })
        }
    }
}

/// The sign-in that this browser began; from here on it is spent.
async fn take_up(
    app: &App,
    row: &ProviderRow,
    cookie: Option<&str>,
    state: &str,
) -> Result<Pending, Refusal> {
    let hash = spent_hash("state", state);
    let pending = cookie.and_then(|sealed| Pending::open(&app.derived, row.id, sealed, state, Utc::now()));
    let mut tx = app.database.tenant(row.org_id).await?;
    let Some(pending) = pending else {
        // The cookie went with the first use: whoever comes again is told so.
        let used = sso_spent_tokens::is_spent(&mut tx, row.org_id, row.id, &hash).await?;
        let unknown = "no sign-in with this state was begun in this browser, or it took too long";
        return Err(if used { replayed() } else { Refusal::new(Reason::StateInvalid, unknown) });
    };
    let first = sso_spent_tokens::spend(&mut tx, row.org_id, row.id, &hash, pending.expires_at).await?;
    tx.commit().await?;
    if first { Ok(pending) } else { Err(replayed()) }
}

fn replayed() -> Refusal {
    Refusal::new(Reason::CodeReplayed, "this answer of the provider was used before")
}

/// What is remembered of something that is good once; `purpose` keeps the kinds apart.
pub(super) fn spent_hash(purpose: &str, token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, format!("{purpose}\0{token}").as_bytes()).as_ref().to_vec()
}

async fn sign_in(
    app: &App,
    row: &ProviderRow,
    pending: &Pending,
    answer: Answer,
    origin: Origin,
) -> Result<LoggedIn, Refusal> {
    let metadata = metadata(app, row).await?;
    check_answer(row, &metadata, &answer)?;
    let code = answer.code.filter(|code| (1..=LONGEST_CODE).contains(&code.len()));
    let code = code.ok_or_else(|| Refusal::provider("the provider sent no code"))?;
    let secret = client_secret(&app.sealer, row)?;
    let callback_url = callback_url(app, row.id);
    let client = Client {
        metadata: &metadata,
        client_id: &row.settings.client_id,
        client_secret: &secret,
        callback_url: &callback_url,
    };
    let tokens = client.exchange(&app.egress, code, &pending.verifier).await?;
    let token = verified(app, row, &metadata, &tokens, &pending.nonce).await?;
    let claims = complete_claims(app, row, &metadata, &tokens, &token).await?;
    let email = allowed_email(row, &claims)?;
    let person = Person::new(row, token.subject.clone(), email, &claims);
    open(app, row, &person, &token, &claims, origin).await
}

/// What came along with the code, or instead of it.
fn check_answer(row: &ProviderRow, metadata: &Metadata, answer: &Answer) -> Result<(), Refusal> {
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

async fn verified(
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

/// Asks for what the ID token left out.
async fn complete_claims(
    app: &App,
    row: &ProviderRow,
    metadata: &Metadata,
    tokens: &Tokens,
    token: &IdToken,
) -> Result<Claims, Refusal> {
    let mappings = claim_mappings(&row.settings);
    let has = |claim: &str| token.claims.get(claim).is_some();
    let groups_missing = !group_mappings(&row.settings).is_empty() && !has(&mappings.groups);
    if has(&mappings.email) && has(&mappings.name) && !groups_missing {
        return Ok(token.claims.clone());
    }
    let more = user_info::fetch(&app.egress, metadata, &tokens.access_token, &token.subject).await?;
    Ok(token.claims.clone().completed_by(more))
}

fn allowed_email(row: &ProviderRow, claims: &Claims) -> Result<String, Refusal> {
    let (settings, kind) = (&row.settings, Kind::of(&row.settings.r#type));
    let multi_tenant = issuer::is_multi_tenant(kind, &settings.issuer_url);
    let email = email::verified(kind, multi_tenant, &claim_mappings(settings).email, claims);
    let email = email.ok_or_else(|| {
        Refusal::new(Reason::EmailUnverified, "the provider gave no address that it has verified")
    })?;
    if !domain::allows(kind, &settings.allowed_domains, &email, claims) {
        return Err(Refusal::new(Reason::DomainNotAllowed, format!("{email} is of no allowed domain")));
    }
    Ok(email)
}

/// One transaction from finding the account to its session: whoever is suspended meanwhile gets none.
async fn open(
    app: &App,
    row: &ProviderRow,
    person: &Person,
    token: &IdToken,
    claims: &Claims,
    origin: Origin,
) -> Result<LoggedIn, Refusal> {
    let org = row.org_id;
    let mut tx = app.database.acting(org, &format!("sso_provider:{}", row.id)).await?;
    let held = sso_providers::hold(&mut tx, org, row.id).await?;
    let held = held.filter(|held| held.settings.enabled && held.settings.is_same_issuer(&row.settings));
    let row = held.ok_or_else(|| Refusal::provider("the provider was changed meanwhile; begin again"))?;
    let organization = organizations::get(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    let user = account::admit(&mut tx, &row, person, &origin).await?;
    let kind = Kind::of(&row.settings.r#type);
    let groups = groups::groups(kind, &claim_mappings(&row.settings).groups, claims);
    granted::apply(&mut tx, &row, &user, groups, &origin).await?;
    let proof = Proof::Sso {
        provider: &row,
        subject: &token.subject,
        sid: token.session.as_deref(),
        id_token: &token.raw,
    };
    let logged_in = login::open(app, &mut tx, origin, &organization, user, &proof).await?;
    tx.commit().await?;
    Ok(logged_in)
}
