//! `SMTP_URL` and `SMTP_FROM`: by whom and as whom mail is sent.

use gatewayops_proto::settings::Settings;
use lettre::message::Mailbox;
use secrecy::SecretString;

use crate::mail::Mailer;

#[derive(Clone)]
pub struct Mail {
    pub url: SecretString,
    pub from: Mailbox,
}

pub(super) fn read(settings: &mut Settings) -> Option<Mail> {
    let url = settings.secret("SMTP_URL");
    let from: Option<Mailbox> = settings.value("SMTP_FROM");
    if url.is_some() != settings.text("SMTP_FROM").is_some() {
        settings.fault("SMTP_URL and SMTP_FROM go together; set both or neither".to_owned());
    }
    let mail = Mail { url: url?, from: from? };
    if Mailer::new(&mail).is_err() {
        settings.fault("SMTP_URL is no URL such as smtps://user:password@mail.example.com".to_owned());
    }
    Some(mail)
}

#[cfg(test)]
mod tests {
    use crate::config::{Faults, tests::read};

    #[test]
    fn mail_needs_a_server_and_a_sender() {
        let (url, from) = (("SMTP_URL", "smtps://u:hush@mail"), ("SMTP_FROM", "Ops <ops@example.com>"));
        assert!(read(&[]).ok().unwrap().mail.is_none());
        assert!(read(&[url, from]).ok().unwrap().mail.is_some());
        for wrong in [
            &[url][..],
            &[from][..],
            &[url, ("SMTP_FROM", "nobody")][..],
            &[("SMTP_URL", "ftp://u:hush@mail"), from][..],
            &[("SMTP_URL", "smtp://u:hush@mail?tls=perhaps"), from][..],
        ] {
            let Faults(faults) = read(wrong).err().unwrap();
            assert!(faults.len() == 1 && !faults[0].contains("hush"), "{faults:?}");
        }
    }
}
