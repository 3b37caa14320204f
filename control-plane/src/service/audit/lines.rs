//! An export of the audit log as JSON lines: everything that verification needs, in a file of its own. First what it is
//! an export of, the public keys and the anchors; then the rows in the order of their numbers, each signed head behind
//! the row it names; last how many there were.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::key::PublicKey;
use crate::{
    id::OrgId,
    store::audit::{
        AuditRow,
        heads::{Link, SignedHead},
    },
};

/// The layout's version.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Line {
    Export(Header),
    Key(KeyLine),
    Anchor(AnchorLine),
    Row(Box<AuditLine>),
    Head(HeadLine),
    End(Totals),
}

impl Line {
    /// The row in it.
    #[must_use]
    pub fn row(&self) -> Option<&AuditLine> {
        match self {
            Self::Row(row) => Some(row),
            _ => None,
        }
    }
}

/// The first line.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    pub format: u32,
    pub org_id: Uuid,
    pub exported_at: String,
    /// Of the organization's last row at that time.
    pub last_seq: i64,
    /// Nothing was left out before the first row here.
    pub from_start: bool,
    /// Nothing was left out behind the last row here.
    pub to_end: bool,
    /// Filters left out rows in between: there is no chain to verify.
    pub selection: bool,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct KeyLine {
    pub key_id: String,
    /// Ed25519, 64 hex digits.
    pub public_key: String,
}

/// Rows up to this one left the database with their month.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct AnchorLine {
    pub seq: i64,
    pub hash: String,
}

/// What the control plane saw as the end of an organization's audit log, and its Ed25519 signature over
/// `gatewayops audit head v1`, org_id, seq, hash, signed_at and key_id, each ended by a line feed.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignedAuditHead)]
pub struct HeadLine {
    pub org_id: Uuid,
    pub seq: i64,
    pub hash: String,
    #[schema(format = DateTime)]
    pub signed_at: String,
    pub key_id: String,
    pub signature: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    pub rows: u64,
    pub heads: u64,
}

/// A row of the audit log. `hash` is SHA-256 over the bytes of `prev_hash` and the RFC 8785 JSON of all other fields.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuditLog)]
pub struct AuditLine {
    pub id: Uuid,
    pub org_id: Uuid,
    /// Without gaps within the organization.
    pub seq: i64,
    pub action: String,
    /// success, failure, denied
    pub outcome: String,
    /// user, api_key, system, proxy
    pub actor_type: String,
    #[schema(required)]
    pub actor_id: Option<String>,
    #[schema(required)]
    pub actor_name: Option<String>,
    #[schema(required)]
    pub resource_type: Option<String>,
    #[schema(required)]
    pub resource_id: Option<String>,
    #[schema(required)]
    pub resource_name: Option<String>,
    /// `{field: {before, after}}`; secrets are masked.
    #[schema(value_type = Object)]
    pub changes: Value,
    #[schema(value_type = Object)]
    pub details: Value,
    #[schema(required)]
    pub ip_address: Option<String>,
    #[schema(required)]
    pub user_agent: Option<String>,
    #[schema(required)]
    pub request_id: Option<String>,
    #[schema(required)]
    pub trace_id: Option<String>,
    pub prev_hash: String,
    pub hash: String,
    /// To the microsecond, as it is hashed.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// Microseconds, as Postgres keeps them.
#[must_use]
pub fn written(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Why a line says nothing that could have been written here.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not as it is written")]
pub struct Unwritten(&'static str);

fn time(field: &'static str, text: &str) -> Result<DateTime<Utc>, Unwritten> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| Unwritten(field))?.to_utc();
    // Digits that nobody hashes could be any.
    if written(time) == text { Ok(time) } else { Err(Unwritten(field)) }
}

fn bytes(field: &'static str, text: &str) -> Result<Vec<u8>, Unwritten> {
    let bytes = hex::decode(text).map_err(|_| Unwritten(field))?;
    if hex::encode(&bytes) == text { Ok(bytes) } else { Err(Unwritten(field)) }
}

impl From<AuditRow> for AuditLine {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            org_id: row.org_id.0,
            seq: row.seq,
            action: row.action,
            outcome: row.outcome,
            actor_type: row.actor_type,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            resource_name: row.resource_name,
            changes: row.changes,
            details: row.details,
            ip_address: row.ip_address,
            user_agent: row.user_agent,
            request_id: row.request_id,
            trace_id: row.trace_id,
            prev_hash: hex::encode(row.prev_hash),
            hash: hex::encode(row.hash),
            created_at: written(row.created_at),
        }
    }
}

impl From<AuditRow> for Line {
    fn from(row: AuditRow) -> Self {
        Self::Row(Box::new(row.into()))
    }
}

impl TryFrom<AuditLine> for AuditRow {
    type Error = Unwritten;

    fn try_from(line: AuditLine) -> Result<Self, Unwritten> {
        Ok(Self {
            id: line.id,
            org_id: OrgId(line.org_id),
            seq: line.seq,
            action: line.action,
            outcome: line.outcome,
            actor_type: line.actor_type,
            actor_id: line.actor_id,
            actor_name: line.actor_name,
            resource_type: line.resource_type,
            resource_id: line.resource_id,
            resource_name: line.resource_name,
            changes: line.changes,
            details: line.details,
            ip_address: line.ip_address,
            user_agent: line.user_agent,
            request_id: line.request_id,
            trace_id: line.trace_id,
            prev_hash: bytes("prev_hash", &line.prev_hash)?,
            hash: bytes("hash", &line.hash)?,
            created_at: time("created_at", &line.created_at)?,
        })
    }
}

impl From<&SignedHead> for HeadLine {
    fn from(head: &SignedHead) -> Self {
        Self {
            org_id: head.org_id.0,
            seq: head.seq,
            hash: hex::encode(&head.hash),
            signed_at: written(head.signed_at),
            key_id: head.key_id.clone(),
            signature: hex::encode(&head.signature),
        }
    }
}

impl From<&SignedHead> for Line {
    fn from(head: &SignedHead) -> Self {
        Self::Head(head.into())
    }
}

impl TryFrom<HeadLine> for SignedHead {
    type Error = Unwritten;

    fn try_from(line: HeadLine) -> Result<Self, Unwritten> {
        Ok(Self {
            org_id: OrgId(line.org_id),
            seq: line.seq,
            hash: bytes("hash", &line.hash)?,
            key_id: line.key_id,
            signature: bytes("signature", &line.signature)?,
            signed_at: time("signed_at", &line.signed_at)?,
        })
    }
}

impl From<&PublicKey> for KeyLine {
    fn from(key: &PublicKey) -> Self {
        Self { key_id: key.key_id.clone(), public_key: key.to_string() }
    }
}

impl From<&Link> for AnchorLine {
    fn from(link: &Link) -> Self {
        Self { seq: link.seq, hash: hex::encode(&link.hash) }
    }
}

impl TryFrom<AnchorLine> for Link {
    type Error = Unwritten;

    fn try_from(line: AnchorLine) -> Result<Self, Unwritten> {
        Ok(Self { seq: line.seq, hash: bytes("hash", &line.hash)? })
    }
}
