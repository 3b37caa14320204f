//! How a server is called upstream: the public columns and the sealed ones put together (contract 3.6, 5.5).

use gatewayops_proto::control::{
    BasicAuth, ClientCredentials, HeaderAuth, UpstreamAuth, UpstreamTls, upstream_auth::Kind,
};
use serde::Deserialize;

use crate::{
    id::OrgId,
    seal::{Place, Sealer},
    store::snapshot::Server,
};

/// What is public of `auth`; each type has exactly one secret beside it.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Auth {
    None,
    Bearer,
    Basic { username: String },
    Header { header_name: String },
    OauthClientCredentials { token_url: String, client_id: String, scopes: Option<Vec<String>> },
}

#[derive(Default, Deserialize)]
struct Tls {
    ca_pem: Option<String>,
    client_cert_pem: Option<String>,
    server_name: Option<String>,
    insecure_skip_verify: Option<bool>,
}

pub(super) fn open(
    row: &Server,
    sealer: &Sealer,
) -> anyhow::Result<(Option<UpstreamAuth>, Option<UpstreamTls>)> {
    Ok((auth(row, sealer)?, tls(row, sealer)?))
}

fn auth(row: &Server, sealer: &Sealer) -> anyhow::Result<Option<UpstreamAuth>> {
    let public = Auth::deserialize(&row.auth)?;
    if matches!(public, Auth::None) {
        return Ok(None);
    }
    let secret = opened(row, sealer, "auth_encrypted", row.auth_encrypted.as_deref())?.unwrap_or_default();
    let kind = match public {
        Auth::None => return Ok(None),
        Auth::Bearer => Kind::BearerToken(secret),
        Auth::Basic { username } => Kind::Basic(BasicAuth { username, password: secret }),
        Auth::Header { header_name } => Kind::Header(HeaderAuth { name: header_name, value: secret }),
        Auth::OauthClientCredentials { token_url, client_id, scopes } => {
            Kind::ClientCredentials(ClientCredentials {
                token_url,
                client_id,
                client_secret: secret,
                scopes: scopes.unwrap_or_default(),
            })
        }
    };
    Ok(Some(UpstreamAuth { kind: Some(kind) }))
}

fn tls(row: &Server, sealer: &Sealer) -> anyhow::Result<Option<UpstreamTls>> {
    let public = Option::<Tls>::deserialize(&row.tls)?.unwrap_or_default();
    let key = opened(row, sealer, "client_key_encrypted", row.client_key_encrypted.as_deref())?;
    let tls = UpstreamTls {
        ca_pem: public.ca_pem.unwrap_or_default(),
        client_cert_pem: public.client_cert_pem.unwrap_or_default(),
        client_key_pem: key.unwrap_or_default(),
        server_name: public.server_name.unwrap_or_default(),
        insecure_skip_verify: public.insecure_skip_verify.unwrap_or(false),
    };
    Ok(Some(tls).filter(|tls| *tls != UpstreamTls::default()))
}

fn opened(
    row: &Server,
    sealer: &Sealer,
    column: &'static str,
    sealed: Option<&[u8]>,
) -> anyhow::Result<Option<String>> {
    let Some(sealed) = sealed else { return Ok(None) };
    let place = Place { table: "mcp_servers", column, row: row.id, org: Some(OrgId(row.org_id)) };
    Ok(Some(String::from_utf8(sealer.open(&place, sealed)?)?))
}
