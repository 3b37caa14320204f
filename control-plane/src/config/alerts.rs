//! How often alert rules are evaluated, and what the environment says of those who are told.

use std::time::Duration;

use gatewayops_proto::settings::Settings;
use secrecy::SecretString;
use url::Url;

#[derive(Clone)]
pub struct Alerts {
    pub evaluate_every: Duration,
    /// Of the first organization's channel `pagerduty-default`.
    pub pagerduty_routing_key: Option<SecretString>,
    /// Where events are sent; without a slash at its end.
    pub pagerduty_url: String,
    /// None: that of the channel's region.
    pub opsgenie_url: Option<String>,
}

pub(super) fn read(settings: &mut Settings) -> Alerts {
    let seconds = settings.value_or("ALERT_EVALUATION_SECONDS", 30);
    if !(1..=300).contains(&seconds) {
        settings.fault("ALERT_EVALUATION_SECONDS needs 1 to 300 seconds".to_owned());
    }
    Alerts {
        evaluate_every: Duration::from_secs(seconds),
        pagerduty_routing_key: settings.secret("PAGERDUTY_ROUTING_KEY"),
        pagerduty_url: base(settings, "PAGERDUTY_URL")
            .unwrap_or_else(|| "https://events.pagerduty.com".to_owned()),
        opsgenie_url: base(settings, "OPSGENIE_URL"),
    }
}

fn base(settings: &mut Settings, name: &str) -> Option<String> {
    let text = settings.text(name)?;
    if !Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
        settings.fault(format!("{name} needs an http:// or https:// URL"));
    }
    Some(text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::config::{Faults, tests::read};

    #[test]
    fn rules_are_evaluated_twice_a_minute_unless_it_is_said_otherwise() {
        assert_eq!(read(&[]).ok().unwrap().alerts.evaluate_every, Duration::from_secs(30));
        let given = [("ALERT_EVALUATION_SECONDS", "2"), ("OPSGENIE_URL", "http://127.0.0.1:1/")];
        let alerts = read(&given).ok().unwrap().alerts;
        assert_eq!(alerts.evaluate_every, Duration::from_secs(2));
        assert_eq!(alerts.opsgenie_url.as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn what_is_no_url_or_no_time_is_refused() {
        for wrong in
            [("ALERT_EVALUATION_SECONDS", "0"), ("PAGERDUTY_URL", "events"), ("OPSGENIE_URL", "ftp://x")]
        {
            let Faults(faults) = read(&[wrong]).err().unwrap();
            assert!(faults.len() == 1 && faults[0].starts_with(wrong.0), "{faults:?}");
        }
    }
}
