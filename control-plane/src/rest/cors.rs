//! Requests from other origins: refused by browsers unless listed exactly (contract 1.5).

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

const REQUEST_HEADERS: [&str; 12] = [
    "authorization",
    "content-type",
    "accept",
    "idempotency-key",
    "if-match",
    "x-csrf-token",
    "x-request-id",
    "traceparent",
    "mcp-method",
    "mcp-name",
    "mcp-protocol-version",
    "mcp-session-id",
];

const RESPONSE_HEADERS: [HeaderName; 12] = [
    header::ETAG,
    header::LOCATION,
    header::RETRY_AFTER,
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("x-trace-id"),
    HeaderName::from_static("idempotency-replayed"),
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
    HeaderName::from_static("x-ratelimit-limit"),
    HeaderName::from_static("x-ratelimit-remaining"),
    HeaderName::from_static("x-ratelimit-reset"),
    HeaderName::from_static("deprecation"),
];

/// None when no origin is listed: then there is no CORS at all.
#[must_use]
pub fn layer(allowed: &[String]) -> Option<CorsLayer> {
    if allowed.is_empty() {
        return None;
    }
    let origins =
        allowed.iter().filter_map(|origin| HeaderValue::from_str(origin.trim_end_matches('/')).ok());
    Some(
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(origins))
            .allow_credentials(true)
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers(REQUEST_HEADERS.map(HeaderName::from_static))
            .expose_headers(RESPONSE_HEADERS)
            .max_age(Duration::from_secs(600)),
    )
}

#[cfg(test)]
mod tests {
    use http::Method;

    use crate::testing::{Answer, TestApp};

    async fn preflight(test: &TestApp, origin: &str) -> Answer {
        let headers = [("origin", origin), ("access-control-request-method", "PATCH")];
        test.request("", Method::OPTIONS, "/v1/organization", &headers, None).await
    }

    #[tokio::test]
    async fn a_listed_origin_may_ask_and_another_may_not() {
        let test =
            TestApp::start_with(|config| config.cors_allowed_origins = vec!["https://a.example".into()])
                .await;
        let allowed = preflight(&test, "https://a.example").await;
        assert_eq!(allowed.header("access-control-allow-origin"), "https://a.example");
        assert_eq!(allowed.header("access-control-allow-credentials"), "true");
        assert_eq!(preflight(&test, "https://b.example").await.header("access-control-allow-origin"), "");
    }

    #[tokio::test]
    async fn without_a_list_there_is_no_cors() {
        let test = TestApp::start().await;
        assert_eq!(preflight(&test, "https://a.example").await.header("access-control-allow-origin"), "");
    }
}
