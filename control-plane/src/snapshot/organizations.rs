//! An organization as proxies know it: its name, from where its credentials are good, and what its settings say about
//! calls, with the defaults where nothing is stored.

use gatewayops_proto::control;

use super::to_proto::{id, unsigned};
use crate::{
    settings::{Change, Level, Rates, Settings, ToolPolicy, Verdict},
    store::snapshot::Organization,
    word::text,
};

pub(super) fn organization(row: Organization) -> control::Organization {
    let settings = Settings::read(&row.call_settings).unwrap_or_else(|error| {
        tracing::error!(org.id = %row.id, %error, "an organization's settings cannot be read; its tools are refused");
        Settings { tool_policy: NOTHING_GOES, ..Settings::default() }
    });
    control::Organization {
        id: id(row.id),
        slug: row.slug,
        name: row.name,
        ip_allowlist: row.ip_allowlist,
        default_rates: Some(default_rates(&settings.rate_limits)),
        tool_policy: Some(tool_policy(&settings.tool_policy)),
        approval_hold_seconds: unsigned(settings.approvals.hold_seconds),
        payload_capture: text(settings.traces.payload_capture),
    }
}

/// While nobody can tell what an organization wants.
const NOTHING_GOES: ToolPolicy = ToolPolicy {
    safe: Verdict::Deny,
    sensitive: Verdict::Deny,
    dangerous: Verdict::Deny,
    unknown_tool: Level::Dangerous,
    new_tool: Change::Quarantine,
    changed_tool: Change::Quarantine,
};

fn default_rates(rates: &Rates) -> control::DefaultRates {
    control::DefaultRates {
        prd_rpm: unsigned(rates.prd_rpm),
        stg_rpm: unsigned(rates.stg_rpm),
        dev_rpm: unsigned(rates.dev_rpm),
        user_rpm: unsigned(rates.user_rpm),
        org_rpm: unsigned(rates.org_rpm),
        ip_rpm: unsigned(rates.ip_rpm),
    }
}

pub(crate) fn tool_policy(policy: &ToolPolicy) -> control::ToolPolicy {
    control::ToolPolicy {
        safe: text(policy.safe),
        sensitive: text(policy.sensitive),
        dangerous: text(policy.dangerous),
        unknown_tool: text(policy.unknown_tool),
        new_tool: text(policy.new_tool),
        changed_tool: text(policy.changed_tool),
    }
}
