//! Reading the audit log: lists, figures, exports, and whether it is what was written (contract 3.14).

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{
    key::{self, PublicKey, Published},
    lines::{FORMAT, Header, Line, written},
    verify::{End, Report, Verifier},
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    id::{AuditId, OrgId},
    service::{
        events::{self, EXPORT_MAX_ROWS},
        progress::Progress,
    },
    store::{
        audit::{
            self, AuditRow,
            heads::{self, Link, SignedHead},
            list::{self, By, Day, Filter},
        },
        page::{Found, Page, Start, TimeRange},
        timeout,
    },
};

/// Rows that a verification reads at a time.
const BATCH: i64 = 500;

/// # Errors
/// `permission_denied`, or the database's.
pub async fn list(app: &App, principal: &Principal, page: &Page, filter: &Filter) -> Result<Found<AuditRow>> {
    principal.require_everywhere("audit:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    Ok(list::list(&mut tx, org, page, filter).await?)
}

/// # Errors
/// `permission_denied`, `not_found`.
pub async fn get(app: &App, principal: &Principal, id: AuditId) -> Result<AuditRow> {
    principal.require_everywhere("audit:read")?;
    let mut tx = principal.begin(&app.database).await?;
    audit::get(&mut tx, principal.org, id).await?.ok_or_else(Error::not_found)
}

/// How many rows there are, by what they say.
pub struct Stats {
    pub by_action: Vec<(String, i64)>,
    pub by_outcome: Vec<(String, i64)>,
    pub by_actor_type: Vec<(String, i64)>,
    pub daily: Vec<Day>,
}

/// # Errors
/// `permission_denied`, or the database's.
pub async fn stats(
    app: &App,
    principal: &Principal,
    filter: &Filter,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
) -> Result<Stats> {
    principal.require_everywhere("audit:read")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let range = TimeRange { start: Some(start), end: Some(end) };
    Ok(Stats {
        by_action: list::count_by(&mut tx, org, filter, range, By::Action).await?,
        by_outcome: list::count_by(&mut tx, org, filter, range, By::Outcome).await?,
        by_actor_type: list::count_by(&mut tx, org, filter, range, By::ActorType).await?,
        daily: list::by_day(&mut tx, org, filter, start, end).await?,
    })
}

/// Every key that signs or once signed, the newest first.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn keys(app: &App, principal: &Principal) -> Result<Vec<Published>> {
    principal.require_everywhere("audit:read")?;
    published(app).await
}

async fn published(app: &App) -> Result<Vec<Published>> {
    let mut tx = app.database.worker().await?;
    Ok(key::list(&mut tx, &app.sealer).await?)
}

async fn public_keys(app: &App) -> Result<Vec<PublicKey>> {
    Ok(published(app).await?.into_iter().map(|published| published.key).collect())
}

/// What was signed last, for whoever keeps it elsewhere.
///
/// # Errors
/// `permission_denied`; `not_found` while nothing was signed.
pub async fn head(app: &App, principal: &Principal) -> Result<SignedHead> {
    principal.require_everywhere("audit:read")?;
    let mut tx = principal.begin(&app.database).await?;
    heads::newest_signed(&mut tx, principal.org).await?.ok_or_else(Error::not_found)
}

/// An export that began: what it is of, and what proves it.
#[derive(Clone)]
pub struct Export {
    pub header: Header,
    pub keys: Vec<PublicKey>,
    pub anchors: Vec<Link>,
    filter: Filter,
    as_of: DateTime<Utc>,
}

/// Checks that an export may begin, and records that it did. It goes up to that record: the log grows on while it is
/// read.
///
/// # Errors
/// `permission_denied`, `export_too_large`, or the database's.
pub async fn begin_export(
    app: &App,
    principal: &Principal,
    filter: Filter,
    range: TimeRange,
    format: &str,
) -> Result<Export> {
    principal.require_everywhere("audit:export")?;
    principal.require_everywhere("audit:read")?;
    let keys = public_keys(app).await?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let rows = list::count(&mut tx, org, &filter, range, EXPORT_MAX_ROWS).await?;
    events::record_export(&mut tx, principal, "audit_logs", format, rows).await?;
    // From here to the commit nobody else appends: no head of a later row can be signed before this time.
    let as_of = heads::now(&mut tx).await?;
    let last_seq = heads::get(&mut tx, org).await?.map_or(0, |head| head.seq);
    let anchors = heads::list_anchors(&mut tx, org).await?;
    tx.commit().await?;
    let header = Header {
        format: FORMAT,
        org_id: org.0,
        exported_at: written(as_of),
        last_seq,
        from_start: range.start.is_none(),
        to_end: range.end.is_none_or(|end| end > as_of),
        selection: filter != Filter::default(),
    };
    Ok(Export { header, keys, anchors, filter: Filter { through: Some(last_seq), ..filter }, as_of })
}

