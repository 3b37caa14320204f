//! Cookies: read from a request, set as strictly as can be (contract 1.6).

use http::{HeaderMap, HeaderValue, header};

/// One of ours, of an HTTPS site bound to its host (RFC 6265bis §4.1.3.2).
pub(super) fn name(name: &str, secure: bool) -> String {
    format!("{}{name}", if secure { "__Host-" } else { "" })
}

/// The cookies of a request that are not empty.
pub fn all(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(_, value)| !value.is_empty())
}

pub(super) fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    all(headers).find(|(found, _)| *found == name).map(|(_, value)| value)
}

/// `Set-Cookie`; none takes it away. Lax, for people come back from other sites.
///
/// # Panics
/// Never: what is set is plain ASCII.
pub(super) fn set(name: &str, value: Option<&str>, seconds: i64, secure: bool) -> HeaderValue {
    let seconds = if value.is_some() { seconds } else { 0 };
    let secure = if secure { "; Secure" } else { "" };
    let value = value.unwrap_or_default();
    let cookie = format!("{name}={value}; HttpOnly; SameSite=Lax; Path=/; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&cookie).expect("what is set is plain ASCII")
}
