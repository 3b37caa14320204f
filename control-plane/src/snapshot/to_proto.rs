//! One row with its parts → one message. Nothing here waits or fails: what a proxy could not use is sent so that it
//! refuses, and logged.

use std::collections::BTreeMap;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use gatewayops_proto::{
    control::{self, api_key::State, user},
    header_parameter::{self, HeaderParameter},
};
use serde_json::Value;
use uuid::Uuid;

use super::upstream;
use crate::{
    auth::permission::implies,
    seal::Sealer,
    store::{
        secrets,
        snapshot::{ApiKey, Price, Server, Tool, User},
    },
};

/// The permissions that proxies ask for (contract 2.2).
const PROXY_PERMISSIONS: [&str; 2] = ["mcp:read", "mcp:call"];

pub(super) fn id(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

fn ids(ids: Vec<Uuid>) -> Vec<Bytes> {
    ids.into_iter().map(id).collect()
}

pub(super) fn secret(secret: secrets::Secret) -> control::Secret {
    control::Secret {
        id: id(secret.id),
        name: secret.name,
        key_id: unsigned(secret.key_id),
        value: secret.value.into(),
        current: secret.current,
    }
}

pub(super) fn user(row: User) -> control::User {
    let state = if row.suspended { user::State::Suspended } else { user::State::Active };
    control::User {
        id: id(row.id),
        org_id: id(row.org_id),
        sso_provider_id: row.sso_provider_id.map(id).unwrap_or_default(),
        sso_subject: row.sso_subject.unwrap_or_default(),
        permissions: held_by_all(&[&row.permissions]),
        server_grants: server_grants(&row.server_permissions, &[]),
        state: state.into(),
        team_ids: ids(row.team_ids),
    }
}

pub(super) fn api_key(row: ApiKey) -> control::ApiKey {
    let state = match (row.revoked, row.owner_suspended) {
        (true, _) => State::Revoked,
        (false, true) => State::OwnerSuspended,
        (false, false) => State::Active,
    };
    // A personal key holds no more than its owner does (contract 1.6).
    let permissions = match row.user_id {
        Some(_) => held_by_all(&[&row.permissions, &row.owner_permissions]),
        None => held_by_all(&[&row.permissions]),
    };
    let server_grants = server_grants(&row.owner_server_permissions, &[&row.permissions]);
    control::ApiKey {
        id: id(row.id),
        org_id: id(row.org_id),
        hash: row.key_hash.into(),
        previous_hash: row.previous_key_hash.unwrap_or_default().into(),
        previous_expires_at_ms: milliseconds(row.previous_key_expires_at),
        pepper_id: unsigned(row.pepper_id),
        environment: row.environment,
        permissions,
        servers: row.servers,
        tools: row.tools,
        ip_allowlist: row.ip_allowlist,
        user_id: row.user_id.map(id).unwrap_or_default(),
        team_id: row.team_id.map(id).unwrap_or_default(),
        expires_at_ms: milliseconds(row.expires_at),
        state: state.into(),
        rate_limit_rpm: unsigned(row.rate_limit_rpm.unwrap_or(0)),
        name: row.name,
        server_grants,
        user_team_ids: ids(row.owner_team_ids),
    }
}

/// What somebody was granted on single servers, as far as it is within the rest.
fn server_grants(granted: &BTreeMap<Uuid, Vec<String>>, within: &[&[String]]) -> Vec<control::ServerGrant> {
    let grants = granted.iter().map(|(server, granted)| control::ServerGrant {
        server_id: id(*server),
        permissions: held_by_all(&[within, &[granted]].concat()),
    });
    grants.filter(|grant| !grant.permissions.is_empty()).collect()
}

/// The permissions for proxies that each list of grants implies.
fn held_by_all(lists: &[&[String]]) -> Vec<String> {
    let holds = |grants: &&[String], wanted: &str| grants.iter().any(|grant| implies(grant, wanted));
    let wanted = PROXY_PERMISSIONS.into_iter();
    wanted.filter(|wanted| lists.iter().all(|list| holds(list, wanted))).map(str::to_owned).collect()
}

pub(super) fn server(row: Server, prices: Vec<Price>, tools: Vec<Tool>, sealer: &Sealer) -> control::Server {
    let credentials = upstream::open(&row, sealer);
    if let Err(error) = &credentials {
        tracing::error!(server.name = row.name, server.id = %row.id, %error, "a server's credentials cannot be opened; it is sent as disabled");
    }
    let enabled = row.enabled && credentials.is_ok();
    let (auth, tls) = credentials.unwrap_or_default();
    let number =
        |map: &Value, name: &str| map.get(name).and_then(Value::as_u64).and_then(|n| n.try_into().ok());
    control::Server {
        id: id(row.id),
        org_id: id(row.org_id),
        display_name: row.display_name.unwrap_or_else(|| row.name.clone()),
        tools: tools.into_iter().map(tool).collect(),
        name: row.name,
        description: row.description,
        url: row.url,
        transport: row.transport,
        enabled,
        auth,
        tls,
        connect_timeout_ms: unsigned(row.connect_timeout_ms),
        timeout_ms: unsigned(row.timeout_ms),
        stream_idle_timeout_ms: unsigned(row.stream_idle_timeout_ms),
        max_concurrency: unsigned(row.max_concurrency),
        max_request_bytes: unsigned(row.max_request_bytes),
        max_response_bytes: unsigned(row.max_response_bytes),
        max_retries: number(&row.retry, "max_retries").unwrap_or(2),
        retry_backoff_ms: number(&row.retry, "backoff_ms").unwrap_or(100),
        breaker_failures: number(&row.breaker, "failures").unwrap_or(5),
        breaker_window_seconds: number(&row.breaker, "window_seconds").unwrap_or(30),
        breaker_open_seconds: number(&row.breaker, "open_seconds").unwrap_or(30),
        breaker_probes: number(&row.breaker, "probes").unwrap_or(3),
        prices: prices.into_iter().map(price).collect(),
        protocol_version: row.protocol_version.unwrap_or_default(),
        health: row.health,
        payload_capture: row.payload_capture.unwrap_or_default(),
    }
}

fn price(row: Price) -> control::Price {
    control::Price {
        id: id(row.id),
        tool_name: row.tool_name.unwrap_or_default(),
        per_call: row.per_call.to_string(),
        per_input_token: row.per_input_token.to_string(),
        per_output_token: row.per_output_token.to_string(),
    }
}

fn tool(row: Tool) -> control::Tool {
    let hint = |name: &str| {
        row.annotations.as_ref().is_some_and(|hints| hints.get(name) == Some(&Value::Bool(true)))
    };
    control::Tool {
        repeatable: hint("idempotentHint") || hint("readOnlyHint"),
        name: row.name,
        definition_hash: row.approved_hash.unwrap_or_default(),
        header_parameters: row.header_schema.as_ref().map(header_parameters).unwrap_or_default(),
        status: row.status,
        seen_hash: row.schema_hash,
        destructive: row.destructive,
        strict_output: row.strict_output,
        input_schema: row.input_schema.unwrap_or_default(),
    }
}

/// A tool that declares its headers against the rules was not taken into the catalogue (R2.7), so it has none here.
fn header_parameters(input_schema: &Value) -> Vec<control::HeaderParameter> {
    let declared = header_parameter::read(input_schema).unwrap_or_default();
    let parameter =
        |it: HeaderParameter| control::HeaderParameter { header: it.header, path: it.path, r#type: it.kind };
    declared.into_iter().map(parameter).collect()
}

pub(super) fn milliseconds(time: Option<DateTime<Utc>>) -> i64 {
    time.map_or(0, |time| time.timestamp_millis())
}

/// Columns are signed because Postgres has no other; their checks forbid negative values.
pub(super) fn unsigned<T: TryInto<U>, U: Default>(number: T) -> U {
    number.try_into().unwrap_or_default()
}
