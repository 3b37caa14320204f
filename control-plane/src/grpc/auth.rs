//! Who may call at all: whoever shows `PROXY_TOKEN`. Compared in constant time.

use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tonic::{Request, Status, service::Interceptor};

#[derive(Clone)]
pub(super) struct RequireToken(SecretString);

impl RequireToken {
    pub(super) fn new(token: &SecretString) -> Self {
        Self(token.clone())
    }
}

impl Interceptor for RequireToken {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let shown = request.metadata().get("authorization").map(|value| value.as_bytes());
        let token = shown.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
        if bool::from(token.ct_eq(self.0.expose_secret().as_bytes())) {
            return Ok(request);
        }
        Err(Status::unauthenticated(
            "the proxy token is missing or wrong; set PROXY_TOKEN to the control plane's",
        ))
    }
}
