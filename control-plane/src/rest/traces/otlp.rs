//! Spans in OpenTelemetry's JSON (an ExportTraceServiceRequest), with the attributes of contract 8.2.

use serde_json::{Value, json};

use super::span::SpanView;
use crate::rest::export::Encoder;

const BEGIN: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"gatewayops-proxy"}}]},"scopeSpans":[{"scope":{"name":"gatewayops"},"spans":["#;
const END: &str = "]}]}]}";

/// One document, however many pages it takes.
#[derive(Default)]
pub(super) struct Otlp {
    begun: bool,
}

impl Encoder<SpanView> for Otlp {
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    fn begin(&mut self) -> Vec<u8> {
        BEGIN.into()
    }

    fn rows(&mut self, rows: &[SpanView], into: &mut Vec<u8>) -> anyhow::Result<()> {
        for row in rows {
            if std::mem::replace(&mut self.begun, true) {
                into.push(b',');
            }
            serde_json::to_writer(&mut *into, &span(row))?;
        }
        Ok(())
    }

    fn end(&mut self) -> Vec<u8> {
        END.into()
    }
}

fn span(row: &SpanView) -> Value {
    let name = match &row.tool_name {
        Some(target) => format!("{} {target}", row.operation_name),
        None => row.operation_name.clone(),
    };
    let mut span = json!({
        "traceId": row.trace_id,
        "spanId": row.span_id,
        "name": name,
        "kind": kind(&row.kind),
        "startTimeUnixNano": nanos(row.started_at.0),
        "endTimeUnixNano": nanos(row.ended_at.0),
        "attributes": attributes(row),
        "status": status(row),
    });
    if let Some(parent) = &row.parent_span_id {
        span["parentSpanId"] = json!(parent);
    }
    span
}

fn kind(kind: &str) -> u8 {
    match kind {
        "internal" => 1,
        "server" => 2,
        "client" => 3,
        "producer" => 4,
        "consumer" => 5,
        _ => 0,
    }
}

/// 64-bit numbers are texts in Protobuf's JSON.
fn nanos(time: chrono::DateTime<chrono::Utc>) -> String {
    (i128::from(time.timestamp()) * 1_000_000_000 + i128::from(time.timestamp_subsec_nanos())).to_string()
}

fn status(row: &SpanView) -> Value {
    match row.status.as_str() {
        "success" => json!({"code": 1}),
        "cancelled" => json!({"code": 0}),
        _ => json!({"code": 2, "message": row.error_message.as_deref().unwrap_or_default()}),
    }
}

fn attributes(row: &SpanView) -> Vec<Value> {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string());
    let target = row.tool_name.clone();
    let tool = row.operation_name == "tools/call";
    let prompt = row.operation_name == "prompts/get";
    let texts = [
        ("mcp.method.name", Some(row.operation_name.clone())),
        ("mcp.session.id", row.session_id.clone()),
        ("mcp.protocol.version", row.protocol_version.clone()),
        ("gen_ai.tool.name", target.clone().filter(|_| tool)),
        ("gen_ai.prompt.name", target.filter(|_| prompt)),
        ("gen_ai.operation.name", tool.then(|| "execute_tool".to_owned())),
        ("error.type", row.error_type.clone()),
        ("service.instance.id", Some(row.proxy_id.clone())),
        ("deployment.environment.name", row.environment.clone()),
        ("gatewayops.org.id", Some(row.org_id.to_string())),
        ("gatewayops.mcp.server", Some(row.mcp_server.clone())),
        ("gatewayops.api_key.id", id(row.api_key_id)),
        ("gatewayops.user.id", id(row.user_id)),
        ("gatewayops.team.id", id(row.team_id)),
        ("gatewayops.environment", row.environment.clone()),
        ("gatewayops.request.id", row.metadata["request_id"].as_str().map(str::to_owned)),
        ("gatewayops.status", Some(row.status.clone())),
        (
            "gatewayops.cost.usd",
            row.cost_usd.map(|cost| gatewayops_proto::money::six_digits(cost.0).to_string()),
        ),
    ];
    let numbers =
        [("gatewayops.tokens.input", row.input_tokens), ("gatewayops.tokens.output", row.output_tokens)];
    let texts = texts.into_iter().filter_map(|(key, value)| Some((key, json!({"stringValue": value?}))));
    let numbers =
        numbers.into_iter().filter_map(|(key, value)| Some((key, json!({"intValue": value?.to_string()}))));
    texts.chain(numbers).map(|(key, value)| json!({"key": key, "value": value})).collect()
}
