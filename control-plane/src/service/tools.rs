//! Reading the catalogue: tools, resources and prompts as servers last showed them, and what a tool's calls come to.

use gatewayops_proto::tool_policy::{self, Action, State, ToolPolicies};
use sqlx::PgConnection;

use super::tool_policies;
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{OrgId, ServerId, ToolId},
    service::servers,
    settings::Level,
    store::{
        self,
        page::{Found, Page},
        tools::{EntryRow, Filter, Kind},
    },
};

mod review;

pub use review::{Decision, ReviewForm, review};

/// A tool, and what becomes of its calls when no permission says otherwise.
#[derive(Clone, Debug)]
pub struct Tool {
    pub row: EntryRow,
    pub level: tool_policy::Level,
    pub action: Action,
}

impl Tool {
    fn new(policies: &ToolPolicies, row: EntryRow) -> Self {
        let tool = tool_policy::Tool {
            server: &row.mcp_server,
            name: &row.key,
            state: State::of_status(&row.status),
            destructive: row.is_destructive(),
        };
        let (level, action) = (policies.classify(&tool).level, policies.action(&tool));
        Self { row, level, action }
    }
}

/// The tools of all servers; of these levels only, if any are named.
///
/// # Errors
/// `permission_denied`.
pub async fn list(
    app: &App,
    principal: &Principal,
    filter: Filter,
    levels: Option<&[Level]>,
    page: &Page,
) -> Result<Found<Tool>> {
    let within = servers::within(&principal.require("servers:read")?);
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    let policies = tool_policies::general(&mut tx, org).await?;
    let ids = match levels {
        Some(levels) => Some(of_levels(&mut tx, org, &policies, within.as_deref(), levels).await?),
        None => None,
    };
    let filter = Filter { within, ids, ..filter };
    let found = store::tools::list(&mut tx, org, Kind::Tool, &filter, page).await?;
    Ok(found.map(|row| Tool::new(&policies, row)))
}

/// What level a tool is of is the evaluator's word, so the database cannot be asked for it.
async fn of_levels(
    conn: &mut PgConnection,
    org: OrgId,
    policies: &ToolPolicies,
    within: Option<&[ServerId]>,
    levels: &[Level],
) -> Result<Vec<ToolId>> {
    let all = store::tools::list_named(conn, org, within).await?;
    let is_of = |tool: &store::tools::Named| {
        let tool = tool_policy::Tool {
            server: &tool.mcp_server,
            name: &tool.name,
            state: State::of_status(&tool.status),
            destructive: tool.destructive,
        };
        let level = policies.classify(&tool).level.name();
        levels.iter().any(|one| one.as_str() == level)
    };
    Ok(all.iter().filter(|tool| is_of(tool)).map(|tool| tool.id).collect())
}

/// The tools of one server, by name or id.
///
/// # Errors
/// `permission_denied`, `not_found`.
pub async fn list_of(
    app: &App,
    principal: &Principal,
    server: &str,
    filter: Filter,
    page: &Page,
) -> Result<Found<Tool>> {
    let found = list_entries(app, principal, server, Kind::Tool, filter, page).await?;
    let mut tx = principal.begin(&app.database).await?;
    let policies = tool_policies::general(&mut tx, principal.org).await?;
    Ok(found.map(|row| Tool::new(&policies, row)))
}

/// What one server has of a kind, by name or id.
///
/// # Errors
/// `permission_denied`, `not_found`.
pub async fn list_entries(
    app: &App,
    principal: &Principal,
    server: &str,
    kind: Kind,
    filter: Filter,
    page: &Page,
) -> Result<Found<EntryRow>> {
    let server = servers::get(app, principal, server).await?.row.id;
    let mut tx = principal.begin(&app.database).await?;
    let filter = Filter { within: Some(vec![server]), ..filter };
    Ok(store::tools::list(&mut tx, principal.org, kind, &filter, page).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: ToolId) -> Result<Tool> {
    let within = servers::within(&principal.require("servers:read")?);
    let mut tx = principal.begin(&app.database).await?;
    let row = store::tools::get_tool(&mut tx, principal.org, id, within.as_deref()).await?;
    let row = row.ok_or_else(Error::not_found)?;
    Ok(Tool::new(&tool_policies::general(&mut tx, principal.org).await?, row))
}
