//! Limits, budgets, classifications, permissions and safety policies: one row → one message. What cannot be read of one
//! makes it stricter, never wider.

use gatewayops_proto::{control, money};
use serde::Deserialize;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Entity,
    to_proto::{id, milliseconds, unsigned},
};
use crate::store::{
    snapshot::{self as rows, Budget, RateLimit, Rows, SafetyPolicy},
    tool_classifications::ToolClassificationRow,
    tool_permissions::ToolPermissionRow,
};

type Found = sqlx::Result<Vec<(Uuid, Entity)>>;

pub(super) async fn rate_limits(conn: &mut PgConnection, which: Rows<'_>) -> Found {
    let found = rows::rate_limits(conn, which).await?;
    Ok(found.into_iter().map(|row| (row.id, Entity::RateLimit(rate_limit(row)))).collect())
}

pub(super) async fn budgets(conn: &mut PgConnection, which: Rows<'_>) -> Found {
    let found = rows::budgets(conn, which).await?;
    Ok(found.into_iter().map(|row| (row.id, Entity::Budget(budget(row)))).collect())
}

pub(super) async fn tool_classifications(conn: &mut PgConnection, which: Rows<'_>) -> Found {
    let found = rows::tool_classifications(conn, which).await?;
    Ok(found
        .into_iter()
        .map(|row| (row.id.0, Entity::ToolClassification(tool_classification(row))))
        .collect())
}

pub(super) async fn tool_permissions(conn: &mut PgConnection, which: Rows<'_>) -> Found {
    let found = rows::tool_permissions(conn, which).await?;
    let readable = found.into_iter().filter_map(|row| Some((row.id.0, tool_permission(row)?)));
    Ok(readable.map(|(id, permission)| (id, Entity::ToolPermission(permission))).collect())
}

pub(super) async fn safety_policies(conn: &mut PgConnection, which: Rows<'_>) -> Found {
    let found = rows::safety_policies(conn, which).await?;
    Ok(found.into_iter().map(|row| (row.id, Entity::SafetyPolicy(safety_policy(row)))).collect())
}

fn rate_limit(row: RateLimit) -> control::RateLimit {
    control::RateLimit {
        id: id(row.id),
        org_id: id(row.org_id),
        name: row.name,
        kind: row.kind,
        scope_type: row.scope_type,
        scope_value: row.scope_value.unwrap_or_default(),
        environment: row.environment.unwrap_or_default(),
        metric: row.metric,
        limit: unsigned(row.limit),
        window_seconds: unsigned(row.window_seconds),
        period: row.period,
    }
}

fn budget(row: Budget) -> control::Budget {
    let used_up = row.used >= row.amount;
    control::Budget {
        id: id(row.id),
        org_id: id(row.org_id),
        name: row.name,
        scope_type: row.scope_type,
        scope_id: row.scope_id.map(id).unwrap_or_default(),
        exhausted: used_up && row.overridden_until.is_none(),
        amount: money::six_digits(row.amount).to_string(),
        used: money::six_digits(row.used).to_string(),
        resets_at_ms: milliseconds(Some(row.period_end)),
        exhausted_from_ms: if used_up { milliseconds(row.overridden_until) } else { 0 },
    }
}

pub(crate) fn tool_classification(row: ToolClassificationRow) -> control::ToolClassification {
    control::ToolClassification {
        id: id(row.id.0),
        org_id: id(row.org_id.0),
        mcp_server: row.mcp_server,
        tool_name: row.tool_name,
        classification: row.classification,
        requires_approval: row.requires_approval,
    }
}

/// Arguments that an unreadable rule bounds are refused: an allowance is not sent, a denial loses its bounds.
pub(crate) fn tool_permission(row: ToolPermissionRow) -> Option<control::ToolPermission> {
    let argument_rules = match argument_rules(row.argument_rules) {
        Ok(rules) => rules,
        Err(error) => {
            tracing::error!(permission.id = %row.id, org.id = %row.org_id, %error, "the argument rules of a tool permission cannot be read; what they bound is refused");
            if row.effect != "deny" {
                return None;
            }
            Vec::new()
        }
    };
    Some(control::ToolPermission {
        id: id(row.id.0),
        org_id: id(row.org_id.0),
        subject_type: row.subject_type,
        subject_id: id(row.subject_id),
        mcp_server: row.mcp_server,
        tool_name: row.tool_name,
        effect: row.effect,
        argument_rules,
        max_uses_per_day: unsigned(row.max_uses_per_day.unwrap_or(0)),
        expires_at_ms: milliseconds(row.expires_at),
    })
}

