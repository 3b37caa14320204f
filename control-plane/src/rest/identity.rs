//! Who calls: resolved once per request in front of `/v1`, taken by handlers as a [`Principal`] argument.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Request, State},
    middleware::Next,
    response::Response,
};
use http::request::Parts;

use crate::{
    app::App,
    auth::{Origin, Principal, authenticate},
    error::{Code, Error, Result},
};

/// What the request's credentials came to; public routes do not ask.
#[derive(Clone)]
pub(crate) enum Identity {
    Known(Arc<Principal>),
    Refused(Arc<Error>),
}

/// Resolves the credentials. A refusal waits until a handler asks for the principal: a stale cookie must not
/// keep anybody from logging in.
pub async fn identify(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let origin = request.extensions().get::<Origin>().cloned().unwrap_or_default();
    let identity = match authenticate(&app, request.method(), request.headers(), origin).await {
        Ok(principal) => Identity::Known(Arc::new(principal)),
        Err(error) => Identity::Refused(Arc::new(error)),
    };
    request.extensions_mut().insert(identity);
    next.run(request).await
}

impl<S: Send + Sync> FromRequestParts<S> for Principal {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::Known(principal)) => Ok(Self::clone(principal)),
            Some(Identity::Refused(error)) => Err(error.again()),
            None => Err(Error::new(Code::MissingCredentials, "send an API key or log in")),
        }
    }
}

/// The request's origin, for the public routes that write audit rows.
impl<S: Send + Sync> FromRequestParts<S> for Origin {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}
