//! `initialize`, `server/discover` and the end of a session: the endpoint speaks for all its servers (R5.8).

use serde::Deserialize;
use serde_json::{Map, Value, json, value::RawValue};
use uuid::Uuid;

use super::{Federated, Speaker, result};
use crate::{
    exchange::Exchange,
    federation::capability::{self, Said},
    gateway::Client,
    mcp::{
        elicitation, header,
        message::Message,
        session::{Endpoint, Session},
        version::{self, Version},
    },
    pipeline::{answer, decode::Request},
    rejection::{Code, Rejection},
    sessions::{self, reaper},
    upstream::era::Finding,
};

#[derive(Deserialize)]
struct Initialize<'a> {
    #[serde(borrow)]
    capabilities: Option<&'a RawValue>,
    #[serde(rename = "clientInfo")]
    client_info: Option<Map<String, Value>>,
}

impl Federated<'_> {
    pub(super) async fn initialize(
        &self,
        client: &mut Client,
        message: &Message<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let params = message.params.as_ref().map_or("{}", |params| params.raw);
        let declared: Initialize<'_> = serde_json::from_str(params)
            .map_err(|_| Rejection::new(Code::InvalidParams, "capabilities or clientInfo is no object"))?;
        let requested = message.params.as_ref().and_then(|params| params.protocol_version.as_deref());
        let version = requested
            .filter(|version| version::is_legacy(version))
            .and_then(Version::known)
            .unwrap_or(Version::NEWEST_LEGACY);
        let token = self.session(&declared, version, elicitation::initialize_takes_urls(params))?;
        let speakers = self.speakers().await;
        let (said, missing) = said(&speakers);
        let mut initialized = json!({
            "protocolVersion": version.name(),
            "capabilities": capability::united(&said),
            "serverInfo": capability::gateway(),
        });
        describe(&mut initialized, &said, &missing);
        exchange.protocol_version = Some(version.name());
        let digest = sessions::digest_of(&token);
        exchange.session = Some(hex::encode(digest).into());
        self.gateway.sessions.opened(&token, digest, self.principal);
        let id = message.id.map_or("null", |id| id.get());
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{initialized}}}"#);
        exchange.response_bytes = body.len() as u64;
        let mut head = answer::head(self.gateway, client, exchange, 200, "application/json")?;
        let _ = head.insert_header("cache-control", "no-store");
        head.insert_header(header::SESSION_ID, token)
            .map_err(|_| Rejection::new(Code::InvalidParams, "the session makes no valid header"))?;
        client.respond(head, body.into()).await;
        Ok(())
    }

    /// A session that knows how its client introduces itself, so that any replica can introduce it to servers.
    fn session(
        &self,
        declared: &Initialize<'_>,
        version: Version,
        takes_urls: bool,
    ) -> Result<String, Rejection> {
        let capabilities = declared.capabilities.map_or("{}", RawValue::get);
        let mut info = declared.client_info.clone().unwrap_or_default();
        let keys = &self.snapshot.token_keys;
        for kept in [&["name", "version", "title", "description", "websiteUrl"][..], &["name", "version"]] {
            info.retain(|name, _| kept.contains(&name.as_str()));
            let info = Value::from(info.clone());
            let session = Session {
                endpoint: Endpoint::Federated {
                    nonce: Uuid::new_v4().as_u128(),
                    client: format!(r#""capabilities":{capabilities},"clientInfo":{info}"#),
                },
                version,
                takes_urls,
                expires_at_ms: self.gateway.sessions.expiry(self.now_ms),
            };
            if let Some(token) = session.seal(keys, self.principal.id) {
                return Ok(token);
            }
        }
        Err(Rejection::new(
            Code::InvalidParams,
            "capabilities and clientInfo are longer than a session can carry: keep them within 500 bytes",
        ))
    }

    pub(super) async fn discover(
        &self,
        client: &mut Client,
        message: &Message<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        let speakers = self.speakers().await;
        let (said, missing) = said(&speakers);
        // Where nobody speaks this era but others are there, the client is told which they speak (R4.3).
        let is_legacy_only =
            said.is_empty() && speakers.iter().any(|speaker| matches!(speaker.finding, Finding::SpeaksNot));
        let supported = if is_legacy_only { &version::LEGACY[..] } else { &version::MODERN[..] };
        let mut discovered = json!({
            "resultType": "complete",
            "supportedVersions": supported,
            "capabilities": capability::united(&said),
            "ttlMs": 0,
            "cacheScope": "private",
            "_meta": { "io.modelcontextprotocol/serverInfo": capability::gateway() },
        });
        describe(&mut discovered, &said, &missing);
        let id = message.id.map_or("null", |id| id.get());
        result(self.gateway, client, exchange, id, &discovered.to_string()).await
    }

    /// Ends the session and all that it has open.
    pub(super) async fn end(
        &self,
        client: &mut Client,
        request: &Request<'_>,
        exchange: &mut Exchange,
    ) -> Result<(), Rejection> {
        if let (Some((session, digest)), Some(token)) = (&request.session, client.header(header::SESSION_ID))
        {
            self.gateway.sessions.end(&self.gateway.store, token, *digest).await;
            let principal = self.principal.id;
            reaper::close(self.gateway, self.snapshot, session, principal, *digest, self.now_ms).await;
        }
        answer::accepted(self.gateway, client, exchange, 200).await
    }
}

/// What those who speak the era say of themselves, and who could not be asked.
fn said(speakers: &[Speaker]) -> (Vec<Said<'_>>, Vec<&str>) {
    let mut said = Vec::new();
    let mut missing = Vec::new();
    for speaker in speakers {
        match &speaker.finding {
            Finding::Speaks(result) => said.push(Said {
                server: &speaker.server.name,
                result: serde_json::from_str(result).unwrap_or_default(),
            }),
            Finding::SpeaksNot => {}
            Finding::Unknown => missing.push(&*speaker.server.name),
        }
    }
    (said, missing)
}

fn describe(result: &mut Value, said: &[Said<'_>], missing: &[&str]) {
    if let Some(instructions) = capability::instructions(said) {
        result["instructions"] = instructions.into();
    }
    if !missing.is_empty() {
        result["_meta"]["io.gatewayops/unavailable"] = json!(missing);
    }
}
