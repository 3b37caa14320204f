//! Judges a text: what stands in it, what each policy says about that, what becomes of it all.

use std::{borrow::Cow, ops::Range};

use super::{Action, Place, Policies, Policy, PolicyId, redact::redact, seam::Seams, snippet::snippet};
use crate::{
    finding::{Finding, Kind, Kinds, Severity},
    json,
    scan::{self, scan},
};

/// Bytes of a text that are looked at. What lies beyond is not, and the verdict says so.
pub const SCAN_BOUND: usize = 256 << 10;
/// Findings of a text that are weighed. With so many a redaction may be full of holes: it becomes a block.
pub const MAX_FINDINGS: usize = scan::MAX_FINDINGS;
/// Detections that a verdict names.
pub const MAX_DETECTIONS: usize = 100;

/// What becomes of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verdict {
    /// None: nothing was found that a policy minds.
    pub action: Option<Action>,
    /// The first [`MAX_DETECTIONS`].
    pub detections: Vec<Detection>,
    /// The text to go on with, where `action` is [`Action::Redact`].
    pub redacted: Option<String>,
    /// Some of the text was not looked at, or not all that was found is weighed.
    pub is_truncated: bool,
}

/// A finding that a policy minds; of several policies the one that is strictest about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    pub policy: PolicyId,
    pub kind: Kind,
    pub severity: Severity,
    pub confidence: f32,
    pub rule: Cow<'static, str>,
    /// Bytes of the text that was given (of JSON: of the raw text).
    pub span: Range<usize>,
    pub action: Action,
    /// Masked, at most 200 characters.
    pub snippet: String,
}

impl Policies {
    /// Judges a text as it stands.
    #[must_use]
    pub fn judge_text(&self, text: &str, place: &Place<'_>) -> Verdict {
        let mut bench = Bench::new(self.matching(place), place);
        if bench.policies.is_empty() {
            return Verdict::default();
        }
        let end = text.floor_char_boundary(SCAN_BOUND.min(text.len()));
        bench.is_truncated = end < text.len();
        bench.judge(&text[..end], None, |span| vec![span.clone()]);
        bench.verdict(text)
    }

    /// Judges the strings of a JSON text. Its redacted form is JSON of the same shape.
    #[must_use]
    pub fn judge_json(&self, raw: &str, place: &Place<'_>) -> Verdict {
        let mut bench = Bench::new(self.matching(place), place);
        if bench.policies.is_empty() {
            return Verdict::default();
        }
        let end = raw.floor_char_boundary(SCAN_BOUND.min(raw.len()));
        bench.is_truncated = end < raw.len();
        let mut seams = Seams::default();
        for piece in json::strings(&raw[..end]) {
            bench.judge(&piece.text, piece.key.as_deref(), |span| vec![piece.locate(span)]);
            seams.add(piece);
        }
        seams.each(bench.kinds, |seam, kinds| {
            let findings = seam.scan(place.surface, kinds);
            bench.weigh(&seam.text, findings, &|span| seam.locate(span));
        });
        bench.verdict(raw)
    }

    /// Judges what others found in `text`: a definition that drifted, a result that its schema does not allow.
    #[must_use]
    pub fn judge_findings(&self, text: &str, place: &Place<'_>, findings: Vec<Finding>) -> Verdict {
        let mut bench = Bench::new(self.matching(place), place);
        bench.weigh(text, findings, &|span| vec![span.clone()]);
        bench.verdict(text)
    }
}

/// Leads a span of the text that was read back to spans of the text that was given.
type Locate<'a> = &'a dyn Fn(&Range<usize>) -> Vec<Range<usize>>;

/// One text before the policies that match its place.
struct Bench<'a> {
    policies: Vec<&'a Policy>,
    /// What any of the policies asks for.
    kinds: Kinds,
    place: &'a Place<'a>,
    detections: Vec<Detection>,
    redactions: Vec<(Range<usize>, Kind)>,
    action: Option<Action>,
    /// Findings so far, also those that nobody minds.
    findings: usize,
    is_truncated: bool,
}

