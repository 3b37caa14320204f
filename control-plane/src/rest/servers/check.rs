//! What the types of a server's form do not say (contract 2.2, 3.6), every fault of a body at once.

use std::collections::HashSet;

use http::HeaderName;
use reqwest::Url;
use rust_decimal::Decimal;

use super::{
    form::{AuthForm, AuthType, Pricing, ServerForm, TlsForm, TrialForm},
    secret::Secret,
};
use crate::{
    mcp,
    rest::form::{Faults, Form},
};

const MAX_URL: usize = 2_048;
const MAX_SECRET: usize = 8_192;
const MAX_PEM: usize = 262_144;
/// A million dollars a call is a slip of the finger.
const MAX_PRICE: u32 = 999_999;
/// Headers that MCP or HTTP itself decides about.
const TAKEN_HEADERS: [&str; 11] = [
    "accept",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "host",
    "last-event-id",
    "te",
    "traceparent",
    "transfer-encoding",
    "upgrade",
];

impl Form for ServerForm {
    const REQUIRED: &'static [&'static str] = &["name", "url"];
    const READ_ONLY: &'static [&'static str] = &[
        "name",
        "health",
        "protocol_version",
        "server_info",
        "capabilities",
        "tool_count",
        "pending_review_count",
    ];

    fn check(&self, faults: &mut Faults) {
        if !is_server_name(&self.name) {
            faults.add(
                "name",
                "format",
                "must be a letter, then letters, digits or - (63 at most), and not servers",
            );
        }
        check_settings(self, faults);
    }
}

impl Form for TrialForm {
    const REQUIRED: &'static [&'static str] = &["url"];

    fn check(&self, faults: &mut Faults) {
        check_settings(&self.0, faults);
    }
}

fn check_settings(form: &ServerForm, faults: &mut Faults) {
    if let Some(name) = &form.display_name {
        faults.length("display_name", name, 1..=200);
    }
    faults.length("description", &form.description, 0..=5_000);
    check_url("url", &form.url, faults);
    faults.range("tags", &form.tags.len(), 0..=50);
    for (index, tag) in form.tags.iter().enumerate() {
        faults.length(&format!("tags.{index}"), tag, 1..=50);
    }
    check_auth(&form.auth, faults);
    check_tls(&form.tls, faults);
    for (field, value, allowed) in [
        ("connect_timeout_ms", form.connect_timeout_ms, 1..=600_000),
        ("timeout_ms", form.timeout_ms, 100..=600_000),
        ("stream_idle_timeout_ms", form.stream_idle_timeout_ms, 1..=86_400_000),
        ("max_concurrency", form.max_concurrency, 1..=100_000),
        ("max_request_bytes", form.max_request_bytes, 1..=104_857_600),
        ("max_response_bytes", form.max_response_bytes, 1..=104_857_600),
        ("retry.max_retries", form.retry.max_retries, 0..=5),
        ("retry.backoff_ms", form.retry.backoff_ms, 0..=60_000),
        ("breaker.failures", form.breaker.failures, 1..=1_000),
        ("breaker.window_seconds", form.breaker.window_seconds, 1..=3_600),
        ("breaker.open_seconds", form.breaker.open_seconds, 1..=3_600),
        ("breaker.probes", form.breaker.probes, 1..=100),
        ("discovery_interval_seconds", form.discovery_interval_seconds, 30..=86_400),
    ] {
        faults.range(field, &value, allowed);
    }
    check_pricing(&form.pricing, faults);
}

/// Contract 2.2.
#[must_use]
pub(super) fn is_server_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= 63
        && name != "servers"
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(plain)
}

/// Credentials have their own fields, where they are sealed; a URL is shown to every reader.
fn check_url(field: &str, text: &str, faults: &mut Faults) {
    let fault = match Url::parse(text) {
        _ if text.len() > MAX_URL => Some("is too long"),
        Err(_) => Some("must be a URL such as https://mcp.example.com/mcp"),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => Some("must begin with http:// or https://"),
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Some("must not hold a user or password; use auth")
        }
        Ok(url) if url.fragment().is_some() => Some("must not have a fragment"),
        Ok(_) => None,
    };
    if let Some(fault) = fault {
        faults.add(field, "format", fault);
    }
}

fn check_auth(auth: &AuthForm, faults: &mut Faults) {
    for (field, secret, of) in [
        ("auth.token", &auth.token, AuthType::Bearer),
        ("auth.password", &auth.password, AuthType::Basic),
        ("auth.header_value", &auth.header_value, AuthType::Header),
        ("auth.client_secret", &auth.client_secret, AuthType::OauthClientCredentials),
    ] {
        let belongs = auth.kind == of;
        match secret {
            None if belongs => faults.add(field, "required", "is missing"),
            Some(Secret::Given(_)) if !belongs => {
                faults.add(field, "unknown", "does not belong to this auth.type")
            }
            Some(Secret::Given(_)) => check_secret(field, secret.as_ref().and_then(Secret::given), faults),
            _ => {}
        }
    }
    match auth.kind {
        AuthType::None | AuthType::Bearer => {}
        AuthType::Basic => match auth.username.as_deref() {
            None => faults.add("auth.username", "required", "is missing"),
            Some(name) if name.is_empty() || name.contains(':') || name.chars().any(char::is_control) => {
                faults.add("auth.username", "format", "must be a name without a colon");
            }
            Some(_) => {}
        },
        AuthType::Header => match auth.header_name.as_deref() {
            None => faults.add("auth.header_name", "required", "is missing"),
            Some(name) => check_header_name(name, faults),
        },
        AuthType::OauthClientCredentials => {
            match &auth.token_url {
                None => faults.add("auth.token_url", "required", "is missing"),
                Some(url) => check_url("auth.token_url", url, faults),
            }
            match &auth.client_id {
                None => faults.add("auth.client_id", "required", "is missing"),
                Some(id) => faults.length("auth.client_id", id, 1..=500),
            }
            faults.range("auth.scopes", &auth.scopes.len(), 0..=50);
            // RFC 6749 §3.3.
            let token = |b: u8| b == 0x21 || (0x23..=0x5b).contains(&b) || (0x5d..=0x7e).contains(&b);
            for (index, scope) in auth.scopes.iter().enumerate() {
                if scope.is_empty() || !scope.bytes().all(token) {
                    faults.add(format!("auth.scopes.{index}"), "format", "must be one scope without spaces");
                }
            }
        }
    }
}

