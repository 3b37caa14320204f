//! Invites: sent, sent again, withdrawn (contract 3.3). What the invited do with them is in `accept`.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    audit::{self, Author, Entry},
    team_members::{self, TeamRole},
};
use crate::{
    app::App,
    auth::{Principal, permission::GrantScope, token},
    error::{Error, Result},
    id::{InviteId, OrgId, RoleId, TeamId, UserId},
    store::{
        invites::{self, InviteRow, NewInvite},
        organizations, outbox,
        page::{Found, Page},
        users,
    },
};

mod accept;
mod form;
mod letter;

pub use accept::{Lookup, accept, look_up};
pub use form::{AcceptForm, InviteForm, LookupForm, Status};
use letter::Invitation;

/// Of an invite's token.
const PREFIX: &str = "gwi_";
const LIFETIME: Duration = Duration::days(7);

/// An invite with its link, which is shown this once.
pub struct Issued {
    pub row: InviteRow,
    pub accept_url: String,
    /// Whether the mail server has taken it.
    pub mailed: bool,
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    statuses: Option<&[String]>,
    page: &Page,
) -> Result<Found<InviteRow>> {
    let reach = principal.require("users:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(invites::list(&mut tx, principal.org, &reach, statuses, page).await?)
}

/// # Errors
/// `permission_denied` also when the role grants more than the caller holds; `validation_error`; `conflict` when the
/// address has an account or a pending invite.
pub async fn create(app: &App, principal: &Principal, form: InviteForm) -> Result<Issued> {
    principal.require_everywhere("users:admin")?;
    let (org, email) = (principal.org, form.email.trim());
    let mut tx = principal.begin(&app.database).await?;
    let role = invites::find_role(&mut tx, org, &form.role).await?;
    let role = role.ok_or_else(|| Error::invalid_field("role", "unknown", "names no role"))?;
    let team_ids = form.distinct_teams();
    check_teams_exist(&mut tx, org, &form).await?;
    check_grants(&mut tx, principal, &role.permissions, &team_ids).await?;
    if users::has_email(&mut tx, org, email).await? {
        return Err(Error::conflict("email"));
    }
    invites::expire(&mut tx, org, email).await?;
    let draft = Draft::insert(&mut tx, org, email, role.id, &team_ids, principal.user()).await?;
    audit::record(&mut tx, org, &Author::from(principal), draft.entry()).await?;
    outbox::insert(&mut tx, org, "user.invited", &event(&draft.row)).await?;
    let organization = organizations::get(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    Ok(draft.issue(app, principal, organization.name).await)
}

/// The invite of an organization's first administrator; who invites is nobody of theirs.
///
/// # Errors
/// The database's.
pub(super) async fn draft_for_first(conn: &mut PgConnection, org: OrgId, email: &str) -> Result<Draft> {
    let role = invites::find_role(conn, org, "admin").await?.ok_or_else(Error::not_found)?;
    Draft::insert(conn, org, email, role.id, &[], None).await
}

/// Draws another link for a pending or outdated invite; the one before is dead. Whoever sends it could follow the link
/// themselves, so they must hold what it grants.
///
/// # Errors
/// `permission_denied`, `not_found`; `invalid_state` when it was accepted or revoked; `conflict` when the address has
/// an account or another pending invite by now.
pub async fn resend(app: &App, principal: &Principal, id: InviteId) -> Result<Issued> {
    principal.require_everywhere("users:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, org, id).await?;
    if !["pending", "expired"].contains(&current.status.as_str()) {
        return Err(Error::invalid_state(&current.status, "only an open invite can be sent again"));
    }
    check_grants(&mut tx, principal, &current.permissions, &current.team_ids).await?;
    if users::has_email(&mut tx, org, &current.email).await? {
        return Err(Error::conflict("email"));
    }
    invites::expire(&mut tx, org, &current.email).await?;
    let drawn = Drawn::new()?;
    let row = invites::renew(&mut tx, org, id, &drawn.hash, drawn.expires_at).await?;
    let row = row.ok_or_else(|| Error::conflict("email"))?;
    note(&mut tx, principal, &row, json!({"role": row.role, "resent": true})).await?;
    let organization = organizations::get(&mut tx, org).await?.ok_or_else(Error::not_found)?;
    tx.commit().await?;
    Ok(Draft { drawn, row }.issue(app, principal, organization.name).await)
}

/// A repeat changes nothing and is no failure.
///
/// # Errors
/// `permission_denied`, `not_found`; `invalid_state` when it was accepted.
pub async fn revoke(app: &App, principal: &Principal, id: InviteId) -> Result<()> {
    principal.require_everywhere("users:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal.org, id).await?;
    match current.status.as_str() {
        "revoked" => return Ok(()),
        "accepted" => return Err(Error::invalid_state("accepted", "the invite was accepted")),
        _ => {}
    }
    invites::revoke(&mut tx, principal.org, id).await?;
    note(&mut tx, principal, &current, json!({"revoked": true})).await?;
    tx.commit().await?;
    Ok(())
}

/// What those are told who asked (contract 4.8).
fn event(row: &InviteRow) -> Value {
    json!({
        "id": row.id,
        "org_id": row.org_id,
        "email": row.email,
        "role": row.role,
        "team_ids": row.team_ids,
        "status": row.status,
        "invited_by": row.invited_by,
        "expires_at": row.expires_at,
    })
}

async fn lock(conn: &mut PgConnection, org: OrgId, id: InviteId) -> Result<InviteRow> {
    invites::get(conn, org, id, true).await?.ok_or_else(Error::not_found)
}

async fn check_teams_exist(conn: &mut PgConnection, org: OrgId, form: &InviteForm) -> Result<()> {
    let known = invites::known_teams(conn, org, &form.distinct_teams()).await?;
    match form.team_ids.iter().position(|team| !known.contains(team)) {
        Some(index) => {
            Err(Error::invalid_field(&format!("team_ids.{index}"), "unknown", "names no team of yours"))
        }
        None => Ok(()),
    }
}

/// Nobody invites to more than they hold, nor into a team they could not add a member to.
async fn check_grants(
    conn: &mut PgConnection,
    principal: &Principal,
    permissions: &[String],
    teams: &[Uuid],
) -> Result<()> {
    principal.require_grants(permissions, &GrantScope::Global)?;
    if teams.is_empty() {
        return Ok(());
    }
    let reach = principal.require("teams:admin")?;
    let reached = |team: &Uuid| reach.everything || reach.teams.iter().any(|one| one.0 == *team);
    if !teams.iter().all(reached) {
        return Err(Error::permission_denied("teams:admin"));
    }
    for team in teams {
        team_members::check_grants(conn, principal, TeamId(*team), TeamRole::Member).await?;
    }
    Ok(())
}

async fn note(conn: &mut PgConnection, principal: &Principal, row: &InviteRow, details: Value) -> Result<()> {
    let entry = Entry::success("user.invite").on(row.id, &row.email).details(details);
    audit::record(conn, principal.org, &Author::from(principal), entry).await
}

/// A fresh token, and how long it is good for.
struct Drawn {
    token: String,
    hash: [u8; 32],
    expires_at: DateTime<Utc>,
}

impl Drawn {
    fn new() -> Result<Self> {
        let token = token::generate(PREFIX)?;
        Ok(Self { hash: token::hash(&token), token, expires_at: Utc::now() + LIFETIME })
    }
}

/// An invite that is written and not yet committed.
pub(super) struct Draft {
    drawn: Drawn,
    row: InviteRow,
}

impl Draft {
    async fn insert(
        conn: &mut PgConnection,
        org: OrgId,
        email: &str,
        role: RoleId,
        team_ids: &[Uuid],
        invited_by: Option<UserId>,
    ) -> Result<Self> {
        let drawn = Drawn::new()?;
        let (id, expires_at) = (InviteId::new(), drawn.expires_at);
        let token_hash = &drawn.hash;
        let new = NewInvite { id, email, role, team_ids, token_hash, invited_by, expires_at };
        let row = invites::insert(conn, org, &new).await?.ok_or_else(|| Error::conflict("email"))?;
        Ok(Self { drawn, row })
    }

    pub(super) fn email(&self) -> &str {
        &self.row.email
    }

    /// For the audit log.
    pub(super) fn entry(&self) -> Entry {
        let details = json!({"role": self.row.role, "team_ids": self.row.team_ids});
        Entry::success("user.invite").on(self.row.id, &self.row.email).details(details)
    }

    /// Once the invite is committed: mails the link and hands it out.
    pub(super) async fn issue(self, app: &App, principal: &Principal, organization: String) -> Issued {
        let Self { drawn, row } = self;
        // Behind the `#`, so that no server and no log on the way sees it (contract 3.3).
        let accept_url = format!("{}/invite#token={}", app.config.public_url, drawn.token);
        let invitation =
            Invitation { invite: &row, accept_url: &accept_url, organization, by: principal.name.clone() };
        let mailed = letter::send(app, invitation).await;
        Issued { row, accept_url, mailed }
    }
}
