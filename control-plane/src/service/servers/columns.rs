//! Between a server's form and its row: secrets are sealed on the way in and only said to be kept on the way out.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Server, pricing};
use crate::{
    error::{Error, Result},
    id::{OrgId, ServerId},
    rest::servers::{
        form::{AuthForm, AuthType, ServerForm, TlsForm},
        secret::Secret,
    },
    seal::{Place, Sealer},
    store::servers::Settings,
};

/// Takes away what does not belong to the chosen kind of auth, and a key whose certificate is gone.
pub(super) fn tidy(form: &mut ServerForm) {
    let auth = std::mem::take(&mut form.auth);
    let kind = auth.kind;
    form.auth = match kind {
        AuthType::None => AuthForm { kind, ..AuthForm::default() },
        AuthType::Bearer => AuthForm { kind, token: auth.token, ..AuthForm::default() },
        AuthType::Basic => {
            AuthForm { kind, username: auth.username, password: auth.password, ..AuthForm::default() }
        }
        AuthType::Header => AuthForm {
            kind,
            header_name: auth.header_name,
            header_value: auth.header_value,
            ..AuthForm::default()
        },
        AuthType::OauthClientCredentials => AuthForm {
            kind,
            token_url: auth.token_url,
            client_id: auth.client_id,
            client_secret: auth.client_secret,
            scopes: auth.scopes,
            ..AuthForm::default()
        },
    };
    if form.tls.client_cert_pem.is_none() {
        form.tls.client_key_pem = None;
    }
}

/// The one secret of the chosen kind of auth, with its field.
pub(super) fn secret(auth: &mut AuthForm) -> Option<(&'static str, &mut Option<Secret>)> {
    match auth.kind {
        AuthType::None => None,
        AuthType::Bearer => Some(("auth.token", &mut auth.token)),
        AuthType::Basic => Some(("auth.password", &mut auth.password)),
        AuthType::Header => Some(("auth.header_value", &mut auth.header_value)),
        AuthType::OauthClientCredentials => Some(("auth.client_secret", &mut auth.client_secret)),
    }
}

/// Where a secret of a server lives.
pub(super) fn place(column: &'static str, org: OrgId, id: ServerId) -> Place {
    Place { table: "mcp_servers", column, row: id.0, org: Some(org) }
}

pub(super) const AUTH: &str = "auth_encrypted";
pub(super) const CLIENT_KEY: &str = "client_key_encrypted";

/// The columns of a checked and tidy form; `stored` are those it replaces.
///
/// # Errors
/// A secret is to be kept that is not there.
pub(super) fn settings(
    form: &ServerForm,
    sealer: &Sealer,
    org: OrgId,
    id: ServerId,
    stored: Option<&Settings>,
) -> Result<Settings> {
    let seal =
        |field: &str, column: &'static str, secret: Option<&Secret>, kept: Option<&Vec<u8>>| match secret {
            None => Ok(None),
            Some(Secret::Given(_)) => {
                let plain = secret.and_then(Secret::given).unwrap_or_default();
                Ok(Some(sealer.seal(&place(column, org, id), plain.as_bytes())))
            }
            Some(Secret::Kept) if kept.is_some() => Ok(kept.cloned()),
            Some(Secret::Kept) => Err(Error::invalid_field(field, "required", "is missing")),
        };
    let mut auth = form.auth.clone();
    let auth_encrypted = match secret(&mut auth) {
        None => None,
        Some((field, secret)) => {
            seal(field, AUTH, secret.as_ref(), stored.and_then(|stored| stored.auth_encrypted.as_ref()))?
        }
    };
    let kept_key = stored.and_then(|stored| stored.client_key_encrypted.as_ref());
    let client_key_encrypted =
        seal("tls.client_key_pem", CLIENT_KEY, form.tls.client_key_pem.as_ref(), kept_key)?;
    Ok(Settings {
        display_name: form.display_name.clone(),
        description: form.description.clone(),
        url: form.url.clone(),
        transport: text(&form.transport),
        enabled: form.enabled,
        tags: form.tags.clone(),
        auth: public_auth(&form.auth),
        auth_encrypted,
        tls: json!({
            "ca_pem": form.tls.ca_pem,
            "client_cert_pem": form.tls.client_cert_pem,
            "server_name": form.tls.server_name,
            "insecure_skip_verify": form.tls.insecure_skip_verify,
        }),
        client_key_encrypted,
        connect_timeout_ms: form.connect_timeout_ms,
        timeout_ms: form.timeout_ms,
        stream_idle_timeout_ms: form.stream_idle_timeout_ms,
        max_concurrency: form.max_concurrency,
        max_request_bytes: form.max_request_bytes,
        max_response_bytes: form.max_response_bytes,
        retry: json!(form.retry),
        breaker: json!(form.breaker),
        payload_capture: form.payload_capture.as_ref().map(text),
        discovery_interval_seconds: form.discovery_interval_seconds,
    })
}

fn public_auth(auth: &AuthForm) -> Value {
    let kind = text(&auth.kind);
    match auth.kind {
        AuthType::None | AuthType::Bearer => json!({"type": kind}),
        AuthType::Basic => json!({"type": kind, "username": auth.username}),
        AuthType::Header => json!({"type": kind, "header_name": auth.header_name}),
        AuthType::OauthClientCredentials => json!({
            "type": kind, "token_url": auth.token_url, "client_id": auth.client_id, "scopes": auth.scopes,
        }),
    }
}

/// The form of a row. What the columns hold was written by [`settings`], or by Postgres' defaults.
pub(super) fn form(server: &Server) -> ServerForm {
    let settings = &server.row.settings;
    let mut auth: AuthForm = value(&settings.auth);
    if let Some((_, secret)) = secret(&mut auth) {
        *secret = settings.auth_encrypted.as_ref().map(|_| Secret::Kept);
    }
    let mut tls: TlsForm = value(&settings.tls);
    tls.client_key_pem = settings.client_key_encrypted.as_ref().map(|_| Secret::Kept);
    ServerForm {
        name: server.row.name.clone(),
        display_name: settings.display_name.clone(),
        description: settings.description.clone(),
        url: settings.url.clone(),
        transport: value(&json!(settings.transport)),
        enabled: settings.enabled,
        tags: settings.tags.clone(),
        auth,
        tls,
        connect_timeout_ms: settings.connect_timeout_ms,
        timeout_ms: settings.timeout_ms,
        stream_idle_timeout_ms: settings.stream_idle_timeout_ms,
        max_concurrency: settings.max_concurrency,
        max_request_bytes: settings.max_request_bytes,
        max_response_bytes: settings.max_response_bytes,
        retry: value(&settings.retry),
        breaker: value(&settings.breaker),
        pricing: pricing::form(&server.prices),
        payload_capture: settings
            .payload_capture
            .as_ref()
            .and_then(|text| serde_json::from_value(json!(text)).ok()),
        discovery_interval_seconds: settings.discovery_interval_seconds,
    }
}

fn value<T: DeserializeOwned + Default>(json: &Value) -> T {
    serde_json::from_value(json.clone()).unwrap_or_default()
}

/// An enumeration as the database writes it: its JSON is its text.
fn text(value: &impl serde::Serialize) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}
