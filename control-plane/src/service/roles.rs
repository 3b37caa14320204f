//! Roles: named sets of permissions; the built-in ones never change (contract 3.4, 4.2).

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::{
        Principal,
        permission::{self, GrantScope},
    },
    error::{Code, Error, Result},
    id::RoleId,
    rest::{
        etag::IfMatch,
        form::{Faults, Form, Patch},
    },
    store::{
        page::{Found, Page},
        roles::{self, Content, Filter, RoleRow},
    },
};

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RoleForm {
    #[schema(required, min_length = 1, max_length = 50)]
    pub name: String,
    pub description: String,
    /// Permissions, prefixes such as `traces:*`, or `*`.
    #[schema(required, min_items = 1, max_items = 100)]
    pub permissions: Vec<String>,
}

impl Form for RoleForm {
    const REQUIRED: &'static [&'static str] = &["name", "permissions"];
    const READ_ONLY: &'static [&'static str] = &["is_builtin", "user_count"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=50);
        faults.length("description", &self.description, 0..=1000);
        if !(1..=100).contains(&self.permissions.len()) {
            faults.add("permissions", "length", "must have 1 to 100 entries");
        }
        for (index, pattern) in self.permissions.iter().enumerate() {
            if !permission::is_known(pattern) {
                let message = format!("{pattern:?} is no permission");
                faults.add(format!("permissions.{index}"), "unknown", message);
            }
        }
    }
}

impl RoleForm {
    fn content(&self) -> Content<'_> {
        Content { name: &self.name, description: &self.description, permissions: &self.permissions }
    }
}

impl From<&RoleRow> for RoleForm {
    fn from(row: &RoleRow) -> Self {
        Self {
            name: row.name.clone(),
            description: row.description.clone(),
            permissions: row.permissions.clone(),
        }
    }
}

/// # Errors
/// `permission_denied`.
pub async fn list(app: &App, principal: &Principal, filter: &Filter, page: &Page) -> Result<Found<RoleRow>> {
    principal.require_everywhere("rbac:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(roles::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: RoleId) -> Result<RoleRow> {
    principal.require_everywhere("rbac:read")?;
    let mut tx = principal.begin(&app.database).await?;
    roles::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied` also when the role would hold more than its creator; `conflict`.
pub async fn create(app: &App, principal: &Principal, form: RoleForm) -> Result<RoleRow> {
    principal.require_everywhere("rbac:admin")?;
    // Nobody puts into a role what they do not hold: they could assign it to themselves.
    principal.require_grants(&form.permissions, &GrantScope::Global)?;
    let mut tx = principal.begin(&app.database).await?;
    let id = RoleId::new();
    let row = roles::insert(&mut tx, principal.org, id, principal.user(), &form.content()).await?;
    note(&mut tx, principal, Entry::success("role.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied` also when it adds what the caller does not hold; `not_found`, `precondition_failed`,
/// `validation_error`, `conflict`; `immutable` of a built-in role.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: RoleId,
    if_match: &IfMatch,
    patch: Patch<RoleForm>,
) -> Result<RoleRow> {
    principal.require_everywhere("rbac:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    let before = RoleForm::from(&current);
    let after = patch.onto(&before)?;
    let had = |one: &&String| before.permissions.iter().any(|held| permission::covers(held, one));
    principal.require_grants(after.permissions.iter().filter(|one| !had(one)), &GrantScope::Global)?;
    let row = roles::update(&mut tx, principal.org, id, &after.content()).await?;
    note(&mut tx, principal, Entry::success("role.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`; `immutable` of a built-in role, `in_use` of an assigned
/// one.
pub async fn delete(app: &App, principal: &Principal, id: RoleId, if_match: &IfMatch) -> Result<()> {
    principal.require_everywhere("rbac:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    // One that is assigned from here on is held back by the foreign key.
    if current.user_count > 0 {
        let message = format!("{} users have this role", current.user_count);
        return Err(Error::new(Code::InUse, message).with("by", "role_assignments"));
    }
    roles::delete(&mut tx, principal.org, id).await?;
    let entry = Entry::success("role.delete").gone(&RoleForm::from(&current));
    note(&mut tx, principal, entry, &current).await?;
    tx.commit().await?;
    Ok(())
}

/// The role, to be changed.
async fn lock(
    conn: &mut PgConnection,
    principal: &Principal,
    id: RoleId,
    if_match: &IfMatch,
) -> Result<RoleRow> {
    let row = roles::lock(conn, principal.org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(row.version)?;
    match row.is_builtin {
        true => Err(Error::new(Code::Immutable, "built-in roles do not change; make another")),
        false => Ok(row),
    }
}

async fn note(conn: &mut PgConnection, principal: &Principal, entry: Entry, row: &RoleRow) -> Result<()> {
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, &row.name)).await
}
