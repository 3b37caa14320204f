//! Tells receivers of alerts: one file for each kind of channel, each with what a message looks like, as a pure function.
//!
//! A message can arrive twice when its sender dies between sending and writing down that it did; so every one has an id
//! that stays the same, in the place where the receiver looks for it (contract 4.7, 6.3 to 6.5).

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use http::{Request, StatusCode, header};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    app::App,
    egress::EgressError,
    id::{AlertNotificationId, OrgId},
    service::alerts::{Alert, Severity},
};

mod email;
mod opsgenie;
mod pagerduty;
pub(crate) mod slack;
mod teams;
mod webhook;

/// An HTTP receiver has ten seconds (`egress`), a mail server a little more: it speaks more often.
const LONGEST: Duration = Duration::from_secs(15);

/// What happened to the alert.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = AlertNotificationEvent)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Firing,
    /// It still fires.
    Renotified,
    Acknowledged,
    Resolved,
}

/// What is kept of a message until it is sent, so that every attempt says the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The organization's slug.
    pub organization: String,
    pub window_minutes: i32,
    pub alert: Alert,
}

/// A message.
#[derive(Clone, Debug)]
pub struct Notice {
    pub id: AlertNotificationId,
    pub event: Event,
    /// When it happened.
    pub at: DateTime<Utc>,
    pub org: OrgId,
    pub told: Told,
    /// Where the alert can be looked at.
    pub url: String,
}

impl Notice {
    fn alert(&self) -> &Alert {
        &self.told.alert
    }

    /// `[FIRING] High error rate: error_rate 0.12 > 0.05`
    fn headline(&self) -> String {
        let alert = self.alert();
        let word = match self.event {
            Event::Firing => "FIRING",
            Event::Renotified => "STILL FIRING",
            Event::Acknowledged => "ACKNOWLEDGED",
            Event::Resolved => "RESOLVED",
        };
        let test = if alert.is_test { "[TEST] " } else { "" };
        format!("{test}[{word}] {}: {}", alert.rule_name, alert.message)
    }

    /// What it is marked with, by how bad it is.
    fn color(&self) -> &'static str {
        match (self.event, self.alert().severity) {
            (Event::Resolved, _) => "#12b76a",
            (_, Severity::Critical) => "#d92d20",
            (_, Severity::Warning) => "#f79009",
            (_, Severity::Info) => "#2e90fa",
        }
    }

    fn status_word(&self) -> &'static str {
        match self.event {
            Event::Firing | Event::Renotified => "firing",
            Event::Acknowledged => "acknowledged",
            Event::Resolved => "resolved",
        }
    }
}

/// By which way a receiver is told, with what is secret about it.
pub enum Target {
    Slack { webhook_url: SecretString, channel: Option<String> },
    Pagerduty { routing_key: SecretString },
    Webhook { url: String, headers: BTreeMap<String, SecretString>, secret: Option<SecretString> },
    Email { to: Vec<String> },
    Teams { webhook_url: SecretString },
    Opsgenie { api_key: SecretString, region: Region },
}

/// Where an Opsgenie account lives.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = OpsgenieRegion)]
#[serde(rename_all = "snake_case")]
pub enum Region {
    #[default]
    Us,
    Eu,
}

/// Why a message did not arrive, and whether it ever may. The text is for administrators and holds no secret.
#[derive(Debug)]
pub struct Failure {
    pub error: String,
    pub status: Option<StatusCode>,
    pub is_final: bool,
}

impl Failure {
    fn last(error: impl Into<String>) -> Self {
        Self { error: error.into(), status: None, is_final: true }
    }
}

/// Sends one message and answers the status with which it was taken, where there is one.
///
/// # Errors
/// It was not taken.
pub async fn send(app: &App, target: &Target, notice: &Notice) -> Result<Option<StatusCode>, Failure> {
    let sending = async {
        match target {
            Target::Email { to } => email::send(app, to, notice).await.map(|()| None),
            _ => post(app, request(app, target, notice)?).await.map(Some),
        }
    };
    let too_long = || Failure { error: "it took too long".to_owned(), status: None, is_final: false };
    tokio::time::timeout(LONGEST, sending).await.unwrap_or_else(|_| Err(too_long()))
}

fn request(app: &App, target: &Target, notice: &Notice) -> Result<Request<Vec<u8>>, Failure> {
    let alerts = &app.config.alerts;
    let made = match target {
        Target::Slack { webhook_url, channel } => slack::request(webhook_url, channel.as_deref(), notice),
        Target::Pagerduty { routing_key } => pagerduty::request(&alerts.pagerduty_url, routing_key, notice),
        Target::Webhook { url, headers, secret } => {
            webhook::request(url, headers, secret.as_ref(), notice, Utc::now().timestamp())
        }
        Target::Teams { webhook_url } => teams::request(webhook_url, notice),
        Target::Opsgenie { api_key, region } => {
            opsgenie::request(alerts.opsgenie_url.as_deref(), api_key, *region, notice)
        }
        Target::Email { .. } => return Err(Failure::last("mail is not sent by HTTP")),
    };
    // What it was made of may be secret, so what is wrong with it is not told.
    made.map_err(|_| Failure::last("the channel's configuration makes no request that can be sent"))
}

/// Whether the same may be taken later.
async fn post(app: &App, request: Request<Vec<u8>>) -> Result<StatusCode, Failure> {
    match app.egress.send(request).await {
        Ok(answer) if answer.status().is_success() => Ok(answer.status()),
        Ok(answer) => {
            let status = answer.status();
            let may_pass = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
            let is_final = status.is_client_error() && !may_pass;
            Err(Failure { error: format!("it answered with {status}"), status: Some(status), is_final })
        }
        Err(error) => {
            let is_final =
                matches!(error, EgressError::Url(_) | EgressError::Forbidden(_) | EgressError::Redirect(_));
            Err(Failure { error: error.to_string(), status: None, is_final })
        }
    }
}

fn json_post(url: &str, body: &Value) -> Result<Request<Vec<u8>>, http::Error> {
    Request::post(url).header(header::CONTENT_TYPE, "application/json").body(body.to_string().into_bytes())
}

/// No more than so many characters, and none that is not to be seen.
fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
