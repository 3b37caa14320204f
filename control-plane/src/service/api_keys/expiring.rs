//! The warning that a key is about to end: an `api_key.expiring` event, and a letter to whoever keeps the key.

use anyhow::bail;
use chrono::{Duration, SubsecRound};
use serde_json::{Value, json};

use crate::{
    app::App,
    mail::{self, Letter},
    store::{
        api_keys::expiring::{self, ExpiringRow},
        outbox,
    },
};

/// How long before its end a key is warned of: time enough to rotate it in a working week.
const NOTICE: Duration = Duration::days(7);
/// Warned of in one run; the next takes the others.
const MOST: i64 = 1000;

/// While the mail server is away, or puts a letter off, the key counts as not warned of yet.
///
/// # Errors
/// The database's, or that letters were not taken: the other keys are warned of first.
pub async fn warn(app: &App) -> anyhow::Result<()> {
    let mut tx = app.database.worker().await?;
    let keys = expiring::list(&mut tx, NOTICE, MOST).await?;
    tx.commit().await?;
    let mut unsent = 0;
    for key in &keys {
        if let Err(error) = send(app, key).await {
            tracing::warn!(api_key.id = %key.id, error = format!("{error:#}"), "no letter of a key's end was taken");
            if mail::may_be_taken_later(&error) {
                unsent += 1;
                continue;
            }
        }
        let mut tx = app.database.worker().await?;
        if expiring::mark(&mut tx, key).await? {
            outbox::insert(&mut tx, key.org_id, "api_key.expiring", &event(key)).await?;
        }
        tx.commit().await?;
    }
    match unsent {
        0 => Ok(()),
        _ => bail!("{unsent} of {} letters were not taken by the mail server", keys.len()),
    }
}

async fn send(app: &App, key: &ExpiringRow) -> anyhow::Result<()> {
    let (Some(mailer), Some(email)) = (&app.mailer, &key.email) else { return Ok(()) };
    mailer.send(letter(key, email, &app.config.public_url)).await
}

fn letter(key: &ExpiringRow, email: &str, public_url: &str) -> Letter {
    let ExpiringRow { organization, name, key_prefix, .. } = key;
    let until = key.expires_at.trunc_subsecs(0).format("%Y-%m-%d %H:%M UTC");
    let text = format!(
        "The API key {name} ({key_prefix}…) of {organization} ends at {until}. Calls with it are refused from then on.\n\n\
         To go on, rotate it at {public_url}/api-keys, with a new end: the old secret works on while you replace it.\n\
         If nobody needs it any more, do nothing.\n",
    );
    Letter { to: email.to_owned(), subject: format!("The API key {name} is about to expire"), text }
}

fn event(key: &ExpiringRow) -> Value {
    json!({
        "id": key.id,
        "name": key.name,
        "key_prefix": key.key_prefix,
        "team_id": key.team_id,
        "user_id": key.user_id,
        "expires_at": key.expires_at,
    })
}
