//! Detections as REST shows them.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    id::{ApiKeyId, DetectionId, OrgId, SafetyPolicyId, UserId},
    rest::{export::Exported, list::PageInfo, value::Time, window::Window},
    store::detections::{DetectionRow, Group},
};

const TOP_RULES: usize = 10;

#[derive(Serialize, ToSchema)]
#[schema(as = Detection)]
pub(super) struct DetectionView {
    id: DetectionId,
    org_id: OrgId,
    #[schema(required)]
    trace_id: Option<String>,
    #[schema(required)]
    span_id: Option<String>,
    /// May be gone by now.
    #[schema(required)]
    policy_id: Option<SafetyPolicyId>,
    r#type: String,
    severity: String,
    confidence: f32,
    rule: String,
    #[schema(required)]
    pattern: Option<String>,
    direction: String,
    action: String,
    /// Masked.
    #[schema(required)]
    snippet: Option<String>,
    mcp_server: String,
    #[schema(required)]
    tool_name: Option<String>,
    #[schema(required)]
    api_key_id: Option<ApiKeyId>,
    #[schema(required)]
    user_id: Option<UserId>,
    #[schema(required)]
    ip_address: Option<String>,
    disposition: String,
    #[schema(required)]
    note: Option<String>,
    #[schema(required)]
    reviewed_by: Option<UserId>,
    #[schema(required)]
    reviewed_at: Option<Time>,
    created_at: Time,
}

impl Exported for DetectionView {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "org_id",
        "trace_id",
        "span_id",
        "policy_id",
        "type",
        "severity",
        "confidence",
        "rule",
        "pattern",
        "direction",
        "action",
        "snippet",
        "mcp_server",
        "tool_name",
        "api_key_id",
        "user_id",
        "ip_address",
        "disposition",
        "note",
        "reviewed_by",
        "reviewed_at",
        "created_at",
    ];
}

impl From<DetectionRow> for DetectionView {
    fn from(row: DetectionRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            trace_id: row.trace_id,
            span_id: row.span_id,
            policy_id: row.policy_id,
            r#type: row.r#type,
            severity: row.severity,
            confidence: row.confidence,
            rule: row.rule,
            pattern: row.pattern,
            direction: row.direction,
            action: row.action,
            snippet: row.snippet,
            mcp_server: row.mcp_server,
            tool_name: row.tool_name,
            api_key_id: row.api_key_id,
            user_id: row.user_id,
            ip_address: row.ip_address,
            disposition: row.judgement.disposition,
            note: row.judgement.note,
            reviewed_by: row.judgement.reviewed_by,
            reviewed_at: row.judgement.reviewed_at.map(Time),
            created_at: Time(row.created_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Detections {
    pub(super) detections: Vec<DetectionView>,
    #[serde(flatten)]
    pub(super) page: PageInfo,
}

/// How many detections there were in a range of time, by what tells them apart.
#[derive(Serialize, ToSchema)]
pub(super) struct SafetySummary {
    total_detections: i64,
    blocked_count: i64,
    by_type: BTreeMap<String, i64>,
    by_severity: BTreeMap<String, i64>,
    by_action: BTreeMap<String, i64>,
    by_server: BTreeMap<String, i64>,
    /// The ten that found most.
    top_rules: Vec<RuleCount>,
    /// Every UTC day of the range.
    timeline: Vec<DayCount>,
    start_time: Time,
    end_time: Time,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SafetyRuleCount)]
struct RuleCount {
    rule: String,
    count: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SafetyDayCount)]
struct DayCount {
    #[schema(value_type = String, format = Date)]
    date: NaiveDate,
    count: i64,
    blocked: i64,
}

impl SafetySummary {
    pub(super) fn new(window: Window, groups: &[Group]) -> Self {
        let of = |respect: &'static str| groups.iter().filter(move |group| group.respect == respect);
        let by = |respect| of(respect).map(|group| (group.value.clone(), group.count)).collect();
        let all = of("all").next();
        Self {
            total_detections: all.map_or(0, |all| all.count),
            blocked_count: all.map_or(0, |all| all.blocked),
            by_type: by("type"),
            by_severity: by("severity"),
            by_action: by("action"),
            by_server: by("mcp_server"),
            top_rules: of("rule")
                .take(TOP_RULES)
                .map(|group| RuleCount { rule: group.value.clone(), count: group.count })
                .collect(),
            timeline: timeline(window, groups),
            start_time: Time(window.start),
            end_time: Time(window.end),
        }
    }
}

/// Also the days on which nothing was found.
fn timeline(window: Window, groups: &[Group]) -> Vec<DayCount> {
    let counted: BTreeMap<NaiveDate, &Group> =
        groups.iter().filter_map(|group| Some((group.day()?, group))).collect();
    let last = window.end.date_naive();
    let days =
        std::iter::successors(Some(window.start.date_naive()), |day| day.checked_add_days(Days::new(1)));
    days.take_while(|day| *day <= last)
        .map(|date| {
            let group = counted.get(&date);
            DayCount {
                date,
                count: group.map_or(0, |group| group.count),
                blocked: group.map_or(0, |group| group.blocked),
            }
        })
        .collect()
}
