//! Teams: made by whoever administers all of them, looked after by their leads (contract 3.3, 4.2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    slug,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{OrgId, TeamId},
    rest::{
        etag::IfMatch,
        form::{Faults, Form, Patch},
    },
    store::{
        page::{Found, Page},
        teams::{self, Content, Filter, TeamRow},
    },
};

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TeamForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    /// Lower-case words with hyphens between; null: made from the name.
    #[schema(min_length = 1, max_length = 100)]
    pub slug: Option<String>,
    pub description: String,
    #[schema(value_type = Object)]
    pub settings: Map<String, Value>,
}

impl Form for TeamForm {
    const REQUIRED: &'static [&'static str] = &["name"];
    const READ_ONLY: &'static [&'static str] = &["member_count"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        faults.length("description", &self.description, 0..=1000);
        if let Some(slug) = &self.slug {
            slug::check(faults, "slug", slug);
        }
    }
}

impl From<&TeamRow> for TeamForm {
    fn from(row: &TeamRow) -> Self {
        Self {
            name: row.name.clone(),
            slug: Some(row.slug.clone()),
            description: row.description.clone(),
            settings: row.settings.as_object().cloned().unwrap_or_default(),
        }
    }
}

/// # Errors
/// `permission_denied`.
pub async fn list(app: &App, principal: &Principal, filter: &Filter, page: &Page) -> Result<Found<TeamRow>> {
    let reach = principal.require("teams:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(teams::list(&mut tx, principal.org, &reach, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: TeamId) -> Result<TeamRow> {
    let reach = principal.require("teams:read")?;
    let mut tx = principal.begin(&app.database).await?;
    teams::get(&mut tx, principal.org, &reach, id, false).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`, `conflict`.
pub async fn create(app: &App, principal: &Principal, mut form: TeamForm) -> Result<TeamRow> {
    // A team that is not yet is nobody's scope.
    principal.require_everywhere("teams:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let slug = choose_slug(&mut tx, org, &mut form).await?;
    let settings = json!(form.settings);
    let content =
        Content { name: &form.name, slug: &slug, description: &form.description, settings: &settings };
    let row = teams::insert(&mut tx, org, TeamId::new(), principal.user(), &content).await?;
    note(&mut tx, principal, Entry::success("team.create").details(json!(form)), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: TeamId,
    if_match: &IfMatch,
    patch: Patch<TeamForm>,
) -> Result<TeamRow> {
    let reach = principal.require("teams:admin")?;
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let current = teams::get(&mut tx, org, &reach, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    let before = TeamForm::from(&current);
    let mut after = patch.onto(&before)?;
    let slug = choose_slug(&mut tx, org, &mut after).await?;
    let settings = json!(after.settings);
    let content =
        Content { name: &after.name, slug: &slug, description: &after.description, settings: &settings };
    let row = teams::update(&mut tx, org, id, &content).await?;
    note(&mut tx, principal, Entry::success("team.update").changes(&before, &after), &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(app: &App, principal: &Principal, id: TeamId, if_match: &IfMatch) -> Result<()> {
    let reach = principal.require("teams:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = teams::get(&mut tx, principal.org, &reach, id, true).await?.ok_or_else(Error::not_found)?;
    if_match.check(current.version)?;
    teams::delete(&mut tx, principal.org, id).await?;
    let entry = Entry::success("team.delete").gone(&TeamForm::from(&current));
    note(&mut tx, principal, entry, &current).await?;
    tx.commit().await?;
    Ok(())
}

/// The slug of the form, or a free one made from the name.
async fn choose_slug(conn: &mut PgConnection, org: OrgId, form: &mut TeamForm) -> Result<String> {
    if let Some(slug) = &form.slug {
        return Ok(slug.clone());
    }
    let stem = slug::stem(&form.name, "team");
    let free = slug::free(&stem, &teams::list_slugs(conn, org, &stem).await?);
    form.slug = Some(free.clone());
    Ok(free)
}

async fn note(conn: &mut PgConnection, principal: &Principal, entry: Entry, row: &TeamRow) -> Result<()> {
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, &row.name)).await
}
