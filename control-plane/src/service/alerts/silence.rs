//! Which alerts a silence is about.

use super::Severity;
use crate::{id::AlertRuleId, store::alert_silences::AlertSilenceRow, word::word};

/// What a silence looks at.
pub(super) struct About<'a> {
    pub(super) rule: Option<AlertRuleId>,
    pub(super) severity: Severity,
    /// Those the rule is limited to; none means all.
    pub(super) mcp_servers: Vec<&'a str>,
}

/// Every part must fit. A rule about more servers than the silence names is heard: it may be about the others.
pub(super) fn covers(silence: &AlertSilenceRow, about: &About<'_>) -> bool {
    let rule_fits =
        silence.rule_ids.is_empty() || about.rule.is_some_and(|rule| silence.rule_ids.contains(&rule));
    let severity_fits = silence.severities.is_empty()
        || silence.severities.iter().any(|severity| word(severity) == Some(about.severity));
    let named = |server: &&str| silence.mcp_servers.iter().any(|name| name == server);
    let servers_fit = silence.mcp_servers.is_empty()
        || (!about.mcp_servers.is_empty() && about.mcp_servers.iter().all(named));
    rule_fits && severity_fits && servers_fit
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;
    use crate::id::{AlertSilenceId, OrgId};

    fn silence(rules: &[AlertRuleId], severities: &[&str], servers: &[&str]) -> AlertSilenceRow {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let now = Utc::now();
        AlertSilenceRow {
            id: AlertSilenceId::new(),
            org_id: OrgId::new(),
            rule_ids: rules.to_vec(),
            severities: owned(severities),
            mcp_servers: owned(servers),
            starts_at: now,
            ends_at: now,
            reason: String::new(),
            created_at: now,
            updated_at: now,
            version: 1,
            created_by: None,
            managed_by: "api".into(),
        }
    }

    #[test]
    fn a_silence_covers_what_all_its_parts_fit() {
        let rule = AlertRuleId::new();
        let about = |servers: &[&'static str]| About {
            rule: Some(rule),
            severity: Severity::Warning,
            mcp_servers: servers.to_vec(),
        };
        for (silence, servers, expected) in [
            (silence(&[], &[], &[]), vec![], true),
            (silence(&[rule], &["warning", "info"], &[]), vec![], true),
            (silence(&[AlertRuleId::new()], &[], &[]), vec![], false),
            (silence(&[rule], &["critical"], &[]), vec![], false),
            (silence(&[], &[], &["files", "github"]), vec!["files"], true),
            (silence(&[], &[], &["files"]), vec!["files", "github"], false),
            (silence(&[], &[], &["files"]), vec![], false),
        ] {
            assert_eq!(covers(&silence, &about(&servers)), expected, "{silence:?} {servers:?}");
        }
    }
}
