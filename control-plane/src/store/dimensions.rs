//! What traces and costs are told apart by, and which of their rows a caller may see.

use sqlx::{Encode, Postgres, QueryBuilder, Type, postgres::PgHasArrayType};

use crate::id::{ApiKeyId, OrgId, TeamId, UserId};

/// Filters that both have: none means any, several mean one of them.
#[derive(Clone, Debug, Default)]
pub struct Dimensions {
    pub mcp_server: Option<Vec<String>>,
    pub tool_name: Option<Vec<String>>,
    pub environment: Option<Vec<String>>,
    pub user_id: Option<Vec<UserId>>,
    pub team_id: Option<Vec<TeamId>>,
    pub api_key_id: Option<Vec<ApiKeyId>>,
    /// Every one of these must allow a row.
    pub visible: Vec<Visible>,
}

/// Rows of this user, this key, these teams or these servers; `everything` is all of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Visible {
    pub everything: bool,
    pub user: Option<UserId>,
    pub api_key: Option<ApiKeyId>,
    pub teams: Vec<TeamId>,
    pub mcp_servers: Vec<String>,
}

impl Visible {
    /// Whether a row with these dimensions is among them.
    #[must_use]
    pub fn includes(
        &self,
        user: Option<UserId>,
        api_key: Option<ApiKeyId>,
        team: Option<TeamId>,
        mcp_server: &str,
    ) -> bool {
        self.everything
            || (user.is_some() && user == self.user)
            || (api_key.is_some() && api_key == self.api_key)
            || team.is_some_and(|team| self.teams.contains(&team))
            || self.mcp_servers.iter().any(|name| name == mcp_server)
    }
}

impl Dimensions {
    /// ` where <alias>.org_id = …` and every filter. All tables name these columns alike; the alias is `r`.
    pub fn push(&self, query: &mut QueryBuilder<Postgres>, org: OrgId) {
        query.push(" where r.org_id = ").push_bind(org);
        push_any(query, "r.mcp_server", self.mcp_server.as_ref());
        push_any(query, "r.tool_name", self.tool_name.as_ref());
        push_any(query, "r.environment", self.environment.as_ref());
        push_any(query, "r.user_id", self.user_id.as_ref());
        push_any(query, "r.team_id", self.team_id.as_ref());
        push_any(query, "r.api_key_id", self.api_key_id.as_ref());
        for visible in &self.visible {
            visible.push(query);
        }
    }

    /// What a table must tell apart to be filtered.
    pub(super) fn needed(&self) -> Vec<Dimension> {
        let filters = [
            (Dimension::McpServer, self.mcp_server.is_some()),
            (Dimension::ToolName, self.tool_name.is_some()),
            (Dimension::Environment, self.environment.is_some()),
            (Dimension::User, self.user_id.is_some()),
            (Dimension::Team, self.team_id.is_some()),
            (Dimension::ApiKey, self.api_key_id.is_some()),
        ];
        let filters = filters.into_iter().filter_map(|(dimension, is_filter)| is_filter.then_some(dimension));
        filters.chain(self.visible.iter().flat_map(Visible::needed)).collect()
    }
}

/// One of the columns that rows are told apart by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Dimension {
    McpServer,
    ToolName,
    Environment,
    User,
    Team,
    ApiKey,
}

impl Visible {
    fn needed(&self) -> Vec<Dimension> {
        if self.everything {
            return Vec::new();
        }
        let ways = [
            (Dimension::McpServer, !self.mcp_servers.is_empty()),
            (Dimension::User, self.user.is_some()),
            (Dimension::Team, !self.teams.is_empty()),
            (Dimension::ApiKey, self.api_key.is_some()),
        ];
        ways.into_iter().filter_map(|(dimension, is_way)| is_way.then_some(dimension)).collect()
    }

    fn push(&self, query: &mut QueryBuilder<Postgres>) {
        if self.everything {
            return;
        }
        query.push(" and (false");
        if let Some(user) = self.user {
            query.push(" or r.user_id = ").push_bind(user);
        }
        if let Some(api_key) = self.api_key {
            query.push(" or r.api_key_id = ").push_bind(api_key);
        }
        if !self.teams.is_empty() {
            query.push(" or r.team_id = any(").push_bind(self.teams.clone()).push(")");
        }
        if !self.mcp_servers.is_empty() {
            query.push(" or r.mcp_server = any(").push_bind(self.mcp_servers.clone()).push(")");
        }
        query.push(")");
    }
}

/// ` and <column> = any(…)`, when there is a filter. Of one value ` = …`: only that can be read in the order of an index.
pub fn push_any<T>(query: &mut QueryBuilder<Postgres>, column: &'static str, values: Option<&Vec<T>>)
where
    T: Clone + Send + Type<Postgres> + PgHasArrayType + for<'q> Encode<'q, Postgres> + 'static,
{
    match values.map(Vec::as_slice) {
        None => {}
        Some([value]) => {
            query.push(format_args!(" and {column} = ")).push_bind(value.clone());
        }
        Some(values) => {
            query.push(format_args!(" and {column} = any(")).push_bind(values.to_vec()).push(")");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_an_owner_are_nobodys_own() {
        let own = Visible { user: Some(UserId::new()), ..Visible::default() };
        assert!(own.includes(own.user, None, None, "files"));
        assert!(!own.includes(None, None, None, "files"));
        assert!(!Visible::default().includes(None, None, None, "files"));
    }

    #[test]
    fn a_team_or_a_server_makes_a_row_visible() {
        let team = TeamId::new();
        let visible = Visible { teams: vec![team], mcp_servers: vec!["files".into()], ..Visible::default() };
        assert!(visible.includes(None, None, Some(team), "github"));
        assert!(visible.includes(None, None, None, "files"));
        assert!(!visible.includes(None, None, Some(TeamId::new()), "github"));
    }
}
