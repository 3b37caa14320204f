//! Where to go after signing in: a path of this very site, so that nobody can be sent elsewhere by a link to our own
//! log-in (an open redirect). The log-in page has the same rule in `login_page/login.js`.

use percent_encoding::percent_decode_str;
use url::Url;

const MOST: usize = 2_000;
/// How often a path may be encoded on top of itself before it is refused.
const LAYERS: usize = 4;

/// Whether the text is such a path, with or without a query.
#[must_use]
pub fn is_own_path(text: &str) -> bool {
    if text.len() > MOST || !looks_own(text) {
        return false;
    }
    let Ok(base) = Url::parse("https://gateway.invalid/") else { return false };
    base.join(text).is_ok_and(|url| url.origin() == base.origin())
}

/// Also after whatever stands between us and the browser has decoded it.
fn looks_own(text: &str) -> bool {
    let mut seen = text.to_owned();
    for _ in 0..LAYERS {
        // Browsers read `\` as `/`, and drop tabs and line ends.
        let foreign = seen.starts_with("//") || seen.contains('\\') || seen.chars().any(char::is_control);
        if !seen.starts_with('/') || foreign {
            return false;
        }
        let path = seen.split(['?', '#']).next().unwrap_or_default();
        let Ok(decoded) = percent_decode_str(path).decode_utf8() else { return false };
        if decoded == path {
            return true;
        }
        seen = decoded.into_owned();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        for good in [
            "/",
            "/docs",
            "/traces?status=error&q=%2F%2Fx",
            "/a/b#c",
            "/search?next=https://example.com",
            "/caf%C3%A9",
            "/x%20y",
        ] {
            assert!(is_own_path(good), "{good}");
        }
        for bad in [
            "",
            "docs",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "\t//evil.example",
            " //evil.example",
            "https://evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "/%2Fevil.example",
            "/%2fevil.example",
            "/%5cevil.example",
            "/%255cevil.example",
            "/%09/evil.example",
            "/%252f%252fevil.example",
            "/%0d%0aSet-Cookie:x",
            "/%ff",
            "@evil.example",
        ] {
            assert!(!is_own_path(bad), "{bad:?}");
        }
        assert!(!is_own_path(&format!("/{}", "a".repeat(MOST))));
    }
}
