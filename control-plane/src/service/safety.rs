//! The words of safety (contract 4.3, 4.4): what policies, detections and their filters share. Their JSON is the text
//! that the database has.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What becomes of a text in which something was found.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SafetyMode)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Block,
    Redact,
    Warn,
    Log,
}

/// How sure a detector must be: 0.5, 0.7 or 0.9.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SafetySensitivity)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    Strict,
    #[default]
    Moderate,
    Permissive,
}

/// What is looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DetectionType)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    PromptInjection,
    ToolPoisoning,
    ToolDrift,
    Pii,
    Secret,
    CommandInjection,
    PathTraversal,
    Ssrf,
    Exfiltration,
    SchemaViolation,
    /// The policy's own patterns.
    Custom,
}

impl Kind {
    pub const ALL: [Self; 11] = [
        Self::PromptInjection,
        Self::ToolPoisoning,
        Self::ToolDrift,
        Self::Pii,
        Self::Secret,
        Self::CommandInjection,
        Self::PathTraversal,
        Self::Ssrf,
        Self::Exfiltration,
        Self::SchemaViolation,
        Self::Custom,
    ];
}

/// Which way a text goes. Definitions, what servers say of themselves and their tools, are always scanned.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SafetyDirection)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    #[default]
    Request,
    Response,
    Definition,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SafetySeverity)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    #[default]
    Low,
    Medium,
    High,
    Critical,
}

/// What was done about a detection.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DetectionAction)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Blocked,
    Redacted,
    Warned,
    Logged,
}

/// What a person made of a detection.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = DetectionDisposition)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    #[default]
    Unreviewed,
    TruePositive,
    FalsePositive,
}
