//! The letter that brings an invite. It is sent once the invite is committed, and an answer waits for it only so long.

use std::time::Duration;

use chrono::SubsecRound;

use crate::{app::App, mail::Letter, store::invites::InviteRow};

/// How long the answer is held back; the mail server may take its time afterwards.
const PATIENCE: Duration = Duration::from_secs(4);

pub(super) struct Invitation<'a> {
    pub(super) invite: &'a InviteRow,
    pub(super) accept_url: &'a str,
    pub(super) organization: String,
    /// Who invites.
    pub(super) by: String,
}

/// Whether the mail server took it in time. Who invites has the link anyway, so a failure is told and no error.
pub(super) async fn send(app: &App, invitation: Invitation<'_>) -> bool {
    let Some(mailer) = app.mailer.clone() else { return false };
    let (id, letter) = (invitation.invite.id, invitation.letter());
    // On its own task: neither our patience nor a client that goes away cuts a conversation with the server short.
    let sending = tokio::spawn(async move {
        let sent = mailer.send(letter).await;
        if let Err(error) = &sent {
            tracing::warn!(invite.id = %id, error = format!("{error:#}"), "an invite could not be mailed");
        }
        sent.is_ok()
    });
    let Ok(ended) = tokio::time::timeout(PATIENCE, sending).await else {
        tracing::warn!(invite.id = %id, "the mail server has not taken an invite yet; still trying");
        return false;
    };
    ended.unwrap_or(false)
}

impl Invitation<'_> {
    fn letter(&self) -> Letter {
        let Self { invite, accept_url, organization, by } = self;
        let until = invite.expires_at.trunc_subsecs(0).format("%Y-%m-%d %H:%M UTC");
        let text = format!(
            "{by} invites you to {organization} on GatewayOps, as {role}.\n\n\
             To join, open this link until {until}:\n\n{accept_url}\n\n\
             It is for you alone. If you did not expect it, do nothing.\n",
            role = invite.role,
        );
        Letter {
            to: invite.email.clone(),
            subject: format!("You are invited to {organization} on GatewayOps"),
            text,
        }
    }
}
