//! Why a call would be let through or not, by the proxies' own evaluator (contract 3.7).

use chrono::Utc;
use gatewayops_proto::tool_policy::{
    Call, Caller, Decision, Denial, Source, State, Tool, ToolPolicies, Verdict,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use utoipa::ToSchema;
use uuid::Uuid;

use super::subject::{Obstacle, Subject};
use crate::{
    app::App,
    auth::{Principal, Reach},
    error::{Error, Result},
    id::{ApiKeyId, OrgId, TeamId, UserId},
    rest::form::{Faults, Form},
    service::tool_policies,
    store::{api_keys, servers, team_members, teams, tools},
};

#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = ToolPermissionCheckForm)]
#[serde(default, deny_unknown_fields)]
pub struct CheckForm {
    /// By name or id.
    #[schema(required)]
    pub mcp_server: String,
    #[schema(required)]
    pub tool_name: String,
    /// Null: not known, which counts against the call wherever a rule asks about them.
    #[schema(value_type = Option<Object>)]
    pub arguments: Option<Map<String, Value>>,
    /// Who calls: one of the three; none of them: the caller of this route.
    pub api_key_id: Option<ApiKeyId>,
    /// With a token of theirs.
    pub user_id: Option<UserId>,
    /// Any of its members or keys, by what holds for all of them.
    pub team_id: Option<TeamId>,
}

impl Form for CheckForm {
    const REQUIRED: &'static [&'static str] = &["mcp_server", "tool_name"];
    const VERBATIM: &'static [&'static str] = &["arguments"];

    fn check(&self, faults: &mut Faults) {
        faults.length("mcp_server", &self.mcp_server, 1..=63);
        faults.length("tool_name", &self.tool_name, 1..=255);
        let named = [self.api_key_id.is_some(), self.user_id.is_some(), self.team_id.is_some()];
        if named.iter().filter(|is| **is).count() > 1 {
            faults.add("user_id", "range", "only one of api_key_id, user_id and team_id may be given");
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ToolPermissionCheck)]
pub struct Explanation {
    /// allow, deny, approval_required
    pub decision: &'static str,
    /// The error that the call would be refused with.
    #[schema(required)]
    pub code: Option<&'static str>,
    /// A sentence for people.
    pub reason: String,
    /// safe, sensitive, dangerous; null when there is no such server.
    #[schema(required)]
    pub classification: Option<&'static str>,
    /// tool_classification, default, annotation, unknown_tool
    #[schema(required)]
    pub classification_source: Option<&'static str>,
    /// The rules that are about the call.
    pub matched: Vec<Matched>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MatchedToolRule)]
pub struct Matched {
    /// tool_permission, tool_classification
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub id: Uuid,
    /// Whether it counts: a permission whose argument rules do not fit is about the call, but changes nothing.
    pub applies: bool,
}

/// # Errors
/// `permission_denied` for another's without `policies:read`; `validation_error` of somebody who is not there.
pub async fn check(app: &App, principal: &Principal, form: &CheckForm) -> Result<Explanation> {
    let org = principal.org;
    let mut tx = principal.begin(&app.database).await?;
    if !is_own(&mut tx, principal, form).await? {
        principal.require_everywhere("policies:read")?;
    }
    let subject = subject(&mut tx, principal, form).await?;
    let Some(server) = servers::get(&mut tx, org, &form.mcp_server).await? else {
        return Ok(Explanation::refused(Obstacle::new("server_not_found", "there is no such server")));
    };
    if !server.settings.enabled {
        return Ok(Explanation::refused(Obstacle::new("server_not_found", "the server is disabled")));
    }
    let policies = tool_policies::of_subjects(&mut tx, org, &subject.identities()).await?;
    let known = tools::find(&mut tx, org, server.id, &form.tool_name).await?;
    let arguments = form.arguments.as_ref().map(|arguments| json!(arguments).to_string());
    let call = Call {
        tool: Tool {
            server: &server.name,
            name: &form.tool_name,
            state: known.as_ref().map_or(State::Unknown, |tool| State::of_status(&tool.status)),
            destructive: known.as_ref().is_some_and(|tool| tool.destructive),
        },
        caller: Caller { user: subject.user, teams: &subject.teams, api_key: subject.api_key },
        arguments: arguments.as_deref(),
        now_ms: Utc::now().timestamp_millis(),
    };
    let decided = Explanation::decided(&policies, &call);
    let obstacle = subject.obstacle((server.id.0, &server.name), &form.tool_name);
    Ok(match obstacle {
        Some(Obstacle { code, reason }) => {
            Explanation { decision: "deny", code: Some(code), reason, ..decided }
        }
        None => decided,
    })
}

