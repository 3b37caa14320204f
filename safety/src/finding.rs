//! What a detector found, and where.

use std::{borrow::Cow, ops::Range};

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

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
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
