//! `/login`, while the dashboard's export has no page of that name: the ways to log in, and why the last try failed.
//!
//! Three files, so that the policy of all pages holds here too: no script and no style inside the page (contract 1.5).

use std::sync::Arc;

use axum::{Router, response::Html, routing::get};
use http::header;

use crate::app::App;

pub(super) const PAGE: Html<&str> = Html(include_str!("login_page/login.html"));
const STYLE: &str = include_str!("login_page/login.css");
const SCRIPT: &str = include_str!("login_page/login.js");

/// The page itself is given by `pages`, where the dashboard has none.
pub(super) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/login/style.css", get(async || ([(header::CONTENT_TYPE, "text/css")], STYLE)))
        .route("/login/script.js", get(async || ([(header::CONTENT_TYPE, "text/javascript")], SCRIPT)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;

    #[tokio::test]
    async fn there_is_a_page_to_log_in_and_nothing_inside_it_runs() {
        let test = TestApp::start_with(|config| config.dashboard_dir = "/nonexistent".into()).await;
        let page = test.get_as("", "/login?error=sso_state_invalid&request_id=x").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-security-policy"), "default-src 'self'; frame-ancestors 'none'");
        for inside in ["<style", "style=", "onclick", "onsubmit", "javascript:", "<script>"] {
            assert!(!page.text.contains(inside), "{inside}");
        }
        for file in ["/login/style.css", "/login/script.js"] {
            assert!(page.text.contains(file), "{file}");
            assert_eq!(test.get_as("", file).await.status, 200);
        }
    }

    #[tokio::test]
    async fn the_dashboards_own_page_goes_first() {
        let directory = std::env::temp_dir().join(format!("gwo-login-{}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("login.html"), "ours").unwrap();
        let test = TestApp::start_with(|config| config.dashboard_dir.clone_from(&directory)).await;
        assert_eq!(test.get_as("", "/login").await.text, "ours");
        std::fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn every_reason_has_its_sentence() {
        use crate::{error::Code, oidc::Reason};
        let ours = [
            Code::UserSuspended,
            Code::SsoRequired,
            Code::InvalidCredentials,
            Code::RateLimited,
            Code::IpNotAllowed,
            Code::NotFound,
            Code::Unavailable,
        ];
        for reason in Reason::ALL.iter().copied().chain(ours.map(Reason::Ours)) {
            assert!(SCRIPT.contains(&format!("  {}: \"", reason.code())), "{}", reason.code());
        }
    }
}
