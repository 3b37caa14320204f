//! Answers and path arguments that every resource shares.

use std::str::FromStr;

use axum::{
    Json,
    extract::{FromRequestParts, Path},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::Serialize;

use super::etag;
use crate::error::{Error, Result};

/// An id from the path; one that cannot be an id names nothing, so it is a 404 like any other.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Error::not_found())?;
        text.parse().map(Self).map_err(|_| Error::not_found())
    }
}

/// Two ids from the path, the outer one first.
pub struct Ids<A, B>(pub A, pub B);

impl<S: Send + Sync, A: FromStr, B: FromStr> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let Path((outer, inner)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| Error::not_found())?;
        match (outer.parse(), inner.parse()) {
            (Ok(outer), Ok(inner)) => Ok(Self(outer, inner)),
            _ => Err(Error::not_found()),
        }
    }
}

/// 201 with `Location`, `ETag` and the object (contract 1.3).
pub struct Created<T> {
    pub location: String,
    pub version: Option<i32>,
    pub body: T,
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::CREATED, Json(self.body)).into_response();
        if let Ok(location) = HeaderValue::from_str(&self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        if let Some(version) = self.version {
            response.headers_mut().insert(header::ETAG, etag::tag(version));
        }
        response
    }
}

/// Names the fields (dotted paths) of an answer that are shown only once: a replay by `Idempotency-Key` has `null` there.
#[derive(Clone, Copy)]
pub struct Once(pub &'static [&'static str]);

impl Once {
    pub fn mark(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
