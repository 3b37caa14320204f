//! A span as OTLP has it, in the words of the conventions for MCP and our own (contract 8.2).

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use opentelemetry_proto::tonic::{
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, any_value::Value},
    resource::v1::Resource,
    trace::v1::{ResourceSpans, ScopeSpans, Span, Status, span::SpanKind, status::StatusCode},
};
use rust_decimal::prelude::ToPrimitive;

use crate::store::telemetry_exporters::spans::Span as Row;

const VERSION: &str = env!("CARGO_PKG_VERSION");
const SCOPE: &str = "gatewayops";
const SERVICE: &str = "gatewayops-proxy";
/// W3C Trace Context: what is exported was sampled.
const SAMPLED: u32 = 1;
/// What the proxy says of a call under names of ours goes on under them.
const OURS: &str = "gatewayops.";

/// By the proxy that they come from, and how many of them cannot be said in OTLP: their ids are none.
pub(super) fn of(rows: &[Row]) -> (Vec<ResourceSpans>, usize) {
    let mut by_resource: BTreeMap<(&str, Option<&str>), Vec<Span>> = BTreeMap::new();
    let mut unreadable = 0;
    for row in rows {
        let resource = (row.proxy_id.as_str(), row.environment.as_deref());
        match span(row) {
            Some(span) => by_resource.entry(resource).or_default().push(span),
            None => unreadable += 1,
        }
    }
    let resource_spans = by_resource.into_iter().map(|((proxy, environment), spans)| ResourceSpans {
        resource: Some(resource(proxy, environment)),
        scope_spans: vec![ScopeSpans {
            scope: Some(InstrumentationScope {
                name: SCOPE.into(),
                version: VERSION.into(),
                ..InstrumentationScope::default()
            }),
            spans,
            schema_url: String::new(),
        }],
        schema_url: String::new(),
    });
    (resource_spans.collect(), unreadable)
}

fn resource(proxy: &str, environment: Option<&str>) -> Resource {
    let mut attributes = Attributes::default();
    attributes.text("service.name", Some(SERVICE));
    attributes.text("service.version", Some(VERSION));
    attributes.text("service.instance.id", Some(proxy));
    attributes.text("deployment.environment.name", environment);
    Resource { attributes: attributes.0, ..Resource::default() }
}

fn span(row: &Row) -> Option<Span> {
    let target = row.tool_name.as_deref().map(|tool| format!(" {tool}")).unwrap_or_default();
    Some(Span {
        trace_id: id(&row.trace_id, 16)?,
        span_id: id(&row.span_id, 8)?,
        parent_span_id: row.parent_span_id.as_deref().and_then(|parent| id(parent, 8)).unwrap_or_default(),
        flags: SAMPLED,
        name: format!("{}{target}", row.operation_name),
        kind: kind(&row.kind).into(),
        start_time_unix_nano: nanoseconds(row.started_at),
        end_time_unix_nano: nanoseconds(row.ended_at.max(row.started_at)),
        attributes: attributes(row),
        status: Some(status(row)),
        ..Span::default()
    })
}

/// An id of so many bytes; one of zeros only is none (W3C Trace Context).
fn id(text: &str, bytes: usize) -> Option<Vec<u8>> {
    let id = hex::decode(text).ok()?;
    (id.len() == bytes && id.iter().any(|byte| *byte != 0)).then_some(id)
}

fn kind(kind: &str) -> SpanKind {
    match kind {
        "server" => SpanKind::Server,
        "client" => SpanKind::Client,
        "producer" => SpanKind::Producer,
        "consumer" => SpanKind::Consumer,
        _ => SpanKind::Internal,
    }
}

fn nanoseconds(time: DateTime<Utc>) -> u64 {
    time.timestamp_nanos_opt().and_then(|time| u64::try_from(time).ok()).unwrap_or(0)
}

/// What went well is unset: whether that is good, those who read it decide.
fn status(row: &Row) -> Status {
    match row.status.as_str() {
        "error" | "timeout" | "blocked" => {
            Status { code: StatusCode::Error.into(), message: row.error_message.clone().unwrap_or_default() }
        }
        _ => Status::default(),
    }
}

