//! What a detector found, and where.

use std::{borrow::Cow, ops::Range, str::FromStr};

/// Contract 4.4.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
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

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PromptInjection => "prompt_injection",
            Self::ToolPoisoning => "tool_poisoning",
            Self::ToolDrift => "tool_drift",
            Self::Pii => "pii",
            Self::Secret => "secret",
            Self::CommandInjection => "command_injection",
            Self::PathTraversal => "path_traversal",
            Self::Ssrf => "ssrf",
            Self::Exfiltration => "exfiltration",
            Self::SchemaViolation => "schema_violation",
            Self::Custom => "custom",
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Kinds(u16);

impl Kinds {
    pub const ALL: Self = Self((1 << Kind::ALL.len()) - 1);

    #[must_use]
    pub fn contains(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u16) != 0
    }

    #[must_use]
    pub fn intersects(self, others: &[Kind]) -> bool {
        others.iter().any(|&kind| self.contains(kind))
    }

    /// What is in the set and also in `others`.
    #[must_use]
    pub fn only(self, others: &[Kind]) -> Self {
        let held = others.iter().filter(|&&kind| self.contains(kind));
        held.fold(Self::default(), |kinds, &kind| kinds.with(kind))
    }

    #[must_use]
    pub fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A word that names none of the values it should.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownName;

impl FromStr for Kind {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownName)
    }
}

impl FromStr for Severity {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == name).ok_or(UnknownName)
    }
}

/// Whose words a text is, which is half of what makes an attack: an instruction is a user's right and a document's fault.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Surface {
    /// Arguments of a call: the model's words, and through them the user's.
    Arguments,
    /// What a tool or a resource answered.
    Result,
    /// The messages of a prompt, a user's words as the server has them.
    Prompt,
    /// A definition of a tool or prompt, a server's `instructions`.
    Definition,
}

/// One thing that stands in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    /// 0 to 1: how sure the detector is.
    pub confidence: f32,
    /// Stable, `lower_snake_case`: `aws_access_key`, `override_instructions`, `model`.
    pub rule: Cow<'static, str>,
    /// Bytes of the text that was given, on character boundaries.
    pub span: Range<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        assert!(Kind::ALL.into_iter().all(|kind| kind.as_str().parse() == Ok(kind)));
        assert!(Severity::ALL.into_iter().all(|severity| severity.as_str().parse() == Ok(severity)));
        assert_eq!("Secret".parse::<Kind>(), Err(UnknownName));
    }

    #[test]
    fn a_set_holds_what_was_put_in() {
        let set = Kinds::default().with(Kind::Pii).union(Kinds::default().with(Kind::Custom));
        let held: Vec<_> = Kind::ALL.into_iter().filter(|&kind| set.contains(kind)).collect();
        assert_eq!(held, [Kind::Pii, Kind::Custom]);
        assert!(Kind::ALL.into_iter().all(|kind| Kinds::ALL.contains(kind)));
        assert!(set.intersects(&[Kind::Secret, Kind::Pii]) && !set.intersects(&[Kind::Secret]));
    }
}
