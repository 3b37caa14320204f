//! Reading traces: who sees which spans, and whose cost.

use sqlx::PgConnection;

use super::events::{self, EXPORT_MAX_ROWS};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{OrgId, SpanRowId},
    live::{Lens, Wanted},
    store::{
        dimensions::Visible,
        page::{COUNT_CAP, Found, Page, TimeRange},
        traces::{self, Approval, Detection, Facet, Filter, Outline, Span, Stats},
    },
};

/// Spans in the answer about one trace, at most (contract 3.10).
const SPANS: i64 = 1000;

/// Spans the caller may see; `filter` says which of them.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn list(app: &App, principal: &Principal, page: &Page, filter: Filter) -> Result<Found<Span>> {
    let filter = allowed(principal, filter)?;
    check_money(principal, page, &filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let mut found = traces::list(&mut tx, org, page, &filter).await?;
    hide_costs(&mut found.rows, &events::priced(principal));
    Ok(found)
}

/// A list, and beside it the commonest values of some of its fields.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn search(
    app: &App,
    principal: &Principal,
    page: &Page,
    filter: Filter,
    facets: &[Facet],
) -> Result<(Found<Span>, Vec<Vec<(String, i64)>>)> {
    let filter = allowed(principal, filter)?;
    check_money(principal, page, &filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let mut found = traces::list(&mut tx, org, page, &filter).await?;
    hide_costs(&mut found.rows, &events::priced(principal));
    let mut counts = Vec::with_capacity(facets.len());
    for facet in facets {
        counts.push(traces::count_by(&mut tx, org, &filter, page.range, *facet).await?);
    }
    Ok((found, counts))
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn stats(
    app: &App,
    principal: &Principal,
    filter: Filter,
    range: TimeRange,
) -> Result<(Stats, bool)> {
    let filter = allowed(principal, filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let stats = traces::stats(&mut tx, org, &filter, range).await?;
    Ok((stats, sees_all_money(principal)))
}

/// What a live stream of the caller shows.
///
/// # Errors
/// `permission_denied`.
pub fn lens(principal: &Principal, wanted: Wanted) -> Result<Lens> {
    let visible = events::visible(principal, "traces:read")?;
    Ok(Lens { visible, priced: events::priced(principal), wanted })
}

/// What a stream shows that was stored since this span was: the last `limit`, and how many more there were. Nothing, when
/// there is no such span any more.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn since(
    app: &App,
    principal: &Principal,
    filter: Filter,
    seen: SpanRowId,
    limit: usize,
) -> Result<(Vec<Span>, u64)> {
    let filter = allowed(principal, filter)?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let Some(place) = traces::find_place(&mut tx, org, seen).await? else { return Ok((Vec::new(), 0)) };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let (mut spans, count) = traces::list_since(&mut tx, org, &filter, place, limit, COUNT_CAP).await?;
    hide_costs(&mut spans, &events::priced(principal));
    let missed = u64::try_from(count).unwrap_or_default().saturating_sub(spans.len() as u64);
    Ok((spans, missed))
}

/// One trace with its first spans.
pub struct Trace {
    pub trace_id: String,
    pub outline: Outline,
    pub spans: Vec<Span>,
    pub detections: Vec<Detection>,
    pub approvals: Vec<Approval>,
    pub with_cost: bool,
}

/// `name` is a W3C trace id or the id of one of its rows.
///
/// # Errors
/// `not_found` when there is none that the caller may see, or the database's.
pub async fn get(app: &App, principal: &Principal, name: &str) -> Result<Trace> {
    let visible = events::visible(principal, "traces:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let trace_id = trace_id(&mut tx, org, name).await?;
    let filter = Filter::trace(&trace_id, visible.clone());
    let outline = traces::outline(&mut tx, org, &filter).await?.ok_or_else(Error::not_found)?;
    let mut spans = traces::list_of_trace(&mut tx, org, &filter, SPANS).await?;
    hide_costs(&mut spans, &events::priced(principal));
    // Two callers may share a trace id: it comes from outside.
    let mut detections = traces::list_detections(&mut tx, org, &trace_id).await?;
    detections.retain(|found| visible.includes(found.user_id, found.api_key_id, None, &found.mcp_server));
    let mut approvals = traces::list_approvals(&mut tx, org, &trace_id).await?;
    approvals.retain(|found| {
        visible.includes(found.requested_by, found.api_key_id, found.team_id, &found.mcp_server)
    });
    Ok(Trace { trace_id, outline, spans, detections, approvals, with_cost: sees_all_money(principal) })
}

/// The trace id of a trace that the caller may see some of; `name` as for [`get`].
///
/// # Errors
/// `not_found` when there is none, or the database's.
pub async fn find(app: &App, principal: &Principal, name: &str) -> Result<String> {
    let visible = events::visible(principal, "traces:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let trace_id = trace_id(&mut tx, org, name).await?;
    let seen =
        traces::count(&mut tx, org, &Filter::trace(&trace_id, visible), TimeRange::default(), 0).await?;
    if seen > 0 { Ok(trace_id) } else { Err(Error::not_found()) }
}

async fn trace_id(conn: &mut PgConnection, org: OrgId, name: &str) -> Result<String> {
    match row_id(name) {
        Some(id) => traces::get_trace_id(conn, org, id).await?.ok_or_else(Error::not_found),
        None => Ok(name.to_owned()),
    }
}

/// Checks that an export may begin, and records that it did; its rows are read page by page.
///
/// # Errors
/// `permission_denied`, `export_too_large`, or the database's.
pub async fn begin_export(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    range: TimeRange,
    format: &str,
) -> Result<()> {
    principal.require("traces:export")?;
    let filter = allowed(principal, filter.clone())?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let rows = traces::count(&mut tx, org, &filter, range, EXPORT_MAX_ROWS).await?;
    events::record_export(&mut tx, principal, "traces", format, rows).await?;
    tx.commit().await?;
    Ok(())
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn export(
    app: &App,
    principal: &Principal,
    page: &Page,
    mut filter: Filter,
) -> Result<Found<Span>> {
    filter.dimensions.visible.push(events::visible(principal, "traces:export")?);
    list(app, principal, page, filter).await
}

fn allowed(principal: &Principal, mut filter: Filter) -> Result<Filter> {
    filter.dimensions.visible.push(events::visible(principal, "traces:read")?);
    Ok(filter)
}

/// What sorts or filters by cost tells it.
fn check_money(principal: &Principal, page: &Page, filter: &Filter) -> Result<()> {
    let told = page.sort.name == "cost_usd" || filter.min_cost_usd.is_some();
    if told && !sees_all_money(principal) {
        return Err(Error::permission_denied("costs:read"));
    }
    Ok(())
}

/// Whether the sum of what the caller sees may be told: the costs of all these rows are for the same eyes.
pub(super) fn sees_all_money(principal: &Principal) -> bool {
    let priced = events::priced(principal);
    priced.everything || events::visible(principal, "traces:read").is_ok_and(|seen| seen == priced)
}

fn hide_costs(spans: &mut [Span], priced: &Visible) {
    for span in spans {
        if !priced.includes(span.user_id, span.api_key_id, span.team_id, &span.mcp_server) {
            span.cost_usd = None;
        }
    }
}

/// A row's id has hyphens; 32 hex digits without are a trace id, though they would do for a UUID.
fn row_id(name: &str) -> Option<SpanRowId> {
    if name.len() == 36 { name.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_id_is_not_taken_for_a_row() {
        assert!(row_id("4bf92f3577b34da6a3ce929d0e0e4736").is_none());
        assert!(row_id("0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c").is_some());
    }
}
