//! Deliveries: one event on its way to one webhook. Who takes one has it for a while (its lease); a replica that dies
//! meanwhile leaves it to the others.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::{
    dimensions::push_any,
    page::{self, Found, Page, SortKey},
};
use crate::id::{DeliveryId, OrgId, WebhookId};

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DeliveryRow {
    pub id: DeliveryId,
    pub org_id: OrgId,
    pub webhook_id: WebhookId,
    /// The same for all who are told, and at every attempt.
    pub event_id: Uuid,
    pub event: String,
    /// The body as it is sent.
    pub payload: Value,
    pub status: String,
    /// With the one under way.
    pub attempts: i32,
    pub response_status: Option<i16>,
    pub latency_ms: Option<i32>,
    pub error: Option<String>,
    pub next_attempt_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// One that is to be made.
#[derive(Debug)]
pub struct NewDelivery {
    pub org: OrgId,
    pub webhook: WebhookId,
    pub event_id: Uuid,
    pub event: String,
    pub payload: Value,
}

pub const SORT: &[SortKey] = &[SortKey { name: "created_at", sql: "d.created_at", cast: "timestamptz" }];

/// Which deliveries a list shows; what is absent filters nothing.
#[derive(Debug, Default)]
pub struct Filter {
    pub events: Option<Vec<String>>,
    pub statuses: Option<Vec<String>>,
}

/// # Errors
/// The database's.
pub async fn list(
    conn: &mut PgConnection,
    org: OrgId,
    webhook: WebhookId,
    filter: &Filter,
    page: &Page,
) -> sqlx::Result<Found<DeliveryRow>> {
    page::fetch(conn, page, "d.*", "d.id", |query| {
        query.push(" from webhook_deliveries d where d.org_id = ").push_bind(org);
        query.push(" and d.webhook_id = ").push_bind(webhook);
        push_any(query, "d.event", filter.events.as_ref());
        push_any(query, "d.status", filter.statuses.as_ref());
    })
    .await
}

/// # Errors
/// The database's.
pub async fn get(
    conn: &mut PgConnection,
    org: OrgId,
    webhook: WebhookId,
    id: DeliveryId,
    lock: bool,
) -> sqlx::Result<Option<DeliveryRow>> {
    let lock = if lock { "for update" } else { "" };
    let query =
        format!("select * from webhook_deliveries where org_id = $1 and webhook_id = $2 and id = $3 {lock}");
    sqlx::query_as(AssertSqlSafe(query)).bind(org).bind(webhook).bind(id).fetch_optional(conn).await
}

/// Due at once. Those of a webhook for which `most` wait already are put on record as failed; for the worker.
///
/// # Errors
/// The database's.
pub async fn insert_all(conn: &mut PgConnection, new: &[NewDelivery], most: i64) -> sqlx::Result<()> {
    let orgs: Vec<Uuid> = new.iter().map(|one| one.org.0).collect();
    let webhooks: Vec<Uuid> = new.iter().map(|one| one.webhook.0).collect();
    let event_ids: Vec<Uuid> = new.iter().map(|one| one.event_id).collect();
    let events: Vec<&str> = new.iter().map(|one| one.event.as_str()).collect();
    let payloads: Vec<&Value> = new.iter().map(|one| &one.payload).collect();
    sqlx::query(
        "with made as (
            select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::jsonb[])
                with ordinality as m (org_id, webhook_id, event_id, event, payload, place)
        ), crowded as (
            select m.webhook_id, (
                select count(*) from (select from webhook_deliveries d
                    where d.webhook_id = m.webhook_id and d.status = 'pending' limit $6) waiting) >= $6 as full
            from (select distinct webhook_id from made) m
        )
        insert into webhook_deliveries (org_id, webhook_id, event_id, event, payload, status, next_attempt_at, error)
        select m.org_id, m.webhook_id, m.event_id, m.event, m.payload,
            case when c.full then 'failed' else 'pending' end,
            case when c.full then null else now() end,
            case when c.full then 'so many deliveries wait for this webhook that no more are taken' end
        from made m join crowded c using (webhook_id) order by m.place",
    )
    .bind(orgs)
    .bind(webhooks)
    .bind(event_ids)
    .bind(events)
    .bind(payloads)
    .bind(most)
    .execute(conn)
    .await?;
    Ok(())
}

