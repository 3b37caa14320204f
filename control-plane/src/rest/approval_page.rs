//! `/approvals`, while the dashboard's export has no page of that name: who asks for what, and the decision. Links in
//! letters and messages lead here; whoever is not logged in is sent to `/login` first.
//!
//! Three files as of [`super::login_page`]. The page has no rights: it reads and decides over REST as whoever is logged
//! in, and shows what callers wrote as text, never as markup.

use std::sync::Arc;

use axum::{Router, response::Html, routing::get};
use http::header;

use crate::app::App;

pub(super) const PAGE: Html<&str> = Html(include_str!("approval_page/approvals.html"));
const STYLE: &str = include_str!("approval_page/approvals.css");
const SCRIPT: &str = include_str!("approval_page/approvals.js");

/// The page itself is given by `pages`, where the dashboard has none.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/approvals/style.css", get(async || ([(header::CONTENT_TYPE, "text/css")], STYLE)))
        .route("/approvals/script.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{error::Code, testing::TestApp};

    #[tokio::test]
    async fn there_is_a_page_to_decide_on_and_nothing_inside_it_runs() {
        let test = TestApp::start_with(|config| config.dashboard_dir = "/nonexistent".into()).await;
        let page = test.get_as("", "/approvals?id=0198c0de-7a11-7c3e-9b2a-5d0f6e1a2b3c").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-security-policy"), "default-src 'self'; frame-ancestors 'none'");
        for inside in ["<style", "style=", "onclick", "onsubmit", "javascript:", "<script>"] {
            assert!(!page.text.contains(inside), "{inside}");
        }
        for file in ["/approvals/style.css", "/approvals/script.js"] {
            assert!(page.text.contains(file), "{file}");
            assert_eq!(test.get_as("", file).await.status, 200);
        }
    }

    #[test]
    fn what_callers_wrote_never_becomes_markup() {
        for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(!SCRIPT.contains(way), "{way}");
        }
    }

    #[test]
    fn every_refusal_has_its_sentence() {
        let codes = [
            Code::SelfReview,
            Code::PermissionDenied,
            Code::InvalidState,
            Code::NotFound,
            Code::CsrfFailed,
            Code::Unavailable,
            Code::RateLimited,
        ];
        for code in codes {
            assert!(SCRIPT.contains(&format!("  {}: \"", code.name())), "{}", code.name());
        }
    }
}
