//! Looks at what passes, in both directions, as the organization's safety policies want it (contract 3.8, R10.5).
//!
//! What is blocked is not echoed; what is redacted goes on with markers in its place, as JSON of the same shape.

use std::borrow::Cow;

use bytes::Bytes;
use gatewayops_safety::{
    finding::{Finding, Kind, Severity, Surface},
    policy::{Action, Detection, Direction, Place, Policies as Safety, Verdict},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::decode::{self, Request};
use crate::{
    catalogue::{
        facts::Judgement,
        schema::{Outcome, Schema},
    },
    exchange::{Detected, Exchange},
    mcp::{json, method::Method},
    rejection::{Code, Rejection},
};

/// What is looked at, and where it passes.
#[derive(Clone, Copy)]
pub(crate) struct Guard<'a> {
    pub(crate) safety: &'a Safety,
    pub(crate) server: &'a str,
    /// None: it belongs to no tool.
    pub(crate) tool: Option<&'a str>,
    pub(crate) method: Method,
    /// The tool's answers must be of a form that a marker in a string may break.
    pub(crate) is_strict: bool,
    /// What the tool says of its arguments.
    pub(crate) schema: Option<&'a Schema>,
}

/// A response or a message of a server, as far as it is content.
#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
}

impl Guard<'_> {
    /// Judges what a client sends. What is to be sent instead, if something of it is redacted.
    ///
    /// # Errors
    /// `safety_blocked`.
    pub(crate) fn request(
        &self,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<Option<Bytes>, Rejection> {
        if self.safety.is_empty() {
            return Ok(None);
        }
        let Some(params) = request.message().and_then(|message| message.params.as_ref()) else {
            return Ok(None);
        };
        let place = self.place(Direction::Request, Surface::Arguments);
        if let Some(uri) = params.uri.as_deref() {
            // It is the server's own name for something: the host in it is none that anybody would ask.
            let named = Place { surface: Surface::Result, ..place };
            let verdict = self.safety.judge_text(uri, &named);
            // A URI with a hole in it names something else: what would be redacted is refused.
            let is_refused = verdict.action >= Some(Action::Redact);
            let blocked = self.note(verdict, Direction::Request, exchange, is_refused);
            if let Some(blocked) = blocked {
                return Err(blocked);
            }
        }
        self.shape(params.arguments.map_or("{}", RawValue::get), exchange)?;
        let Some(arguments) = params.arguments else { return Ok(None) };
        let verdict = self.safety.judge_json(arguments.get(), &place);
        let redacted = redacted(&verdict);
        let is_refused = verdict.action == Some(Action::Block);
        if let Some(blocked) = self.note(verdict, Direction::Request, exchange, is_refused) {
            return Err(blocked);
        }
        let body = request.replaced.as_ref().unwrap_or(request.body);
        redacted.map(|redacted| decode::replaced(body, &["params", "arguments"], &redacted)).transpose()
    }

    /// Holds arguments against what the tool says of them, if anybody wants that.
    ///
    /// # Errors
    /// `safety_blocked`.
    fn shape(&self, arguments: &str, exchange: &mut Exchange) -> Result<(), Rejection> {
        let place = self.place(Direction::Request, Surface::Arguments);
        let Some(schema) = self.schema.filter(|_| self.safety.mind(&violation(""), &place)) else {
            return Ok(());
        };
        let rule = match schema.check(arguments) {
            Outcome::Fits => return Ok(()),
            Outcome::Unchecked => {
                exchange.judged.is_unscanned = true;
                return Ok(());
            }
            Outcome::Breaks(rule) => rule,
        };
        let verdict = self.safety.judge_findings("", &place, vec![violation(&rule)]);
        // There is nothing to redact in what has the wrong form.
        let is_refused = verdict.action >= Some(Action::Redact);
        self.note(verdict, Direction::Request, exchange, is_refused).map_or(Ok(()), Err)
    }

    /// Judges a message of the server's. None: it may pass as it is.
    ///
    /// # Errors
    /// `safety_blocked`.
    pub(crate) fn answer(&self, text: &str, exchange: &mut Exchange) -> Result<Option<String>, Rejection> {
        if self.safety.is_empty() {
            return Ok(None);
        }
        let Ok(content) = serde_json::from_str::<Content<'_>>(text) else { return Ok(None) };
        let Some(part) = content.result.or(content.error).or(content.params) else { return Ok(None) };
        Ok(self.part(part.get(), exchange)?.map(|redacted| spliced(text, part, &redacted)))
    }

    /// Judges a part of a message, or as much of it as there is. None: it may pass as it is.
    ///
    /// # Errors
    /// `safety_blocked`.
    pub(crate) fn part(&self, json: &str, exchange: &mut Exchange) -> Result<Option<String>, Rejection> {
        let surface = if self.method == Method::PromptsGet { Surface::Prompt } else { Surface::Result };
        let verdict = self.safety.judge_json(json, &self.place(Direction::Response, surface));
        let redacted = redacted(&verdict);
        let breaks_form = redacted.is_some() && self.is_strict && json.contains("structuredContent");
        let is_refused = verdict.action == Some(Action::Block) || breaks_form;
        match self.note(verdict, Direction::Response, exchange, is_refused) {
            Some(blocked) => Err(blocked),
            None => Ok(redacted),
        }
    }

    /// Judges what follows on what was judged before, as if they stood in one text: an attack may be cut in pieces.
    ///
    /// # Errors
    /// `safety_blocked`.
    pub(crate) fn joined(&self, text: &str, exchange: &mut Exchange) -> Result<(), Rejection> {
        let verdict = self.safety.judge_text(text, &self.place(Direction::Response, Surface::Result));
        let is_refused = verdict.action >= Some(Action::Redact);
        if !is_refused {
            return Ok(());
        }
        self.note(verdict, Direction::Response, exchange, true).map_or(Ok(()), Err)
    }

    /// Judges a definition of the server's; also who reads it is told what was found, once.
    pub(crate) fn definition(&self, json: &str, exchange: &mut Exchange) -> Judgement {
        let verdict = self.safety.judge_json(json, &self.place(Direction::Definition, Surface::Definition));
        let redacted = redacted(&verdict);
        let is_hidden = verdict.action == Some(Action::Block);
        self.note(verdict, Direction::Definition, exchange, false);
        match redacted {
            _ if is_hidden => Judgement::Hidden,
            Some(redacted) => Judgement::Redacted(redacted.into()),
            None => Judgement::Clean,
        }
    }

    fn place(&self, direction: Direction, surface: Surface) -> Place<'_> {
        Place { direction, surface, server: self.server, tool: self.tool }
    }

    /// Puts what was found on record; the refusal if it is one.
    fn note(
        &self,
        verdict: Verdict,
        direction: Direction,
        exchange: &mut Exchange,
        is_refused: bool,
    ) -> Option<Rejection> {
        exchange.judged.is_unscanned |= verdict.is_truncated;
        let gravest =
            verdict.detections.iter().max_by_key(|detection| (detection.action, detection.severity));
        let refusal = gravest.filter(|_| is_refused).map(|detection| self.refusal(detection, direction));
        let mut refusal = refusal;
        for detection in verdict.detections {
            let id = Uuid::now_v7();
            if let Some((rejection, gravest)) = &mut refusal
                && *gravest == detection.span
            {
                rejection.details.entry("detection_id").or_insert_with(|| id.to_string().into());
            }
            let action = if is_refused { Action::Block } else { detection.action };
            exchange.detected(Detected { id, direction, detection: Detection { action, ..detection } });
        }
        refusal.map(|(rejection, _)| rejection)
    }

    fn refusal(&self, detection: &Detection, direction: Direction) -> (Rejection, std::ops::Range<usize>) {
        let (kind, what) = (detection.kind.as_str(), self.tool.unwrap_or("this request"));
        let message = match direction {
            Direction::Request => format!(
                "What was sent to {what} was blocked by a safety policy ({kind}). Do not send it again unchanged."
            ),
            _ => format!("The answer of {what} was withheld by a safety policy ({kind})."),
        };
        let rejection = Rejection::new(Code::SafetyBlocked, message)
            .with("type", kind)
            .with("severity", detection.severity.as_str())
            .with("policy_id", Uuid::from_bytes(detection.policy).to_string())
            .with("direction", direction.as_str());
        (rejection, detection.span.clone())
    }
}