/// A page of an export, its rows in the order of the chain, with the signed heads of these rows.
///
/// # Errors
/// `permission_denied`, or the database's.
pub async fn export(app: &App, principal: &Principal, page: &Page, export: &Export) -> Result<Found<Line>> {
    principal.require_everywhere("audit:export")?;
    let (mut tx, org) = events::begin(app, principal).await?;
    let found = list::list(&mut tx, org, page, &export.filter).await?;
    let signed = match export.header.selection {
        true => Vec::new(),
        false => heads_of(&mut tx, org, page, export, &found).await?,
    };
    let mut signed = signed.into_iter().peekable();
    let mut lines = Vec::with_capacity(found.rows.len());
    for row in found.rows {
        let seq = row.seq;
        lines.push(row.into());
        while let Some(head) = signed.next_if(|head| head.seq <= seq) {
            lines.push(Line::from(&head));
        }
    }
    lines.extend(signed.map(|head| Line::from(&head)));
    Ok(Found { rows: lines, next: found.next, total: found.total, total_capped: found.total_capped })
}

/// The signed heads of a page: of rows behind the page before and, on the last page, of rows that should be there.
async fn heads_of(
    conn: &mut PgConnection,
    org: OrgId,
    page: &Page,
    export: &Export,
    found: &Found<AuditRow>,
) -> Result<Vec<SignedHead>> {
    let first = found.rows.first().map_or(1, |row| row.seq);
    let from = match &page.start {
        Start::After { key, .. } => key.parse().map_or(first, |last: i64| last + 1),
        _ => first,
    };
    let is_last = found.next.is_none();
    let to = match found.rows.last() {
        _ if is_last && export.header.to_end => i64::MAX,
        Some(last) => last.seq,
        None => return Ok(Vec::new()),
    };
    Ok(heads::list_signed(conn, org, from, to, export.as_of).await?)
}

/// A log that was verified.
pub struct Verified {
    pub report: Report,
    pub head: Option<Link>,
    pub verified_at: DateTime<Utc>,
}