impl<'a> Bench<'a> {
    fn new(policies: Vec<&'a Policy>, place: &'a Place<'a>) -> Self {
        let kinds = policies.iter().fold(Kinds::default(), |kinds, policy| kinds.union(policy.kinds));
        Self {
            policies,
            kinds,
            place,
            detections: Vec::new(),
            redactions: Vec::new(),
            action: None,
            findings: 0,
            is_truncated: false,
        }
    }

    fn judge(&mut self, text: &str, key: Option<&str>, locate: impl Fn(&Range<usize>) -> Vec<Range<usize>>) {
        let mut findings = Vec::new();
        scan(text, key, self.place.surface, self.kinds, &mut findings);
        self.weigh(text, findings, &locate);
        for at in 0..self.policies.len() {
            let policy = self.policies[at];
            if policy.kinds.contains(Kind::Custom) && policy.patterns.has_block() {
                self.match_patterns(policy, text, &locate);
            }
        }
    }

    fn match_patterns(&mut self, policy: &Policy, text: &str, locate: Locate<'_>) {
        let mut findings = Vec::new();
        policy.patterns.blocked(text, |rule, span| {
            if findings.len() < MAX_FINDINGS {
                findings.push(Finding {
                    kind: Kind::Custom,
                    severity: Severity::High,
                    confidence: 1.0,
                    rule: Cow::Owned(rule.to_owned()),
                    span,
                });
            }
        });
        self.weigh_for(&[policy], text, findings, locate);
    }

    fn weigh(&mut self, text: &str, findings: Vec<Finding>, locate: Locate<'_>) {
        let policies = std::mem::take(&mut self.policies);
        self.weigh_for(&policies, text, findings, locate);
        self.policies = policies;
    }

    fn weigh_for(&mut self, policies: &[&Policy], text: &str, findings: Vec<Finding>, locate: Locate<'_>) {
        if findings.is_empty() {
            return;
        }
        let allowed: Vec<_> = policies.iter().map(|policy| policy.patterns.allowed(text)).collect();
        for finding in findings {
            self.findings += 1;
            if self.findings >= MAX_FINDINGS {
                self.is_truncated = true;
                return;
            }
            let minds = policies.iter().zip(&allowed).filter(|(policy, allowed)| {
                policy.minds(&finding) && !allowed.iter().any(|span| overlap(span, &finding.span))
            });
            // The first of equals, so that the answer does not depend on chance.
            let Some((policy, _)) = minds.rev().max_by_key(|(policy, _)| policy.action) else { continue };
            self.hold(policy, text, finding, locate);
        }
    }

    fn hold(&mut self, policy: &Policy, text: &str, finding: Finding, locate: Locate<'_>) {
        let spans = locate(&finding.span);
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return };
        self.action = self.action.max(Some(policy.action));
        let span = first.start..last.end;
        let is_known = |known: &Detection| known.rule == finding.rule && known.span == span;
        if self.detections.iter().any(is_known) {
            // A seam is read twice.
        } else if self.detections.len() < MAX_DETECTIONS {
            self.detections.push(Detection {
                policy: policy.id,
                kind: finding.kind,
                severity: finding.severity,
                confidence: finding.confidence,
                span,
                action: policy.action,
                snippet: snippet(text, &finding),
                rule: finding.rule,
            });
        } else {
            self.is_truncated = true;
        }
        if policy.action == Action::Redact {
            self.redactions.extend(spans.into_iter().map(|span| (span, finding.kind)));
        }
    }

    fn verdict(mut self, text: &str) -> Verdict {
        if self.action == Some(Action::Redact) && self.findings >= MAX_FINDINGS {
            self.action = Some(Action::Block);
        }
        let is_redacted = self.action == Some(Action::Redact);
        let redactions = std::mem::take(&mut self.redactions);
        Verdict {
            action: self.action,
            detections: self.detections,
            redacted: is_redacted.then(|| redact(text, redactions)),
            is_truncated: self.is_truncated,
        }
    }
}

fn overlap(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}
