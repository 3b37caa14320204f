//! Tells those who may review that a call waits: a letter to each, a message to the channel of `SLACK_WEBHOOK_URL`.
//!
//! The call is not kept waiting by it: a job finds the new request, writes down whom to tell (once each, and nobody more
//! than so often an hour), and tells them, again after a while where that failed. Whom the request came from is not told.

use chrono::Utc;
use futures::{StreamExt, stream};
use sqlx::PgConnection;

use crate::{
    app::App,
    error::{Error, Result},
    id::UserId,
    mail,
    settings::Settings,
    store::{
        approvals::{
            self, ApprovalRow,
            notices::{self, NoticeRow},
        },
        organizations, settings,
    },
};

mod letter;
mod slack;

/// Requests looked at, and notices sent, in one run; the next takes the others.
const BATCH: i64 = 100;
/// People who are written to of one request, who were here last before others.
const MOST_LETTERS: i64 = 50;
/// Of one recipient: an agent gone wild shall fill nobody's mailbox. The page shows all that wait.
const MOST_AN_HOUR: i64 = 30;
const AT_ONCE: usize = 8;
/// After which a notice is given up, a quarter of an hour after the first.
const ATTEMPTS: i32 = 5;
/// Before the second attempt; doubled with each.
const FIRST_PAUSE_SECONDS: f64 = 30.0;
/// The name of the channel of `SLACK_WEBHOOK_URL` (contract 7).
const SLACK_DEFAULT: &str = "slack-default";

/// Writes down whom to tell of what nobody was told of yet.
///
/// # Errors
/// The database's.
pub async fn announce(app: &App) -> Result<()> {
    let mut tx = app.database.worker().await?;
    let rows = notices::list_unannounced(&mut tx, Utc::now(), BATCH).await?;
    let first = organizations::oldest(&mut tx).await?;
    tx.commit().await?;
    for row in &rows {
        // The channel of the environment belongs to the organization of the first start (contract 7).
        let has_channel = app.config.slack_webhook_url.is_some() && first == Some(row.org_id);
        if let Err(error) = address(app, row, has_channel).await {
            tracing::error!(%error, approval.id = %row.id, "nobody can be told of an approval yet");
        }
    }
    Ok(())
}

async fn address(app: &App, row: &ApprovalRow, has_channel: bool) -> Result<()> {
    let org = row.org_id;
    let mut tx = app.database.worker().await?;
    if app.mailer.is_some() {
        let people = reviewers(&mut tx, row).await?;
        notices::insert(&mut tx, org, row.id, "email", &people, MOST_AN_HOUR).await?;
    }
    if has_channel {
        notices::insert(&mut tx, org, row.id, "slack", &[SLACK_DEFAULT.to_owned()], MOST_AN_HOUR).await?;
    }
    notices::mark_announced(&mut tx, org, row.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Who may decide about it, and did not ask for it.
async fn reviewers(conn: &mut PgConnection, row: &ApprovalRow) -> Result<Vec<String>> {
    let stored = settings::get(conn, row.org_id).await?.ok_or_else(Error::not_found)?;
    let allow_self_review = Settings::read(&stored)?.approvals.allow_self_review;
    let of_key = [row.key_owner, row.key_creator].into_iter().filter(|_| !allow_self_review);
    let except: Vec<UserId> = of_key.chain([row.requested_by]).flatten().collect();
    let people =
        notices::reviewers(conn, row.org_id, row.team_id, &row.mcp_server, &except, MOST_LETTERS).await?;
    Ok(people)
}

/// Tells whom it is time to tell.
///
/// # Errors
/// The database's; what was not taken is tried again later.
pub async fn deliver(app: &App) -> Result<()> {
    let mut tx = app.database.worker().await?;
    let due = notices::claim(&mut tx, FIRST_PAUSE_SECONDS, BATCH).await?;
    tx.commit().await?;
    let outcomes = stream::iter(due).map(|notice| async move { tell(app, &notice).await });
    let outcomes = outcomes.buffer_unordered(AT_ONCE);
    let outcomes: Vec<Result<()>> = outcomes.collect().await;
    outcomes.into_iter().collect()
}

async fn tell(app: &App, notice: &NoticeRow) -> Result<()> {
    let mut tx = app.database.worker().await?;
    let row = approvals::get(&mut tx, notice.org_id, notice.approval_id).await?;
    tx.commit().await?;
    let status = match row.filter(|row| row.status == "pending" && row.expires_at > Utc::now()) {
        None => Some("dropped"),
        Some(row) => match send(app, notice, &row).await {
            Ok(()) => Some("sent"),
            Err(failure) => {
                tracing::warn!(
                    approval.id = %row.id, kind = notice.kind, attempt = notice.attempts,
                    error = format!("{:#}", failure.cause), "nobody was told of an approval by this"
                );
                (failure.is_final || notice.attempts >= ATTEMPTS).then_some("failed")
            }
        },
    };
    if let Some(status) = status {
        let mut tx = app.database.worker().await?;
        notices::settle(&mut tx, notice.org_id, notice.id, status).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Why a notice did not arrive, and whether it ever may.
struct Failure {
    cause: anyhow::Error,
    is_final: bool,
}

async fn send(app: &App, notice: &NoticeRow, row: &ApprovalRow) -> Result<(), Failure> {
    let unset = || Failure { cause: anyhow::anyhow!("it is not set up any more"), is_final: true };
    match notice.kind.as_str() {
        "email" => {
            let mailer = app.mailer.as_ref().ok_or_else(unset)?;
            let sent = mailer.send(letter::of(row, &notice.recipient, &app.config.public_url)).await;
            sent.map_err(|cause| Failure { is_final: !mail::may_be_taken_later(&cause), cause })
        }
        _ => {
            let url = app.config.slack_webhook_url.as_ref().ok_or_else(unset)?;
            slack::send(app, url, &slack::message(row, &app.config.public_url)).await
        }
    }
}

/// The arguments for people, masked as they are kept, and no longer than so many characters.
fn shown_arguments(row: &ApprovalRow, most: usize) -> String {
    let pretty = format!("{:#}", row.arguments);
    match pretty.char_indices().nth(most) {
        None => pretty,
        Some((end, _)) => format!("{} …", &pretty[..end]),
    }
}

#[cfg(test)]
mod tests;
