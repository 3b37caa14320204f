//! Channels that the environment names: `SLACK_WEBHOOK_URL` and `PAGERDUTY_ROUTING_KEY` (contract 7). What a variable
//! gives, only the variable changes; a channel whose variable is gone belongs to the administrators from then on.

use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sqlx::PgConnection;

use super::{
    config, content,
    form::{AlertChannelForm, ChannelConfig, ChannelType},
    form_of,
};
use crate::{
    app::App,
    error::{Code, Error, Result},
    id::{AlertChannelId, OrgId},
    rest::servers::secret::Secret,
    service::audit::{self, Author, Entry},
    store::{
        alert_channels::{self, AlertChannelRow, Content},
        servers,
    },
};

const SLACK: &str = "slack-default";
const PAGERDUTY: &str = "pagerduty-default";

/// A channel as a variable gives it.
struct Given<'a> {
    name: &'static str,
    kind: ChannelType,
    /// The one secret that it has.
    field: &'static str,
    secret: &'a SecretString,
}

impl Given<'_> {
    fn config(&self) -> ChannelConfig {
        let secret = Some(Secret::Given(self.secret.clone()));
        match self.kind {
            ChannelType::Pagerduty => ChannelConfig { routing_key: secret, ..ChannelConfig::default() },
            _ => ChannelConfig { webhook_url: secret, ..ChannelConfig::default() },
        }
    }
}

fn given(app: &App) -> Vec<Given<'_>> {
    let slack = app.config.slack_webhook_url.as_ref();
    let pagerduty = app.config.alerts.pagerduty_routing_key.as_ref();
    let slack =
        slack.map(|secret| Given { name: SLACK, kind: ChannelType::Slack, field: "webhook_url", secret });
    let pagerduty = pagerduty.map(|secret| Given {
        name: PAGERDUTY,
        kind: ChannelType::Pagerduty,
        field: "routing_key",
        secret,
    });
    slack.into_iter().chain(pagerduty).collect()
}

/// Brings the environment's channels into the organization of the first start; at every start, as often as you like.
///
/// # Errors
/// The database's.
pub async fn apply_environment(app: &App, org: OrgId) -> Result<()> {
    let mut tx = app.database.tenant(org).await?;
    servers::lock_environment(&mut tx).await?;
    let given = given(app);
    for channel in &given {
        apply(app, &mut tx, org, channel).await?;
    }
    for row in alert_channels::list_of_environment(&mut tx, org).await? {
        if !given.iter().any(|channel| channel.name == row.name) {
            let content = Content { managed_by: "api".to_owned(), ..content_of(&row) };
            alert_channels::update(&mut tx, org, row.id, &content).await?;
            tracing::info!(channel.name = row.name, "an alert channel is no longer in the environment");
        }
    }
    tx.commit().await?;
    Ok(())
}

async fn apply(app: &App, conn: &mut PgConnection, org: OrgId, given: &Given<'_>) -> Result<()> {
    let Some(row) = alert_channels::find_for_update(conn, org, given.name).await? else {
        let form = AlertChannelForm {
            name: given.name.to_owned(),
            r#type: given.kind,
            config: given.config(),
            ..AlertChannelForm::default()
        };
        let id = AlertChannelId::new();
        let content = content(app, org, id, &form, None, "env")?;
        alert_channels::insert(conn, org, id, None, &content).await?;
        let entry = Entry::success("alert_channel.create").on(id, given.name).details(json!(form));
        audit::record(conn, org, &Author::system(), entry).await?;
        tracing::info!(channel.name = given.name, "an alert channel was added from the environment");
        return Ok(());
    };
    let is_same = row.managed_by == "env"
        && config::has_secret(&app.sealer, &row, given.field, given.secret.expose_secret())?;
    if is_same {
        return Ok(());
    }
    let before = form_of(&row);
    let after = AlertChannelForm { r#type: given.kind, config: given.config(), ..before.clone() };
    let content = content(app, org, row.id, &after, None, "env")?;
    alert_channels::update(conn, org, row.id, &content).await?;
    let entry = Entry::success("alert_channel.update").on(row.id, given.name).changes(&before, &after);
    audit::record(conn, org, &Author::system(), entry).await
}

fn content_of(row: &AlertChannelRow) -> Content {
    Content {
        name: row.name.clone(),
        r#type: row.r#type.clone(),
        config: row.config.clone(),
        config_encrypted: row.config_encrypted.clone(),
        min_severity: row.min_severity.clone(),
        send_resolved: row.send_resolved,
        enabled: row.enabled,
        managed_by: row.managed_by.clone(),
    }
}

/// What the environment gives is not edited here (contract 1.1).
pub(super) fn refuse_change(
    row: &AlertChannelRow,
    before: &AlertChannelForm,
    after: &AlertChannelForm,
) -> Result<()> {
    if row.managed_by != "env" {
        return Ok(());
    }
    // A given secret never looks like the kept one.
    let field = match () {
        () if before.name != after.name => "name",
        () if json!(before.config) != json!(after.config) => "config",
        () => return Ok(()),
    };
    let message = format!("{field} comes from the environment; change its variable instead");
    Err(Error::new(Code::Immutable, message).with("field", field))
}

#[cfg(test)]
mod tests;
