//! The filters of traces, as parameters of a list and as the body of a search.

use gatewayops_proto::event::Status;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::{
    error::{Error, Result},
    id::{ApiKeyId, TeamId, UserId},
    live::Wanted,
    rest::{
        form::{Faults, Form},
        list::{Aggregated, Filters},
        query::{AnyOf, Asked, One, Parameters},
        window::Period,
    },
    store::{
        dimensions::Dimensions,
        page::SortKey,
        traces::{Facet, Filter},
    },
};

#[derive(Clone, Debug, Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct TraceFilters {
    #[schema(value_type = Option<Vec<String>>)]
    pub mcp_server: Option<AnyOf<String>>,
    #[schema(value_type = Option<Vec<String>>)]
    pub tool_name: Option<AnyOf<String>>,
    #[schema(value_type = Option<Vec<String>>)]
    pub operation_name: Option<AnyOf<String>>,
    /// success, error, timeout, blocked, cancelled
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<Vec<String>>)]
    pub status: Option<AnyOf<Status>>,
    #[schema(value_type = Option<Vec<String>>)]
    pub error_type: Option<AnyOf<String>>,
    #[schema(value_type = Option<Vec<String>>)]
    pub environment: Option<AnyOf<String>>,
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    pub user_id: Option<AnyOf<UserId>>,
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    pub team_id: Option<AnyOf<TeamId>>,
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    pub api_key_id: Option<AnyOf<ApiKeyId>>,
    #[schema(value_type = Option<Vec<String>>)]
    pub session_id: Option<AnyOf<String>>,
    #[schema(value_type = Option<Vec<String>>)]
    pub trace_id: Option<AnyOf<String>>,
    #[schema(value_type = Option<Vec<String>>)]
    pub client_name: Option<AnyOf<String>>,
    #[schema(value_type = Option<i32>)]
    pub min_duration_ms: Option<One<i32>>,
    #[schema(value_type = Option<i32>)]
    pub max_duration_ms: Option<One<i32>>,
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    pub min_cost_usd: Option<One<Decimal>>,
    /// Text in the tool's name or the error message.
    pub q: Option<String>,
}

impl Filters for TraceFilters {
    const SORT: &'static [SortKey] = &[
        SortKey { name: "started_at", sql: "r.started_at", cast: "timestamptz" },
        SortKey { name: "duration_ms", sql: "r.duration_ms", cast: "integer" },
        SortKey { name: "cost_usd", sql: "coalesce(r.cost_usd, 0)", cast: "numeric" },
    ];
    const EVENTS: bool = true;
}

impl Aggregated for TraceFilters {
    const PERIOD: Period = Period::Day;
}

impl From<TraceFilters> for Filter {
    /// Root spans: what a client sent is what a list of traces shows.
    fn from(filters: TraceFilters) -> Self {
        fn list<T>(values: Option<AnyOf<T>>) -> Option<Vec<T>> {
            values.map(|AnyOf(values)| values)
        }
        Self {
            dimensions: Dimensions {
                mcp_server: list(filters.mcp_server),
                tool_name: list(filters.tool_name),
                environment: list(filters.environment),
                user_id: list(filters.user_id),
                team_id: list(filters.team_id),
                api_key_id: list(filters.api_key_id),
                visible: Vec::new(),
            },
            roots: true,
            operation_name: list(filters.operation_name),
            status: list(filters.status).map(statuses),
            error_type: list(filters.error_type),
            session_id: list(filters.session_id),
            trace_id: list(filters.trace_id),
            span_id: None,
            client_name: list(filters.client_name),
            min_duration_ms: filters.min_duration_ms.map(|One(value)| value),
            max_duration_ms: filters.max_duration_ms.map(|One(value)| value),
            min_cost_usd: filters.min_cost_usd.map(|One(value)| value),
            q: filters.q,
        }
    }
}

/// The filters of one trace's spans.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SpanFilters {
    #[param(value_type = Option<String>)]
    pub status: Option<AnyOf<Status>>,
    pub mcp_server: Option<AnyOf<String>>,
}

impl Filters for SpanFilters {
    const SORT: &'static [SortKey] = TraceFilters::SORT;
    const EVENTS: bool = true;
}

impl SpanFilters {
    pub(super) fn of_trace(self, trace_id: String) -> Filter {
        Filter {
            dimensions: Dimensions {
                mcp_server: self.mcp_server.map(|AnyOf(values)| values),
                ..Dimensions::default()
            },
            trace_id: Some(vec![trace_id]),
            status: self.status.map(|AnyOf(values)| statuses(values)),
            ..Filter::default()
        }
    }
}

/// The filters of a live stream.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct StreamFilters {
    pub mcp_server: Option<AnyOf<String>>,
    pub tool_name: Option<AnyOf<String>>,
    /// success, error, timeout, blocked, cancelled
    #[param(value_type = Option<String>)]
    pub status: Option<AnyOf<Status>>,
    pub api_key_id: Option<AnyOf<ApiKeyId>>,
    pub team_id: Option<AnyOf<TeamId>>,
    pub environment: Option<AnyOf<String>>,
}

