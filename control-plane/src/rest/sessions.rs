//! `/v1/sessions`: dashboard log-ins (contract 3.1).

use std::sync::Arc;

use axum::{Json, extract::State};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    form::Body,
    list::{Filters, List, ListParameters, PageInfo},
    query::One,
    respond::Id,
    value::Time,
};
use crate::{
    app::App,
    auth::{Actor, Principal},
    error::Result,
    id::{OrgId, SessionId, UserId},
    service::sessions::{self, RevokeForm},
    store::{self, page::SortKey, sessions::SessionRow},
};

pub fn router() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(delete)).routes(routes!(revoke))
}

#[derive(Serialize, ToSchema)]
pub struct Session {
    id: SessionId,
    org_id: OrgId,
    user_id: UserId,
    auth_method: String,
    #[schema(required)]
    ip_address: Option<String>,
    #[schema(required)]
    user_agent: Option<String>,
    last_active_at: Time,
    expires_at: Time,
    created_at: Time,
    /// Whether this is the one that asks.
    current: bool,
}

impl Session {
    pub(super) fn new(row: SessionRow, principal: &Principal) -> Self {
        let current = matches!(principal.actor, Actor::User { session, .. } if session == row.id);
        Self {
            id: row.id,
            org_id: row.org_id,
            user_id: row.user_id,
            auth_method: row.auth_method,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            last_active_at: row.last_active_at.into(),
            expires_at: row.expires_at.into(),
            created_at: row.created_at.into(),
            current,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct Sessions {
    sessions: Vec<Session>,
    #[serde(flatten)]
    page: PageInfo,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionFilters {
    /// Another's need `users:admin`.
    user_id: Option<One<UserId>>,
}

impl Filters for SessionFilters {
    const SORT: &'static [SortKey] = store::sessions::SORT;
}

/// The live sessions of the caller, or of another user.
#[utoipa::path(get, path = "/v1/sessions", operation_id = "listSessions", tag = "sessions",
    params(ListParameters, SessionFilters), responses((status = 200, body = Sessions)))]
async fn list(
    State(app): State<Arc<App>>,
    principal: Principal,
    list: List<SessionFilters>,
) -> Result<Json<Sessions>> {
    let user = list.filters.user_id.map(|one| one.0);
    let found = sessions::list(&app, &principal, user, &list.page).await?;
    let page = list.info(&found);
    let rows = found.rows.into_iter();
    Ok(Json(Sessions { sessions: rows.map(|row| Session::new(row, &principal)).collect(), page }))
}

/// End one session.
#[utoipa::path(delete, path = "/v1/sessions/{id}", operation_id = "deleteSession", tag = "sessions",
    params(("id" = SessionId, Path)), responses((status = 204)))]
async fn delete(
    State(app): State<Arc<App>>,
    principal: Principal,
    Id(id): Id<SessionId>,
) -> Result<StatusCode> {
    sessions::revoke(&app, &principal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Serialize, ToSchema)]
struct Revoked {
    revoked_count: u64,
}

/// End all sessions of a user.
#[utoipa::path(post, path = "/v1/sessions/revoke", operation_id = "revokeSessions", tag = "sessions",
    request_body = RevokeForm, responses((status = 200, body = Revoked)))]
async fn revoke(
    State(app): State<Arc<App>>,
    principal: Principal,
    Body(form): Body<RevokeForm>,
) -> Result<Json<Revoked>> {
    Ok(Json(Revoked { revoked_count: sessions::revoke_all(&app, &principal, &form).await? }))
}
