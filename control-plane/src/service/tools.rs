//! Reading the catalogue: tools, resources and prompts as servers last showed them.

use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::ToolId,
    service::servers,
    store::{
        self,
        page::{Found, Page},
        tools::{EntryRow, Filter, Kind},
    },
};

pub async fn list(
    app: &App,
    principal: &Principal,
    kind: Kind,
    filter: Filter,
    page: &Page,
) -> Result<Found<EntryRow>> {
    let within = servers::within(&principal.require("servers:read")?);
    let mut tx = principal.begin(&app.database).await?;
    Ok(store::tools::list(&mut tx, principal.org, kind, &Filter { within, ..filter }, page).await?)
}

/// Of one server, by name or id.
pub async fn list_of(
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

pub async fn get(app: &App, principal: &Principal, id: ToolId) -> Result<EntryRow> {
    let within = servers::within(&principal.require("servers:read")?);
    let mut tx = principal.begin(&app.database).await?;
    let tool = store::tools::get_tool(&mut tx, principal.org, id, within.as_deref()).await?;
    tool.ok_or_else(Error::not_found)
}
