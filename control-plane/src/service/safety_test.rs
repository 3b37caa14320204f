//! Trying safety policies on a text, without a call and without a record of it (contract 3.8).

use std::time::{Duration, Instant};

use gatewayops_safety::{
    finding::Surface,
    policy::{self, Place, Policies, PolicySource, Verdict},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{safety::Direction, safety_policies::SafetyPolicyForm};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::SafetyPolicyId,
    rest::form::{Faults, Form},
    store::safety_policies,
};

/// A text is no longer than this, JSON as it is written without spaces.
const LONGEST: usize = 65_536;

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SafetyTestForm {
    /// A text, or JSON of any kind, of which the strings are looked at; at most 65 536 bytes.
    #[schema(required, value_type = Object)]
    pub input: Value,
    pub direction: Direction,
    /// Where the text would stand. A policy that is named or given here counts as one for it when this is absent.
    #[schema(max_length = 100)]
    pub mcp_server: Option<String>,
    #[schema(max_length = 255)]
    pub tool_name: Option<String>,
    /// Only this policy, also while it is switched off; by default all that are in force.
    pub policy_id: Option<SafetyPolicyId>,
    /// A policy that there is not yet.
    pub policy: Option<SafetyPolicyForm>,
}

impl Form for SafetyTestForm {
    const REQUIRED: &'static [&'static str] = &["input"];
    const VERBATIM: &'static [&'static str] = &["input"];

    fn check(&self, faults: &mut Faults) {
        if self.text().len() > LONGEST {
            faults.add("input", "length", format!("must have at most {LONGEST} bytes"));
        }
        if let Some(server) = &self.mcp_server {
            faults.length("mcp_server", server, 1..=100);
        }
        if let Some(tool) = &self.tool_name {
            faults.length("tool_name", tool, 1..=255);
        }
        if self.policy_id.is_some() && self.policy.is_some() {
            faults.add("policy", "unknown", "give either policy or policy_id");
        }
        if let Some(policy) = &self.policy {
            faults.within("policy", |faults| policy.check_rules(faults));
        }
    }
}

impl SafetyTestForm {
    /// The text that is judged.
    fn text(&self) -> String {
        match &self.input {
            Value::String(text) => text.clone(),
            json => json.to_string(),
        }
    }
}

/// What the policies said, and how long they took.
pub struct Trial {
    pub verdict: Verdict,
    /// The text to go on with, as the input was: a text or JSON.
    pub redacted: Option<Value>,
    pub took: Duration,
}

/// # Errors
/// `permission_denied`; `validation_error` of a policy that does not exist.
pub async fn test(app: &App, principal: &Principal, form: SafetyTestForm) -> Result<Trial> {
    principal.require_everywhere("policies:read")?;
    let sources = sources(app, principal, &form).await?;
    // Compiling a hundred patterns takes its time.
    tokio::task::spawn_blocking(move || judge(sources, &form))
        .await
        .map_err(|error| Error::internal(anyhow::Error::new(error)))
}

async fn sources(app: &App, principal: &Principal, form: &SafetyTestForm) -> Result<Vec<PolicySource>> {
    if let Some(policy) = &form.policy {
        return Ok(vec![anywhere_unless_told(policy.source(Uuid::nil()), form)]);
    }
    let mut tx = principal.begin(&app.database).await?;
    let Some(id) = form.policy_id else {
        return super::safety_policies::sources(&mut tx, principal.org).await;
    };
    let row = safety_policies::get(&mut tx, principal.org, id, false).await?;
    let row = row.ok_or_else(|| Error::invalid_field("policy_id", "unknown", "names no policy"))?;
    Ok(vec![anywhere_unless_told(SafetyPolicyForm::from(&row.content).source(id.0), form)])
}

/// Whoever tries one policy wants to see what it does, wherever it is for.
fn anywhere_unless_told(policy: PolicySource, form: &SafetyTestForm) -> PolicySource {
    let any = |told: bool, globs: Vec<String>| if told { globs } else { vec!["*".to_owned()] };
    PolicySource {
        mcp_servers: any(form.mcp_server.is_some(), policy.mcp_servers),
        tools: any(form.tool_name.is_some(), policy.tools),
        ..policy
    }
}

fn judge(sources: Vec<PolicySource>, form: &SafetyTestForm) -> Trial {
    let (policies, _) = Policies::compile(sources);
    let (direction, surface) = match form.direction {
        Direction::Request => (policy::Direction::Request, Surface::Arguments),
        Direction::Response => (policy::Direction::Response, Surface::Result),
        Direction::Definition => (policy::Direction::Definition, Surface::Definition),
    };
    let server = form.mcp_server.as_deref().unwrap_or_default();
    let place = Place { direction, surface, server, tool: form.tool_name.as_deref() };
    let text = form.text();
    let begun = Instant::now();
    let verdict = match form.input {
        Value::String(_) => policies.judge_text(&text, &place),
        _ => policies.judge_json(&text, &place),
    };
    let took = begun.elapsed();
    let redacted = verdict.redacted.as_ref().map(|text| match form.input {
        Value::String(_) => Value::from(text.as_str()),
        _ => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str())),
    });
    Trial { verdict, redacted, took }
}
