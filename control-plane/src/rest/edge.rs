//! The outermost layer of REST: request ids, the one error envelope, browser headers, 304, and the figures.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Instant,
};

use axum::{
    Json,
    extract::{ConnectInfo, MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use gatewayops_proto::forwarded;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use ipnet::IpNet;
use serde_json::{Value, json};
use tracing::Instrument;
use uuid::Uuid;

use super::etag;
use crate::{
    app::App,
    auth::Origin,
    error::{Code, Error},
    own_span,
};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Wraps every request of the public listener.
pub async fn edge(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let origin = origin_of(&request, &app.config.trusted_proxies);
    let request_id = origin.request_id.clone();
    let method = request.method().clone();
    let is_api = request.uri().path().starts_with("/v1/");
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let request_headers = request.headers().clone();
    let acceptable = !is_api || accepts_json(&request);
    request.extensions_mut().insert(origin);

    let span = own_span::of_request(&method, &route, &request_headers);
    let mut response = match acceptable {
        true => next.run(request).instrument(span.clone()).await,
        false => Error::new(Code::NotAcceptable, "answers here are application/json").into_response(),
    };
    response = not_modified(&method, &request_headers, response);
    response = in_envelope(response, &request_id, &method, &route);
    let by_tls = app.config.public_url.starts_with("https://");
    finish_headers(response.headers_mut(), &request_id, is_api, by_tls);

    own_span::answered(&span, response.status(), &request_id);
    let labels = [route.as_str(), method.as_str(), response.status().as_str()].map(str::to_owned);
    let labels = [labels[0].as_str(), labels[1].as_str(), labels[2].as_str()];
    app.metrics.http_requests.with_label_values(&labels).inc();
    app.metrics.http_duration.with_label_values(&labels).observe(started.elapsed().as_secs_f64());
    response
}

fn origin_of(request: &Request, trusted: &[IpNet]) -> Origin {
    let headers = request.headers();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    Origin {
        request_id: request_id(headers),
        trace_id: trace_id(headers),
        ip: peer.and_then(|peer| client_address(peer, headers, trusted)),
        user_agent: text(headers, &header::USER_AGENT).map(|agent| agent.chars().take(500).collect()),
    }
}

/// The client's id if it is a plain one, else a fresh one (contract 1.5).
fn request_id(headers: &HeaderMap) -> String {
    let plain = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
    };
    text(headers, &REQUEST_ID).filter(plain).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// The trace id of a W3C `traceparent`.
fn trace_id(headers: &HeaderMap) -> Option<String> {
    let id = text(headers, &HeaderName::from_static("traceparent"))?.split('-').nth(1)?;
    let hex = id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    (hex && id.bytes().any(|b| b != b'0')).then(|| id.to_owned())
}

fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let lines = headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
    forwarded::client_address(peer, lines, trusted)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Exports and streams answer in other forms and judge `Accept` themselves.
fn accepts_json(request: &Request) -> bool {
    let path = request.uri().path();
    if path.ends_with("/export") || path.ends_with("/stream") {
        return true;
    }
    // Browsers come here, and are sent on.
    if path.starts_with("/v1/sso/authorize/") || path.starts_with("/v1/sso/callback/") {
        return true;
    }
    let mut accepted =
        request.headers().get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).peekable();
    if accepted.peek().is_none() {
        return true;
    }
    accepted.flat_map(|value| value.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let refused = parts.any(|parameter| matches!(parameter, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        !refused
            && (media == "*/*" || media == "application/*" || media.eq_ignore_ascii_case("application/json"))
    })
}

fn not_modified(method: &Method, request: &HeaderMap, response: Response) -> Response {
    let Some(tag) = response.headers().get(header::ETAG).cloned() else { return response };
    if method == Method::GET && response.status() == StatusCode::OK && etag::is_known(request, &tag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    response
}

/// Writes the body of an [`Error`], and turns the framework's own refusals into one.
fn in_envelope(response: Response, request_id: &str, method: &Method, route: &str) -> Response {
    let status = response.status();
    let error = match response.extensions().get::<Arc<Error>>() {
        Some(error) => Arc::clone(error),
        None if is_foreign(&response) => Arc::new(framework_error(status)),
        None => return response,
    };
    if error.code.http().is_server_error() {
        tracing::error!(request.id = request_id, http.method = %method, http.route = route, %error, "a request failed");
    }
    let body = envelope(&error, request_id);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_TYPE);
    parts.headers.remove(header::CONTENT_LENGTH);
    if matches!(error.code, Code::Unavailable | Code::RateLimited | Code::TooManyConnections)
        && !parts.headers.contains_key(header::RETRY_AFTER)
    {
        let seconds = error.details.get("retry_after_seconds").and_then(Value::as_u64).unwrap_or(1);
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    (parts.status, parts.headers, Json(body)).into_response()
}

/// The body of every error (contract 1.4).
#[must_use]
pub fn envelope(error: &Error, request_id: &str) -> Value {
    json!({"error": {
        "code": error.code.name(),
        "message": error.message,
        "details": error.details,
        "request_id": request_id,
    }})
}

/// An error that no handler of ours wrote: it has no JSON body (pages of ours are HTML and stay).
fn is_foreign(response: &Response) -> bool {
    let status = response.status();
    let content = text(response.headers(), &header::CONTENT_TYPE).unwrap_or_default();
    (status.is_client_error() || status.is_server_error())
        && !content.starts_with("application/json")
        && !content.starts_with("text/html")
}

fn framework_error(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            Error::new(Code::MethodNotAllowed, "this path does not take that method")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Code::PayloadTooLarge, "the body is too long"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::new(Code::UnsupportedMediaType, "send application/json"),
        status if status.is_client_error() => Error::invalid_request("the request cannot be understood"),
        _ => Error::internal(anyhow::anyhow!("the framework answered {status}")),
    }
}

fn finish_headers(headers: &mut HeaderMap, request_id: &str, is_api: bool, by_tls: bool) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // TLS ends in front of us. Other names of the domain are not ours to decide about.
    if by_tls {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_forwarded_addresses_counts_and_none_is_skipped() {
        let from = |lines: &[&'static [u8]]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
            }
            let trusted = ["10.0.0.0/8".parse().unwrap()];
            client_address("10.0.0.1".parse().unwrap(), &headers, &trusted).map(|address| address.to_string())
        };
        assert_eq!(from(&[b"10.1.2.3", b"203.0.113.9"]).as_deref(), Some("203.0.113.9"));
        assert_eq!(from(&[b"10.1.2.3", b"\xff"]), None);
        assert_eq!(from(&[]).as_deref(), Some("10.0.0.1"));
    }

    #[test]
    fn browsers_are_told_to_come_by_tls_where_there_is_tls() {
        for by_tls in [true, false] {
            let mut headers = HeaderMap::new();
            finish_headers(&mut headers, "id", true, by_tls);
            let told = headers.get(header::STRICT_TRANSPORT_SECURITY).map(HeaderValue::as_bytes);
            assert_eq!(told, by_tls.then_some(b"max-age=31536000".as_slice()));
        }
    }

    #[test]
    fn a_plain_request_id_is_kept_and_another_replaced() {
        let with = |id: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, id.parse().unwrap());
            request_id(&headers)
        };
        assert_eq!(with("abc.DEF_1-2"), "abc.DEF_1-2");
        for id in ["a b", "", &"x".repeat(129)] {
            assert!(Uuid::parse_str(&with(id)).is_ok(), "{id}");
        }
    }

    #[test]
    fn a_trace_id_is_taken_from_a_good_traceparent_only() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("traceparent", value.parse().unwrap());
            trace_id(&headers)
        };
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(with(good).as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
        assert_eq!(with("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), None);
        assert_eq!(with("garbage"), None);
    }
}
