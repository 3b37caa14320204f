//! What alert rules measure (contract 4.6), from what is on record: calls, costs, detections, approvals and servers. All of
//! it behind one function, for the evaluator, which asks for this moment, and for previews, which ask for many.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use utoipa::ToSchema;

use super::dimensions::push_any;
use crate::id::{ApiKeyId, OrgId, TeamId};

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = AlertMetric)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Of the calls, those that ended in an error or a timeout, 0 to 1.
    #[default]
    ErrorRate,
    /// Milliseconds.
    LatencyP50,
    LatencyP95,
    LatencyP99,
    /// Calls a minute.
    RequestRate,
    /// US dollars, at the pace of the window.
    CostPerHour,
    CostPerDay,
    /// Calls that a rate limit or quota refused.
    RateLimitHit,
    /// Calls that the gateway refused, for whatever reason.
    BlockedCount,
    /// Detections of any kind.
    InjectionDetected,
    /// Tools whose definition changed.
    ToolDrift,
    /// Approvals that wait now.
    ApprovalPending,
    /// Servers that are unhealthy now.
    ServerUnhealthy,
}

/// What is measured of; what is absent filters nothing.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    pub mcp_servers: Option<Vec<String>>,
    pub tool_names: Option<Vec<String>>,
    pub team_ids: Option<Vec<TeamId>>,
    pub api_key_ids: Option<Vec<ApiKeyId>>,
    pub environments: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub struct Measure {
    pub metric: Metric,
    pub scope: Scope,
    pub window_minutes: i32,
}

/// The figure of the window that ends at each of these moments, in their order; none where there was nothing to measure.
/// Of servers nothing but the present is known: at earlier moments theirs is none.
///
/// # Errors
/// The database's.
pub async fn measure(
    conn: &mut PgConnection,
    org: OrgId,
    measure: &Measure,
    moments: &[DateTime<Utc>],
) -> sqlx::Result<Vec<Option<Decimal>>> {
    let mut query = QueryBuilder::new("select round(figures.value, 6) from unnest(");
    query.push_bind(moments.to_vec());
    query.push("::timestamptz[]) with ordinality as moments (at, number) left join lateral (");
    measure.push(&mut query, org);
    query.push(") as figures (value) on true order by moments.number");
    query.build_query_scalar().fetch_all(conn).await
}

const FAILED: &str =
    "count(*) filter (where r.status in ('error', 'timeout'))::numeric / nullif(count(*), 0)";
const LIMITED: &str = " and r.status = 'blocked' and r.error_type in ('rate_limited', 'quota_exceeded', 'too_many_connections')";

impl Measure {
    fn push(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        match self.metric {
            Metric::ErrorRate => self.push_calls(query, org, FAILED, ""),
            Metric::LatencyP50 => self.push_calls(query, org, &percentile("0.5"), ""),
            Metric::LatencyP95 => self.push_calls(query, org, &percentile("0.95"), ""),
            Metric::LatencyP99 => self.push_calls(query, org, &percentile("0.99"), ""),
            Metric::RequestRate => {
                let minutes = self.window_minutes;
                self.push_calls(query, org, &format!("count(*)::numeric / {minutes}"), "");
            }
            Metric::CostPerHour => self.push_costs(query, org, 60),
            Metric::CostPerDay => self.push_costs(query, org, 24 * 60),
            Metric::RateLimitHit => self.push_calls(query, org, "count(*)::numeric", LIMITED),
            Metric::BlockedCount => {
                self.push_calls(query, org, "count(*)::numeric", " and r.status = 'blocked'");
            }
            Metric::InjectionDetected => self.push_detections(query, org, ""),
            Metric::ToolDrift => self.push_detections(query, org, " and r.type = 'tool_drift'"),
            Metric::ApprovalPending => self.push_approvals(query, org),
            Metric::ServerUnhealthy => self.push_servers(query, org),
        }
    }

    fn push_calls(&self, query: &mut QueryBuilder<Postgres>, org: OrgId, figure: &str, only: &'static str) {
        query.push(format_args!("select {figure} from traces r where r.is_root and r.org_id = "));
        query.push_bind(org);
        self.push_window(query, "r.started_at");
        query.push(only);
        self.push_scope(query);
    }

    fn push_costs(&self, query: &mut QueryBuilder<Postgres>, org: OrgId, minutes: i32) {
        let window = self.window_minutes;
        query.push(format_args!(
            "select coalesce(sum(r.cost_usd), 0) * {minutes} / {window} from costs r where r.org_id = "
        ));
        query.push_bind(org);
        self.push_window(query, "r.created_at");
        self.push_scope(query);
    }

    fn push_detections(&self, query: &mut QueryBuilder<Postgres>, org: OrgId, only: &'static str) {
        query.push("select count(*)::numeric from injection_detections r where r.org_id = ").push_bind(org);
        self.push_window(query, "r.created_at");
        query.push(only);
        self.push_named(query);
        self.push_keys(query, org, self.scope.team_ids.as_ref());
    }

    /// Those that were asked for and neither decided nor over at that moment.
    fn push_approvals(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        query.push("select count(*)::numeric from tool_approvals r where r.org_id = ").push_bind(org);
        query.push(
            " and r.created_at <= moments.at and r.expires_at > moments.at
              and (r.status = 'pending' or r.reviewed_at > moments.at)",
        );
        self.push_named(query);
        push_any(query, "r.team_id", self.scope.team_ids.as_ref());
        self.push_keys(query, org, None);
    }

    fn push_servers(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        query.push(
            "select case when moments.at > now() - interval '1 minute' then count(*)::numeric end
             from mcp_servers r where r.enabled and r.health = 'unhealthy' and r.org_id = ",
        );
        query.push_bind(org);
        push_any(query, "r.name", self.scope.mcp_servers.as_ref());
    }

    fn push_window(&self, query: &mut QueryBuilder<Postgres>, column: &'static str) {
        query.push(format_args!(
            " and {column} <= moments.at and {column} > moments.at - make_interval(mins => {})",
            self.window_minutes
        ));
    }

    /// Calls and costs name all that a rule can ask for.
    fn push_scope(&self, query: &mut QueryBuilder<Postgres>) {
        self.push_named(query);
        push_any(query, "r.team_id", self.scope.team_ids.as_ref());
        push_any(query, "r.environment", self.scope.environments.as_ref());
    }

    fn push_named(&self, query: &mut QueryBuilder<Postgres>) {
        push_any(query, "r.mcp_server", self.scope.mcp_servers.as_ref());
        push_any(query, "r.tool_name", self.scope.tool_names.as_ref());
        push_any(query, "r.api_key_id", self.scope.api_key_ids.as_ref());
    }

    /// Where a row does not say of which team or environment it is, its key does.
    fn push_keys(&self, query: &mut QueryBuilder<Postgres>, org: OrgId, teams: Option<&Vec<TeamId>>) {
        if teams.is_none() && self.scope.environments.is_none() {
            return;
        }
        query.push(" and exists (select from api_keys k where k.id = r.api_key_id and k.org_id = ");
        query.push_bind(org);
        push_any(query, "k.team_id", teams);
        push_any(query, "k.environment", self.scope.environments.as_ref());
        query.push(")");
    }
}

fn percentile(fraction: &str) -> String {
    format!("percentile_disc({fraction}) within group (order by r.duration_ms)::numeric")
}

#[cfg(test)]
mod tests;