/// As stored (contract 3.7).
#[derive(Deserialize)]
struct ArgumentRule {
    pointer: String,
    op: String,
    values: Vec<Value>,
}

fn argument_rules(stored: Value) -> serde_json::Result<Vec<control::ArgumentRule>> {
    let rules: Vec<ArgumentRule> = serde_json::from_value(stored)?;
    let rules = rules.into_iter().map(|rule| control::ArgumentRule {
        pointer: rule.pointer,
        op: rule.op,
        values: rule.values.iter().map(Value::to_string).collect(),
    });
    Ok(rules.collect())
}

fn safety_policy(row: SafetyPolicy) -> control::SafetyPolicy {
    control::SafetyPolicy {
        id: id(row.id),
        org_id: id(row.org_id),
        name: row.name,
        mode: row.mode,
        sensitivity: row.sensitivity,
        detectors: row.detectors,
        directions: row.directions,
        mcp_servers: row.mcp_servers,
        tools: row.tools,
        block_patterns: row.block_patterns,
        allow_patterns: row.allow_patterns,
        min_severity: row.min_severity,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, Utc};
    use serde_json::json;

    use super::*;
    use crate::id::{OrgId, ToolPermissionId};

    fn spent(used: &str, overridden: bool) -> control::Budget {
        let now = Utc::now();
        budget(Budget {
            id: Uuid::nil(),
            org_id: Uuid::nil(),
            name: "b".into(),
            scope_type: "organization".into(),
            scope_id: None,
            amount: "10".parse().unwrap(),
            used: used.parse().unwrap(),
            period_end: now + TimeDelta::days(2),
            overridden_until: overridden.then(|| now + TimeDelta::days(1)),
        })
    }

    #[test]
    fn a_budget_is_exhausted_from_its_very_amount_on() {
        for (used, exhausted) in [("0", false), ("9.999999", false), ("10", true), ("10.000001", true)] {
            let budget = spent(used, false);
            assert_eq!((budget.exhausted, budget.exhausted_from_ms), (exhausted, 0), "{used}");
        }
        assert_eq!(
            (spent("10", false).amount.as_str(), spent("1", false).used.as_str()),
            ("10.000000", "1.000000")
        );
    }

    #[test]
    fn an_override_says_when_it_ends_if_that_matters() {
        let lifted = spent("10", true);
        assert!(
            !lifted.exhausted
                && 0 < lifted.exhausted_from_ms
                && lifted.exhausted_from_ms < lifted.resets_at_ms
        );
        assert_eq!(spent("9", true).exhausted_from_ms, 0, "nothing was lifted");
    }

    fn permission(effect: &str, argument_rules: Value) -> Option<control::ToolPermission> {
        tool_permission(ToolPermissionRow {
            id: ToolPermissionId(Uuid::nil()),
            org_id: OrgId(Uuid::nil()),
            subject_type: "user".into(),
            subject_id: Uuid::nil(),
            mcp_server: "*".into(),
            tool_name: "*".into(),
            effect: effect.into(),
            argument_rules,
            max_uses_per_day: None,
            expires_at: None,
            created_at: Utc::now(),
            updated_at: Utc::now(),
            version: 1,
            created_by: None,
            managed_by: "user".into(),
        })
    }

    #[test]
    fn the_values_of_an_argument_rule_keep_their_types() {
        let rule = json!([{"pointer": "/a", "op": "in", "values": ["1", 1, null, {"b": [true]}]}]);
        let rules = permission("allow", rule).unwrap().argument_rules;
        assert_eq!((rules[0].pointer.as_str(), rules[0].op.as_str()), ("/a", "in"));
        assert_eq!(rules[0].values, [r#""1""#, "1", "null", r#"{"b":[true]}"#]);
    }

    #[test]
    fn a_permission_with_rules_nobody_can_read_allows_nothing_and_denies_everything() {
        for odd in [json!([{"pointer": "/a"}]), json!({}), json!(["/a"])] {
            assert!(permission("allow", odd.clone()).is_none(), "{odd}");
            assert!(permission("deny", odd.clone()).unwrap().argument_rules.is_empty(), "{odd}");
        }
    }
}
