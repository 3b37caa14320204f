//! What browsers open: `/openapi.json`, `/docs`, `/login`, `/approvals`, and the dashboard's static export.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use http::{HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{approval_page, docs, document::document, login_page};
use crate::{
    app::App,
    error::{Code, Error},
};

/// Pages load nothing from elsewhere and are framed by nobody (contract 1.5).
const POLICY: HeaderValue = HeaderValue::from_static("default-src 'self'; frame-ancestors 'none'");
const CONTENT_SECURITY_POLICY: HeaderName = header::CONTENT_SECURITY_POLICY;

pub fn router() -> Router<Arc<App>> {
    let json: Arc<str> = super::document_json().into();
    let page: Arc<str> = docs::page(document()).into();
    Router::new()
        .route(
            "/openapi.json",
            get(async move || ([(header::CONTENT_TYPE, "application/json")], json.to_string())),
        )
        .route("/docs", get(async move || in_policy(Html(page.to_string()))))
        .route("/docs/style.css", get(async || ([(header::CONTENT_TYPE, "text/css")], docs::STYLE)))
        .merge(login_page::router())
        .merge(approval_page::router())
        .fallback(dashboard)
}

/// A page of the export (`<path>.html`), a file of it, or the page that says there is none. A page comes before a folder of
/// its name, which is the page's own parts.
async fn dashboard(State(app): State<Arc<App>>, request: Request) -> Response {
    let (asked, _) = request.into_parts();
    let path = asked.uri.path().to_owned();
    if path == "/v1" || path.starts_with("/v1/") {
        return Error::new(Code::NotFound, "there is no such route").into_response();
    }
    if !matches!(asked.method, Method::GET | Method::HEAD) {
        return Error::new(Code::MethodNotAllowed, "pages are only read").into_response();
    }
    let page =
        if path == "/" { "/index.html".to_owned() } else { format!("{}.html", path.trim_end_matches('/')) };
    for candidate in [page.as_str(), &path] {
        if let Some(found) = exported(&app, &asked, candidate).await {
            return in_dashboards_policy(&app, lasting(found, &path));
        }
    }
    if let Some(page) = own_page(&path) {
        return in_policy(page);
    }
    let mut lost = exported(&app, &asked, "/404.html").await.unwrap_or_else(not_found_page);
    *lost.status_mut() = StatusCode::NOT_FOUND;
    in_dashboards_policy(&app, lost)
}

/// What the export has at a path, compressed beforehand where it is and the browser takes that.
async fn exported(app: &App, asked: &Parts, path: &str) -> Option<Response> {
    let files =
        ServeDir::new(&app.config.dashboard_dir).append_index_html_on_directories(false).precompressed_gzip();
    let Ok(found) = files.oneshot(with_path(asked, path).ok()?).await;
    (found.status() != StatusCode::NOT_FOUND).then(|| found.into_response())
}

/// Names under `/_next/static/` change with what is in them; everything else is asked for anew.
fn lasting(mut response: Response, path: &str) -> Response {
    let kept = match path.starts_with("/_next/static/") {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

/// Pages of ours, while the dashboard has none of that name.
fn own_page(path: &str) -> Option<Html<&'static str>> {
    match path {
        "/login" => Some(login_page::PAGE),
        "/approvals" => Some(approval_page::PAGE),
        _ => None,
    }
}

fn with_path(asked: &Parts, path: &str) -> http::Result<http::Request<Body>> {
    let mut wanted = http::Request::builder().method(asked.method.clone()).uri(path);
    for name in [header::IF_MODIFIED_SINCE, header::RANGE, header::ACCEPT_ENCODING] {
        if let Some(value) = asked.headers.get(&name) {
            wanted = wanted.header(name, value);
        }
    }
    wanted.body(Body::empty())
}

fn not_found_page() -> Response {
    let page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>GatewayOps</title>\
        <h1>There is no page here</h1>\
        <p>The API is described at <a href=\"/docs\">/docs</a>. If this was to be the dashboard: it is served from the \
        directory that <code>DASHBOARD_DIR</code> names.</p></html>";
    (StatusCode::NOT_FOUND, Html(page)).into_response()
}

fn in_policy(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
    response
}

/// Its playground calls tools where every client does, at the proxy.
fn in_dashboards_policy(app: &App, mut page: Response) -> Response {
    let proxy = origin_of(&app.config.public_proxy_url);
    let policy = format!("default-src 'self'; connect-src 'self' {proxy}; frame-ancestors 'none'");
    let policy = HeaderValue::try_from(policy).unwrap_or(POLICY);
    page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    page
}

fn origin_of(url: &str) -> String {
    url::Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::testing::TestApp;

    #[tokio::test]
    async fn an_exported_page_is_found_and_another_is_a_page_saying_so() {
        let directory = std::env::temp_dir().join(format!("gwo-dashboard-{}", std::process::id()));
        std::fs::create_dir_all(directory.join("_next/static")).unwrap();
        std::fs::create_dir_all(directory.join("traces")).unwrap();
        for (name, content) in [
            ("index.html", "home"),
            ("traces.html", "traces"),
            ("traces/index.txt", "its parts"),
            ("404.html", "lost"),
            ("_next/static/a.js", "1"),
            ("_next/static/a.js.gz", "compressed"),
        ] {
            std::fs::write(directory.join(name), content).unwrap();
        }
        let test = TestApp::start_with(|config| config.dashboard_dir.clone_from(&directory)).await;
        for (path, status, text) in [
            ("/", 200, "home"),
            ("/traces", 200, "traces"),
            ("/traces?status=error", 200, "traces"),
            ("/traces/index.txt", 200, "its parts"),
            ("/_next/static/a.js", 200, "1"),
            ("/nowhere", 404, "lost"),
            ("/..%2f..%2fetc/passwd", 404, "lost"),
        ] {
            let answer = test.get_as("", path).await;
            assert_eq!((answer.status.as_u16(), answer.text.as_str()), (status, text), "{path}");
            assert_eq!(
                answer.header("content-security-policy"),
                "default-src 'self'; connect-src 'self' http://localhost:8080; frame-ancestors 'none'"
            );
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
        let cached = async |path| test.get_as("", path).await.header("cache-control").to_owned();
        assert_eq!(cached("/_next/static/a.js").await, "public, max-age=31536000, immutable");
        assert_eq!(cached("/traces").await, "no-cache");
        assert_eq!(test.get("/v1/nowhere").await.refused(404), "not_found");
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[tokio::test]
    async fn without_a_dashboard_there_is_still_a_page() {
        let test = TestApp::start_with(|config| config.dashboard_dir = "/nonexistent".into()).await;
        let answer = test.get_as("", "/").await;
        assert_eq!(answer.status, 404);
        assert!(answer.text.contains("DASHBOARD_DIR"));
    }

    #[tokio::test]
    async fn the_document_and_its_page_are_served_from_here() {
        let test = TestApp::start().await;
        let document = test.get_as("", "/openapi.json").await.expect(200);
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
        let page = test.get_as("", "/docs").await;
        assert!(page.text.contains("/v1/api-keys"));
        for loaded in ["<script", "<img", "src=", "href=\"http", "@import"] {
            assert!(!page.text.contains(loaded), "{loaded}: nothing is loaded from elsewhere");
        }
    }
}
