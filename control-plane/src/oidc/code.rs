//! The authorization code flow with PKCE (RFC 6749 §4.1, RFC 7636): where to send the browser, and what its code is
//! worth.

use futures::future::BoxFuture;
use openidconnect::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, JsonWebKeySet, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
    TokenResponse, TokenUrl,
    core::{CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreIdToken},
};
use url::Url;

use super::{Metadata, Reason, Refusal, metadata::unreachable, pending::Pending};
use crate::egress::{Egress, EgressError};

/// We, as one provider knows us.
pub struct Client<'a> {
    pub metadata: &'a Metadata,
    pub client_id: &'a str,
    pub client_secret: &'a str,
    pub callback_url: &'a str,
}

/// What the code was worth.
pub struct Tokens {
    pub id_token: CoreIdToken,
    pub access_token: openidconnect::AccessToken,
}

/// The library's requests go the guarded way too. (A closure would do, but for its future's bounds.)
impl<'c> AsyncHttpClient<'c> for Egress {
    type Error = EgressError;
    type Future = BoxFuture<'c, Result<HttpResponse, EgressError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

type Configured =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;
type TokenError = RequestTokenError<EgressError, StandardErrorResponse<CoreErrorResponseType>>;

impl Client<'_> {
    /// Where the browser goes to sign in.
    ///
    /// # Errors
    /// The provider's document has no usable addresses.
    pub fn authorize_url(&self, scopes: &[String], pending: &Pending) -> Result<Url, Refusal> {
        let (state, nonce) = (pending.state.clone(), pending.nonce.clone());
        let client = self.configured()?;
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(pending.verifier.clone()));
        let request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .set_pkce_challenge(challenge)
            // The library asks for `openid` by itself.
            .add_scopes(scopes.iter().filter(|scope| *scope != "openid").cloned().map(Scope::new));
        Ok(request.url().0)
    }

    /// Spends the code at the provider.
    ///
    /// # Errors
    /// The provider does not answer, or not with tokens.
    pub async fn exchange(&self, egress: &Egress, code: String, verifier: &str) -> Result<Tokens, Refusal> {
        let response = self
            .configured()?
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
            .request_async(egress)
            .await
            .map_err(refused)?;
        let id_token = response.id_token().cloned();
        let id_token = id_token.ok_or_else(|| Refusal::provider("the token endpoint gave no ID token"))?;
        Ok(Tokens { id_token, access_token: response.access_token().clone() })
    }

    fn configured(&self) -> Result<Configured, Refusal> {
        let unusable = |_| Refusal::provider("the provider's addresses are no URLs");
        let issuer = IssuerUrl::new(self.metadata.issuer.clone()).map_err(unusable)?;
        let authorize = AuthUrl::new(self.metadata.authorization_endpoint.clone()).map_err(unusable)?;
        let token = TokenUrl::new(self.metadata.token_endpoint.clone()).map_err(unusable)?;
        let callback = RedirectUrl::new(self.callback_url.to_owned()).map_err(unusable)?;
        let proves =
            if self.metadata.secret_goes_in_body() { AuthType::RequestBody } else { AuthType::BasicAuth };
        // Tokens are checked in `id_token`, with keys of their own.
        Ok(CoreClient::new(ClientId::new(self.client_id.to_owned()), issuer, JsonWebKeySet::new(Vec::new()))
            .set_client_secret(ClientSecret::new(self.client_secret.to_owned()))
            .set_auth_uri(authorize)
            .set_token_uri(token)
            .set_redirect_uri(callback)
            .set_auth_type(proves))
    }
}

/// What the provider sent is not repeated: it may hold a token, or its page.
fn refused(error: TokenError) -> Refusal {
    match error {
        // Also a code that was spent before looks like this (RFC 6749 §5.2).
        RequestTokenError::ServerResponse(answer)
            if *answer.error() == CoreErrorResponseType::InvalidGrant =>
        {
            Refusal::new(Reason::CodeReplayed, "the provider does not take the code (any more)")
        }
        RequestTokenError::ServerResponse(answer) => {
            let code: String =
                answer.error().to_string().chars().filter(char::is_ascii_graphic).take(50).collect();
            Refusal::provider(format!("the token endpoint answered {code}"))
        }
        RequestTokenError::Request(error) => unreachable("the token endpoint", &error),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            Refusal::provider("the token endpoint's answer cannot be read")
        }
    }
}
