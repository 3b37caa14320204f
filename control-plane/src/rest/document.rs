//! The OpenAPI document: generated from the handlers, committed as `control-plane/openapi.json`.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(info(title = "GatewayOps", description = "The control plane of GatewayOps."), modifiers(&Credentials))]
pub struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut openapi::OpenApi) {
        document.info.license = None;
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("gwo_...").build();
        components.add_security_scheme("api_key", SecurityScheme::Http(bearer));
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("__Host-gwo_session")));
        components.add_security_scheme("session", cookie);
        let none: [String; 0] = [];
        document.security = Some(vec![
            SecurityRequirement::new("api_key", none.clone()),
            SecurityRequirement::new("session", none),
        ]);
    }
}

/// The document as it is served and committed; made once.
#[must_use]
pub fn document() -> &'static Value {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| finish(&super::api().into_openapi()));
    &DOCUMENT
}

/// What the handlers cannot say for themselves: how refusals look, what a merge patch may leave out, which types
/// stand behind query parameters.
fn finish(generated: &openapi::OpenApi) -> Value {
    let mut document = json!(generated);
    let mut schemas = document["components"]["schemas"].take();
    schemas["Error"] = error_schema();
    for operation in operations(&mut document) {
        for parameter in operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten() {
            inline_parameter(&mut parameter["schema"], &schemas);
            join_default(&mut parameter["schema"]);
        }
        describe_responses(&mut operation["responses"]);
    }
    for item in document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Some(body) = item.pointer_mut("/patch/requestBody") {
            as_merge_patch(body, &mut schemas);
        }
    }
    for schema in schemas.as_object_mut().into_iter().flat_map(Map::values_mut) {
        drop_defaults_of_required(schema);
    }
    document["components"]["schemas"] = schemas;
    document
}

/// What must be given has no default; the generator writes one, which may even break the field's own rules.
fn drop_defaults_of_required(schema: &mut Value) {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().cloned().collect();
    for name in required.iter().filter_map(Value::as_str) {
        if let Some(property) = schema["properties"].get_mut(name).and_then(Value::as_object_mut) {
            property.remove("default");
        }
    }
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Value> {
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    items
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
        .filter(|one| one.get("operationId").is_some())
}

/// The generator writes the default of an inlined enumeration as an object beside it, which no text fits.
fn join_default(schema: &mut Value) {
    if let Some([of, Value::Object(more)]) =
        schema.get_mut("allOf").and_then(Value::as_array_mut).map(Vec::as_mut_slice)
        && let Some(default) = more.remove("default")
    {
        of["default"] = default;
        *schema = of.take();
    }
}

/// A filter's wrapper (`AnyOf_...`, several with commas between) is a text to clients; other wrappers are what they hold.
fn inline_parameter(schema: &mut Value, schemas: &Value) {
    let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) else {
        return;
    };
    if schemas.get(name).is_some() {
        return;
    }
    *schema = match name {
        "i32_i32" | "i64_i64" | "u32_u32" | "u64_u64" => json!({"type": "integer"}),
        "bool_bool" => json!({"type": "boolean"}),
        "Uuid_Uuid" => json!({"type": "string", "format": "uuid"}),
        _ => json!({"type": "string"}),
    };
}

fn describe_responses(responses: &mut Value) {
    for (status, response) in responses.as_object_mut().into_iter().flatten() {
        if response["description"].as_str().unwrap_or_default().is_empty() {
            response["description"] = json!(match status.as_str() {
                "201" => "created",
                "204" => "done",
                _ => "ok",
            });
        }
    }
    let schema = json!({"$ref": "#/components/schemas/Error"});
    responses["default"] =
        json!({"description": "refused", "content": {"application/json": {"schema": schema}}});
}

/// A PATCH may leave out what a POST must give: its body has a schema of its own, `XPatch` of `XForm`.
fn as_merge_patch(body: &mut Value, schemas: &mut Value) {
    let reference = body["content"]["application/json"]["schema"]["$ref"].as_str().unwrap_or_default();
    let Some(form) =
        reference.rsplit('/').next().map(str::to_owned).filter(|name| schemas.get(name).is_some())
    else {
        return;
    };
    let patch = format!("{}Patch", form.trim_end_matches("Form"));
    let mut schema = schemas[&form].clone();
    if let Some(fields) = schema.as_object_mut() {
        fields.remove("required");
        for property in
            fields.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
        {
            property.as_object_mut().map(|property| property.remove("default"));
        }
        let note = "RFC 7396: what is absent stays, null clears to the default.";
        fields.insert("description".to_owned(), json!(note));
    }
    schemas[&patch] = schema;
    let content = json!({"schema": {"$ref": format!("#/components/schemas/{patch}")}});
    body["content"] = json!({"application/merge-patch+json": content, "application/json": content});
}

fn error_schema() -> Value {
    json!({
        "type": "object",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["code", "message", "details", "request_id"],
            "properties": {
                "code": {"type": "string", "description": "Stable; one of the codes of the error table."},
                "message": {"type": "string", "description": "For people."},
                "details": {"type": "object"},
                "request_id": {"type": "string"},
            },
        }},
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    found.insert(reference.rsplit('/').next().unwrap().to_owned());
                }
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let mut found = BTreeSet::new();
        references(document(), &mut found);
        let schemas = document()["components"]["schemas"].as_object().unwrap();
        let dangling: Vec<_> = found.iter().filter(|name| !schemas.contains_key(*name)).collect();
        assert!(dangling.is_empty(), "{dangling:?}");
    }

    #[test]
    fn what_is_required_has_no_default() {
        for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
            for field in schema["required"].as_array().into_iter().flatten() {
                let property = &schema["properties"][field.as_str().unwrap()];
                assert!(property.get("default").is_none(), "{name}.{field}");
            }
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_in_camel_case() {
        let mut document = document().clone();
        let mut seen = BTreeSet::new();
        for operation in operations(&mut document) {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(
                id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(char::is_alphanumeric),
                "{id}"
            );
            assert!(operation["tags"].is_array(), "{id} has no tag");
            assert!(seen.insert(id.clone()), "{id} twice");
        }
        assert!(seen.len() > 40);
    }

    #[test]
    fn the_committed_document_is_the_generated_one() {
        let committed = include_str!("../../openapi.json");
        assert!(committed == super::super::document_json() + "\n", "stale; write it anew with `./dev gen`");
    }
}
