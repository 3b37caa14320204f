//! What a token says, once its signature is known to be right: until when it is good, for what, and how much of what
//! its subject may do it carries.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gatewayops_proto::access::{Coverage, Permissions};
use uuid::Uuid;

use super::{
    jwt::{Several, Written},
    refusal::Refusal,
    resource::{Address, Audience},
};

/// How far ahead the clock of an issuer may be: of when a token begins. When it expires is when we think so.
const SKEW_MS: i64 = 60_000;
/// Of our own tokens (contract 6.1).
const LONGEST_MS: i64 = 60 * 60 * 1000;
/// Bytes of a digest that tell one secret of a key from the other (contract 6.1).
const SECRET: usize = 8;
/// Globs of one kind, and characters of each.
const MAX_GLOBS: usize = 256;
const MAX_GLOB: usize = 512;
/// The scopes there are, and the one above them (R7.5). `mcp:call` does not imply `mcp:read`: they cover different
/// methods (contract 2.2).
const SCOPES: [&str; 3] = ["mcp:read", "mcp:call", "mcp:*"];

/// What holds of a token for as long as it lives.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) expires_at_ms: i64,
    pub(crate) scopes: Permissions,
    pub(crate) audience: Audience,
}

/// Whose a token of our own is: a user's or an API key's, and what it leaves of what that one covers.
#[derive(Debug)]
pub(crate) struct OwnSubject {
    pub(crate) id: Uuid,
    pub(crate) org: Uuid,
    pub(crate) coverage: Arc<Coverage>,
    /// Of a key: how the digest begins of the secret that it was asked for with.
    pub(crate) secret: Option<[u8; SECRET]>,
}

impl Claims {
    /// Of an access token of a trusted issuer, and its subject there.
    pub(crate) fn of_issuer(
        written: Written,
        address: &Address,
        now_ms: i64,
    ) -> Result<(Self, Box<str>), Refusal> {
        let expires_at_ms = check(&written, now_ms)?;
        let scopes = scopes(written.scope.as_deref(), written.scp.as_ref());
        let subject = written.sub.filter(|sub| !sub.is_empty()).ok_or(Refusal::NoSubject)?;
        let audience = Audience::of(address, written.aud.iter());
        Ok((Self { expires_at_ms, scopes, audience }, subject.into()))
    }

    /// Of a token of the control plane (contract 6.1).
    pub(crate) fn of_ourselves(
        written: Written,
        address: &Address,
        now_ms: i64,
    ) -> Result<(Self, OwnSubject), Refusal> {
        let expires_at_ms = check(&written, now_ms)?;
        if expires_at_ms - now_ms > LONGEST_MS + SKEW_MS {
            return Err(Refusal::LivesTooLong);
        }
        let scopes = scopes(written.scope.as_deref(), None);
        let audience = Audience::of(address, written.aud.iter());
        let id = |text: Option<&str>| text.and_then(|text| Uuid::parse_str(text).ok());
        let subject = OwnSubject {
            id: id(written.sub.as_deref()).ok_or(Refusal::NoSubject)?,
            org: id(written.org.as_deref()).ok_or(Refusal::Organization)?,
            secret: written.secret.as_deref().map(secret).transpose()?,
            coverage: Coverage { servers: globs(written.servers)?, tools: globs(written.tools)? }.into(),
        };
        Ok((Self { expires_at_ms, scopes, audience }, subject))
    }
}

fn secret(written: &str) -> Result<[u8; SECRET], Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(written).map_err(|_| Refusal::Malformed)?;
    bytes.try_into().map_err(|_| Refusal::Malformed)
}

/// What is asked of both kinds. When it expires.
fn check(written: &Written, now_ms: i64) -> Result<i64, Refusal> {
    if written.is_no_access_token() {
        return Err(Refusal::NoAccessToken);
    }
    if written.cnf.is_some() {
        return Err(Refusal::SenderConstrained);
    }
    let expires_at_ms = written.exp.ok_or(Refusal::NoExpiry)?.0;
    if now_ms >= expires_at_ms {
        return Err(Refusal::Expired);
    }
    let begins_at_ms = written.nbf.into_iter().chain(written.iat).map(|at| at.0).max();
    if begins_at_ms.is_some_and(|at| at > now_ms.saturating_add(SKEW_MS)) {
        return Err(Refusal::NotYetValid);
    }
    Ok(expires_at_ms)
}

/// Whatever else a token is for, here it opens no more than MCP.
fn scopes(scope: Option<&str>, scp: Option<&Several>) -> Permissions {
    let listed = scp.into_iter().flat_map(Several::iter);
    let said = scope.into_iter().chain(listed).flat_map(|scope| scope.split(' '));
    Permissions::of_all(said.filter(|scope| SCOPES.contains(scope)))
}

/// None were said: all.
fn globs(written: Option<Vec<String>>) -> Result<Vec<String>, Refusal> {
    let globs = written.unwrap_or_else(|| vec!["*".to_owned()]);
    let is_bounded = globs.len() <= MAX_GLOBS && globs.iter().all(|glob| glob.len() <= MAX_GLOB);
    if is_bounded { Ok(globs) } else { Err(Refusal::Malformed) }
}
