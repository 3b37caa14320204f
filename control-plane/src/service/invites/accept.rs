//! What the invited do: see what they are invited to, and join. Nobody knows them yet, the token is all they have.

use chrono::{DateTime, Utc};
use http::HeaderMap;
use serde_json::json;

use super::{AcceptForm, LookupForm};
use crate::{
    app::App,
    auth::{Origin, password, session::check_origin, throttle::Attempt, token},
    error::{Code, Error, Result},
    id::UserId,
    service::{
        audit::{self, Author, Entry},
        login::{self, LoggedIn, Proof},
    },
    settings::Settings,
    store::{
        self,
        invites::{self, InviteRow},
        organizations::{self, OrganizationRow},
        outbox,
        users::{self, NewUser},
    },
};

/// What an invite is about.
pub struct Lookup {
    pub organization_name: String,
    pub email: String,
    pub role: String,
    pub expires_at: DateTime<Utc>,
}

/// # Errors
/// `expired` when the token is none, was used or is outdated; `rate_limited`.
pub async fn look_up(app: &App, origin: &Origin, form: &LookupForm) -> Result<Lookup> {
    let (invite, organization) = find(app, origin, &form.token).await?;
    Ok(Lookup {
        organization_name: organization.name,
        email: invite.email,
        role: invite.role,
        expires_at: invite.expires_at,
    })
}

/// Makes the user with the promised role and teams, and logs them in.
///
/// # Errors
/// `expired` as above; `rate_limited`, `origin_not_allowed`; `sso_required` where people do not log in by password;
/// `conflict` when the address has an account by now.
pub async fn accept(app: &App, headers: &HeaderMap, origin: Origin, form: AcceptForm) -> Result<LoggedIn> {
    check_origin(&app.config, headers)?;
    let (invite, organization) = find(app, &origin, &form.token).await?;
    if !Settings::read(&organization.settings)?.security.allows_passwords() {
        let message = "log in by the organization's identity provider; that accepts the invite";
        return Err(Error::new(Code::SsoRequired, message));
    }
    let token_hash = token::hash(&form.token);
    let given = form.password.ok_or_else(|| Error::invalid_field("password", "required", "is missing"))?;
    let password_hash = password::hash(given).await?;

    let (org, id) = (organization.id, UserId::new());
    let mut tx = app.database.acting(org, &format!("user:{id}")).await?;
    // First who invites, as a deletion of theirs does: else the two could wait for each other.
    if let Some(inviter) = invite.invited_by {
        users::hold(&mut tx, org, inviter).await?;
    }
    // Once more, now that nobody else accepts it or sends it again.
    let invite = invites::get(&mut tx, org, invite.id, true).await?;
    let invite = invite.filter(InviteRow::is_pending).ok_or_else(expired)?;
    invites::find_by_hash(&mut tx, &token_hash).await?.ok_or_else(expired)?;
    let name = form.name.trim();
    let new =
        NewUser { id, email: &invite.email, name, password_hash: &password_hash, is_platform_admin: false };
    users::insert(&mut tx, org, &new).await?;
    invites::accept(&mut tx, &invite, id).await?;
    let user = users::get(&mut tx, org, id).await?.ok_or_else(Error::not_found)?;

    let author = Author::of("user", Some(id.0), Some(invite.email.clone()), &origin);
    let details = json!({"invite_id": invite.id, "role": invite.role, "team_ids": invite.team_ids});
    let entry = Entry::success("user.join").on(id, &invite.email).details(details);
    audit::record(&mut tx, org, &author, entry).await?;
    let joined = json!({"id": id, "org_id": org, "email": invite.email, "name": name, "role": invite.role});
    outbox::insert(&mut tx, org, "user.joined", &joined).await?;
    let logged_in = login::open(app, &mut tx, origin, &organization, user, &Proof::Password).await?;
    tx.commit().await?;
    Ok(logged_in)
}

/// The invite that a token opens, while it is open. Tokens that open none are counted per address.
async fn find(app: &App, origin: &Origin, token: &str) -> Result<(InviteRow, OrganizationRow)> {
    let attempt = Attempt::begin_invite(app, origin.ip).await?;
    let found = find_pending(app, token).await?;
    if found.is_none() {
        attempt.fail(app).await;
    }
    found.ok_or_else(expired)
}

async fn find_pending(app: &App, token: &str) -> Result<Option<(InviteRow, OrganizationRow)>> {
    let mut tx = app.database.outside().await?;
    let found = invites::find_by_hash(&mut tx, &token::hash(token)).await?;
    let Some((org, id)) = found else { return Ok(None) };
    store::enter(&mut tx, org).await?;
    let invite = invites::get(&mut tx, org, id, false).await?.filter(InviteRow::is_pending);
    Ok(invite.zip(organizations::get(&mut tx, org).await?))
}

/// One answer for all that cannot be used: who guesses learns nothing.
fn expired() -> Error {
    Error::new(Code::Expired, "this invite was used, withdrawn or is outdated; ask for another")
}
