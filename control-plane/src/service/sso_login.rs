//! Signing in by an identity provider (contract 3.1): sending the browser there, and what becomes of its answer. Whether
//! the answer is believed is decided in `judge`.

use chrono::Utc;
use ring::digest;

use crate::{
    app::App,
    auth::Origin,
    error::{Error, Result},
    id::ProviderId,
    oidc::{
        Kind, Metadata, Reason, Refusal,
        code::Client,
        pending::Pending,
        quirks::{issuer, scopes},
        redirect::own_path,
    },
    service::{
        login::{self, LoggedIn, Proof},
        sso_providers::{callback_url, client_secret, group_mappings},
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
mod judge;

use account::Person;
use failures::Who;
use judge::Told;

/// Longer codes are nobody's.
const LONGEST_CODE: usize = 4_096;

/// Where the browser goes, and the cookie it takes along.
pub struct Begun {
    pub url: String,
    pub state: String,
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

/// Not signed in, and what is known all the same: where the person wanted to go, and in which organization.
pub struct Refused {
    pub refusal: Refusal,
    pub redirect: Option<String>,
    pub organization: Option<String>,
}

/// A provider, in use or not.
///
/// # Errors
/// `not_found`.
pub(super) async fn find(app: &App, id: ProviderId) -> Result<ProviderRow> {
    let mut tx = app.database.outside().await?;
    let org = sso_providers::find_org(&mut tx, id).await?.ok_or_else(Error::not_found)?;
    store::enter(&mut tx, org).await?;
    sso_providers::get(&mut tx, org, id).await?.ok_or_else(Error::not_found)
}

/// One that people can sign in by.
async fn find_enabled(app: &App, id: ProviderId) -> Result<ProviderRow> {
    let row = find(app, id).await?;
    if row.settings.enabled { Ok(row) } else { Err(Error::not_found()) }
}

/// # Errors
/// `not_found` as above, `invalid_request` when `redirect` leads elsewhere; inside, why the provider cannot be had.
pub async fn begin(
    app: &App,
    id: ProviderId,
    redirect: &str,
    origin: &Origin,
) -> Result<std::result::Result<Begun, Refused>> {
    let elsewhere = || Error::invalid_request("redirect must be a path of this site, such as /traces");
    let redirect = own_path(redirect).ok_or_else(elsewhere)?;
    let row = find_enabled(app, id).await?;
    match send(app, &row, &redirect).await {
        Ok(begun) => Ok(Ok(begun)),
        Err(refusal) => {
            failures::note(app, &row, origin, &refusal, &Who::default()).await;
            Ok(Err(Refused { refusal, redirect: Some(redirect), organization: slug(app, &row).await }))
        }
    }
}

/// Whose log-in page a refusal belongs on; none when that cannot be found out.
async fn slug(app: &App, row: &ProviderRow) -> Option<String> {
    let mut tx = app.database.tenant(row.org_id).await.ok()?;
    Some(organizations::get(&mut tx, row.org_id).await.ok()??.slug)
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
    Ok(Begun { url, sealed: pending.seal(&app.derived, row.id)?, state: pending.state })
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
    let row = match find_enabled(app, id).await {
        Ok(row) => row,
        Err(error) => return Err(Refused { refusal: error.into(), redirect: None, organization: None }),
    };
    let (mut redirect, mut who) = (None, Who::default());
    let state = answer.state.clone().unwrap_or_default();
    let outcome = match take_up(app, &row, cookie, &state).await {
        Ok(pending) => {
            redirect = Some(pending.redirect.clone());
            sign_in(app, &row, &pending, answer, origin.clone(), &mut who).await
        }
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(logged_in) => Ok(Completed { logged_in, redirect: redirect.unwrap_or_else(|| "/".to_owned()) }),
        Err(refusal) => {
            failures::note(app, &row, &origin, &refusal, &who).await;
            Err(Refused { refusal, redirect, organization: slug(app, &row).await })
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

/// `who` learns who it is as soon as that is certain, whatever comes of it.
async fn sign_in(
    app: &App,
    row: &ProviderRow,
    pending: &Pending,
    answer: Answer,
    origin: Origin,
    who: &mut Who,
) -> Result<LoggedIn, Refusal> {
    let metadata = metadata(app, row).await?;
    judge::check_answer(row, &metadata, &answer)?;
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
    let token = judge::verified(app, row, &metadata, &tokens, &pending.nonce).await?;
    who.subject = Some(token.subject.clone());
    let told = judge::complete(app, row, &metadata, &tokens, &token).await?;
    let email = judge::verified_email(row, &told.claims)?;
    who.email = Some(email.clone());
    judge::check_domain(row, &email, &told.claims)?;
    let kind = Kind::of(&row.settings.r#type);
    let subject = issuer::subject(kind, &row.settings.issuer_url, &token.claims, &token.subject);
    let person = Person::new(row, subject, email, &told.claims);
    let proof = Proof::Sso {
        provider: row,
        subject: &person.subject,
        sid: token.session.as_deref(),
        id_token: &token.raw,
    };
    open(app, row, &person, told, &proof, origin).await
}

/// One transaction from finding the account to its session: whoever is suspended meanwhile gets none.
async fn open(
    app: &App,
    row: &ProviderRow,
    person: &Person,
    told: Told,
    proof: &Proof<'_>,
    origin: Origin,
) -> Result<LoggedIn, Refusal> {
    let org = row.org_id;
    let mut tx = app.database.acting(org, &format!("sso_provider:{}", row.id)).await?;
    // All was judged by the row as it was before the provider was asked.
    let held = sso_providers::hold(&mut tx, org, row.id).await?;
    if held.is_none_or(|held| held.version != row.version) {
        return Err(Refusal::provider("the provider was changed meanwhile; begin again"));
    }
    let organization = organizations::get(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    let user = account::admit(&mut tx, row, person, &origin).await?;
    granted::apply(&mut tx, row, &user, told.groups, &origin).await?;
    account::check_platform(&mut tx, row, &user).await?;
    let logged_in = login::open(app, &mut tx, origin, &organization, user, proof).await?;
    tx.commit().await?;
    Ok(logged_in)
}
