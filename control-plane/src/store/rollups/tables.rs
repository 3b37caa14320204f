//! Which sums tell enough apart for a question, and where they are kept.

use super::plan::Grain;
use crate::store::dimensions::{Dimension, Dimensions};

/// Which sums a range is made up of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Tables {
    /// Shares of one kind.
    Shares(Kind),
    /// By server and environment.
    Servers,
    /// By everything a span is told apart by.
    Everything,
}

/// What sums are told apart by besides the time, as `rollup_share_hour` has it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    Organization,
    Server,
    Tool,
    Team,
    User,
    ApiKey,
}

impl Kind {
    /// The ones with the fewest sums first.
    pub(super) const ALL: [Self; 6] =
        [Self::Organization, Self::Server, Self::Team, Self::Tool, Self::User, Self::ApiKey];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Server => "server",
            Self::Tool => "tool",
            Self::Team => "team",
            Self::User => "user",
            Self::ApiKey => "api_key",
        }
    }

    fn dimensions(self) -> &'static [Dimension] {
        match self {
            Self::Organization => &[],
            Self::Server => &[Dimension::McpServer],
            Self::Tool => &[Dimension::McpServer, Dimension::ToolName],
            Self::Team => &[Dimension::Team],
            Self::User => &[Dimension::User],
            Self::ApiKey => &[Dimension::ApiKey],
        }
    }
}

impl Tables {
    /// Those with the fewest rows that tell enough apart.
    pub(super) fn fitting(filter: &Dimensions, by: Kind) -> Self {
        let mut needed = filter.needed();
        needed.extend(by.dimensions());
        let fits = |tables: &Self| needed.iter().all(|dimension| tables.dimensions().contains(dimension));
        let narrow = Kind::ALL.into_iter().map(Self::Shares).chain([Self::Servers]);
        narrow.into_iter().find(fits).unwrap_or(Self::Everything)
    }

    fn dimensions(self) -> &'static [Dimension] {
        use Dimension::{ApiKey, Environment, McpServer, Team, ToolName, User};
        match self {
            Self::Shares(kind) => kind.dimensions(),
            Self::Servers => &[McpServer, Environment],
            Self::Everything => &[McpServer, ToolName, Environment, User, Team, ApiKey],
        }
    }

    /// Minutes are only by server and environment.
    pub(super) fn grains(self) -> &'static [Grain] {
        match self {
            Self::Servers | Self::Shares(Kind::Organization | Kind::Server) => {
                &[Grain::Minute, Grain::Hour, Grain::Day]
            }
            Self::Shares(_) | Self::Everything => &[Grain::Hour, Grain::Day],
        }
    }

    /// The table of a grain, what of it counts, and its columns that groups are made of.
    pub(super) fn of(self, grain: Grain) -> (&'static str, Option<Kind>, &'static str) {
        match (grain, self) {
            (Grain::Day, Self::Shares(kind)) => ("rollup_share_day", Some(kind), SHARE_DIMENSIONS),
            (Grain::Day, Self::Servers) => ("rollup_server_day", None, SERVER_DIMENSIONS),
            (Grain::Day, Self::Everything) => ("rollup_day", None, DIMENSIONS),
            (Grain::Hour, Self::Shares(kind)) => ("rollup_share_hour", Some(kind), SHARE_DIMENSIONS),
            (Grain::Hour, Self::Servers) => ("rollup_server_hour", None, SERVER_DIMENSIONS),
            (Grain::Hour, Self::Everything) => ("rollup_hour", None, DIMENSIONS),
            (Grain::Minute | Grain::Span, _) => ("rollup_minute", None, SERVER_DIMENSIONS),
        }
    }
}

/// The columns that groups are made of, where rows have them all.
pub(super) const DIMENSIONS: &str =
    "r.mcp_server, r.environment, r.tool_name, r.team_id, r.user_id, r.api_key_id";
const SHARE_DIMENSIONS: &str =
    "r.mcp_server, null::varchar as environment, r.tool_name, r.team_id, r.user_id, r.api_key_id";
const SERVER_DIMENSIONS: &str =
    "r.mcp_server, r.environment, null::varchar as tool_name, null::uuid as team_id,
    null::uuid as user_id, null::uuid as api_key_id";