fn attributes(row: &Row) -> Vec<KeyValue> {
    let mut found = Attributes::default();
    // Stages of the gateway are spans, too, but no calls.
    if row.kind == "server" || row.kind == "client" {
        found.text("mcp.method.name", Some(&row.operation_name));
        found.text("mcp.session.id", row.session_id.as_deref());
        found.text("mcp.protocol.version", row.protocol_version.as_deref());
        found.text("network.transport", Some("tcp"));
        found.text("network.protocol.name", Some("http"));
    }
    if row.operation_name == "tools/call" {
        found.text("gen_ai.operation.name", Some("execute_tool"));
        found.text("gen_ai.tool.name", row.tool_name.as_deref());
    }
    if row.status != "success" {
        found.text("error.type", Some(row.error_type.as_deref().unwrap_or(&row.status)));
        found.text("rpc.response.status_code", row.error_type.as_deref().filter(|code| is_number(code)));
    }
    found.text("gatewayops.org.id", Some(&row.org_id.to_string()));
    found.text("gatewayops.mcp.server", Some(&row.mcp_server));
    for (name, id) in [
        ("gatewayops.api_key.id", row.api_key_id),
        ("gatewayops.user.id", row.user_id),
        ("gatewayops.team.id", row.team_id),
    ] {
        found.text(name, id.map(|id| id.to_string()).as_deref());
    }
    found.text("gatewayops.environment", row.environment.as_deref());
    found.text("gatewayops.status", Some(&row.status));
    found.text("gatewayops.client.name", row.client_name.as_deref());
    found.text("gatewayops.client.version", row.client_version.as_deref());
    found.number("gatewayops.tokens.input", row.input_tokens);
    found.number("gatewayops.tokens.output", row.output_tokens);
    let cost = row.cost_usd.and_then(|cost| cost.to_f64());
    found.add("gatewayops.cost.usd", cost.map(Value::DoubleValue));
    metadata(&mut found, &row.metadata);
    found.0
}

fn is_number(text: &str) -> bool {
    text.parse::<i64>().is_ok()
}

fn metadata(found: &mut Attributes, metadata: &serde_json::Value) {
    for (name, value) in metadata.as_object().into_iter().flatten() {
        match name.as_str() {
            "request_id" => found.add("gatewayops.request.id", any(value)),
            "retries" => found.add("gatewayops.retry.count", any(value)),
            name if name.starts_with(OURS) => found.add(name, any(value)),
            _ => {}
        }
    }
}

/// A value of JSON; of objects there are none.
fn any(value: &serde_json::Value) -> Option<Value> {
    match value {
        serde_json::Value::String(text) => Some(Value::StringValue(text.clone())),
        serde_json::Value::Bool(flag) => Some(Value::BoolValue(*flag)),
        serde_json::Value::Number(number) => {
            number.as_i64().map(Value::IntValue).or_else(|| number.as_f64().map(Value::DoubleValue))
        }
        serde_json::Value::Array(values) => {
            let values = values.iter().filter_map(any).map(|value| AnyValue { value: Some(value) });
            Some(Value::ArrayValue(ArrayValue { values: values.collect() }))
        }
        serde_json::Value::Null | serde_json::Value::Object(_) => None,
    }
}

#[derive(Default)]
struct Attributes(Vec<KeyValue>);

impl Attributes {
    fn add(&mut self, name: &str, value: Option<Value>) {
        if let Some(value) = value {
            let value = Some(AnyValue { value: Some(value) });
            self.0.push(KeyValue { key: name.to_owned(), value, ..KeyValue::default() });
        }
    }

    fn text(&mut self, name: &str, value: Option<&str>) {
        self.add(name, value.map(|value| Value::StringValue(value.to_owned())));
    }

