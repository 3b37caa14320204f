//! The filters of costs: the same for rows, sums and groups, each with its own order.

use serde::Deserialize;
use utoipa::{
    IntoParams,
    openapi::path::{Parameter, ParameterIn},
};

use crate::{
    id::{ApiKeyId, TeamId, UserId},
    rest::{
        list::{Aggregated, Filters},
        query::AnyOf,
        window::Period,
    },
    store::{dimensions::Dimensions, page::SortKey},
};

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CostFilters {
    pub mcp_server: Option<AnyOf<String>>,
    pub tool_name: Option<AnyOf<String>>,
    pub team_id: Option<AnyOf<TeamId>>,
    pub user_id: Option<AnyOf<UserId>>,
    pub api_key_id: Option<AnyOf<ApiKeyId>>,
    pub environment: Option<AnyOf<String>>,
}

impl Aggregated for CostFilters {
    const PERIOD: Period = Period::Month;
}

/// For cost rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct RowFilters(pub CostFilters);

impl Filters for RowFilters {
    const SORT: &'static [SortKey] = &[
        SortKey { name: "created_at", sql: "r.created_at", cast: "timestamptz" },
        SortKey { name: "cost_usd", sql: "r.cost_usd", cast: "numeric" },
    ];
    const EVENTS: bool = true;
}

/// For groups of cost rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct ShareFilters(pub CostFilters);

impl Filters for ShareFilters {
    const SORT: &'static [SortKey] = &[
        SortKey { name: "total_cost", sql: "g.total_cost", cast: "numeric" },
        SortKey { name: "total_requests", sql: "g.total_requests", cast: "bigint" },
    ];
}

impl IntoParams for RowFilters {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        CostFilters::into_params(parameter_in)
    }
}

impl IntoParams for ShareFilters {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        CostFilters::into_params(parameter_in)
    }
}

impl From<CostFilters> for Dimensions {
    fn from(filters: CostFilters) -> Self {
        Self {
            mcp_server: filters.mcp_server.map(|AnyOf(values)| values),
            tool_name: filters.tool_name.map(|AnyOf(values)| values),
            environment: filters.environment.map(|AnyOf(values)| values),
            user_id: filters.user_id.map(|AnyOf(values)| values),
            team_id: filters.team_id.map(|AnyOf(values)| values),
            api_key_id: filters.api_key_id.map(|AnyOf(values)| values),
            visible: Vec::new(),
        }
    }
}
