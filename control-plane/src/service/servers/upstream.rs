//! A server as the MCP client calls it, its secrets opened.

use std::time::Duration;

use secrecy::SecretString;

use super::{
    Server,
    columns::{self, AUTH, CLIENT_KEY},
};
use crate::{
    error::{Error, Result},
    mcp::{Auth, Fault, Tls, Transport, Upstream},
    rest::servers::{
        form::{AuthForm, AuthType, ServerForm, Transport as FormTransport},
        secret::Secret,
    },
    seal::Sealer,
    store::servers::ServerRow,
};

/// The form of a row with its secrets in it: for calling the server, never for showing.
pub(super) fn revealed(sealer: &Sealer, row: ServerRow) -> Result<ServerForm> {
    let (org, id) = (row.org_id, row.id);
    let open = |column: &'static str, sealed: &Option<Vec<u8>>| -> Result<Option<Secret>> {
        let Some(sealed) = sealed else { return Ok(None) };
        let plain = sealer.open(&columns::place(column, org, id), sealed).map_err(Error::internal)?;
        let plain = String::from_utf8(plain).map_err(Error::internal)?;
        Ok(Some(Secret::Given(plain.into())))
    };
    let auth_secret = open(AUTH, &row.settings.auth_encrypted)?;
    let client_key = open(CLIENT_KEY, &row.settings.client_key_encrypted)?;
    let mut form = Server { row, prices: Vec::new() }.form();
    if let Some((_, secret)) = columns::secret(&mut form.auth) {
        *secret = auth_secret;
    }
    form.tls.client_key_pem = client_key;
    Ok(form)
}

/// # Errors
/// A setting that no call can be made with.
pub(super) fn upstream(form: &ServerForm) -> Result<Upstream, Fault> {
    let milliseconds = |number: i32| Duration::from_millis(u64::from(number.unsigned_abs()));
    let tls = Tls {
        ca_pem: form.tls.ca_pem.clone(),
        client_cert_pem: form.tls.client_cert_pem.clone(),
        client_key_pem: form.tls.client_key_pem.as_ref().map(plain),
        server_name: form.tls.server_name.clone(),
        insecure_skip_verify: form.tls.insecure_skip_verify,
    };
    Ok(Upstream {
        url: form.url.parse().map_err(|_| Fault::Setting("url is no URL".to_owned()))?,
        transport: match form.transport {
            FormTransport::StreamableHttp => Transport::StreamableHttp,
            FormTransport::Sse => Transport::Sse,
        },
        auth: auth(&form.auth)?,
        tls,
        connect_timeout: milliseconds(form.connect_timeout_ms),
        timeout: milliseconds(form.timeout_ms),
        max_response_bytes: u64::from(form.max_response_bytes.unsigned_abs()),
    })
}

fn auth(form: &AuthForm) -> Result<Auth, Fault> {
    let missing = || Fault::Setting("the server's auth is not complete".to_owned());
    let secret = |secret: &Option<Secret>| secret.as_ref().map(plain).ok_or_else(missing);
    let text = |text: &Option<String>| text.clone().ok_or_else(missing);
    Ok(match form.kind {
        AuthType::None => Auth::None,
        AuthType::Bearer => Auth::Bearer { token: secret(&form.token)? },
        AuthType::Basic => Auth::Basic { username: text(&form.username)?, password: secret(&form.password)? },
        AuthType::Header => {
            Auth::Header { name: text(&form.header_name)?, value: secret(&form.header_value)? }
        }
        AuthType::OauthClientCredentials => Auth::ClientCredentials {
            token_url: text(&form.token_url)?.parse().map_err(|_| missing())?,
            client_id: text(&form.client_id)?,
            client_secret: secret(&form.client_secret)?,
            scopes: form.scopes.clone(),
        },
    })
}

fn plain(secret: &Secret) -> SecretString {
    secret.given().unwrap_or_default().into()
}
