//! `POST /v1/safety/test` (contract 3.8).

use std::{sync::Arc, time::Duration};

use axum::{Json, extract::State};
use gatewayops_safety::policy::Detection;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::form::Body;
use crate::{
    app::App,
    auth::Principal,
    error::Result,
    id::SafetyPolicyId,
    service::safety_test::{self, SafetyTestForm, Trial},
};

#[cfg(test)]
mod tests;

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(test))
}

#[derive(Serialize, ToSchema)]
struct SafetyTest {
    /// What would become of the text: `allow`, `log`, `warn`, `redact` or `block`.
    action: &'static str,
    detections: Vec<Found>,
    /// More was found than is listed.
    truncated: bool,
    /// The text to go on with, where the action is `redact`.
    #[schema(required, value_type = Object)]
    redacted: Option<Value>,
    duration_ms: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SafetyTestDetection)]
struct Found {
    r#type: &'static str,
    severity: &'static str,
    confidence: f32,
    rule: String,
    /// Bytes of the text, or of the JSON as it is written without spaces.
    start: usize,
    end: usize,
    /// Masked.
    snippet: String,
    /// Of the policy that is strictest about it; null: the one that came with the request.
    #[schema(required)]
    policy_id: Option<SafetyPolicyId>,
}

impl From<Detection> for Found {
    fn from(detection: Detection) -> Self {
        let policy = Uuid::from_bytes(detection.policy);
        Self {
            r#type: detection.kind.as_str(),
            severity: detection.severity.as_str(),
            confidence: detection.confidence,
            rule: detection.rule.into_owned(),
            start: detection.span.start,
            end: detection.span.end,
            snippet: detection.snippet,
            policy_id: (!policy.is_nil()).then_some(SafetyPolicyId(policy)),
        }
    }
}

impl From<Trial> for SafetyTest {
    fn from(Trial { verdict, redacted, took }: Trial) -> Self {
        Self {
            action: verdict.action.map_or("allow", |action| action.as_str()),
            detections: verdict.detections.into_iter().map(Found::from).collect(),
            truncated: verdict.is_truncated,
            redacted,
            duration_ms: milliseconds(took),
        }
    }
}

/// Whole ones, the last one begun counts.
fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// Try safety policies on a text: all that are in force, one of them, or one that there is not yet. Nothing is recorded.
#[utoipa::path(post, path = "/v1/safety/test", operation_id = "testSafety", tag = "safety",
    request_body = SafetyTestForm, responses((status = 200, body = SafetyTest)))]
async fn test(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<SafetyTestForm>,
) -> Result<Json<SafetyTest>> {
    Ok(Json(safety_test::test(&app, &principal, form).await?.into()))
}