fn check_secret(field: &str, secret: Option<&str>, faults: &mut Faults) {
    let secret = secret.unwrap_or_default();
    if secret.is_empty() || secret.len() > MAX_SECRET {
        faults.add(field, "length", format!("must have 1 to {MAX_SECRET} characters"));
    } else if secret.chars().any(char::is_control) || secret.trim() != secret {
        faults.add(field, "format", "must not have line ends, control characters or spaces around it");
    }
}

fn check_header_name(name: &str, faults: &mut Faults) {
    let taken =
        |name: &HeaderName| TAKEN_HEADERS.contains(&name.as_str()) || name.as_str().starts_with("mcp-");
    match HeaderName::try_from(name) {
        Err(_) => faults.add("auth.header_name", "format", "must be the name of an HTTP header"),
        Ok(name) if taken(&name) => {
            faults.add("auth.header_name", "format", "is a header the gateway sets itself")
        }
        Ok(_) => {}
    }
}

fn check_tls(tls: &TlsForm, faults: &mut Faults) {
    for (field, pem) in [("tls.ca_pem", &tls.ca_pem), ("tls.client_cert_pem", &tls.client_cert_pem)] {
        if pem.as_ref().is_some_and(|pem| pem.len() > MAX_PEM || !mcp::holds_certificates(pem)) {
            faults.add(field, "format", "must be certificates in PEM");
        }
    }
    let is_key =
        |pem: &str| pem.len() <= MAX_PEM && pem.contains("-----BEGIN ") && pem.contains("PRIVATE KEY-----");
    if tls.client_key_pem.as_ref().and_then(Secret::given).is_some_and(|pem| !is_key(pem)) {
        faults.add("tls.client_key_pem", "format", "must be a private key in PEM");
    }
    match (&tls.client_cert_pem, &tls.client_key_pem) {
        (Some(_), None) => faults.add("tls.client_key_pem", "required", "belongs to client_cert_pem"),
        (None, Some(Secret::Given(_))) => {
            faults.add("tls.client_cert_pem", "required", "belongs to client_key_pem")
        }
        _ => {}
    }
    let host = |name: &String| {
        let label = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        (1..=253).contains(&name.len())
            && name.bytes().all(label)
            && name.bytes().any(|b| b.is_ascii_alphabetic())
    };
    if tls.server_name.as_ref().is_some_and(|name| !host(name)) {
        faults.add("tls.server_name", "format", "must be a host name");
    }
}

fn check_pricing(pricing: &Pricing, faults: &mut Faults) {
    let mut check = |field: String, price: Decimal| {
        if price > Decimal::from(MAX_PRICE) {
            faults.add(field, "range", format!("must be from 0 to {MAX_PRICE}"));
        } else if price.normalize().scale() > 12 {
            faults.add(field, "format", "must have twelve fraction digits at most");
        }
    };
    for (field, price) in [
        ("per_call", pricing.per_call),
        ("per_input_token", pricing.per_input_token),
        ("per_output_token", pricing.per_output_token),
    ] {
        check(format!("pricing.{field}"), price.0);
    }
    for (index, tool) in pricing.tools.iter().enumerate() {
        check(format!("pricing.tools.{index}.per_call"), tool.per_call.0);
        check(format!("pricing.tools.{index}.per_input_token"), tool.per_input_token.0);
        check(format!("pricing.tools.{index}.per_output_token"), tool.per_output_token.0);
    }
    faults.range("pricing.tools", &pricing.tools.len(), 0..=1_000);
    let mut names = HashSet::new();
    for (index, tool) in pricing.tools.iter().enumerate() {
        let field = format!("pricing.tools.{index}.tool_name");
        faults.length(&field, &tool.tool_name, 1..=255);
        if !names.insert(&tool.tool_name) {
            faults.add(field, "unique", "has a price already");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_names_are_as_the_contract_says() {
        for good in ["a", "files", "my-files-2", &"a".repeat(63)] {
            assert!(is_server_name(good), "{good}");
        }
        for bad in ["", "servers", "9a", "-a", "A", "a_b", "a.b", "ä", &"a".repeat(64)] {
            assert!(!is_server_name(bad), "{bad}");
        }
    }

    #[test]
    fn a_url_carries_no_credential() {
        for (url, good) in [
            ("http://10.0.0.1:8080/mcp?x=1", true),
            ("https://mcp.example.com", true),
            ("ftp://x", false),
            ("mcp.example.com", false),
            ("https://me:pw@x/mcp", false),
            ("https://x/mcp#a", false),
            ("https://", false),
        ] {
            let mut faults = Faults::default();
            check_url("url", url, &mut faults);
            assert_eq!(faults.finish().is_ok(), good, "{url}");
        }
    }
}
