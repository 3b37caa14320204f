//! `/docs`: the OpenAPI document as one page to read, without a script and without anything from elsewhere.

use std::fmt::Write;

use serde_json::Value;

pub const STYLE: &str = include_str!("docs.css");

const METHODS: [&str; 5] = ["get", "post", "patch", "put", "delete"];

/// The whole page; made once, at start.
#[must_use]
pub fn page(document: &Value) -> String {
    let mut body = String::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                push_operation(&mut body, method, path, operation);
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
        let _ = write!(
            body,
            "<details id=\"{id}\"><summary><b>{id}</b></summary><pre>{}</pre></details>",
            escape(&pretty(schema)),
            id = escape(name),
        );
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>GatewayOps API</title>\
         <link rel=\"stylesheet\" href=\"/docs/style.css\"></head><body><h1>GatewayOps API</h1>\
         <p>As a document for tools: <a href=\"/openapi.json\">/openapi.json</a>. Send an API key as \
         <code>Authorization: Bearer gwo_...</code>.</p>{body}</body></html>"
    )
}

fn push_operation(body: &mut String, method: &str, path: &str, operation: &Value) {
    let text = |name: &str| escape(operation[name].as_str().unwrap_or_default());
    let _ = write!(
        body,
        "<details><summary><code class=\"{method}\">{}</code> <b>{}</b> <span>{}</span></summary><p>{}</p>",
        method.to_uppercase(),
        escape(path),
        text("summary"),
        text("description"),
    );
    let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !parameters.is_empty() {
        body.push_str("<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>");
        for parameter in parameters {
            let field = |name: &str| escape(parameter[name].as_str().unwrap_or_default());
            let _ = write!(
                body,
                "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
                field("name"),
                field("in"),
                type_of(&parameter["schema"]),
                field("description"),
            );
        }
        body.push_str("</table>");
    }
    let request = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !request.is_null() {
        let _ = write!(body, "<p>Body: {}</p>", type_of(request));
    }
    for (status, response) in operation["responses"].as_object().into_iter().flatten() {
        let schema = &response["content"]["application/json"]["schema"];
        let description = escape(response["description"].as_str().unwrap_or_default());
        let shape = if schema.is_null() { String::new() } else { type_of(schema) };
        let _ = write!(body, "<p><code>{}</code> {shape} {description}</p>", escape(status));
    }
    body.push_str("</details>");
}

/// A link to the schema, or its type in words.
fn type_of(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return format!("<a href=\"#{name}\">{name}</a>", name = escape(name));
    }
    if !schema["items"].is_null() {
        return format!("[{}]", type_of(&schema["items"]));
    }
    match &schema["type"] {
        Value::String(name) => escape(name),
        Value::Array(names) => escape(
            &names
                .iter()
                .filter_map(Value::as_str)
                .filter(|name| *name != "null")
                .collect::<Vec<_>>()
                .join(" or "),
        ),
        _ => String::new(),
    }
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
