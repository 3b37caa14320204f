//! What a provider says about itself (Discovery 1.0 §4).

use http::StatusCode;
use serde::Deserialize;

use super::{Kind, Reason, Refusal, quirks::issuer};
use crate::egress::{Egress, EgressError};

#[derive(Clone, Debug, Deserialize)]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    pub userinfo_endpoint: Option<String>,
    /// RP-Initiated Logout 1.0.
    pub end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    /// RFC 9207: then an answer without `iss` is none of this provider's.
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
}

impl Metadata {
    /// The document of the provider at `issuer_url`, which must say that it is that provider's.
    ///
    /// # Errors
    /// It does not answer, or not so.
    pub async fn fetch(egress: &Egress, kind: Kind, issuer_url: &str) -> Result<Self, Refusal> {
        let url = format!("{}/.well-known/openid-configuration", issuer_url.trim_end_matches('/'));
        let metadata: Self = document(egress, &url, "the discovery document").await?;
        if !issuer::document_fits(kind, issuer_url, &metadata.issuer) {
            let stated: String = metadata.issuer.chars().take(200).collect();
            let detail = format!("the provider calls itself {stated:?}; issuer_url must be exactly that");
            return Err(Refusal::new(Reason::IssuerInvalid, detail));
        }
        metadata.check(egress)?;
        Ok(metadata)
    }

    /// Browsers are sent to two of these and we call the others: none may lead anywhere else than over HTTPS.
    fn check(&self, egress: &Egress) -> Result<(), Refusal> {
        let needed = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        let further = [&self.userinfo_endpoint, &self.end_session_endpoint].into_iter().flatten();
        for url in needed.into_iter().chain(further) {
            egress
                .check(url)
                .map_err(|error| Refusal::provider(format!("in the discovery document: {error}")))?;
        }
        Ok(())
    }

    /// How the client proves itself at the token endpoint: as Core §9 says when the provider does not.
    #[must_use]
    pub fn secret_goes_in_body(&self) -> bool {
        let has = |method: &str| self.token_endpoint_auth_methods_supported.iter().any(|one| one == method);
        has("client_secret_post") && !has("client_secret_basic")
    }
}

/// A JSON document that is answered with 200.
///
/// # Errors
/// It is not.
pub(super) async fn document<T: serde::de::DeserializeOwned>(
    egress: &Egress,
    url: &str,
    what: &str,
) -> Result<T, Refusal> {
    let answer = egress.get(url).await.map_err(|error| unreachable(what, &error))?;
    if answer.status() != StatusCode::OK {
        return Err(Refusal::provider(format!(
            "{what} is answered with status {}",
            answer.status().as_u16()
        )));
    }
    serde_json::from_slice(answer.body()).map_err(|error| unreadable(what, &error))
}

/// Where the fault is; what stands there is not repeated, for nobody knows whose it is.
fn unreadable(what: &str, error: &serde_json::Error) -> Refusal {
    let fault = if error.is_data() { "is not what it should be" } else { "is no JSON" };
    Refusal::provider(format!("{what} {fault}, at line {} column {}", error.line(), error.column()))
}

pub(super) fn unreachable(what: &str, error: &EgressError) -> Refusal {
    Refusal::new(Reason::ProviderUnreachable, format!("{what}: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_server_said_is_not_repeated() {
        for body in [r#""a secret of the network inside""#, r#"{"issuer": ["hush"]}"#, "hush"] {
            let error = serde_json::from_str::<Metadata>(body).unwrap_err();
            let detail = unreadable("the discovery document", &error).detail;
            assert!(
                detail.contains("line 1") && !detail.contains("secret") && !detail.contains("hush"),
                "{detail}"
            );
        }
    }

    #[test]
    fn the_secret_goes_where_the_provider_takes_it() {
        for (methods, in_body) in [
            (json!(null), false),
            (json!(["client_secret_basic", "client_secret_post"]), false),
            (json!(["client_secret_post", "private_key_jwt"]), true),
            (json!(["client_secret_basic"]), false),
        ] {
            let mut document = json!({
                "issuer": "i", "authorization_endpoint": "a", "token_endpoint": "t", "jwks_uri": "j",
            });
            if !methods.is_null() {
                document["token_endpoint_auth_methods_supported"] = methods.clone();
            }
            let metadata: Metadata = serde_json::from_value(document).unwrap();
            assert_eq!(metadata.secret_goes_in_body(), in_body, "{methods}");
        }
    }
}
