//! What one stream shows: what its caller may see, as the list of traces decides it, and of that what was asked for.

use crate::{
    id::{ApiKeyId, TeamId, UserId},
    store::{dimensions::Visible, traces::Span},
};

#[derive(Clone, Debug, Default)]
pub struct Lens {
    pub visible: Visible,
    /// Where the cost is shown too.
    pub priced: Visible,
    pub wanted: Wanted,
}

/// None wants any; several mean one of them.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub mcp_server: Option<Vec<String>>,
    pub tool_name: Option<Vec<String>>,
    pub status: Option<Vec<String>>,
    pub environment: Option<Vec<String>>,
    pub team_id: Option<Vec<TeamId>>,
    pub api_key_id: Option<Vec<ApiKeyId>>,
}

/// What a span is told apart by.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub user: Option<UserId>,
    pub api_key: Option<ApiKeyId>,
    pub team: Option<TeamId>,
    pub mcp_server: &'a str,
    pub tool_name: Option<&'a str>,
    pub status: &'a str,
    pub environment: Option<&'a str>,
}

impl<'a> From<&'a Span> for Facts<'a> {
    fn from(span: &'a Span) -> Self {
        Self {
            user: span.user_id,
            api_key: span.api_key_id,
            team: span.team_id,
            mcp_server: &span.mcp_server,
            tool_name: span.tool_name.as_deref(),
            status: &span.status,
            environment: span.environment.as_deref(),
        }
    }
}

impl Lens {
    #[must_use]
    pub fn shows(&self, facts: &Facts<'_>) -> bool {
        includes(&self.visible, facts) && self.wanted.fits(facts)
    }

    /// The span as the caller may see it.
    #[must_use]
    pub fn through(&self, span: &Span) -> Span {
        let mut seen = span.clone();
        if !includes(&self.priced, &Facts::from(span)) {
            seen.cost_usd = None;
        }
        seen
    }
}

fn includes(visible: &Visible, facts: &Facts<'_>) -> bool {
    visible.includes(facts.user, facts.api_key, facts.team, facts.mcp_server)
}

impl Wanted {
    fn fits(&self, facts: &Facts<'_>) -> bool {
        is_text(self.mcp_server.as_ref(), Some(facts.mcp_server))
            && is_text(self.tool_name.as_ref(), facts.tool_name)
            && is_text(self.status.as_ref(), Some(facts.status))
            && is_text(self.environment.as_ref(), facts.environment)
            && is_one(self.team_id.as_ref(), facts.team)
            && is_one(self.api_key_id.as_ref(), facts.api_key)
    }
}

fn is_text(wanted: Option<&Vec<String>>, text: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| text.is_some_and(|text| wanted.iter().any(|one| one == text)))
}

fn is_one<T: PartialEq>(wanted: Option<&Vec<T>>, value: Option<T>) -> bool {
    wanted.is_none_or(|wanted| value.is_some_and(|value| wanted.contains(&value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: Facts<'static> = Facts {
        user: None,
        api_key: None,
        team: None,
        mcp_server: "files",
        tool_name: Some("read"),
        status: "success",
        environment: None,
    };

    #[test]
    fn nothing_is_shown_to_whoever_may_see_nothing() {
        assert!(!Lens::default().shows(&FACTS));
        let visible = Visible { everything: true, ..Visible::default() };
        assert!(Lens { visible, ..Lens::default() }.shows(&FACTS));
    }

    #[test]
    fn every_filter_must_fit_and_one_of_its_values_is_enough() {
        let visible = Visible { everything: true, ..Visible::default() };
        let shows = |wanted| Lens { visible: visible.clone(), wanted, ..Lens::default() }.shows(&FACTS);
        let list = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert!(shows(Wanted { mcp_server: list(&["other", "files"]), ..Wanted::default() }));
        assert!(!shows(Wanted { mcp_server: list(&["other"]), ..Wanted::default() }));
        assert!(!shows(Wanted {
            mcp_server: list(&["files"]),
            status: list(&["error"]),
            ..Wanted::default()
        }));
        assert!(!shows(Wanted { environment: list(&["prd"]), ..Wanted::default() }), "it has none");
        assert!(!shows(Wanted { team_id: Some(vec![TeamId::new()]), ..Wanted::default() }));
    }
}
