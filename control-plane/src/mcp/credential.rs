//! The header that proves to a server who calls (contract 3.6, `auth`).

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, StatusCode, header};
use reqwest::{Client, Response, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{Auth, Fault, Upstream, connection, fault::clipped, wire};

const MAX_TOKEN_ANSWER: u64 = 64 * 1024;

pub(super) async fn header(upstream: &Upstream) -> Result<Option<(HeaderName, HeaderValue)>, Fault> {
    let (name, value) = match &upstream.auth {
        Auth::None => return Ok(None),
        Auth::Bearer { token } => (header::AUTHORIZATION, format!("Bearer {}", token.expose_secret())),
        Auth::Basic { username, password } => {
            let pair = format!("{username}:{}", password.expose_secret());
            (header::AUTHORIZATION, format!("Basic {}", STANDARD.encode(pair)))
        }
        Auth::Header { name, value } => {
            let name = HeaderName::try_from(name)
                .map_err(|_| Fault::Setting("auth.header_name is no header name".to_owned()))?;
            (name, value.expose_secret().to_owned())
        }
        Auth::ClientCredentials { token_url, client_id, client_secret, scopes } => {
            let http = connection::to_token_endpoint(upstream)?;
            let grant = Grant { token_url, client_id, client_secret, scopes, resource: &upstream.url };
            (header::AUTHORIZATION, format!("Bearer {}", grant.token(&http).await?))
        }
    };
    let mut value = HeaderValue::try_from(value)
        .map_err(|_| Fault::Setting("the auth secret holds characters no header may have".to_owned()))?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

/// The client credentials grant (RFC 6749 §4.4) for one resource (RFC 8707, requirements R7.7).
struct Grant<'a> {
    token_url: &'a Url,
    client_id: &'a str,
    client_secret: &'a SecretString,
    scopes: &'a [String],
    resource: &'a Url,
}

impl Grant<'_> {
    async fn token(&self, http: &Client) -> Result<String, Fault> {
        let response = self.ask(http, true).await?;
        let response = match response.status() {
            // Some authorization servers know the secret only in the body (RFC 6749 §2.3.1 allows either).
            StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST => self.ask(http, false).await?,
            _ => response,
        };
        let status = response.status();
        let body = wire::read_all(response, MAX_TOKEN_ANSWER).await?;
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        match body["access_token"].as_str() {
            Some(token) if status.is_success() => Ok(token.to_owned()),
            _ => {
                let error = clipped(body["error"].as_str().unwrap_or("no access_token"));
                Err(Fault::Token(format!("the token endpoint answers HTTP {}: {error}", status.as_u16())))
            }
        }
    }

    async fn ask(&self, http: &Client, secret_in_header: bool) -> Result<Response, Fault> {
        let scope = self.scopes.join(" ");
        let mut form = vec![("grant_type", "client_credentials"), ("resource", self.resource.as_str())];
        if !scope.is_empty() {
            form.push(("scope", &scope));
        }
        let mut request = http.post(self.token_url.clone()).header(header::ACCEPT, "application/json");
        if secret_in_header {
            // Both parts are form-encoded before they are joined (RFC 6749 §2.3.1).
            let [id, secret] = [self.client_id, self.client_secret.expose_secret()].map(form_encoded);
            request = request.basic_auth(id, Some(secret));
        } else {
            form.extend([
                ("client_id", self.client_id),
                ("client_secret", self.client_secret.expose_secret()),
            ]);
        }
        Ok(request.form(&form).send().await?)
    }
}

fn form_encoded(text: &str) -> String {
    let mut url = Url::parse("x:/").expect("a constant that is a URL");
    url.query_pairs_mut().append_key_only(text);
    url.query().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_ids_are_form_encoded() {
        assert_eq!(form_encoded("a b:c/ä"), "a+b%3Ac%2F%C3%A4");
    }
}
