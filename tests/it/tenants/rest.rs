//! Random requests to REST: any route of the OpenAPI document, with what the other organization has wherever an id
//! fits. A new route is walked without being named here.

use anyhow::{Context, Result};
use fastrand::Rng;
use gatewayops_tests::stack::Stack;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Attempt, Expected, organization::Credential, tenant::Tenant};

/// These end what the walk needs: its own session.
const ENDS_THE_WALK: [&str; 1] = ["/v1/auth/logout"];

pub(super) struct Routes {
    document: Value,
    all: Vec<(Method, String)>,
}

impl Routes {
    pub(super) async fn of(stack: &Stack) -> Result<Self> {
        let document = stack.rest("/openapi.json").await?.body;
        let mut all = Vec::new();
        for (path, methods) in document["paths"].as_object().context("no paths")? {
            for (method, route) in methods.as_object().context("no methods")? {
                // Who needs no credential is told what everybody may know.
                let is_public = route["security"].as_array().is_some_and(|ways| ways.contains(&json!({})));
                if method != "parameters" && !is_public && !ENDS_THE_WALK.contains(&&**path) {
                    all.push((method.to_uppercase().parse()?, path.clone()));
                }
            }
        }
        Ok(Self { document, all })
    }

    /// The lists that name nothing in their path, as long as they can be.
    pub(super) fn lists(&self) -> Vec<String> {
        let lists = self.all.iter().filter(|(method, path)| {
            *method == Method::GET
                && !path.contains('{')
                && !path.ends_with("/export")
                && !path.ends_with("/stream")
        });
        let lists = lists.map(|(method, path)| {
            let is_list = self.parameters(method, path).any(|name| name == "cursor");
            format!("{path}{}", if is_list { "?limit=200" } else { "" })
        });
        lists.collect()
    }

    /// The paths with a parameter for which the organization has nothing of the kind: these could not fail.
    pub(super) fn unfit(&self, tenant: &Tenant) -> Vec<&str> {
        let paths = self.all.iter().filter_map(|(_, path)| Some((path, path.split_once("/{")?.0)));
        let unfit = paths.filter(|(_, list)| !tenant.ids.iter().any(|(found, _)| is_of(found, list)));
        unfit.map(|(path, _)| &**path).collect()
    }

    fn route(&self, method: &Method, path: &str) -> &Value {
        &self.document["paths"][path][method.as_str().to_lowercase()]
    }

    fn parameters(&self, method: &Method, path: &str) -> impl Iterator<Item = &str> {
        let parameters = self.route(method, path)["parameters"].as_array().into_iter().flatten();
        parameters.filter(|one| one["in"] == "query").filter_map(|one| one["name"].as_str())
    }

    /// One request of `thief` for something of `owner`'s.
    pub(super) fn attempt(&self, stack: &Stack, rng: &mut Rng, thief: &Tenant, owner: &Tenant) -> Attempt {
        let (method, path) = &self.all[rng.usize(..self.all.len())];
        let mut target = filled(path, rng, owner);
        let mut separator = '?';
        for name in self.parameters(method, path) {
            if let Some(value) = foreign(name, rng, owner).filter(|_| rng.u8(..3) == 0) {
                target += &format!("{separator}{name}={value}");
                separator = '&';
            }
        }
        let credential = if rng.bool() { Credential::Key } else { Credential::Session };
        let mut request = thief.administrator.request(stack, credential, method.clone(), &target);
        let mut sent = format!("{method} {target} by {credential:?}");
        let schema = &self.route(method, path)["requestBody"]["content"]["application/json"]["schema"];
        if !schema.is_null() {
            let body = self.body(schema, rng, owner, *method == Method::PATCH);
            sent += &format!(" {body}");
            request = request.json(&body);
        }
        let names_foreign = owner.ids.iter().any(|(_, id)| sent.contains(&**id));
        let expected = match (path.contains('{'), target.contains("cursor=")) {
            (true, false) => Expected::NotFound,
            (true, true) => Expected::NotFoundOrCursor,
            (false, _) if names_foreign && *method != Method::GET => Expected::Refused,
            (false, _) => Expected::Own,
        };
        Attempt { sent, request, expected }
    }

