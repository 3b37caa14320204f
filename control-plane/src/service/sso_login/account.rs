//! Whose account a signed-in person has: the one linked to them, or one that a verified address leads to, an invited
//! one, a new one; or none (contract 3.3, 3.14).

use serde_json::{Value, json};
use sqlx::PgConnection;

use crate::{
    auth::{Origin, grants_of_user},
    error::{Code, Error},
    id::{OrgId, UserId},
    oidc::{Reason, Refusal, claims::Claims},
    service::{
        audit::{self, Author, Entry},
        sso_providers::claim_mappings,
    },
    store::{
        invites, outbox, role_assignments,
        sso_providers::ProviderRow,
        users::{
            self, UserRow,
            identity::{self, Linked},
        },
    },
};

/// Somebody, as their provider vouches for them.
pub(super) struct Person {
    pub(super) subject: String,
    /// Verified, and of an allowed domain.
    pub(super) email: String,
    name: Option<String>,
    picture: Option<String>,
}

impl Person {
    pub(super) fn new(row: &ProviderRow, subject: String, email: String, claims: &Claims) -> Self {
        let mappings = claim_mappings(&row.settings);
        let name = claims.text(&mappings.name).map(|name| name.chars().take(200).collect());
        let picture = claims.text(&mappings.picture);
        // As people may set it themselves.
        let picture =
            picture.filter(|url| url.starts_with("https://") && url.len() <= 2_000).map(str::to_owned);
        Self { subject, email, name, picture }
    }

    fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.email.split('@').next().unwrap_or_default())
    }
}

/// The account, locked, linked and up to date.
pub(super) async fn admit(
    conn: &mut PgConnection,
    row: &ProviderRow,
    person: &Person,
    origin: &Origin,
) -> Result<UserRow, Refusal> {
    let org = row.org_id;
    let id = match find(conn, row, person, origin).await? {
        Some(user) => user.id,
        None => first(conn, row, person, origin).await?,
    };
    let user = users::get(conn, org, id).await?.ok_or_else(Error::not_found)?;
    let (name, picture) = (person.name.as_deref().unwrap_or(&user.name), person.picture.as_deref());
    let picture = picture.or(user.avatar_url.as_deref());
    if name == user.name && picture == user.avatar_url.as_deref() {
        return Ok(user);
    }
    Ok(users::update_profile(conn, org, id, name, picture, &user.preferences).await?)
}

/// Nobody was found. Somebody who begins twice at once is found by the second, which waits here.
async fn first(
    conn: &mut PgConnection,
    row: &ProviderRow,
    person: &Person,
    origin: &Origin,
) -> Result<UserId, Refusal> {
    identity::lock_address(conn, row.org_id, &person.email).await?;
    match find(conn, row, person, origin).await? {
        Some(user) => Ok(user.id),
        None => join(conn, row, person, origin).await,
    }
}

async fn find(
    conn: &mut PgConnection,
    row: &ProviderRow,
    person: &Person,
    origin: &Origin,
) -> Result<Option<UserRow>, Refusal> {
    let org = row.org_id;
    if let Some(found) = identity::lock_by_subject(conn, org, row.id, &person.subject).await? {
        return active(found.user).map(Some);
    }
    let Some(found) = identity::lock_by_email(conn, org, &person.email).await? else { return Ok(None) };
    may_link(row, &found)?;
    let user = active(found.user)?;
    // What another provider's groups granted goes now: whoever takes an administrator away locks them first.
    role_assignments::lock_admins(conn, org).await?;
    identity::link(conn, org, user.id, row.id, &person.subject).await?;
    let details = json!({"sso": "linked", "sso_provider_id": row.id, "sso_provider": row.settings.name});
    let entry = Entry::success("user.update").on(user.id, &user.email).details(details);
    let author = Author::of("user", Some(user.id.0), Some(user.email.clone()), origin);
    audit::record(conn, org, &author, entry).await?;
    Ok(Some(user))
}