    fn number(&mut self, name: &str, value: Option<i32>) {
        self.add(name, value.map(|value| Value::IntValue(value.into())));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::id::OrgId;

    fn row() -> Row {
        Row {
            id: Uuid::now_v7(),
            org_id: OrgId::new(),
            trace_id: "4bf92f3577b34da6a3ce929d0e0e4736".into(),
            parent_span_id: None,
            span_id: "00f067aa0ba902b7".into(),
            operation_name: "tools/call".into(),
            mcp_server: "files".into(),
            tool_name: Some("read_file".into()),
            status: "success".into(),
            input_tokens: Some(12),
            output_tokens: None,
            cost_usd: Some("0.001".parse().unwrap()),
            user_id: None,
            team_id: None,
            api_key_id: Some(Uuid::nil()),
            metadata: json!({"request_id": "r", "retries": 1, "gatewayops.detection.types": ["pii"], "else": "x"}),
            started_at: "2026-11-30T10:00:00Z".parse().unwrap(),
            ended_at: "2026-11-30T10:00:00.048Z".parse().unwrap(),
            created_at: Utc::now(),
            kind: "server".into(),
            environment: Some("prd".into()),
            error_type: None,
            error_message: None,
            session_id: None,
            client_name: None,
            client_version: None,
            protocol_version: Some("2026-07-28".into()),
            proxy_id: "proxy-1".into(),
        }
    }

    fn named(row: &Row) -> BTreeMap<String, serde_json::Value> {
        let attributes = span(row).unwrap().attributes;
        let plain = |one: KeyValue| (one.key, json!(one.value.unwrap()));
        attributes.into_iter().map(plain).collect()
    }

    #[test]
    fn a_call_is_told_in_the_words_of_the_conventions() {
        let (row, name) = (row(), "tools/call read_file");
        let span = span(&row).unwrap();
        assert_eq!((span.name.as_str(), span.kind), (name, SpanKind::Server.into()));
        assert_eq!(span.end_time_unix_nano - span.start_time_unix_nano, 48_000_000);
        assert_eq!(span.status.unwrap(), Status::default());
        let named = named(&row);
        for (name, value) in [
            ("mcp.method.name", json!({"stringValue": "tools/call"})),
            ("mcp.protocol.version", json!({"stringValue": "2026-07-28"})),
            ("gen_ai.operation.name", json!({"stringValue": "execute_tool"})),
            ("gen_ai.tool.name", json!({"stringValue": "read_file"})),
            ("gatewayops.mcp.server", json!({"stringValue": "files"})),
            ("gatewayops.status", json!({"stringValue": "success"})),
            ("gatewayops.request.id", json!({"stringValue": "r"})),
            ("gatewayops.retry.count", json!({"intValue": "1"})),
            ("gatewayops.tokens.input", json!({"intValue": "12"})),
            ("gatewayops.cost.usd", json!({"doubleValue": 0.001})),
            ("gatewayops.detection.types", json!({"arrayValue": {"values": [{"stringValue": "pii"}]}})),
        ] {
            assert_eq!(named.get(name), Some(&value), "{name}");
        }
        for absent in
            ["else", "error.type", "gatewayops.tokens.output", "gatewayops.user.id", "mcp.session.id"]
        {
            assert!(!named.contains_key(absent), "{absent}");
        }
    }

    #[test]
    fn what_went_wrong_says_so() {
        let failed = |status: &str, error_type: Option<&str>| Row {
            status: status.into(),
            error_type: error_type.map(str::to_owned),
            error_message: Some("no".into()),
            ..row()
        };
        let blocked = failed("blocked", Some("tool_denied"));
        let status = span(&blocked).unwrap().status.unwrap();
        assert_eq!((status.code, status.message.as_str()), (StatusCode::Error.into(), "no"));
        assert_eq!(named(&blocked)["error.type"], json!({"stringValue": "tool_denied"}));
        assert!(!named(&blocked).contains_key("rpc.response.status_code"));
        assert_eq!(named(&failed("timeout", None))["error.type"], json!({"stringValue": "timeout"}));
        let refused = named(&failed("error", Some("-32602")));
        assert_eq!(refused["rpc.response.status_code"], json!({"stringValue": "-32602"}));
    }

    #[test]
    fn a_stage_of_the_gateway_is_no_call() {
        let stage = Row {
            kind: "internal".into(),
            operation_name: "gatewayops.authorize".into(),
            tool_name: None,
            ..row()
        };
        assert_eq!(span(&stage).unwrap().name, "gatewayops.authorize");
        assert!(!named(&stage).contains_key("mcp.method.name"));
    }

    #[test]
    fn spans_are_told_apart_by_proxy_and_environment_and_ids_that_are_none_are_counted() {
        let rows = [
            row(),
            Row { proxy_id: "proxy-2".into(), ..row() },
            Row { environment: None, ..row() },
            row(),
            Row { span_id: "0000000000000000".into(), ..row() },
            Row { trace_id: "short".into(), ..row() },
        ];
        let (resource_spans, unreadable) = of(&rows);
        let counts: Vec<_> = resource_spans.iter().map(|one| one.scope_spans[0].spans.len()).collect();
        assert_eq!((counts, unreadable), (vec![1, 2, 1], 2));
    }
}
