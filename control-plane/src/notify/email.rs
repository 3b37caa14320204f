//! E-mail: one letter to all that a channel names. Its id stays the same, so that mail programs show one that came twice
//! once.

use super::{Event, Failure, Notice, cut};
use crate::{app::App, mail};

const MOST_SUBJECT: usize = 150;

pub(super) async fn send(app: &App, to: &[String], notice: &Notice) -> Result<(), Failure> {
    let Some(mailer) = &app.mailer else {
        return Err(Failure::last("there is no mail server; set SMTP_URL and SMTP_FROM"));
    };
    let (subject, text) = letter(notice);
    let sent = mailer.send_to(notice.id.0, to, subject, text).await;
    sent.map_err(|cause| Failure {
        error: format!("the mail server did not take it: {cause:#}"),
        status: None,
        is_final: !mail::may_be_taken_later(&cause),
    })
}

pub(super) fn letter(notice: &Notice) -> (String, String) {
    let alert = notice.alert();
    let since = alert.started_at.0.format("%Y-%m-%d %H:%M UTC");
    let what = match notice.event {
        Event::Firing => "An alert fires.",
        Event::Renotified => "An alert still fires.",
        Event::Acknowledged => "Somebody looks after an alert.",
        Event::Resolved => "An alert is over.",
    };
    let mut text = format!(
        "{what}\n\nRule: {rule}\nMeasured: {message} (over {window} minutes)\nSeverity: {severity}\nSince: {since}\n",
        rule = cut(&alert.rule_name, MOST_SUBJECT),
        message = alert.message,
        window = notice.told.window_minutes,
        severity = crate::word::text(alert.severity),
    );
    for (name, value) in &alert.labels {
        text.push_str(&format!("{name}: {}\n", cut(value, 1000)));
    }
    if let Some(note) = &alert.note {
        let quoted: Vec<_> = note.lines().map(|line| format!("> {}", cut(line, 1000))).collect();
        text.push_str(&format!("\nNote:\n{}\n", quoted.join("\n")));
    }
    text.push_str(&format!("\n{}\n", notice.url));
    (cut(&notice.headline(), MOST_SUBJECT), text)
}
