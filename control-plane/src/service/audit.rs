//! Audit rows: every write leaves one, in its own transaction, chained by hash without gaps (contract 5.4).

use std::{borrow::Cow, net::IpAddr};

use chrono::SecondsFormat;
use ring::digest;
use serde::Serialize;
use serde_json::{Map, Number, Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{
    auth::{Actor, Origin, Principal},
    error::{Error, Result},
    id::{AuditId, OrgId},
    store::{
        audit::{self, AuditRow},
        outbox,
    },
};

pub mod file;
pub mod key;
pub mod lines;
pub mod log;
pub mod sign;
pub mod verify;

use lines::AuditLine;

/// The event of a row (contract 4.8). There are so many of them that only those who asked have them in the outbox.
const RECORDED: &str = "audit.recorded";

/// Who did it and from where.
#[derive(Clone, Debug)]
pub struct Author {
    pub actor_type: Cow<'static, str>,
    pub actor_id: Option<String>,
    pub actor_name: Option<String>,
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub request_id: Option<String>,
    pub trace_id: Option<String>,
}

impl Author {
    /// The control plane itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            actor_type: Cow::Borrowed("system"),
            actor_id: None,
            actor_name: None,
            ip: None,
            user_agent: None,
            request_id: None,
            trace_id: None,
        }
    }

    /// Somebody from outside: not known, or not known yet.
    #[must_use]
    pub fn of(actor_type: &'static str, id: Option<Uuid>, name: Option<String>, origin: &Origin) -> Self {
        Self {
            actor_type: Cow::Borrowed(actor_type),
            actor_id: id.map(|id| id.to_string()),
            actor_name: name,
            ip: origin.ip,
            user_agent: origin.user_agent.clone(),
            request_id: Some(origin.request_id.clone()),
            trace_id: origin.trace_id.clone(),
        }
    }
}

impl From<&Principal> for Author {
    fn from(principal: &Principal) -> Self {
        let (actor_type, id) = match principal.actor {
            Actor::User { id, .. } => ("user", id.0),
            Actor::ApiKey { id, .. } => ("api_key", id.0),
        };
        Self::of(actor_type, Some(id), Some(principal.name.clone()), &principal.origin)
    }
}

/// What was done. The resource type is the part of the action before the dot.
#[derive(Clone, Debug)]
pub struct Entry {
    pub action: Cow<'static, str>,
    pub outcome: Cow<'static, str>,
    pub resource_id: Option<String>,
    pub resource_name: Option<String>,
    /// `{field: {"before", "after"}}`, without secrets.
    pub changes: Value,
    pub details: Value,
}

impl Entry {
    #[must_use]
    pub fn success(action: impl Into<Cow<'static, str>>) -> Self {
        Self {
            action: action.into(),
            outcome: Cow::Borrowed("success"),
            resource_id: None,
            resource_name: None,
            changes: json!({}),
            details: json!({}),
        }
    }

    /// It was tried and did not work (`failure`), or was not allowed (`denied`).
    #[must_use]
    pub fn refused(action: &'static str, outcome: &'static str) -> Self {
        Self { outcome: Cow::Borrowed(outcome), ..Self::success(action) }
    }

    #[must_use]
    pub fn on(mut self, id: impl ToString, name: impl Into<String>) -> Self {
        self.resource_id = Some(id.to_string());
        self.resource_name = Some(name.into());
        self
    }

    /// The fields that differ between two forms of a resource.
    #[must_use]
    pub fn changes<T: Serialize>(mut self, before: &T, after: &T) -> Self {
        self.changes = Value::Object(difference(&json!(before), &json!(after)));
        self
    }

    /// All that a resource was which is gone.
    #[must_use]
    pub fn gone<T: Serialize>(mut self, before: &T) -> Self {
        self.changes = Value::Object(difference(&json!(before), &json!({})));
        self
    }

    #[must_use]
    pub fn details(mut self, details: Value) -> Self {
        self.details = details;
        self
    }
}

fn difference(before: &Value, after: &Value) -> Map<String, Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else { return Map::new() };
    let fields = before.keys().chain(after.keys().filter(|field| !before.contains_key(*field)));
    let differing = fields.filter(|field| before.get(*field) != after.get(*field));
    differing
        .map(|field| (field.clone(), json!({"before": before.get(field), "after": after.get(field)})))
        .collect()
}

/// Appends the row, in the transaction of the write it tells of. Take it last: it holds the organization's head.
///
/// # Errors
/// The database's.
pub async fn record(conn: &mut PgConnection, org: OrgId, author: &Author, entry: Entry) -> Result<()> {
    let head = audit::lock_head(conn, org).await?;
    let resource_type = entry.action.split('.').next().map(str::to_owned);
    let mut row = AuditRow {
        id: AuditId::new().0,
        org_id: org,
        seq: head.seq + 1,
        action: entry.action.into_owned(),
        outcome: entry.outcome.into_owned(),
        actor_type: author.actor_type.clone().into_owned(),
        actor_id: author.actor_id.clone(),
        actor_name: author.actor_name.clone(),
        resource_type,
        resource_id: entry.resource_id,
        resource_name: entry.resource_name,
        changes: lasting(entry.changes),
        details: lasting(entry.details),
        ip_address: author.ip.map(|ip| ip.to_string()),
        user_agent: author.user_agent.clone(),
        request_id: author.request_id.clone(),
        trace_id: author.trace_id.clone(),
        prev_hash: head.hash,
        hash: Vec::new(),
        created_at: head.locked_at,
    };
    row.hash = hash(&row)?;
    audit::append(conn, org, &row).await?;
    if outbox::is_wanted(conn, org, RECORDED).await? {
        outbox::insert(conn, org, RECORDED, &json!(AuditLine::from(row))).await?;
    }
    Ok(())
}