/// An account belongs to one identity. At the same provider another subject is another person with a reused address; an
/// account of another provider moves here once nobody can sign in by that one any more.
fn may_link(row: &ProviderRow, found: &Linked) -> Result<(), Refusal> {
    let refuse = |detail: &'static str| Err(Refusal::new(Reason::AccountLinked, detail));
    match found.sso_provider_id {
        Some(provider) if provider == row.id && found.sso_subject.is_some() => {
            refuse("the account with this address belongs to another subject of the provider")
        }
        Some(provider) if provider != row.id && found.provider_enabled => {
            refuse("the account with this address signs in by another provider; disable that one to move it")
        }
        _ => Ok(()),
    }
}

/// An organization's administrators set up providers; a platform administrator sees every organization. Asked when all
/// that they get by this sign-in is theirs: an account, an invite's role, what groups grant.
pub(super) async fn check_platform(
    conn: &mut PgConnection,
    row: &ProviderRow,
    user: &UserRow,
) -> Result<(), Refusal> {
    let grants = grants_of_user(conn, row.org_id, user).await?;
    if row.for_platform_admins || !grants.everywhere("platform:admin") {
        return Ok(());
    }
    let detail =
        "the account is a platform administrator's, and none of those decided who the provider's people are";
    Err(Refusal::new(Reason::AccountLinked, detail))
}

fn active(user: UserRow) -> Result<UserRow, Refusal> {
    if user.is_suspended() {
        return Err(Refusal::new(Reason::Ours(Code::UserSuspended), "the account is suspended"));
    }
    Ok(user)
}

/// Makes the account of somebody who was invited, or may come uninvited.
async fn join(
    conn: &mut PgConnection,
    row: &ProviderRow,
    person: &Person,
    origin: &Origin,
) -> Result<UserId, Refusal> {
    let (org, id) = (row.org_id, UserId::new());
    let mut details = match accept_invite(conn, org, id, person).await? {
        Some(details) => details,
        None if row.settings.jit_provisioning => {
            identity::insert(conn, org, id, &person.email, person.name()).await?;
            assign_default(conn, row, id).await?;
            json!({"jit": true, "role": row.settings.default_role})
        }
        None => {
            return Err(Refusal::new(
                Reason::UserUnknown,
                "nobody with this address has an account or an invite",
            ));
        }
    };
    identity::link(conn, org, id, row.id, &person.subject).await?;
    let joined = json!({
        "id": id, "org_id": org, "email": person.email, "name": person.name(), "role": details["role"],
    });
    outbox::insert(conn, org, "user.joined", &joined).await?;
    details["sso_provider_id"] = json!(row.id);
    let author = Author::of("user", Some(id.0), Some(person.email.clone()), origin);
    audit::record(conn, org, &author, Entry::success("user.join").on(id, &person.email).details(details))
        .await?;
    Ok(id)
}

async fn accept_invite(
    conn: &mut PgConnection,
    org: OrgId,
    id: UserId,
    person: &Person,
) -> Result<Option<Value>, Refusal> {
    let Some(seen) = invites::find_pending(conn, org, &person.email, false).await? else { return Ok(None) };
    // First who invites, as a deletion of theirs does: else the two could wait for each other.
    if let Some(inviter) = seen.invited_by {
        users::hold(conn, org, inviter).await?;
    }
    let Some(invite) = invites::find_pending(conn, org, &person.email, true).await? else { return Ok(None) };
    identity::insert(conn, org, id, &person.email, person.name()).await?;
    invites::accept(conn, &invite, id).await?;
    Ok(Some(json!({"invite_id": invite.id, "role": invite.role, "team_ids": invite.team_ids})))
}

async fn assign_default(conn: &mut PgConnection, row: &ProviderRow, id: UserId) -> Result<(), Refusal> {
    let name = &row.settings.default_role;
    let role = invites::find_role(conn, row.org_id, name).await?.filter(|role| role.name == *name);
    if role.is_none() {
        return Err(Refusal::provider(format!(
            "the provider's default_role {name:?} is gone; choose another"
        )));
    }
    Ok(crate::store::roles::assign_globally(conn, row.org_id, id, name).await?)
}
