//! An invite as JSON shows it (contract 3.3).

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    id::{InviteId, OrgId, RoleId, UserId},
    rest::{list::PageInfo, value::Time},
    service::invites::{self, Issued, Status},
    store::invites::InviteRow,
};

#[derive(Serialize, ToSchema)]
pub(super) struct Invite {
    id: InviteId,
    org_id: OrgId,
    email: String,
    /// The role's name.
    role: String,
    role_id: RoleId,
    team_ids: Vec<Uuid>,
    #[schema(value_type = Status)]
    status: String,
    #[schema(required)]
    invited_by: Option<UserId>,
    expires_at: Time,
    #[schema(required)]
    accepted_at: Option<Time>,
    created_at: Time,
}

impl From<InviteRow> for Invite {
    fn from(row: InviteRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id,
            email: row.email,
            role: row.role,
            role_id: row.role_id,
            team_ids: row.team_ids,
            status: row.status,
            invited_by: row.invited_by,
            expires_at: row.expires_at.into(),
            accepted_at: row.accepted_at.map(Time),
            created_at: row.created_at.into(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub(super) struct Invites {
    pub(super) invites: Vec<Invite>,
    #[serde(flatten)]
    pub(super) page: PageInfo,
}

/// An invite with its link.
#[derive(Serialize, ToSchema)]
pub(in crate::rest) struct IssuedInvite {
    #[serde(flatten)]
    invite: Invite,
    /// Shown only here; null when the answer is repeated.
    accept_url: String,
    /// Whether the mail server has taken it by now; false without one.
    mailed: bool,
}

impl From<Issued> for IssuedInvite {
    fn from(issued: Issued) -> Self {
        Self { invite: issued.row.into(), accept_url: issued.accept_url, mailed: issued.mailed }
    }
}

/// What the holder of a token is invited to.
#[derive(Serialize, ToSchema)]
#[schema(as = InviteLookup)]
pub(super) struct Lookup {
    organization_name: String,
    email: String,
    /// The role's name.
    role: String,
    expires_at: Time,
}

impl From<invites::Lookup> for Lookup {
    fn from(lookup: invites::Lookup) -> Self {
        Self {
            organization_name: lookup.organization_name,
            email: lookup.email,
            role: lookup.role,
            expires_at: lookup.expires_at.into(),
        }
    }
}
