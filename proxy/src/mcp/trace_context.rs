//! W3C Trace Context in and out (R9.1, contract 1.5): the client's trace is adopted, our span becomes the parent.

use std::fmt::Write;

use uuid::Uuid;

use super::message::Message;

/// Where an exchange stands in its trace. Ids are lower-case hex.
#[derive(Clone, Debug)]
pub(crate) struct TraceContext {
    pub(crate) trace_id: String,
    pub(crate) parent_span_id: Option<String>,
    /// Of our SERVER span.
    pub(crate) span_id: String,
    pub(crate) state: Option<String>,
    flags: u8,
}

/// Fresh random ids: the span's always, the trace's where the client has none.
#[derive(Clone, Copy)]
pub(crate) struct FreshIds {
    pub(crate) trace: u128,
    pub(crate) span: u64,
}

impl FreshIds {
    pub(crate) fn draw() -> Self {
        let span = Uuid::new_v4().as_u128();
        // Both ends of a v4 id are random; a few bits in its middle are not.
        Self { trace: Uuid::new_v4().as_u128(), span: (span as u64) ^ ((span >> 64) as u64) }
    }
}

impl TraceContext {
    /// From `_meta` first, else from the headers; malformed values are dropped.
    pub(crate) fn of(
        message: Option<&Message<'_>>,
        header: Option<&str>,
        state: Option<&str>,
        fresh: FreshIds,
    ) -> Self {
        let meta = message.and_then(|message| message.params.as_ref()?.meta.as_ref());
        let in_meta =
            meta.and_then(|meta| Some((parse(meta.traceparent.as_deref()?)?, meta.tracestate.as_deref())));
        let in_header = || Some((parse(header?)?, state));
        let span_id = format!("{:016x}", fresh.span | 1);
        match in_meta.or_else(in_header) {
            Some(((trace_id, parent, flags), state)) => Self {
                trace_id: trace_id.to_owned(),
                parent_span_id: Some(parent.to_owned()),
                span_id,
                state: state.filter(|state| is_state(state)).map(str::to_owned),
                flags,
            },
            None => Self {
                trace_id: format!("{:032x}", fresh.trace | 1),
                parent_span_id: None,
                span_id,
                state: None,
                flags: 1,
            },
        }
    }

    /// Of a part of the same exchange.
    pub(crate) fn child(&self) -> Self {
        let span_id = fresh_span_id();
        Self { parent_span_id: Some(self.span_id.clone()), span_id, ..self.clone() }
    }

    /// Of a request that nobody asked us for.
    pub(crate) fn fresh() -> Self {
        Self::of(None, None, None, FreshIds::draw())
    }

    /// The value for the upstream's `traceparent`.
    pub(crate) fn traceparent(&self) -> String {
        let mut value = String::with_capacity(55);
        let _ = write!(value, "00-{}-{}-{:02x}", self.trace_id, self.span_id, self.flags);
        value
    }
}

/// Of one more span of ours.
pub(crate) fn fresh_span_id() -> String {
    format!("{:016x}", FreshIds::draw().span | 1)
}

/// Trace id, parent id and flags of a `traceparent`.
fn parse(value: &str) -> Option<(&str, &str, u8)> {
    let value = value.trim();
    let mut parts = value.splitn(5, '-');
    let (version, trace_id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let rest = parts.next();
    let hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |text: &str| text.bytes().all(|byte| byte == b'0');
    let well_formed = hex(version, 2)
        && version != "ff"
        && (version != "00" || rest.is_none())
        && hex(trace_id, 32)
        && !zero(trace_id)
        && hex(parent, 16)
        && !zero(parent)
        && hex(flags, 2);
    if !well_formed {
        return None;
    }
    Some((trace_id, parent, u8::from_str_radix(flags, 16).ok()? & 1))
}

fn is_state(state: &str) -> bool {
    !state.is_empty()
        && state.len() <= 512
        && state.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"')
}

/// Where to cut a body so that `_meta` carries our context: everything before, what to write, where to go on.
///
/// Only these bytes change; a request without `params` is left as it is, its context travels in the header.
pub(crate) struct Splice {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) insert: String,
}

pub(crate) fn splice(body: &[u8], message: &Message<'_>, context: &TraceContext) -> Option<Splice> {
    let params = message.params.as_ref()?;
    let traceparent = context.traceparent();
    let Some(meta) = &params.meta else {
        let at = offset(body, params.raw) + 1;
        let comma = if is_empty_object(params.raw) { "" } else { "," };
        let insert = format!("\"_meta\":{{\"traceparent\":\"{traceparent}\"}}{comma}");
        return Some(Splice { from: at, to: at, insert });
    };
    if let Some(old) = &meta.traceparent {
        // An escaped value has no plain place in the body: leave it, the header still carries ours.
        let std::borrow::Cow::Borrowed(old) = old else { return None };
        let from = offset(body, old);
        return Some(Splice { from, to: from + old.len(), insert: traceparent });
    }
    let at = offset(body, meta.raw) + 1;
    let comma = if is_empty_object(meta.raw) { "" } else { "," };
    Some(Splice { from: at, to: at, insert: format!("\"traceparent\":\"{traceparent}\"{comma}") })
}

fn is_empty_object(raw: &str) -> bool {
    raw.trim_start_matches('{').trim_start().starts_with('}')
}

/// Where `part`, which borrows from `body`, starts in it.
fn offset(body: &[u8], part: &str) -> usize {
    part.as_ptr() as usize - body.as_ptr() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRESH: FreshIds = FreshIds { trace: 9, span: 7 };
    const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn spliced(body: &str) -> (String, TraceContext) {
        let message = Message::parse(body.as_bytes()).unwrap();
        let context = TraceContext::of(Some(&message), None, None, FRESH);
        let splice = splice(body.as_bytes(), &message, &context).unwrap();
        (format!("{}{}{}", &body[..splice.from], splice.insert, &body[splice.to..]), context)
    }

    #[test]
    fn the_clients_trace_is_adopted_and_ours_is_passed_on() {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"_meta":{{"traceparent":"{PARENT}","k":1}},"name":"x"}}}}"#
        );
        let (sent, context) = spliced(&body);
        assert_eq!(context.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(context.parent_span_id.as_deref(), Some("00f067aa0ba902b7"));
        assert_eq!(sent, body.replace(PARENT, &context.traceparent()));
    }

    #[test]
    fn the_context_is_added_where_there_is_none() {
        for (body, expected) in [
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":1}}"#,
                r#"{"_meta":{"traceparent":"T"},"a":1}"#,
            ),
            (r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{ }}"#, r#"{"_meta":{"traceparent":"T"} }"#),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{}}}"#,
                r#"{"_meta":{"traceparent":"T"}}"#,
            ),
            (
                r#"{"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"k":1}}}"#,
                r#"{"_meta":{"traceparent":"T","k":1}}"#,
            ),
        ] {
            let (sent, context) = spliced(body);
            assert!(sent.contains(&expected.replace('T', &context.traceparent())), "{sent}");
            assert!(serde_json::from_str::<serde_json::Value>(&sent).is_ok());
        }
    }

    #[test]
    fn malformed_contexts_are_dropped() {
        for bad in [
            "",
            "00-0-0-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        ] {
            let context = TraceContext::of(None, Some(bad), None, FRESH);
            assert_eq!(context.parent_span_id, None, "{bad}");
        }
        assert!(parse("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-future").is_some());
    }
}
