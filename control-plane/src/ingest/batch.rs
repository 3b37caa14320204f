//! One batch into Postgres: every event of it in one transaction. When Postgres is away the batch waits; when it
//! refuses the data, halves of it are tried until the culprit stands alone and becomes a dead letter.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{NaiveDate, Utc};
use gatewayops_proto::event::{Payload, Span};
use sqlx::PgConnection;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::parse::{Audit, Event, Received};
use super::price::PriceBook;
use crate::Error;
use crate::id::OrgId;
use crate::seal::Sealer;
use crate::service::audit::{self, Author, Entry};
use crate::service::budgets;
use crate::store::Database;
use crate::store::budgets::periods;
use crate::store::ingest::{self, Known, SpanRow};
use crate::store::trace_payloads;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Of one organization: webhooks and channels are for people, and a gateway under fire finds thousands a second.
pub const DETECTIONS_TOLD_A_MINUTE: i64 = 100;

/// Writes batches; shared by those in flight.
pub(super) struct Writer {
    database: Database,
    sealer: Sealer,
    /// Partitions seen to exist.
    partitions: Mutex<HashSet<Partition>>,
}

type Partition = (&'static str, NaiveDate);

/// An event on its way, by its place in the batch.
pub(super) type Placed<'a> = (usize, Received<'a>);

/// The places of refused events, each with its reason.
pub(super) type Refused = Vec<(usize, String)>;

/// Asked to stop before Postgres took all: nothing of the batch may be acknowledged.
#[derive(Debug)]
pub(super) struct Stopped;

impl Writer {
    pub(super) fn new(database: Database, sealer: Sealer) -> Self {
        Self { database, sealer, partitions: Mutex::default() }
    }

