//! Which tools are how dangerous, as administrators see it (contract 3.7). What it comes to for a call is the evaluator's.

use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::PgConnection;
use utoipa::ToSchema;

use super::{
    audit::{self, Author, Entry},
    tool_policies::check_patterns,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Code, Error, Result},
    id::ToolClassificationId,
    rest::{
        etag::IfMatch,
        form::{Faults, Form, Patch},
    },
    settings::Level,
    store::{
        page::{Found, Page},
        tool_classifications::{self, Content, Filter, ToolClassificationRow},
    },
};

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ToolClassificationForm {
    /// Glob on the server's name.
    #[schema(required, min_length = 1, max_length = 100)]
    pub mcp_server: String,
    /// Glob on the tool's name.
    #[schema(required, min_length = 1, max_length = 255)]
    pub tool_name: String,
    #[schema(required, value_type = Level)]
    pub classification: Option<Level>,
    /// Whatever the level: whether calls need an approval, or pass. Null: as `tool_policy` says of the level.
    pub requires_approval: Option<bool>,
    #[schema(max_length = 1000)]
    pub description: String,
}

impl Form for ToolClassificationForm {
    const REQUIRED: &'static [&'static str] = &["mcp_server", "tool_name", "classification"];

    fn check(&self, faults: &mut Faults) {
        check_patterns(faults, &self.mcp_server, &self.tool_name);
        faults.length("description", &self.description, 0..=1000);
    }
}

impl ToolClassificationForm {
    fn content(&self) -> Result<Content<'_>> {
        let missing = || Error::invalid_field("classification", "required", "is missing");
        Ok(Content {
            mcp_server: &self.mcp_server,
            tool_name: &self.tool_name,
            classification: self.classification.ok_or_else(missing)?.as_str(),
            requires_approval: self.requires_approval,
            description: &self.description,
        })
    }
}

impl From<&ToolClassificationRow> for ToolClassificationForm {
    fn from(row: &ToolClassificationRow) -> Self {
        Self {
            mcp_server: row.mcp_server.clone(),
            tool_name: row.tool_name.clone(),
            classification: Level::named(&row.classification),
            requires_approval: row.requires_approval,
            description: row.description.clone(),
        }
    }
}

/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    page: &Page,
) -> Result<Found<ToolClassificationRow>> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    Ok(tool_classifications::list(&mut tx, principal.org, filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(
    app: &App,
    principal: &Principal,
    id: ToolClassificationId,
) -> Result<ToolClassificationRow> {
    principal.require_everywhere("policies:read")?;
    let mut tx = principal.begin(&app.database).await?;
    tool_classifications::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// # Errors
/// `permission_denied`; `conflict` when the patterns have a classification.
pub async fn create(
    app: &App,
    principal: &Principal,
    form: ToolClassificationForm,
) -> Result<ToolClassificationRow> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let id = ToolClassificationId::new();
    let content = form.content()?;
    let row = tool_classifications::insert(&mut tx, principal.org, id, principal.user(), &content).await;
    let row = row.map_err(taken)?;
    let entry = Entry::success("tool_classification.create").details(json!(form));
    note(&mut tx, principal, entry, &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`, `validation_error`, `conflict`.
pub async fn update(
    app: &App,
    principal: &Principal,
    id: ToolClassificationId,
    if_match: &IfMatch,
    patch: Patch<ToolClassificationForm>,
) -> Result<ToolClassificationRow> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    let before = ToolClassificationForm::from(&current);
    let after = patch.onto(&before)?;
    let row = tool_classifications::update(&mut tx, principal.org, id, &after.content()?).await;
    let row = row.map_err(taken)?;
    let entry = Entry::success("tool_classification.update").changes(&before, &after);
    note(&mut tx, principal, entry, &row).await?;
    tx.commit().await?;
    Ok(row)
}

/// # Errors
/// `permission_denied`, `not_found`, `precondition_failed`.
pub async fn delete(
    app: &App,
    principal: &Principal,
    id: ToolClassificationId,
    if_match: &IfMatch,
) -> Result<()> {
    principal.require_everywhere("policies:admin")?;
    let mut tx = principal.begin(&app.database).await?;
    let current = lock(&mut tx, principal, id, if_match).await?;
    tool_classifications::delete(&mut tx, principal.org, id).await?;
    let entry =
        Entry::success("tool_classification.delete").details(json!(ToolClassificationForm::from(&current)));
    note(&mut tx, principal, entry, &current).await?;
    tx.commit().await?;
    Ok(())
}

/// Two patterns together are given once.
fn taken(error: sqlx::Error) -> Error {
    let error = Error::from(error);
    match error.code {
        Code::Conflict => {
            let message = "these two patterns have a classification already; change that one";
            Error::new(Code::Conflict, message).with("field", "tool_name")
        }
        _ => error,
    }
}

/// The row, to be changed.
async fn lock(
    conn: &mut PgConnection,
    principal: &Principal,
    id: ToolClassificationId,
    if_match: &IfMatch,
) -> Result<ToolClassificationRow> {
    let row = tool_classifications::lock(conn, principal.org, id).await?.ok_or_else(Error::not_found)?;
    if_match.check(row.version)?;
    Ok(row)
}

async fn note(
    conn: &mut PgConnection,
    principal: &Principal,
    entry: Entry,
    row: &ToolClassificationRow,
) -> Result<()> {
    let name = format!("{}/{}", row.mcp_server, row.tool_name);
    audit::record(conn, principal.org, &Author::from(principal), entry.on(row.id, name)).await
}