impl StreamFilters {
    /// From a message, where several values are an array.
    ///
    /// # Errors
    /// An unknown name, or a value of the wrong type.
    pub(super) fn read(filters: Map<String, Value>) -> Result<Self> {
        let query = Search { filters, ..Search::default() }.query()?;
        Parameters::parse(&query)?.finish()
    }

    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            mcp_server: self.mcp_server.values(),
            tool_name: self.tool_name.values(),
            status: self.status.values().map(statuses),
            environment: self.environment.values(),
            team_id: self.team_id.values(),
            api_key_id: self.api_key_id.values(),
        }
    }

    /// As the message that greets shows them.
    pub(super) fn shown(&self) -> Value {
        let wanted = self.wanted();
        let mut shown = Map::new();
        for (name, values) in [
            ("mcp_server", wanted.mcp_server.map(|values| json!(values))),
            ("tool_name", wanted.tool_name.map(|values| json!(values))),
            ("status", wanted.status.map(|values| json!(values))),
            ("api_key_id", wanted.api_key_id.map(|values| json!(values))),
            ("team_id", wanted.team_id.map(|values| json!(values))),
            ("environment", wanted.environment.map(|values| json!(values))),
        ] {
            if let Some(values) = values {
                shown.insert(name.to_owned(), values);
            }
        }
        Value::Object(shown)
    }
}

impl From<&StreamFilters> for Filter {
    fn from(filters: &StreamFilters) -> Self {
        let wanted = filters.wanted();
        Self {
            dimensions: Dimensions {
                mcp_server: wanted.mcp_server,
                tool_name: wanted.tool_name,
                environment: wanted.environment,
                user_id: None,
                team_id: wanted.team_id,
                api_key_id: wanted.api_key_id,
                visible: Vec::new(),
            },
            roots: true,
            status: wanted.status,
            ..Self::default()
        }
    }
}

fn statuses(values: Vec<Status>) -> Vec<String> {
    values.into_iter().map(|status| status.as_str().to_owned()).collect()
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FacetName {
    Status,
    McpServer,
    ToolName,
    Environment,
    ErrorType,
}

impl From<FacetName> for Facet {
    fn from(name: FacetName) -> Self {
        match name {
            FacetName::Status => Self::Status,
            FacetName::McpServer => Self::McpServer,
            FacetName::ToolName => Self::ToolName,
            FacetName::Environment => Self::Environment,
            FacetName::ErrorType => Self::ErrorType,
        }
    }
}

impl FacetName {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::McpServer => "mcp_server",
            Self::ToolName => "tool_name",
            Self::Environment => "environment",
            Self::ErrorType => "error_type",
        }
    }
}

/// A list asked for by a body: the same names, several values as an array.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = TraceSearch)]
pub(super) struct Search {
    #[schema(value_type = TraceFilters)]
    filters: Map<String, Value>,
    sort: Option<String>,
    limit: Option<i64>,
    cursor: Option<String>,
    offset: Option<i64>,
    include_total: Option<bool>,
    pub facets: Vec<FacetName>,
}

impl Form for Search {
    fn check(&self, faults: &mut Faults) {
        let mut seen = Vec::new();
        for (place, facet) in self.facets.iter().enumerate() {
            if seen.contains(facet) {
                faults.add(format!("facets.{place}"), "unique", "is given twice");
            }
            seen.push(*facet);
        }
    }
}

impl Search {
    /// The same list as parameters, so that both are read by the same code.
    ///
    /// # Errors
    /// A filter that is no text, number or array of these.
    pub(super) fn query(&self) -> Result<String> {
        let mut pairs = Vec::new();
        for (name, value) in &self.filters {
            let values = match value {
                Value::Null => continue,
                Value::Array(values) if values.is_empty() => continue,
                Value::Array(values) => {
                    values.iter().map(|value| scalar(name, value)).collect::<Result<_>>()?
                }
                value => vec![scalar(name, value)?],
            };
            pairs.push((name.clone(), values.join(",")));
        }
        let page = [
            ("sort", self.sort.clone()),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
            ("offset", self.offset.map(|offset| offset.to_string())),
            ("include_total", self.include_total.map(|include| include.to_string())),
        ];
        pairs.extend(page.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        Ok(form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
    }
}

fn scalar(name: &str, value: &Value) -> Result<String> {
    match value {
        Value::String(text) if text.contains(',') && name != "q" => Err(Error::invalid_field(
            &format!("filters.{name}"),
            "format",
            "must not contain a comma; use an array",
        )),
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        _ => Err(Error::invalid_field(
            &format!("filters.{name}"),
            "type",
            "must be a text, a number or an array of these",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn search(filters: Value) -> Result<String> {
        let Value::Object(filters) = filters else { panic!("filters are an object") };
        Search { filters, ..Search::default() }.query()
    }

    #[test]
    fn a_search_asks_for_what_the_same_parameters_would() {
        let query = search(
            json!({"status": ["error", "timeout"], "min_duration_ms": 5, "q": "a,b", "user_id": null}),
        )
        .unwrap();
        let filters: TraceFilters = Parameters::parse(&query).unwrap().finish().unwrap();
        assert_eq!(filters.status, Some(AnyOf(vec![Status::Error, Status::Timeout])));
        assert_eq!((filters.min_duration_ms, filters.q.as_deref()), (Some(One(5)), Some("a,b")));
    }

    #[test]
    fn filters_that_are_no_values_are_refused() {
        for filters in
            [json!({"status": {"not": "error"}}), json!({"status": [["error"]]}), json!({"tool_name": "a,b"})]
        {
            assert!(search(filters).is_err());
        }
    }
}
