//! What agents do arrives at a receiver of OTLP that is not ours, over each of the three protocols; and so does what the
//! services themselves do, for those who run them.

use std::{
    collections::BTreeMap,
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use gatewayops_tests::stack::{Stack, free_port, root};
use serde_json::{Value, json};

const PROTOCOLS: [&str; 3] = ["grpc", "http_protobuf", "http_json"];
const SPAN_KIND_SERVER: &str = "SPAN_KIND_SERVER";

/// `tests/otlp/receiver.py`, until it is dropped.
struct Receiver {
    child: Child,
    port: u16,
    grpc_port: u16,
}

impl Receiver {
    fn start() -> Result<Self> {
        let (port, grpc_port) = (free_port()?, free_port()?);
        let mut command = Command::new(root().join("tests/otlp/run"));
        command.env("PORT", port.to_string()).env("GRPC_PORT", grpc_port.to_string()).stdin(Stdio::null());
        let child = command.spawn().context("tests/otlp/run; `./dev test` installs what it needs")?;
        Ok(Self { child, port, grpc_port })
    }

    fn endpoint(&self, protocol: &str) -> String {
        let port = if protocol == "grpc" { self.grpc_port } else { self.port };
        format!("http://127.0.0.1:{port}")
    }

    /// Each request that came over a protocol.
    async fn received(&self, stack: &Stack, protocol: &str) -> Result<Vec<Value>> {
        let url = format!("http://127.0.0.1:{}/received", self.port);
        let received: Value = stack.http.get(url).send().await?.json().await?;
        Ok(received[protocol].as_array().cloned().unwrap_or_default())
    }

    /// The spans among them, each with what its resource says.
    async fn spans(&self, stack: &Stack, protocol: &str) -> Result<Vec<Span>> {
        let requests = self.received(stack, protocol).await?;
        let resources =
            requests.iter().filter_map(|one| one["request"]["resourceSpans"].as_array()).flatten();
        let spans = resources.flat_map(|resource| {
            let scopes = resource["scopeSpans"].as_array().into_iter().flatten();
            let spans = scopes.filter_map(|scope| scope["spans"].as_array()).flatten();
            spans.map(|span| Span {
                span: span.clone(),
                attributes: attributes(&span["attributes"]),
                resource: attributes(&resource["resource"]["attributes"]),
            })
        });
        Ok(spans.collect())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // One that has ended already needs no end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
struct Span {
    span: Value,
    attributes: BTreeMap<String, Value>,
    resource: BTreeMap<String, Value>,
}

impl Span {
    fn trace_id(&self) -> String {
        use base64::Engine;
        let id = self.span["traceId"].as_str().unwrap_or_default();
        let id = base64::engine::general_purpose::STANDARD.decode(id).unwrap_or_default();
        id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn says(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

/// Names and values, those of one type only each.
fn attributes(list: &Value) -> BTreeMap<String, Value> {
    let named = list.as_array().into_iter().flatten().filter_map(|one| {
        let value = one["value"].as_object()?.values().next()?.clone();
        Some((one["key"].as_str()?.to_owned(), value))
    });
    named.collect()
}

async fn exporter(stack: &Stack, receiver: &Receiver, protocol: &str, key: &str) -> Result<String> {
    let form = json!({ "name": format!("{protocol} {key}"), "protocol": protocol, "endpoint": receiver.endpoint(protocol),
        "headers": { "X-API-Key": key }, "batch_timeout_ms": 100 });
    let made = stack.rest_post("/v1/telemetry/exporters", form).await?;
    ensure!(made.status == 201, "{made:?}");
    Ok(format!("/v1/telemetry/exporters/{}", made.body["id"].as_str().context("no id")?))
}

async fn start() -> Result<(Stack, Receiver)> {
    let stack = Stack::start_with(&[], |stack| {
        stack.set("EGRESS_ALLOW_PRIVATE", "true");
        Ok(())
    })
    .await?;
    let receiver = Receiver::start()?;
    stack
        .until("the receiver answers", async |stack| {
            Ok(receiver.received(stack, "grpc").await.is_ok()
                && tokio::net::TcpStream::connect(("127.0.0.1", receiver.grpc_port)).await.is_ok())
        })
        .await?;
    Ok((stack, receiver))
}

#[tokio::test]
async fn every_call_arrives_over_every_protocol_as_it_is_on_record() -> Result<()> {
    let (stack, receiver) = start().await?;
    let mut exporters = Vec::new();
    for protocol in PROTOCOLS {
        let path = exporter(&stack, &receiver, protocol, "let me in").await?;
        let tried = stack.rest_post(&format!("{path}/test"), json!({})).await?;
        assert_eq!(tried.body["ok"], true, "{protocol}: {tried:?}");
        exporters.push(path);
    }
    let called = stack.call("demo", "echo", json!({ "text": "hello" })).await?;
    let trace_id = called.headers["x-trace-id"].to_str()?.to_owned();
    let refused = stack.call("demo", "no_such_tool", json!({})).await?;
    let refused_id = refused.headers["x-trace-id"].to_str()?.to_owned();
    let recorded = stack.traces("tool_name=echo", 1).await?.remove(0);
    for (protocol, path) in PROTOCOLS.into_iter().zip(&exporters) {
        stack
            .until(&format!("both calls arrived over {protocol}"), async |stack| {
                let spans = receiver.spans(stack, protocol).await?;
                let has = |id: &str| spans.iter().any(|span| span.trace_id() == id);
                Ok(has(&trace_id) && has(&refused_id))
            })
            .await?;
        let spans = receiver.spans(&stack, protocol).await?;
        // A call that fails, or takes long, has its stages below it.
        let is_call = |span: &&Span| span.span["kind"] == SPAN_KIND_SERVER;
        let of =
            |id: &str| spans.iter().filter(is_call).filter(|span| span.trace_id() == id).collect::<Vec<_>>();
        let [span] = of(&trace_id)[..] else { panic!("{protocol}: not one span: {spans:#?}") };
        assert_eq!(span.span["name"], "tools/call echo", "{protocol}");
        for (name, value) in [
            ("mcp.method.name", "tools/call"),
            ("mcp.protocol.version", "2026-07-28"),
            ("gen_ai.operation.name", "execute_tool"),
            ("gen_ai.tool.name", "echo"),
            ("gatewayops.mcp.server", "demo"),
            ("gatewayops.status", "success"),
            ("gatewayops.org.id", recorded["org_id"].as_str().unwrap_or_default()),
            ("gatewayops.api_key.id", recorded["api_key_id"].as_str().unwrap_or_default()),
        ] {
            assert_eq!(span.says(name), value, "{protocol}: {name} of {span:#?}");
        }
        // 64 bits are a string in protobuf's JSON.
        let tokens = |name: &str| span.says(name).parse::<i64>().ok();
        assert_eq!(tokens("gatewayops.tokens.input"), recorded["input_tokens"].as_i64(), "{protocol}");
        assert_eq!(span.resource["service.name"], "gatewayops-proxy");
        assert!(span.resource.contains_key("service.instance.id"));
        let [failed] = of(&refused_id)[..] else { panic!("{protocol}: not one span: {spans:#?}") };
        assert_eq!(failed.span["status"]["code"], "STATUS_CODE_ERROR", "{protocol}: {failed:#?}");
        assert_ne!(failed.says("error.type"), "", "{protocol}: {failed:#?}");
        stack
            .until("the exporter has counted", async |stack| {
                let shown = stack.rest(path).await?.body;
                Ok(shown["stats"]["exported"].as_i64() >= Some(2) && shown["stats"]["failed"] == 0)
            })
            .await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_stranger_to_the_receiver_is_told_so_and_sends_all_once_it_is_let_in() -> Result<()> {
    let (mut stack, receiver) = start().await?;
    let mut exporters = Vec::new();
    for protocol in PROTOCOLS {
        exporters.push(exporter(&stack, &receiver, protocol, "a stranger").await?);
    }
    for path in &exporters {
        let tried = stack.rest_post(&format!("{path}/test"), json!({})).await?;
        assert_eq!(tried.body["ok"], false, "{tried:?}");
    }
    for n in 0..5 {
        stack.call("demo", "echo", json!({ "text": n.to_string() })).await?;
    }
    stack.traces("tool_name=echo", 5).await?;
    for path in &exporters {
        stack
            .until("the exporter knows why nothing arrives", async |stack| {
                Ok(stack.rest(path).await?.body["stats"]["last_error"].is_string())
            })
            .await?;
    }
    // What is to be sent outlives the one who was to send it.
    stack.kill("control-plane")?;
    stack.start_control_plane().await?;
    for (protocol, path) in PROTOCOLS.into_iter().zip(&exporters) {
        let changed = stack.rest_patch(path, json!({ "headers": { "x-api-key": "let me in" } })).await?;
        ensure!(changed.status == 200, "{changed:?}");
        stack
            .until(&format!("all calls arrived over {protocol}"), async |stack| {
                let spans = receiver.spans(stack, protocol).await?;
                Ok(spans.iter().filter(|span| span.span["name"] == "tools/call echo").count() == 5)
            })
            .await?;
    }
    Ok(())
}

/// Where the spans of the services themselves go, and how.
fn tell_own_spans(stack: &mut Stack, receiver: &Receiver, protocol: &str) {
    stack.set("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint(protocol));
    stack.set("OTEL_EXPORTER_OTLP_PROTOCOL", protocol.replace('_', "/"));
    stack.set("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=let%20me%20in");
}

const CALLER: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// Asks with a trace of the caller's, and waits for the control plane's span in it.
async fn ask_and_find(stack: &Stack, receiver: &Receiver, protocol: &str) -> Result<Span> {
    let url = format!("{}/v1/mcp-servers", stack.setting("PUBLIC_URL"));
    let parent = format!("00-{CALLER}-00f067aa0ba902b7-01");
    let answer = stack.http.get(url).bearer_auth(&stack.key).header("traceparent", parent).send().await?;
    ensure!(answer.status() == 200, "{answer:?}");
    let asked = |span: &Span| span.trace_id() == CALLER && span.span["name"] == "GET /v1/mcp-servers";
    stack
        .until(&format!("the request is told over {protocol}"), async |stack| {
            Ok(receiver.spans(stack, protocol).await?.iter().any(asked))
        })
        .await?;
    receiver.spans(stack, protocol).await?.into_iter().find(asked).context("it was there")
}

#[tokio::test]
async fn both_planes_tell_what_they_do_themselves_below_what_their_callers_do() -> Result<()> {
    let receiver = Receiver::start()?;
    let mut stack = Stack::start_with(&[], |stack| {
        tell_own_spans(stack, &receiver, "grpc");
        Ok(())
    })
    .await?;
    let called = stack.call("demo", "echo", json!({ "text": "hello" })).await?;
    let trace_id = called.headers["x-trace-id"].to_str()?.to_owned();
    let of_call = |span: &Span| span.trace_id() == trace_id && span.span["name"] == "tools/call echo";
    let is_job = |span: &Span| span.span["name"] == "job rollups";
    stack
        .until("the call and a job are told", async |stack| {
            let spans = receiver.spans(stack, "grpc").await?;
            Ok(spans.iter().any(of_call) && spans.iter().any(is_job))
        })
        .await?;
    let spans = receiver.spans(&stack, "grpc").await?;
    let call = spans.iter().find(|span| of_call(span)).context("it was there")?;
    assert_eq!(call.resource["service.name"], "gatewayops-proxy");
    assert_eq!(call.says("gatewayops.mcp.server"), "demo");
    // Those who run it need not know who calls.
    assert!(!call.attributes.contains_key("gatewayops.api_key.id"), "{call:#?}");
    for protocol in PROTOCOLS {
        if protocol != "grpc" {
            tell_own_spans(&mut stack, &receiver, protocol);
            stack.terminate("control-plane").await?;
            stack.start_control_plane().await?;
        }
        let request = ask_and_find(&stack, &receiver, protocol).await?;
        assert_eq!(request.resource["service.name"], "gatewayops-control-plane");
        assert_eq!(request.span["kind"], SPAN_KIND_SERVER);
        assert_eq!(request.says("http.route"), "/v1/mcp-servers");
        assert!(request.span["parentSpanId"].is_string(), "{request:#?}");
    }
    Ok(())
}
