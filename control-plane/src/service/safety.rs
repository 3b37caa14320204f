//! The words of safety (contract 4.3, 4.4): what policies, detections and their filters share. Their JSON is the text
//! that the database has.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
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

/// The text of a word.
pub fn text(word: impl Serialize) -> String {
    json!(word).as_str().unwrap_or_default().to_owned()
}

pub fn texts<T: Serialize>(words: &[T]) -> Vec<String> {
    words.iter().map(text).collect()
}

/// The word of a text; none for one that only a newer version knows.
pub fn word<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(Value::from(text)).ok()
}

pub fn words<T: DeserializeOwned>(texts: &[String]) -> Vec<T> {
    texts.iter().filter_map(|text| word(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_and_its_text_lead_to_each_other() {
        for kind in Kind::ALL {
            assert_eq!(word(&text(kind)), Some(kind));
        }
        assert_eq!(text(Disposition::FalsePositive), "false_positive");
        assert_eq!(word::<Mode>("shout"), None);
        assert_eq!(
            words::<Severity>(&["low".into(), "odd".into(), "high".into()]),
            [Severity::Low, Severity::High]
        );
    }
}
