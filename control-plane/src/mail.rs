//! Mail by SMTP, when `SMTP_URL` and `SMTP_FROM` are set (contract 7): `smtps://host`, or `smtp://host` with STARTTLS.
//! A password is never sent in the clear unless the URL says `?tls=none` or `?tls=opportunistic`.

use std::time::Duration;

use anyhow::{Context, Result};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{self, extension::ClientId},
};
use reqwest::Url;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::config::Mail;

/// For each exchange with the mail server.
const TIMEOUT: Duration = Duration::from_secs(20);

/// One `@` between two parts without spaces: the rest only delivery can tell.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    let parts = text.split_once('@').filter(|(name, host)| !name.is_empty() && !host.is_empty());
    text.len() <= 254 && text.chars().all(plain) && parts.is_some_and(|(_, host)| !host.contains('@'))
}

#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Mailer {
    /// # Errors
    /// `SMTP_URL` is no URL of a mail server. The cause is left out: it may show the password.
    pub fn new(settings: &Mail) -> Result<Self> {
        let url = with_tls(settings.url.expose_secret()).context("SMTP_URL")?;
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str());
        let mut builder = builder.ok().context("SMTP_URL")?.timeout(Some(TIMEOUT));
        // lettre takes the name it greets with from the path; without one we are who we send as.
        if url.path().len() <= 1 {
            builder = builder.hello_name(ClientId::Domain(settings.from.email.domain().to_owned()));
        }
        Ok(Self { transport: builder.build(), from: settings.from.clone() })
    }

    /// Hands one letter to the mail server.
    ///
    /// # Errors
    /// It did not take it, or the address is none.
    pub async fn send(&self, letter: Letter) -> Result<()> {
        let to = [letter.to];
        self.send_to(Uuid::now_v7(), &to, letter.subject, letter.text).await
    }

    /// Hands one letter to several to the mail server. Letters with the same `id` are one letter to whoever reads them.
    ///
    /// # Errors
    /// It did not take it, or an address is none.
    pub async fn send_to(&self, id: Uuid, to: &[String], subject: String, text: String) -> Result<()> {
        let mut message = Message::builder()
            .from(self.from.clone())
            .subject(subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())));
        for address in to {
            message = message.to(Mailbox::new(None, address.parse().context("the address")?));
        }
        let message = message.header(ContentType::TEXT_PLAIN).body(text)?;
        self.transport.send(message).await?;
        Ok(())
    }
}

/// Whether the same letter may be taken later: the mail server is away, or has said so (RFC 5321 section 4.2.1).
#[must_use]
pub fn may_be_taken_later(error: &anyhow::Error) -> bool {
    error.downcast_ref::<smtp::Error>().is_some_and(|error| !error.is_permanent())
}

/// The URL with the `tls` that lettre reads from it: what it does not say is decided for safety.
fn with_tls(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok()?;
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, mode)| mode.into_owned());
    let mode = match asked.as_deref() {
        Some("none") => None,
        None if url.scheme() == "smtp" && url.password().is_some() => Some("required"),
        None if url.scheme() == "smtp" => Some("opportunistic"),
        asked => asked,
    };
    url.set_query(mode.map(|mode| format!("tls={mode}")).as_deref());
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_travels_encrypted_unless_the_url_says_otherwise() {
        for (given, tls) in [
            ("smtp://mail", Some("tls=opportunistic")),
            ("smtp://u:p@mail:2525", Some("tls=required")),
            ("smtp://u:p@mail?tls=opportunistic", Some("tls=opportunistic")),
            ("smtp://u:p@mail?tls=none", None),
            ("smtps://u:p@mail", None),
        ] {
            assert_eq!(with_tls(given).unwrap().query(), tls, "{given}");
        }
    }
}
