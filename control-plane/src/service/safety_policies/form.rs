//! What an administrator says about a safety policy (contract 3.8).

use gatewayops_safety::policy::{MAX_PATTERNS, PolicySource, check_pattern};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rest::form::{Faults, Form},
    service::safety::{Direction, Kind, Mode, Sensitivity, Severity},
    store::safety_policies::Content,
    word::{text, texts, word, words},
};

const MOST_GLOBS: usize = 100;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SafetyPolicyForm {
    #[schema(required, min_length = 1, max_length = 100)]
    pub name: String,
    #[schema(max_length = 1000)]
    pub description: String,
    pub enabled: bool,
    pub mode: Mode,
    pub sensitivity: Sensitivity,
    #[schema(min_items = 1)]
    pub detectors: Vec<Kind>,
    #[schema(min_items = 1)]
    pub directions: Vec<Direction>,
    /// Globs on the server's name.
    #[schema(min_items = 1, max_items = 100)]
    pub mcp_servers: Vec<String>,
    /// Globs on the tool's name.
    #[schema(min_items = 1, max_items = 100)]
    pub tools: Vec<String>,
    pub patterns: Patterns,
    /// What is less severe is let be.
    pub min_severity: Severity,
}

/// Regular expressions, matched in linear time: without look-around and backreferences.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = SafetyPatterns)]
#[serde(default, deny_unknown_fields)]
pub struct Patterns {
    /// Texts that the detector `custom` finds.
    #[schema(max_items = 100)]
    pub block: Vec<String>,
    /// Silence what overlaps with their matches.
    #[schema(max_items = 100)]
    pub allow: Vec<String>,
}

impl SafetyPolicyForm {
    /// As the evaluator takes it.
    pub fn source(&self, id: Uuid) -> PolicySource {
        let content = self.content();
        let Patterns { block, allow } = self.patterns.clone();
        PolicySource {
            id: id.into_bytes(),
            mode: content.mode,
            sensitivity: content.sensitivity,
            detectors: content.detectors,
            directions: content.directions,
            mcp_servers: content.mcp_servers,
            tools: content.tools,
            block_patterns: block,
            allow_patterns: allow,
            min_severity: content.min_severity,
        }
    }
}

impl Default for SafetyPolicyForm {
    fn default() -> Self {
        Self {
            name: String::new(),
            description: String::new(),
            enabled: true,
            mode: Mode::default(),
            sensitivity: Sensitivity::default(),
            detectors: Kind::ALL.to_vec(),
            directions: vec![Direction::Request, Direction::Response],
            mcp_servers: vec!["*".to_owned()],
            tools: vec!["*".to_owned()],
            patterns: Patterns::default(),
            min_severity: Severity::default(),
        }
    }
}

impl Form for SafetyPolicyForm {
    const REQUIRED: &'static [&'static str] = &["name"];
    const READ_ONLY: &'static [&'static str] = &["is_default"];

    fn check(&self, faults: &mut Faults) {
        faults.length("name", &self.name, 1..=100);
        self.check_rules(faults);
    }
}

impl SafetyPolicyForm {
    /// All but the name, which a policy that is only tried need not have.
    pub fn check_rules(&self, faults: &mut Faults) {
        faults.length("description", &self.description, 0..=1000);
        if self.detectors.is_empty() {
            faults.add(
                "detectors",
                "length",
                "must have an entry; to switch the policy off, set enabled to false",
            );
        }
        if self.directions.is_empty() {
            faults.add("directions", "length", "must have an entry");
        }
        check_globs(faults, "mcp_servers", &self.mcp_servers, 100);
        check_globs(faults, "tools", &self.tools, 255);
        check_patterns(faults, "patterns.block", &self.patterns.block);
        check_patterns(faults, "patterns.allow", &self.patterns.allow);
    }

    /// The columns that it makes.
    pub(super) fn content(&self) -> Content {
        Content {
            name: self.name.clone(),
            description: self.description.clone(),
            enabled: self.enabled,
            mode: text(self.mode),
            sensitivity: text(self.sensitivity),
            detectors: texts(&self.detectors),
            directions: texts(&self.directions),
            mcp_servers: self.mcp_servers.clone(),
            tools: self.tools.clone(),
            patterns: json!(self.patterns),
            min_severity: text(self.min_severity),
        }
    }
}

impl From<&Content> for SafetyPolicyForm {
    fn from(content: &Content) -> Self {
        Self {
            name: content.name.clone(),
            description: content.description.clone(),
            enabled: content.enabled,
            mode: word(&content.mode).unwrap_or_default(),
            sensitivity: word(&content.sensitivity).unwrap_or_default(),
            detectors: words(&content.detectors),
            directions: words(&content.directions),
            mcp_servers: content.mcp_servers.clone(),
            tools: content.tools.clone(),
            patterns: serde_json::from_value(content.patterns.clone()).unwrap_or_default(),
            min_severity: word(&content.min_severity).unwrap_or_default(),
        }
    }
}

fn check_globs(faults: &mut Faults, field: &str, globs: &[String], longest: usize) {
    if !(1..=MOST_GLOBS).contains(&globs.len()) {
        faults.add(field, "length", format!("must have 1 to {MOST_GLOBS} entries; * is every one"));
    }
    for (index, glob) in globs.iter().enumerate().take(MOST_GLOBS) {
        faults.length(&format!("{field}.{index}"), glob, 1..=longest);
    }
}

fn check_patterns(faults: &mut Faults, field: &str, patterns: &[String]) {
    if patterns.len() > MAX_PATTERNS {
        faults.add(field, "length", format!("must have at most {MAX_PATTERNS} entries"));
        return;
    }
    for (index, pattern) in patterns.iter().enumerate() {
        if let Err(reason) = check_pattern(pattern) {
            faults.add(format!("{field}.{index}"), "format", reason);
        }
    }
}