/// The same with numbers that RFC 8785 and Postgres give back as they were: a whole number beyond 2⁵³ shares its hash with
/// its neighbours, and a fraction may come back another; those are texts.
fn lasting(value: Value) -> Value {
    match value {
        Value::Number(number) if !lasts(&number) => Value::String(number.to_string()),
        Value::Array(values) => values.into_iter().map(lasting).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, lasting(value))).collect(),
        other => other,
    }
}

fn lasts(number: &Number) -> bool {
    const LARGEST: u64 = (1 << 53) - 1;
    if let Some(whole) = number.as_i64() {
        return whole.unsigned_abs() <= LARGEST;
    }
    let text = number.to_string();
    !text.contains('e')
        && number.is_f64()
        && serde_json::from_str::<Number>(&text).is_ok_and(|read| read == *number)
}

/// SHA-256(previous hash ‖ RFC 8785 JSON of the row without its hash).
///
/// # Errors
/// The row cannot be written as canonical JSON.
pub fn hash(row: &AuditRow) -> Result<Vec<u8>> {
    let content = json!({
        "id": row.id,
        "org_id": row.org_id,
        "seq": row.seq,
        "action": row.action,
        "outcome": row.outcome,
        "actor_type": row.actor_type,
        "actor_id": row.actor_id,
        "actor_name": row.actor_name,
        "resource_type": row.resource_type,
        "resource_id": row.resource_id,
        "resource_name": row.resource_name,
        "changes": row.changes,
        "details": row.details,
        "ip_address": row.ip_address.as_deref().map(address),
        "user_agent": row.user_agent,
        "request_id": row.request_id,
        "trace_id": row.trace_id,
        "prev_hash": hex::encode(&row.prev_hash),
        "created_at": row.created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
    });
    let canonical = serde_json_canonicalizer::to_vec(&content).map_err(Error::internal)?;
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&row.prev_hash);
    context.update(&canonical);
    Ok(context.finish().as_ref().to_vec())
}

/// The address as it was hashed first; Postgres writes some of IPv6 differently. One with a mask is none of ours.
fn address(text: &str) -> String {
    text.parse::<IpAddr>().map_or_else(|_| text.to_owned(), |address| address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    #[test]
    fn changes_name_what_differs_only() {
        let entry = Entry::success("x.update").changes(&json!({"a": 1, "b": 2}), &json!({"a": 1, "b": 3}));
        assert_eq!(entry.changes, json!({"b": {"before": 2, "after": 3}}));
    }

    #[test]
    fn numbers_are_kept_as_texts_where_they_would_not_come_back_as_they_are() {
        let kept = json!({"a": 1, "b": [-9_007_199_254_740_991_i64, 0.1, 0.0, null], "c": "1e300"});
        assert_eq!(lasting(kept.clone()), kept);
        let lost = json!([9_007_199_254_740_993_u64, -9_007_199_254_740_993_i64, u64::MAX, 1e300, 1e-7]);
        let texts = ["9007199254740993", "-9007199254740993", "18446744073709551615", "1e+300", "1e-7"];
        assert_eq!(lasting(json!({"x": lost}))["x"], json!(texts));
    }

    #[test]
    fn an_address_is_hashed_as_one_however_it_is_written() {
        assert_eq!(address("::10.0.0.1"), address("::a00:1"));
        assert_ne!(address("10.0.0.1/24"), address("10.0.0.1"), "a mask is no part of ours");
    }

    #[tokio::test]
    async fn the_chain_has_no_gaps_and_every_hash_fits() {
        let test = TestApp::start().await;
        let writers = (0..8).map(|number| {
            let app = test.app.clone();
            let org = test.org;
            async move {
                let mut tx = app.database.tenant(org).await.unwrap();
                let entry =
                    Entry::success("settings.update").details(json!({"number": number, "share": 0.1}));
                record(&mut tx, org, &Author::system(), entry).await.unwrap();
                tx.commit().await.unwrap();
            }
        });
        futures::future::join_all(writers).await;

        let mut tx = test.app.database.tenant(test.org).await.unwrap();
        let rows = audit::list_from(&mut tx, test.org, 1, 1000).await.unwrap();
        assert!(rows.len() >= 8);
        let mut previous = vec![0; 32];
        for (row, seq) in rows.iter().zip(1..) {
            assert_eq!((row.seq, &row.prev_hash), (seq, &previous));
            assert_eq!(hash(row).unwrap(), row.hash, "row {seq}");
            previous.clone_from(&row.hash);
        }
    }

    #[tokio::test]
    async fn an_audit_row_can_be_neither_changed_nor_deleted() {
        let test = TestApp::start().await;
        for statement in ["update audit_logs set action = 'x'", "delete from audit_logs"] {
            let mut tx = test.app.database.pool().begin().await.unwrap();
            assert!(sqlx::query(statement).execute(&mut *tx).await.is_err(), "{statement}");
        }
    }
}