    /// Returns once every event is committed or refused.
    pub(super) async fn write(
        &self,
        events: &[Placed<'_>],
        stop: &CancellationToken,
    ) -> Result<Refused, Stopped> {
        let mut refused = Refused::new();
        let mut todo = vec![events];
        // A first refusal may be about a partition that retention dropped, or a span that was delivered before: then
        // partitions are looked for again, and what is there already is let be.
        let mut known = Known::Refuse;
        let mut pause = FIRST_PAUSE;
        while let Some(part) = todo.pop() {
            match self.commit(part, known).await {
                Ok(unknown) => {
                    refused.extend(unknown);
                    pause = FIRST_PAUSE;
                }
                Err(error) if is_refusal(&error) => {
                    if std::mem::replace(&mut known, Known::Keep) == Known::Refuse {
                        self.partitions.lock().unwrap_or_else(PoisonError::into_inner).clear();
                        todo.push(part);
                        continue;
                    }
                    match part {
                        [(place, _)] => refused.push((*place, reason(&error))),
                        _ => todo.extend(<[_; 2]>::from(part.split_at(part.len() / 2))),
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, events = part.len(), retry.after = ?pause, "events wait for Postgres");
                    todo.push(part);
                    if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                        return Err(Stopped);
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
        Ok(refused)
    }

    /// All or nothing, except for events of organizations that are gone: those come back as refused.
    async fn commit(&self, events: &[Placed<'_>], known: Known) -> sqlx::Result<Refused> {
        if events.is_empty() {
            return Ok(Refused::new());
        }
        self.ensure_partitions(events).await?;
        let mut tx = self.database.worker().await?;
        let organizations: BTreeSet<Uuid> = events.iter().map(|(_, received)| received.org_id).collect();
        let there = ingest::list_organizations(&mut tx, &Vec::from_iter(organizations)).await?;
        let (events, unknown): (Vec<_>, Vec<_>) =
            events.iter().partition(|(_, received)| there.contains(&received.org_id));
        self.insert(&mut tx, &events, known).await?;
        tx.commit().await?;
        Ok(unknown
            .into_iter()
            .map(|(place, _)| (*place, "the organization does not exist".to_owned()))
            .collect())
    }

    async fn ensure_partitions(&self, events: &[Placed<'_>]) -> sqlx::Result<()> {
        let mut missing: BTreeSet<Partition> =
            events.iter().flat_map(|(_, received)| partitions_of(received)).collect();
        {
            let seen = self.partitions.lock().unwrap_or_else(PoisonError::into_inner);
            missing.retain(|partition| !seen.contains(partition));
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut tx = self.database.worker().await?;
        for (table, day) in &missing {
            ingest::ensure_day(&mut tx, table, *day).await?;
        }
        tx.commit().await?;
        self.partitions.lock().unwrap_or_else(PoisonError::into_inner).extend(missing);
        Ok(())
    }

    async fn insert(
        &self,
        conn: &mut PgConnection,
        events: &[&Placed<'_>],
        known: Known,
    ) -> sqlx::Result<()> {
        let mut spans = Vec::with_capacity(events.len());
        let (mut detections, mut audits, mut uses) = (Vec::new(), Vec::new(), Vec::new());
        let mut payloads = Vec::new();
        for (_, Received { org_id, event }) in events {
            match event {
                Event::Span(span) => spans.push(span.as_ref()),
                Event::Detection(detection) => detections.push(&detection.row),
                Event::Payload(payload) => payloads.push(sealed(&self.sealer, payload)),
                Event::Audit(audit) => audits.push((OrgId(*org_id), audit.as_ref())),
                Event::KeyUsed(used) => uses.push((*org_id, used.api_key_id, used.at)),
            }
        }
        if !spans.is_empty() {
            insert_spans(conn, &spans, known).await?;
        }
        if !detections.is_empty() {
            ingest::insert_detections(conn, &detections, DETECTIONS_TOLD_A_MINUTE).await?;
        }
        if !payloads.is_empty() {
            trace_payloads::insert(conn, &payloads).await?;
        }
        if !uses.is_empty() {
            ingest::touch_api_keys(conn, &uses).await?;
        }
        // Each organization's chain has one end: two batches take hold of them in the same order.
        audits.sort_by_key(|(org, _)| *org);
        for (org, audit) in audits {
            record(conn, org, audit).await?;
        }
        Ok(())
    }
}

fn sealed(sealer: &Sealer, payload: &Payload<'_>) -> trace_payloads::Row {
    let seal = |column, text: &Option<Cow<'_, str>>| {
        let place = trace_payloads::place(OrgId(payload.org_id), payload.id, column);
        text.as_ref().map(|text| sealer.seal(&place, text.as_bytes()))
    };
    trace_payloads::Row {
        id: payload.id,
        org_id: payload.org_id,
        started_at: payload.started_at,
        request: seal(trace_payloads::REQUEST, &payload.request),
        response: seal(trace_payloads::RESPONSE, &payload.response),
        redacted: payload.redacted,
        truncated: payload.truncated,
    }
}

fn partitions_of(received: &Received<'_>) -> Vec<Partition> {
    match &received.event {
        Event::Span(span) => {
            let day = span.started_at.date_naive();
            vec![("traces", day), ("costs", day)]
        }
        Event::Payload(payload) => vec![("trace_payloads", payload.started_at.date_naive())],
        Event::Detection(detection) => vec![("injection_detections", detection.created_at.date_naive())],
        Event::Audit(_) | Event::KeyUsed(_) => Vec::new(),
    }
}

async fn record(conn: &mut PgConnection, org: OrgId, audit: &Audit) -> sqlx::Result<()> {
    if audit.delivered_before && ingest::is_audited(conn, org, &audit.entry).await? {
        return Ok(());
    }
    let author = Author {
        actor_type: audit.actor_type.clone().into(),
        actor_id: audit.actor_id.clone(),
        actor_name: audit.actor_name.clone(),
        ip: audit.ip_address,
        user_agent: None,
        request_id: audit.request_id.clone(),
        trace_id: audit.trace_id.clone(),
    };
    let mut details = audit.details.clone();
    details.insert("event".into(), audit.entry.as_str().into());
    details.insert("occurred_at".into(), audit.occurred_at.to_rfc3339().into());
    let entry = Entry {
        resource_id: audit.resource_id.clone(),
        resource_name: audit.resource_name.clone(),
        details: details.into(),
        outcome: audit.outcome.clone().into(),
        ..Entry::success(audit.action.clone())
    };
    audit::record(conn, org, &author, entry).await.map_err(of_database)
}

/// The database's own error, if it was one: it decides whether trying again can help.
fn of_database(error: Error) -> sqlx::Error {
    let message = error.to_string();
    match error.source.map(anyhow::Error::downcast::<sqlx::Error>) {
        Some(Ok(error)) => error,
        _ => sqlx::Error::Encode(message.into()),
    }
}

async fn insert_spans(conn: &mut PgConnection, spans: &[&Span<'_>], known: Known) -> sqlx::Result<()> {
    let servers: BTreeSet<(Uuid, &str)> =
        spans.iter().filter(|span| span.charged).map(|span| (span.org_id, &*span.mcp_server)).collect();
    let prices = match servers.is_empty() {
        true => Vec::new(),
        false => ingest::list_prices(conn, &Vec::from_iter(servers)).await?,
    };
    let book = PriceBook::new(prices);
    let rows: Vec<_> = spans.iter().map(|span| row(span, &book)).collect();
    let payers: BTreeSet<Uuid> =
        rows.iter().filter(|row| row.cost_usd.is_some()).map(|row| row.org_id).collect();
    if payers.is_empty() || !periods::are_kept(conn, &Vec::from_iter(payers)).await? {
        return ingest::insert_spans(conn, &rows, known).await;
    }
    let counted = ingest::insert_counted_spans(conn, &rows, known).await?;
    budgets::note_passed(conn, &counted, Utc::now()).await
}

/// The span as its row. Texts that a client or an upstream chose are cut to their columns, so that none of them can
/// keep its call off the record.
fn row<'a>(span: &'a Span<'_>, book: &PriceBook) -> SpanRow<'a> {
    let charge = book.charge(span);
    SpanRow {
        id: span.id,
        org_id: span.org_id,
        trace_id: &span.trace_id,
        parent_span_id: span.parent_span_id.as_deref(),
        span_id: &span.span_id,
        operation_name: cut(&span.operation_name, 255),
        mcp_server: cut(&span.mcp_server, 100),
        tool_name: span.tool_name.as_deref().map(|name| cut(name, 255)),
        status: span.status.as_str(),
        duration_ms: span.duration_ms.into(),
        input_tokens: span.input_tokens.map(Into::into),
        output_tokens: span.output_tokens.map(Into::into),
        cost_usd: charge.map(|charge| charge.cost_usd),
        price_id: charge.and_then(|charge| charge.price_id),
        user_id: span.user_id,
        api_key_id: span.api_key_id,
        metadata: &span.metadata,
        started_at: span.started_at,
        ended_at: span.ended_at,
        is_root: span.is_root,
        kind: &span.kind,
        team_id: span.team_id,
        environment: span.environment.as_deref(),
        status_code: span.status_code.map(Into::into),
        error_type: span.error_type.as_deref().map(|text| cut(text, 100)),
        error_message: span.error_message.as_deref().map(|text| cut(text, 1000)),
        upstream_ms: span.upstream_ms.map(Into::into),
        overhead_us: span.overhead_us.map(Into::into),
        request_bytes: span.request_bytes.try_into().unwrap_or(i64::MAX),
        response_bytes: span.response_bytes.try_into().unwrap_or(i64::MAX),
        session_id: span.session_id.as_deref(),
        client_name: span.client_name.as_deref(),
        client_version: span.client_version.as_deref(),
        protocol_version: span.protocol_version.as_deref().map(|text| cut(text, 20)),
        proxy_id: cut(&span.proxy_id, 100),
    }
}

fn cut(text: &str, characters: usize) -> &str {
    if text.len() <= characters {
        return text;
    }
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// Whether the data is at fault (SQLSTATE classes 22 data exception, 23 constraint violation), so that trying again
/// cannot help.
fn is_refusal(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Database(error) => {
            error.code().is_some_and(|code| code.starts_with("22") || code.starts_with("23"))
        }
        sqlx::Error::Encode(_) => true,
        _ => false,
    }
}

fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), "äö");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("", 3), "");
    }

    #[test]
    fn a_lost_connection_is_no_fault_of_the_data() {
        assert!(!is_refusal(&sqlx::Error::PoolTimedOut));
    }
}