/// Verifies the rows from `start` to `end`, or to the last one; read batch by batch, as they stood at one moment.
///
/// # Errors
/// `permission_denied`, `invalid_request`, or the database's.
pub async fn verify(
    app: &App,
    principal: &Principal,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<Verified> {
    principal.require_everywhere("audit:read")?;
    let start = start.unwrap_or(1);
    if start < 1 || end.is_some_and(|end| end < start) {
        return Err(Error::invalid_request("start_seq must be 1 or more, and end_seq not before it"));
    }
    let keys = public_keys(app).await?;
    let org = principal.org;
    let mut tx = app.database.frozen(org).await?;
    timeout::limit(&mut tx, events::LONGEST_STATEMENT_MS).await?;
    let verified_at = heads::now(&mut tx).await?;
    let head = heads::get(&mut tx, org).await?;
    let mut verifier = begin(&mut tx, org, &keys, start).await?;
    let (to, end) = match end {
        Some(end) if head.as_ref().is_some_and(|head| end < head.seq) => (end, End::Row(end)),
        _ => (i64::MAX, end_of(head.as_ref())),
    };
    let mut place = Place { next: start, heads_from: None, to };
    while !read(&mut tx, org, &mut verifier, &mut place, verified_at).await? {}
    Ok(Verified { report: verifier.finish(&end), head, verified_at })
}

/// Verifies a whole log as [`verify`] does, for as long as it takes: no transaction outlives a batch. A batch is what
/// stood there at one moment, and the end of the log is looked up with the last one, so rows that come meanwhile count.
///
/// # Errors
/// The database's.
pub async fn verify_whole(app: &App, org: OrgId, progress: &Progress) -> Result<Verified> {
    let mut grounds = grounds(app, org).await?;
    loop {
        let verified = verify_upon(app, org, &grounds, progress).await?;
        let now = self::grounds(app, org).await?;
        // What a month that left, or a key that came, looks like halfway is no finding.
        if verified.report.is_valid() || now == grounds {
            return Ok(verified);
        }
        grounds = now;
    }
}

/// What a verification takes for true: the keys, and where the log may begin.
type Grounds = (Vec<PublicKey>, Vec<Link>);

async fn grounds(app: &App, org: OrgId) -> Result<Grounds> {
    let keys = public_keys(app).await?;
    let mut tx = app.database.tenant(org).await?;
    let anchors = heads::list_anchors(&mut tx, org).await?;
    tx.commit().await?;
    Ok((keys, anchors))
}

async fn verify_upon(
    app: &App,
    org: OrgId,
    (keys, anchors): &Grounds,
    progress: &Progress,
) -> Result<Verified> {
    let first = anchors.last().map_or(1, |anchor| anchor.seq + 1);
    let mut verifier = Verifier::of_log(org, keys, anchors.clone());
    let mut place = Place { next: 1, heads_from: None, to: i64::MAX };
    loop {
        let mut tx = app.database.frozen(org).await?;
        timeout::limit(&mut tx, events::LONGEST_STATEMENT_MS).await?;
        let verified_at = heads::now(&mut tx).await?;
        let head = heads::get(&mut tx, org).await?;
        let is_over = read(&mut tx, org, &mut verifier, &mut place, verified_at).await?;
        tx.commit().await?;
        let end = end_of(head.as_ref());
        if is_over {
            return Ok(Verified { report: verifier.finish(&end), head, verified_at });
        }
        if let End::Head(Link { seq, .. }) = end {
            let rows = |from: i64, to: i64| u64::try_from(to - from).unwrap_or(0);
            progress.set(rows(first, place.next), rows(first, seq + 1));
        }
    }
}

/// Without a head there must be no rows.
fn end_of(head: Option<&Link>) -> End {
    End::Head(head.cloned().unwrap_or(Link { seq: 0, hash: vec![0; 32] }))
}

async fn begin<'a>(
    conn: &mut PgConnection,
    org: OrgId,
    keys: &'a [PublicKey],
    start: i64,
) -> Result<Verifier<'a>> {
    let before = match start {
        1 => None,
        _ => audit::list_from(conn, org, start - 1, 1).await?.into_iter().find(|row| row.seq == start - 1),
    };
    if let Some(row) = before {
        return Ok(Verifier::behind(org, keys, Link { seq: row.seq, hash: row.hash }));
    }
    Ok(Verifier::of_log(org, keys, heads::list_anchors(conn, org).await?))
}

/// Where a verification is.
struct Place {
    next: i64,
    /// None before the first row: heads of rows that left with their month would be many.
    heads_from: Option<i64>,
    /// Inclusive.
    to: i64,
}

/// Reads the next batch; whether it was the last.
async fn read(
    conn: &mut PgConnection,
    org: OrgId,
    verifier: &mut Verifier<'_>,
    place: &mut Place,
    as_of: DateTime<Utc>,
) -> Result<bool> {
    let mut rows = audit::list_from(conn, org, place.next, BATCH).await?;
    let is_last = rows.len() < usize::try_from(BATCH).unwrap_or_default();
    rows.retain(|row| row.seq <= place.to);
    let from = place.heads_from.unwrap_or_else(|| rows.first().map_or(place.next, |row| row.seq) - 1);
    let upto = match rows.last() {
        Some(last) if !is_last && last.seq < place.to => last.seq,
        _ => place.to,
    };
    verifier.heads(heads::list_signed(conn, org, from, upto, as_of).await?);
    for row in &rows {
        verifier.row(row)?;
    }
    if is_last || upto == place.to {
        return Ok(true);
    }
    *place = Place { next: upto + 1, heads_from: Some(upto + 1), to: place.to };
    Ok(false)
}
