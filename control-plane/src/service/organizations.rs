//! Organizations as platform administrators see them: all there are, and new ones (contract 3.2). What happens here
//! reaches over organizations, so it runs as the worker; nothing else on the REST side does.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    invites, slug,
};
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::OrgId,
    mail::is_address,
    rest::form::{Faults, Form},
    store::{
        self, Transaction,
        organizations::{self, Filter, OrganizationRow},
        page::{Found, Page},
    },
};

const PERMISSION: &str = "platform:admin";

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = CreateOrganizationForm)]
#[serde(default, deny_unknown_fields)]
pub struct NewOrganizationForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    /// Lower-case words with hyphens between; null: made from the name.
    #[schema(min_length = 1, max_length = 100)]
    pub slug: Option<String>,
    /// Who is invited as its administrator.
    #[schema(required, max_length = 254)]
    pub admin_email: String,
}

impl Form for NewOrganizationForm {
    const REQUIRED: &'static [&'static str] = &["name", "admin_email"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        if let Some(slug) = &self.slug {
            slug::check(faults, "slug", slug);
        }
        if !is_address(self.admin_email.trim()) {
            faults.add("admin_email", "format", "must be an e-mail address");
        }
    }
}

/// An organization with the invite of its administrator.
pub struct Created {
    pub organization: OrganizationRow,
    pub invite: invites::Issued,
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<OrganizationRow>> {
    principal.require_everywhere(PERMISSION)?;
    let mut tx = app.database.worker().await?;
    Ok(organizations::list(&mut tx, filter, page).await?)
}

/// Makes an organization with its built-in roles and an invite for its administrator.
///
/// # Errors
/// `permission_denied`; `conflict` when the slug is taken.
pub async fn create(app: &App, principal: &Principal, form: NewOrganizationForm) -> Result<Created> {
    principal.require_everywhere(PERMISSION)?;
    let mut tx = app.database.worker().await?;
    store::mark(&mut tx, &principal.label()).await?;
    let slug = choose_slug(&mut tx, &form).await?;
    let org = OrgId::new();
    let organization = organizations::insert(&mut tx, org, principal.user(), form.name.trim(), &slug).await?;
    let draft = invites::draft_for_first(&mut tx, org, form.admin_email.trim()).await?;

    let author = Author::from(principal);
    let made = || {
        let details = json!({"slug": slug, "admin_email": draft.email()});
        Entry::success("organization.create").on(org, &organization.name).details(details)
    };
    // Once where it was done, and as the beginning of its own log.
    audit::record(&mut tx, org, &author, made()).await?;
    audit::record(&mut tx, org, &author, draft.entry()).await?;
    audit::record(&mut tx, principal.org, &author, made()).await?;
    tx.commit().await?;
    let invite = draft.issue(app, principal, organization.name.clone()).await;
    Ok(Created { organization, invite })
}

/// The slug of the form, or a free one made from the name.
async fn choose_slug(tx: &mut Transaction, form: &NewOrganizationForm) -> Result<String> {
    if let Some(slug) = &form.slug {
        return Ok(slug.clone());
    }
    let stem = slug::stem(&form.name, "organization");
    Ok(slug::free(&stem, &organizations::list_slugs(tx, &stem).await?))
}