/// Whether it is about the caller: the calling key, a key of the caller's, the caller, or a team they are in.
async fn is_own(conn: &mut PgConnection, principal: &Principal, form: &CheckForm) -> Result<bool> {
    let (org, user) = (principal.org, principal.user());
    if let Some(id) = form.api_key_id {
        if principal.api_key() == Some(id) {
            return Ok(true);
        }
        let key = api_keys::get(conn, org, &Reach::everything(), id, false).await?;
        return Ok(user.is_some() && key.is_some_and(|key| key.user_id == user));
    }
    if let Some(id) = form.team_id {
        let Some(user) = user else { return Ok(false) };
        return Ok(team_members::list_teams_of(conn, org, user).await?.contains(&id));
    }
    Ok(form.user_id.is_none() || form.user_id == user)
}

async fn subject(conn: &mut PgConnection, principal: &Principal, form: &CheckForm) -> Result<Subject> {
    let org = principal.org;
    match (form.api_key_id, form.user_id, form.team_id) {
        (Some(key), ..) => Subject::api_key(conn, org, key).await,
        (None, Some(user), _) => Subject::user(conn, org, user).await,
        (None, None, Some(team)) => named_team(conn, org, team).await,
        (None, None, None) => match (principal.api_key(), principal.user()) {
            (Some(key), _) => Subject::api_key(conn, org, key).await,
            (None, Some(user)) => Subject::user(conn, org, user).await,
            (None, None) => Err(Error::not_found()),
        },
    }
}

async fn named_team(conn: &mut PgConnection, org: OrgId, id: TeamId) -> Result<Subject> {
    match teams::get(conn, org, &Reach::everything(), id, false).await? {
        Some(team) => Ok(Subject::team(team.id)),
        None => Err(Error::invalid_field("team_id", "unknown", "names no team of this organization")),
    }
}

impl Explanation {
    /// Before anything was asked about tools.
    fn refused(Obstacle { code, reason }: Obstacle) -> Self {
        Self {
            decision: "deny",
            code: Some(code),
            reason,
            classification: None,
            classification_source: None,
            matched: Vec::new(),
        }
    }

    fn decided(policies: &ToolPolicies, call: &Call<'_>) -> Self {
        let decision = policies.decide(call);
        let permissions = policies.matching(call).map(|one| Matched {
            kind: "tool_permission",
            id: one.permission,
            applies: one.applies,
        });
        let classification = decision.classified.source.row().map(|id| Matched {
            kind: "tool_classification",
            id,
            applies: true,
        });
        let (name, code) = match decision.verdict {
            Verdict::Allow => ("allow", None),
            Verdict::ApprovalRequired => ("approval_required", Some("approval_required")),
            Verdict::Deny(denial) => ("deny", Some(denial.code())),
        };
        Self {
            decision: name,
            code,
            reason: sentence(&decision),
            classification: Some(decision.classified.level.name()),
            classification_source: Some(decision.classified.source.name()),
            matched: permissions.chain(classification).collect(),
        }
    }
}

fn sentence(decision: &Decision) -> String {
    let level = decision.classified.level.name();
    let says = match decision.classified.source {
        Source::Classification(id) => format!("the classification {id} makes the tool {level}"),
        Source::Name => format!("the tool's name makes it {level}"),
        Source::Annotation => format!("the tool calls itself destructive, which makes it {level}"),
        Source::UnknownTool => format!("nobody has classified the tool, which makes it {level}"),
    };
    let rule = decision.rule.map(|id| id.to_string()).unwrap_or_default();
    let lifted = decision.rule.is_some() && decision.rule != decision.classified.source.row();
    let unreviewed = if decision.warn { "; its definition waits for a review" } else { "" };
    match (decision.verdict, decision.limited_use) {
        (Verdict::Allow, Some(limit)) => {
            let uses = limit.max_uses_per_day;
            format!("the permission {rule} allows it, {uses} times a day{unreviewed}")
        }
        (Verdict::Allow, None) if lifted => format!("the permission {rule} allows it{unreviewed}"),
        (Verdict::Allow, None) => format!("{says}, and such tools may be called{unreviewed}"),
        (Verdict::ApprovalRequired, _) => format!("{says}, and somebody has to approve the call{unreviewed}"),
        (Verdict::Deny(denial), _) => match denial {
            Denial::Permission => format!("the permission {rule} denies it"),
            Denial::Classification => format!("{says}, and such tools may not be called"),
            Denial::Arguments => format!("the permission {rule} does not let it pass with these arguments"),
            Denial::Uses => format!("the day's uses of the permission {rule} are spent"),
            Denial::Blocked => "somebody has blocked the tool".to_owned(),
            Denial::Quarantined => "the tool's definition waits for a review".to_owned(),
        },
    }
}
