//! What a client gets to see of what servers say about themselves: only tools that it could call, only definitions that
//! the guard lets through. A list and a call are decided about alike (R5.4).

use std::{borrow::Cow, sync::Arc};

use gatewayops_proto::tool_policy::Tool;

use super::{clear, decode::Request, guard::Guard};
use crate::{
    catalogue::{self, facts::Judgement, report::Reports},
    exchange::Exchange,
    mcp::{list, method::Method, version::Era},
    policies::Policies,
    principal::Principal,
    upstream::Server,
};

/// One look of a caller at one server.
pub(crate) struct Definitions<'a> {
    /// Where what is not known is put down.
    pub(crate) reports: &'a Reports,
    pub(crate) server: &'a Server,
    pub(crate) principal: &'a Principal,
    pub(crate) policies: &'a Arc<Policies>,
    pub(crate) now_ms: i64,
}

impl Definitions<'_> {
    /// Whether a list shows the tool: some call of it could be let through.
    pub(crate) fn lists(&self, tool: &str) -> bool {
        let entry = self.server.entry(tool);
        let judged = Tool {
            server: &self.server.name,
            name: tool,
            state: entry.state,
            destructive: entry.destructive,
        };
        self.principal.may_call(self.server, tool)
            && self.policies.tools.visible(&judged, clear::caller(self.principal), self.now_ms)
    }

    /// A definition as it may be seen. None: not at all. `tool`: None if it is of something else.
    pub(crate) fn shown<'t>(
        &self,
        tool: Option<&str>,
        raw: &'t str,
        exchange: &mut Exchange,
    ) -> Option<Cow<'t, str>> {
        if self.policies.safety.is_empty() {
            return Some(raw.into());
        }
        let guard = self.guard(tool);
        let judge = || guard.definition(raw, exchange);
        match self.server.runtime.facts.judgement(raw, &self.policies.safety, judge) {
            Judgement::Clean => Some(raw.into()),
            Judgement::Redacted(text) => Some(text.to_string().into()),
            Judgement::Hidden => None,
        }
    }

    fn guard<'g>(&'g self, tool: Option<&'g str>) -> Guard<'g> {
        Guard {
            safety: &self.policies.safety,
            server: &self.server.name,
            tool,
            method: Method::ToolsList,
            is_strict: false,
            schema: None,
        }
    }

    /// The server's answer to a request for a list, or about itself, as this caller may see it. None: as it is.
    pub(crate) fn answer(
        &self,
        request: &Request<'_>,
        answer: &str,
        exchange: &mut Exchange,
    ) -> Option<String> {
        let message = request.message()?;
        match message.method_name() {
            "tools/list" => {
                let params = message.params.as_ref().map_or("{}", |params| params.raw);
                let is_first = !params.contains(r#""cursor""#);
                self.tools(is_first, request.era, answer, exchange)
            }
            "prompts/list" => self.items("prompts", answer, exchange),
            "resources/list" => self.items("resources", answer, exchange),
            "resources/templates/list" => self.items("resourceTemplates", answer, exchange),
            "initialize" | "server/discover" => self.introduction(answer, exchange),
            _ => None,
        }
    }

    fn tools(&self, is_first: bool, era: Era, answer: &str, exchange: &mut Exchange) -> Option<String> {
        let mirrors = era == Era::Modern && list::may_mirror(answer);
        let found = list::Items::find(answer, "tools")?;
        catalogue::saw(self.reports, self.server, &found.items, is_first && found.is_last);
        found.edited(answer, |raw| {
            let tool: list::Tool<'_> = serde_json::from_str(raw).ok()?;
            if !self.lists(&tool.name) || mirrors && !tool.can_be_mirrored(&self.server.name) {
                return None;
            }
            self.shown(Some(&tool.name), raw, exchange)
        })
    }

    fn items(&self, member: &str, answer: &str, exchange: &mut Exchange) -> Option<String> {
        let found = list::Items::find(answer, member)?;
        found.edited(answer, |raw| self.shown(None, raw, exchange))
    }

    /// What a server says of itself when it is met; `instructions` that are blocked are not passed on.
    fn introduction(&self, answer: &str, exchange: &mut Exchange) -> Option<String> {
        let instructions = list::instructions(answer)?;
        let shown = self.shown(None, instructions.get(), exchange);
        match shown {
            Some(shown) if shown == instructions.get() => None,
            Some(shown) => list::with_instructions(answer, Some(&shown)),
            None => list::with_instructions(answer, None),
        }
    }
}