    /// What the schema requires, and the other one's ids wherever there is room for one. A change of what is one's
    /// own changes nothing.
    fn body(&self, schema: &Value, rng: &mut Rng, owner: &Tenant, is_patch: bool) -> Value {
        let schema = self.resolved(schema);
        let required =
            |name: &str| schema["required"].as_array().is_some_and(|all| all.contains(&json!(name)));
        let mut body = json!({});
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let property = self.resolved(property);
            let is_list = self.is_a(property, "array");
            match foreign(name.trim_end_matches('s'), rng, owner).filter(|_| is_id(name)) {
                Some(id) if is_list => body[name] = json!([id]),
                Some(id) => body[name] = id.into(),
                None if required(name) && !is_patch => body[name] = self.plain(name, property, rng),
                None => {}
            }
        }
        body
    }

    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let chosen = ["oneOf", "anyOf", "allOf"].iter().find_map(|kind| schema[kind].as_array());
        let not_null = |one: &&Value| one["type"] != "null";
        let schema = chosen.and_then(|all| all.iter().find(not_null)).unwrap_or(schema);
        match schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) {
            Some(path) => self.document.pointer(path).unwrap_or(schema),
            None => schema,
        }
    }

    fn is_a(&self, schema: &Value, kind: &str) -> bool {
        schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&json!(kind)))
    }

    /// Something that fits, and says nothing of anybody.
    fn plain(&self, name: &str, schema: &Value, rng: &mut Rng) -> Value {
        let number = rng.u32(..);
        match () {
            () if schema["enum"].is_array() => schema["enum"][0].clone(),
            () if name == "permission" => "mcp:call".into(),
            () if name == "permissions" => json!(["mcp:read"]),
            () if name == "events" => json!(["alert.firing"]),
            () if name.ends_with("url") => "http://127.0.0.1:1/mcp".into(),
            () if name == "email" => format!("walk{number}@example.com").into(),
            () if name == "schema_hash" => "0".repeat(64).into(),
            () if schema["format"] == "date-time" => "2099-01-01T00:00:00Z".into(),
            // A rate limit of its own must leave the thief its calls.
            () if name == "limit" => 1_000_000.into(),
            () if self.is_a(schema, "array") => json!([]),
            () if self.is_a(schema, "object") => json!({}),
            () if self.is_a(schema, "boolean") => false.into(),
            () if self.is_a(schema, "integer") || self.is_a(schema, "number") => 1.into(),
            () => format!("walk-{number}-of-nobody").into(),
        }
    }
}

/// Whether it is one of ours: a `client_id` is an identity provider's, and kept as it was sent.
fn is_id(name: &str) -> bool {
    let name = name.trim_end_matches('s');
    name == "id" || name.ends_with("_id") && name != "client_id"
}

/// What the other one has for a parameter of that name.
fn foreign(name: &str, rng: &mut Rng, owner: &Tenant) -> Option<String> {
    match name {
        "q" | "client_name" | "tag" => Some(owner.mark.clone()),
        "mcp_server" => Some(owner.only()),
        "cursor" => rng.choice(&owner.cursors).cloned(),
        _ if is_id(name) => {
            let noun = name.trim_end_matches("_id").replace('_', "-");
            Some(an_id(rng, owner, |list| list.contains(&*noun)))
        }
        _ => None,
    }
}

/// The path with the other one's ids in the place of its parameters: most of them from the list that the path goes on
/// from.
fn filled(path: &str, rng: &mut Rng, owner: &Tenant) -> String {
    let (mut target, mut rest) = (String::new(), path);
    while let Some((before, after)) = rest.split_once('{') {
        target += before;
        let list = path[..path.len() - after.len() - 1].trim_end_matches('/');
        target += &an_id(rng, owner, |found| is_of(found, list));
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    target + rest
}

/// Whether what was found in this list belongs behind that path.
fn is_of(found: &str, list: &str) -> bool {
    found.split('?').next() == Some(list)
}

/// Most of the time one that was found where it fits.
fn an_id(rng: &mut Rng, owner: &Tenant, fits: impl Fn(&str) -> bool) -> String {
    let all: Vec<_> = owner.ids.iter().collect();
    let fitting: Vec<_> = all.iter().copied().filter(|(list, _)| fits(list)).collect();
    let choice = if fitting.is_empty() || rng.u8(..4) == 0 { all } else { fitting };
    let chosen = rng.choice(choice);
    chosen.map(|(_, id)| id.clone()).unwrap_or_default()
}
