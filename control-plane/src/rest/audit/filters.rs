//! The filters of the audit log.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    rest::{
        list::{Aggregated, Filters},
        query::{AnyOf, Asked},
        window::Period,
    },
    store::{
        audit::list::{Filter, SORT},
        page::SortKey,
    },
};

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Outcome {
    Success,
    Failure,
    Denied,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ActorType {
    User,
    ApiKey,
    System,
    Proxy,
}

#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditFilters {
    /// `*` stands for any run of characters: `api_key.*`.
    action: Option<AnyOf<String>>,
    /// success, failure, denied
    #[param(value_type = Option<String>)]
    outcome: Option<AnyOf<Outcome>>,
    resource_type: Option<AnyOf<String>>,
    resource_id: Option<AnyOf<String>>,
    /// user, api_key, system, proxy
    #[param(value_type = Option<String>)]
    actor_type: Option<AnyOf<ActorType>>,
    actor_id: Option<AnyOf<String>>,
    #[param(value_type = Option<String>)]
    ip_address: Option<AnyOf<IpAddr>>,
    request_id: Option<AnyOf<String>>,
    /// Text in any of these, in the names of actor and resource, or in the details.
    q: Option<String>,
}

impl Filters for AuditFilters {
    const SORT: &'static [SortKey] = SORT;
    const EVENTS: bool = true;
}

impl Aggregated for AuditFilters {
    const PERIOD: Period = Period::Month;
}

impl From<AuditFilters> for Filter {
    fn from(filters: AuditFilters) -> Self {
        Self {
            action: filters.action.values(),
            outcome: filters.outcome.words(),
            resource_type: filters.resource_type.values(),
            resource_id: filters.resource_id.values(),
            actor_type: filters.actor_type.words(),
            actor_id: filters.actor_id.values(),
            ip_address: filters.ip_address.values(),
            request_id: filters.request_id.values(),
            q: filters.q,
            through: None,
        }
    }
}
