//! MCP tokens: handed out for minutes to somebody who is known by a session or a key (contract 3.1, 6.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::coverage;
use crate::{
    app::App,
    auth::{Actor, Principal, mcp_token::Claims},
    error::{Error, Result},
    rest::form::{Faults, Form},
};

/// Proxies take no longer ones.
const MOST_BYTES: usize = 8192;

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct McpTokenForm {
    #[schema(minimum = 60, maximum = 3600)]
    pub ttl_seconds: i64,
    /// Globs on the server's name. The token is for no more than its holder is for.
    pub servers: Vec<String>,
    /// Globs on `server__tool`; one behind `!` excludes and wins.
    pub tools: Vec<String>,
}

impl Default for McpTokenForm {
    fn default() -> Self {
        Self { ttl_seconds: 600, servers: vec!["*".to_owned()], tools: vec!["*".to_owned()] }
    }
}

impl Form for McpTokenForm {
    fn check(&self, faults: &mut Faults) {
        faults.range("ttl_seconds", &self.ttl_seconds, 60..=3600);
        coverage::check(faults, &self.servers, &self.tools);
    }
}

/// A token, which is shown this once.
pub struct Issued {
    pub token: String,
    pub expires_at: DateTime<Utc>,
}

/// # Errors
/// `permission_denied` without `mcp:read` anywhere; `validation_error` when the globs are too long for a token.
pub fn issue(app: &App, principal: &Principal, form: &McpTokenForm) -> Result<Issued> {
    principal.require("mcp:read")?;
    let now = Utc::now().trunc_subsecs(0);
    let expires_at = expiry(principal, now + TimeDelta::seconds(form.ttl_seconds));
    // A personal key stays a key: it may do less than its owner, and may be revoked.
    let holder = match principal.actor {
        Actor::User { id, .. } => id.0,
        Actor::ApiKey { id, .. } => id.0,
    };
    let claims = Claims {
        iss: &app.config.public_url,
        aud: &app.config.public_proxy_url,
        sub: holder,
        org: principal.org,
        scope: scope(principal),
        servers: &form.servers,
        tools: &form.tools,
        secret: principal.credential.secret.map(|begin| URL_SAFE_NO_PAD.encode(begin)),
        iat: now,
        exp: expires_at,
        jti: Uuid::now_v7(),
    };
    let token = app.derived.mcp_token().sign(&claims)?;
    if token.len() > MOST_BYTES {
        let message = format!("and servers make a token longer than {MOST_BYTES} bytes; name fewer");
        return Err(Error::invalid_field("tools", "length", message));
    }
    Ok(Issued { token, expires_at })
}

/// A token outlives nothing that it was asked for with.
fn expiry(principal: &Principal, wanted: DateTime<Utc>) -> DateTime<Utc> {
    principal.credential.ends_at.map_or(wanted, |ends_at| wanted.min(ends_at.trunc_subsecs(0)))
}

/// What the holder holds anywhere: where it counts, proxies know.
fn scope(principal: &Principal) -> String {
    let mut held = vec!["mcp:read", "mcp:call"];
    held.retain(|permission| principal.require(permission).is_ok());
    held.join(" ")
}
