//! The caller's own organization.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audit::{self, Author, Entry};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    mail::is_address,
    rest::{
        etag::IfMatch,
        form::{Faults, Form, Patch},
    },
    store::organizations::{self, OrganizationRow},
};

/// What an administrator can change.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OrganizationForm {
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub billing_email: Option<String>,
}

impl Form for OrganizationForm {
    const REQUIRED: &'static [&'static str] = &["name"];
    const READ_ONLY: &'static [&'static str] = &["slug", "plan"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        if let Some(email) = &self.billing_email
            && !is_address(email)
        {
            faults.add("billing_email", "format", "must be an e-mail address");
        }
    }
}

impl From<&OrganizationRow> for OrganizationForm {
    fn from(row: &OrganizationRow) -> Self {
        Self { name: row.name.clone(), billing_email: row.billing_email.clone() }
    }
}

/// # Errors
/// `permission_denied`.
pub async fn get(app: &App, principal: &Principal) -> Result<OrganizationRow> {
    principal.require_everywhere("settings:read")?;
    let mut tx = principal.begin(&app.database).await?;
    organizations::get(&mut tx, principal.org).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `precondition_failed`, `validation_error`.
pub async fn update(
    app: &App,
    principal: &Principal,
    if_match: &IfMatch,
    patch: Patch<OrganizationForm>,
) -> Result<OrganizationRow> {
    principal.require_everywhere("settings:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = organizations::lock(&mut tx, principal.org).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let before = OrganizationForm::from(&current);
    let after = patch.onto(&before)?;
    let row =
        organizations::update(&mut tx, principal.org, &after.name, after.billing_email.as_deref()).await?;
    let entry = Entry::success("organization.update").on(row.id, &row.name).changes(&before, &after);
    audit::record(&mut tx, principal.org, &Author::from(principal), entry).await?;
    tx.commit().await?;
    Ok(row)
}