/// Arguments that break the tool's schema at `rule`. Most servers say so themselves, and many describe more than they mean.
fn violation(rule: &str) -> Finding {
    Finding {
        kind: Kind::SchemaViolation,
        severity: Severity::Low,
        confidence: 1.0,
        rule: rule.to_owned().into(),
        span: 0..0,
    }
}

fn redacted(verdict: &Verdict) -> Option<String> {
    verdict.redacted.clone().filter(|_| verdict.action == Some(Action::Redact))
}

/// The text with something else in place of a part of it.
fn spliced(text: &str, part: &RawValue, written: &str) -> String {
    let replaced = json::with_value(text.as_bytes(), part, written);
    String::from_utf8_lossy(&replaced).into_owned()
}

/// What of a message somebody has written. None: nothing.
pub(crate) fn content(text: &str) -> Option<&str> {
    let content: Content<'_> = serde_json::from_str(text).ok()?;
    content.result.or(content.error).or(content.params).map(RawValue::get)
}

/// What a response says. None: it is none.
pub(crate) fn answer(text: &str) -> Option<&str> {
    let content: Content<'_> = serde_json::from_str(text).ok()?;
    content.result.or(content.error).map(RawValue::get)
}

/// Arguments as a person may read them who is asked about them: without what is nobody's business.
pub(crate) fn for_people(arguments: &str) -> Cow<'_, str> {
    use std::sync::LazyLock;

    use gatewayops_safety::policy::PolicySource;

    /// More is not shown; the approval is for all of it.
    const SHOWN: usize = 48 * 1024;
    static SECRETS: LazyLock<Safety> = LazyLock::new(|| {
        let source = PolicySource {
            mode: "redact".into(),
            sensitivity: "strict".into(),
            detectors: vec!["secret".into()],
            directions: vec!["request".into()],
            mcp_servers: vec!["*".into()],
            tools: vec!["*".into()],
            min_severity: "low".into(),
            ..PolicySource::default()
        };
        Safety::compile([source]).0
    });
    let place =
        Place { direction: Direction::Request, surface: Surface::Arguments, server: "", tool: Some("") };
    let verdict = SECRETS.judge_json(arguments, &place);
    // With more secrets than can be redacted nothing is shown at all.
    if verdict.action == Some(Action::Block) || verdict.is_truncated {
        return r#"{"…":"the arguments cannot be shown"}"#.into();
    }
    let shown = verdict.redacted.map_or(Cow::Borrowed(arguments), Cow::Owned);
    if shown.len() > SHOWN { r#"{"…":"the arguments are too long to be shown"}"#.into() } else { shown }
}
