//! Servers that the environment names: `MCP_SERVER_<NAME>_URL` and `_TOKEN` (contract 7). What a variable gives, only
//! the variable changes; a server whose variables are gone belongs to the administrators from then on.

use secrecy::ExposeSecret;

use super::{Server, insert, upstream, with_prices, write};
use crate::{
    app::App,
    config::EnvServer,
    error::{Code, Error, Result},
    id::OrgId,
    rest::{
        form::{Faults, Form},
        servers::{
            form::{AuthForm, AuthType, ServerForm},
            secret::Secret,
        },
    },
    service::audit::Author,
    store::{
        self,
        servers::{Maker, ServerRow},
    },
};

/// Brings the environment's servers into the bootstrap organization; at every start, as often as you like.
///
/// # Errors
/// The database's, or a variable that no server can be made of.
pub async fn apply_environment(app: &App, org: OrgId) -> Result<()> {
    let mut tx = app.database.tenant(org).await?;
    store::servers::lock_environment(&mut tx).await?;
    for variables in &app.config.env_servers {
        let current = store::servers::get_for_update(&mut tx, org, &variables.name).await?;
        match current.filter(|row| row.name == variables.name) {
            None => {
                let form =
                    wanted(variables, ServerForm { name: variables.name.clone(), ..ServerForm::default() })?;
                let maker = Maker { created_by: None, managed_by: "env" };
                insert(&mut tx, app, org, form, maker, &Author::system()).await?;
                tracing::info!(server.name = variables.name, "MCP server added from the environment");
            }
            Some(row) => {
                let known_token = token_of(app, &row)?;
                let server = with_prices(&mut tx, row).await?;
                let mut form = wanted(variables, server.form())?;
                if variables.token.is_some()
                    && known_token.as_deref() == form.auth.token.as_ref().and_then(Secret::given)
                {
                    form.auth.token = Some(Secret::Kept);
                }
                write(&mut tx, app, &server, form, &Author::system()).await?;
                store::servers::set_managed_by(&mut tx, org, server.row.id, "env").await?;
            }
        }
    }
    for (id, name) in store::servers::list_names_managed_by(&mut tx, org, "env").await? {
        if !app.config.env_servers.iter().any(|variables| variables.name == name) {
            store::servers::set_managed_by(&mut tx, org, id, "api").await?;
            tracing::info!(
                server.name = name,
                "MCP server is no longer in the environment; it can be edited now"
            );
        }
    }
    tx.commit().await?;
    Ok(())
}

fn wanted(variables: &EnvServer, form: ServerForm) -> Result<ServerForm> {
    let mut form = ServerForm { url: variables.url.clone(), ..form };
    if let Some(token) = &variables.token {
        let token = Some(Secret::Given(token.expose_secret().into()));
        form.auth = AuthForm { kind: AuthType::Bearer, token, ..AuthForm::default() };
    }
    let mut faults = Faults::default();
    form.check(&mut faults);
    faults.finish().map_err(|error| {
        let variable = format!("MCP_SERVER_{}", variables.name.to_ascii_uppercase().replace('-', "_"));
        Error { message: format!("{variable}_URL or _TOKEN: {}", error.message).into(), ..error }
    })?;
    Ok(form)
}

fn token_of(app: &App, row: &ServerRow) -> Result<Option<String>> {
    let form = upstream::revealed(&app.sealer, row.clone())?;
    Ok(form.auth.token.as_ref().and_then(Secret::given).map(str::to_owned))
}

/// What the environment gives is not edited here (contract 1.1).
pub(super) fn refuse_change(app: &App, current: &Server, form: &ServerForm) -> Result<()> {
    if current.row.managed_by != "env" {
        return Ok(());
    }
    let refuse = |field: &str| {
        let message = format!("{field} comes from the environment; change its MCP_SERVER_ variables instead");
        Err(Error::new(Code::Immutable, message).with("field", field))
    };
    let before = current.form();
    if form.url != before.url {
        return refuse("url");
    }
    let variables = app.config.env_servers.iter().find(|variables| variables.name == current.row.name);
    let gives_auth = variables.is_some_and(|variables| variables.token.is_some());
    // A given secret never looks like the kept one.
    if gives_auth && serde_json::to_value(&form.auth).ok() != serde_json::to_value(&before.auth).ok() {
        return refuse("auth");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
