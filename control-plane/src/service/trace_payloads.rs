//! Reading what a call was given and gave back: for few, and never unseen.

use anyhow::Context;
use serde_json::json;

use super::{
    audit::{self, Entry},
    events, traces as service,
};
use crate::{
    app::App,
    auth::Principal,
    error::{Error, Result},
    store::{
        trace_payloads::{self, REQUEST, RESPONSE},
        traces::{self, Filter, Span},
    },
};

pub struct Payload {
    pub request: Option<String>,
    pub response: Option<String>,
    pub redacted: bool,
    pub truncated: bool,
}

/// What was kept of one span; `trace` as for [`service::get`]. That it was read is on record.
///
/// # Errors
/// `permission_denied`; `not_found` when there is no such span that the caller may see, or nothing was kept of it; or the
/// database's.
pub async fn get(app: &App, principal: &Principal, trace: &str, span: &str) -> Result<Payload> {
    let visible = events::visible(principal, "traces:payloads")?;
    let trace_id = service::find(app, principal, trace).await?;
    let mut filter = Filter::trace(&trace_id, visible);
    filter.dimensions.visible.push(events::visible(principal, "traces:read")?);
    filter.span_id = Some(vec![span.to_owned()]);
    let (mut tx, org) = events::begin(app, principal).await?;
    let found = traces::list_of_trace(&mut tx, org, &filter, 1).await?;
    let span = found.into_iter().next().ok_or_else(Error::not_found)?;
    let sealed = trace_payloads::get(&mut tx, org, span.id, span.started_at).await?;
    let sealed = sealed.ok_or_else(Error::not_found)?;
    let payload = Payload {
        request: opened(app, &span, REQUEST, sealed.request_encrypted.as_deref())?,
        response: opened(app, &span, RESPONSE, sealed.response_encrypted.as_deref())?,
        redacted: sealed.redacted,
        truncated: sealed.truncated,
    };
    let of = json!({"trace_id": trace_id, "span_id": span.span_id, "mcp_server": span.mcp_server});
    let entry = Entry::success("payload.read").on(span.id.0, span.operation_name).details(of);
    audit::record(&mut tx, org, &principal.into(), entry).await?;
    tx.commit().await?;
    Ok(payload)
}

fn opened(app: &App, span: &Span, column: &'static str, sealed: Option<&[u8]>) -> Result<Option<String>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let place = trace_payloads::place(span.org_id, span.id.0, column);
    let plain = app.sealer.open(&place, sealed).context("a recorded payload cannot be opened")?;
    Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
}
