//! `ETag`, `If-Match`, `If-None-Match`: an editable resource's tag is its version (contract 1.3).
//!
//! The answer 304 is given at the edge, for every GET whose answer carries a tag.

use axum::{
    Json,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use serde::Serialize;

use crate::error::{Error, Result};

/// A JSON answer with its version as `ETag`.
pub struct Tagged<T>(pub i32, pub T);

impl<T: Serialize> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        ([(header::ETAG, tag(self.0))], Json(self.1)).into_response()
    }
}

/// The tag of a version.
///
/// # Panics
/// Never: a number in quotes is a header value.
#[must_use]
pub fn tag(version: i32) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{version}\"")).expect("a number in quotes is a header value")
}

/// The `If-Match` of a PATCH or DELETE, if it has one.
#[derive(Clone, Debug, Default)]
pub struct IfMatch(Option<String>);

impl IfMatch {
    /// # Errors
    /// `precondition_failed` when the current version is none of those named.
    pub fn check(&self, current_version: i32) -> Result<()> {
        match &self.0 {
            Some(tags) if !names(tags, &format!("\"{current_version}\"")) => {
                Err(Error::stale(current_version))
            }
            _ => Ok(()),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else { return Ok(Self::default()) };
        let value = value.to_str().map_err(|_| Error::invalid_request("If-Match is not a list of tags"))?;
        Ok(Self(Some(value.to_owned())))
    }
}

/// Whether the client already has what `response_tag` names.
#[must_use]
pub fn is_known(request: &HeaderMap, response_tag: &HeaderValue) -> bool {
    let known = request.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    known.zip(response_tag.to_str().ok()).is_some_and(|(known, tag)| names(known, tag))
}

fn names(tags: &str, tag: &str) -> bool {
    tags.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_among_several() {
        assert!(names("\"1\", W/\"3\"", "\"3\"") && names("*", "\"3\""));
        assert!(!names("\"33\"", "\"3\"") && !names("3", "\"3\"") && !names("", "\"3\""));
    }

    #[test]
    fn a_stale_version_is_refused_and_none_is_not() {
        assert!(IfMatch(None).check(2).is_ok() && IfMatch(Some("\"2\"".into())).check(2).is_ok());
        let error = IfMatch(Some("\"1\"".into())).check(2).unwrap_err();
        assert_eq!(error.details["current_version"], 2);
    }
}
