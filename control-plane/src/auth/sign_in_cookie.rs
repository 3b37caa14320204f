//! The cookies of sign-ins under way (`oidc/pending.rs`): one each, named by its state, so that two tabs are not in each
//! other's way.

use http::{HeaderMap, HeaderValue};
use ring::digest;

use super::cookie;
use crate::{config::Config, oidc::pending::LIFETIME};

const NAME: &str = "gwo_sso_";
/// Every request brings them all; with so many, those are given up that were begun before.
const MOST_AT_ONCE: usize = 8;

fn name(state: &str, secure: bool) -> String {
    let hash = digest::digest(&digest::SHA256, state.as_bytes());
    cookie::name(&format!("{NAME}{}", hex::encode(&hash.as_ref()[..4])), secure)
}

/// The sealed sign-in with this state.
#[must_use]
pub fn read<'a>(headers: &'a HeaderMap, state: &str, secure: bool) -> Option<&'a str> {
    cookie::read(headers, &name(state, secure))
}

/// `Set-Cookie` that begins a sign-in, or clears it away.
#[must_use]
pub fn set(config: &Config, state: &str, sealed: Option<&str>) -> HeaderValue {
    let secure = config.cookie_secure;
    cookie::set(&name(state, secure), sealed, LIFETIME.num_seconds(), secure)
}

/// Clears those of a request away that are too many.
pub fn clear_excess(config: &Config, headers: &HeaderMap) -> Vec<HeaderValue> {
    let prefix = cookie::name(NAME, config.cookie_secure);
    let pending: Vec<_> = cookie::all(headers).filter(|(name, _)| name.starts_with(&prefix)).collect();
    if pending.len() < MOST_AT_ONCE {
        return Vec::new();
    }
    let plain = pending.into_iter().filter(|(name, _)| name.bytes().all(|byte| byte.is_ascii_graphic()));
    plain.map(|(name, _)| cookie::set(name, None, 0, config.cookie_secure)).collect()
}

#[cfg(test)]
mod tests {
    use http::header;

    use super::*;
    use crate::testing;

    #[test]
    fn each_sign_in_has_its_own_cookie_as_strict_as_it_can_be() {
        let mut config = testing::config();
        config.cookie_secure = true;
        let (one, other) = (set(&config, "one", Some("x")), set(&config, "other", None));
        assert_eq!(one, "__Host-gwo_sso_7692c3ad=x; HttpOnly; SameSite=Lax; Path=/; Max-Age=600; Secure");
        assert!(other.to_str().unwrap().contains("=; ") && other.to_str().unwrap().contains("Max-Age=0"));
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; __Host-gwo_sso_7692c3ad=x".parse().unwrap());
        assert_eq!((read(&headers, "one", true), read(&headers, "other", true)), (Some("x"), None));
    }

    #[test]
    fn a_browser_does_not_collect_them_without_end() {
        let config = testing::config();
        let with = |count: usize| {
            let cookies: Vec<_> = (0..count).map(|number| format!("gwo_sso_{number}=x")).collect();
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
            clear_excess(&config, &headers).len()
        };
        assert_eq!((with(MOST_AT_ONCE - 1), with(MOST_AT_ONCE)), (0, MOST_AT_ONCE));
    }
}