/// One that whoever makes it sends at once.
///
/// # Errors
/// The database's.
pub async fn insert_taken(
    conn: &mut PgConnection,
    new: &NewDelivery,
    lease_seconds: f64,
) -> sqlx::Result<DeliveryRow> {
    sqlx::query_as(
        "insert into webhook_deliveries (org_id, webhook_id, event_id, event, payload, attempts, next_attempt_at)
         values ($1, $2, $3, $4, $5, 1, now() + make_interval(secs => $6)) returning *",
    )
    .bind(new.org)
    .bind(new.webhook)
    .bind(new.event_id)
    .bind(&new.event)
    .bind(&new.payload)
    .bind(lease_seconds)
    .fetch_one(conn)
    .await
}

/// How many deliveries may be under way.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// To a webhook; to one that fails a single one.
    pub each: i64,
    pub all: i64,
}

/// Hands out what is due, of each webhook the oldest, an attempt counted; `under_way` are those handed out before by
/// webhook. For the worker.
///
/// # Errors
/// The database's.
pub async fn take(
    conn: &mut PgConnection,
    turns: Turns,
    under_way: &[(WebhookId, i64)],
    lease_seconds: f64,
) -> sqlx::Result<Vec<DeliveryRow>> {
    let (busy, counts): (Vec<Uuid>, Vec<i64>) = under_way.iter().map(|(id, count)| (id.0, *count)).unzip();
    // `waiting` steps from webhook to webhook by the index: a long queue of one costs no more than a short one.
    sqlx::query_as(
        "with recursive waiting (webhook_id) as (
            (select webhook_id from webhook_deliveries where status = 'pending' order by webhook_id limit 1)
            union all
            select (select d.webhook_id from webhook_deliveries d
                where d.status = 'pending' and d.webhook_id > w.webhook_id order by d.webhook_id limit 1)
            from waiting w where w.webhook_id is not null
        ), free as (
            select w.id, greatest(0,
                (case when w.failing_since is null then $1 else 1 end) - coalesce(b.under_way, 0)) as turns
            from waiting join webhooks w on w.id = waiting.webhook_id
            left join unnest($3::uuid[], $4::bigint[]) as b (webhook_id, under_way) on b.webhook_id = w.id
        ), due as materialized (
            select found.id from free cross join lateral (
                select d.id from webhook_deliveries d
                where d.webhook_id = free.id and d.status = 'pending' and d.next_attempt_at <= now()
                order by d.next_attempt_at, d.id limit free.turns for update skip locked) found
            order by random() limit $2
        )
        update webhook_deliveries d set attempts = d.attempts + 1,
            next_attempt_at = now() + make_interval(secs => $5)
        from due where d.id = due.id returning d.*",
    )
    .bind(turns.each)
    .bind(turns.all)
    .bind(busy)
    .bind(counts)
    .bind(lease_seconds)
    .fetch_all(conn)
    .await
}

/// What an attempt came to.
#[derive(Clone, Debug)]
pub struct Settled<'a> {
    pub status: &'a str,
    pub response_status: Option<i16>,
    pub latency_ms: Option<i32>,
    pub error: Option<&'a str>,
    /// Of one that is tried again.
    pub next_attempt_at: Option<DateTime<Utc>>,
}

/// False when somebody else has it by now: then what came of this attempt does not count.
///
/// # Errors
/// The database's.
pub async fn settle(
    conn: &mut PgConnection,
    taken: &DeliveryRow,
    settled: &Settled<'_>,
) -> sqlx::Result<Option<DeliveryRow>> {
    sqlx::query_as(
        "update webhook_deliveries set status = $4, response_status = $5, latency_ms = $6, error = $7,
            next_attempt_at = $8
         where org_id = $1 and id = $2 and attempts = $3 and status = 'pending' returning *",
    )
    .bind(taken.org_id)
    .bind(taken.id)
    .bind(taken.attempts)
    .bind(settled.status)
    .bind(settled.response_status)
    .bind(settled.latency_ms)
    .bind(settled.error)
    .bind(settled.next_attempt_at)
    .fetch_optional(conn)
    .await
}

/// From the beginning, whatever became of it.
///
/// # Errors
/// The database's.
pub async fn begin_anew(conn: &mut PgConnection, org: OrgId, id: DeliveryId) -> sqlx::Result<DeliveryRow> {
    sqlx::query_as(
        "update webhook_deliveries set status = 'pending', attempts = 0, response_status = null, latency_ms = null,
            error = null, next_attempt_at = now()
         where org_id = $1 and id = $2 returning *",
    )
    .bind(org)
    .bind(id)
    .fetch_one(conn)
    .await
}
