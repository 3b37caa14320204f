//! Where to go after signing in: a path of this very site, so that nobody can be sent elsewhere by a link to our own
//! log-in (an open redirect). The log-in page has the same rule in `login_page/login.js`.

use percent_encoding::percent_decode_str;
use url::{Position, Url};

const LONGEST: usize = 2_000;
/// How often a path may be encoded on top of itself before it is refused.
const LAYERS: usize = 4;

/// The text when it is such a path, with or without a query, as it goes into a header: letters beyond ASCII encoded.
#[must_use]
pub fn own_path(text: &str) -> Option<String> {
    if text.len() > LONGEST || !looks_own(text) {
        return None;
    }
    let base = Url::parse("https://gateway.invalid/").ok()?;
    let url = base.join(text).ok().filter(|url| url.origin() == base.origin())?;
    Some(url[Position::BeforePath..].to_owned()).filter(|path| path.len() <= LONGEST && looks_own(path))
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
            assert_eq!(own_path(good).as_deref(), Some(good));
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
            assert_eq!(own_path(bad), None, "{bad:?}");
        }
        assert_eq!(own_path(&format!("/{}", "a".repeat(LONGEST))), None);
        assert_eq!(own_path(&format!("/{}", "é".repeat(LONGEST / 3))), None, "nor once it is encoded");
    }

    #[test]
    fn a_path_is_what_a_header_can_hold() {
        for (given, expected) in [("/café?q=é#ü", "/caf%C3%A9?q=%C3%A9#%C3%BC"), ("/a b", "/a%20b")] {
            assert_eq!(own_path(given).as_deref(), Some(expected));
        }
        // What joining paths makes of dots leads nowhere else either.
        assert_eq!(own_path("/.//evil.example"), None);
    }
}
