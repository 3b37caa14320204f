//! Users: looked up, renamed, suspended, deleted (contract 3.3).

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    role_assignments::keep_an_admin,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{OrgId, RoleId, UserId},
    rest::{
        etag::IfMatch,
        form::{Faults, Form, Patch},
    },
    store::{
        Transaction, api_keys, outbox,
        page::{Found, Page},
        sessions,
        users::{
            self, UserRow,
            directory::{self, Filter, HeldRole, OwnTeam},
        },
    },
};

mod rank;

use rank::rank;

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = UserStatus)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    #[default]
    Active,
    /// Cannot log in; their sessions are ended and their personal keys are refused.
    Suspended,
}

impl Status {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }
}

/// What an administrator changes about a user.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UserForm {
    #[schema(required, min_length = 1, max_length = 200)]
    pub name: String,
    pub status: Status,
}

impl Form for UserForm {
    const REQUIRED: &'static [&'static str] = &["name"];
    const READ_ONLY: &'static [&'static str] =
        &["email", "avatar_url", "role", "roles", "teams", "auth_method", "last_login_at", "last_active_at"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=200);
    }
}

impl From<&UserRow> for UserForm {
    fn from(row: &UserRow) -> Self {
        let status = if row.is_suspended() { Status::Suspended } else { Status::Active };
        Self { name: row.name.clone(), status }
    }
}

/// A user with their roles and teams.
pub struct Person {
    pub row: UserRow,
    /// The name of their highest global role.
    pub role: Option<String>,
    pub roles: Vec<HeldRole>,
    pub teams: Vec<OwnTeam>,
}

/// # Errors
/// `permission_denied`.
pub async fn list(app: &App, principal: &Principal, filter: &Filter, page: &Page) -> Result<Found<Person>> {
    let reach = principal.require("users:read")?;
    let mut tx = principal.begin(&app.database).await?;
    let ranked = if filter.roles.is_some() { ranked(&mut tx, principal.org).await? } else { Vec::new() };
    let found = directory::list(&mut tx, principal.org, &reach, filter, &ranked, page).await?;
    let Found { rows, next, total, total_capped } = found;
    Ok(Found { rows: people(&mut tx, principal.org, rows).await?, next, total, total_capped })
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: UserId) -> Result<Person> {
    let reach = principal.require("users:read")?;
    let mut tx = principal.begin(&app.database).await?;
    let row = directory::get(&mut tx, principal.org, &reach, id).await?.ok_or_else(Error::not_found)?;
    person(&mut tx, row).await
}

/// Suspending ends their sessions. Personal keys stay: they are refused while their owner is suspended, and work again
/// afterwards.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`; `in_use` for the last administrator.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: UserId,
    if_match: &IfMatch,
    patch: Patch<UserForm>,
) -> Result<Person> {
    let (mut tx, current) = lock(app, principal, id, if_match).await?;
    let before = UserForm::from(&current);
    let after = patch.onto(&before)?;
    let suspends = after.status == Status::Suspended && !current.is_suspended();
    let mut ended = 0;
    if suspends {
        keep_an_admin(&mut tx, current.org_id, current.id).await?;
        ended = sessions::revoke_all(&mut tx, principal.org, sessions::Which::OfUser(id), None).await?;
    }
    let row = users::update(&mut tx, principal.org, id, &after.name, after.status.as_str()).await?;
    if suspends {
        let user = json!({
            "id": id, "org_id": row.org_id, "email": row.email, "name": row.name, "status": row.status,
        });
        outbox::insert(&mut tx, principal.org, "user.suspended", &user).await?;
    }
    let person = person(&mut tx, row).await?;
    let mut entry = Entry::success("user.update").on(id, &current.email).changes(&before, &after);
    if suspends {
        entry = entry.details(json!({"sessions_ended": ended}));
    }
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(person)
}

/// Their sessions go with them. Their personal keys stay as revoked ones without an owner, so that traces and audit
/// rows still lead to a name and proxies can say why they refuse; traces and costs keep the user's id.
///
/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`; `in_use` for the last administrator.
pub async fn delete(app: &App, principal: &Principal, id: UserId, if_match: &IfMatch) -> Result<()> {
    let (mut tx, current) = lock(app, principal, id, if_match).await?;
    keep_an_admin(&mut tx, current.org_id, current.id).await?;
    let (org, by, author) = (principal.org, principal.user(), Author::from(principal));
    let ended = sessions::revoke_all(&mut tx, org, sessions::Which::OfUser(id), None).await?;
    let reason = "the owner was deleted";
    let keys = api_keys::revoke_all(&mut tx, org, id, by, reason).await?;
    users::delete(&mut tx, org, id).await?;
    for key in &keys {
        let entry = Entry::success("api_key.revoke").on(key.id, &key.name).details(json!({"reason": reason}));
        audit::record(&mut tx, org, &author, entry).await?;
    }
    let details = json!({"sessions_ended": ended, "keys_revoked": keys.len()});
    let entry = Entry::success("user.delete").on(id, &current.email).details(details);
    audit::record(&mut tx, org, &author, entry).await?;
    tx.commit().await?;
    Ok(())
}

/// For a change: a user belongs to the whole organization, whatever teams they are in.
async fn lock(
    app: &App,
    principal: &Principal,
    id: UserId,
    if_match: &IfMatch,
) -> Result<(Transaction, UserRow)> {
    principal.require_everywhere("users:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    sessions::lock_all(&mut tx, principal.org, id).await?;
    let current = users::lock(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    Ok((tx, current))
}

/// The organization's roles, the highest first.
async fn ranked(conn: &mut PgConnection, org: OrgId) -> Result<Vec<RoleId>> {
    let mut roles = directory::roles(conn, org).await?;
    roles.sort_by_cached_key(|role| rank(&role.permissions, &role.name));
    Ok(roles.into_iter().map(|role| role.id).collect())
}

async fn person(conn: &mut PgConnection, row: UserRow) -> Result<Person> {
    people(conn, row.org_id, vec![row]).await?.pop().ok_or_else(Error::not_found)
}

/// The roles and teams of them all come with one query each.
async fn people(conn: &mut PgConnection, org: OrgId, rows: Vec<UserRow>) -> Result<Vec<Person>> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let mut roles: HashMap<UserId, Vec<HeldRole>> = HashMap::new();
    for role in directory::roles_of(conn, org, &ids).await? {
        roles.entry(role.user_id).or_default().push(role);
    }
    let mut teams: HashMap<UserId, Vec<OwnTeam>> = HashMap::new();
    for team in directory::teams_of(conn, org, &ids).await? {
        teams.entry(team.user_id).or_default().push(team);
    }
    let complete = rows.into_iter().map(|row| {
        let roles = roles.remove(&row.id).unwrap_or_default();
        let global = roles.iter().filter(|role| role.scope_type == "global");
        let highest = global.min_by_key(|role| rank(&role.permissions, &role.name));
        let role = highest.map(|role| role.name.clone());
        let teams = teams.remove(&row.id).unwrap_or_default();
        Person { row, role, roles, teams }
    });
    Ok(complete.collect())
}
