//! A token as it is written: JWS compact serialization (RFC 7515 §7.1) of JSON claims (RFC 7519). Read strictly:
//! base64url without padding and without spare bits, UTF-8, no member twice, no extension that has to be understood.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::{algorithm::Algorithm, refusal::Refusal};

/// A token whose signature nobody has checked yet.
pub(crate) struct Jwt<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    /// What is signed.
    pub(crate) signed: &'a str,
    pub(crate) signature: Vec<u8>,
    pub(crate) claims: Written,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<IgnoredAny>,
}

/// The claims that matter here, as they are written.
#[derive(Debug, Deserialize)]
pub(crate) struct Written {
    pub(crate) iss: String,
    pub(crate) sub: Option<String>,
    #[serde(default)]
    pub(crate) aud: Several,
    pub(crate) exp: Option<Seconds>,
    pub(crate) nbf: Option<Seconds>,
    pub(crate) iat: Option<Seconds>,
    pub(crate) scope: Option<String>,
    pub(crate) scp: Option<Several>,
    pub(crate) org: Option<String>,
    pub(crate) servers: Option<Vec<String>>,
    pub(crate) tools: Option<Vec<String>>,
    #[serde(rename = "gwo_secret")]
    pub(crate) secret: Option<String>,
    /// What tells an ID token or a logout token (OpenID Connect Core §2, Back-Channel Logout §2.4).
    nonce: Option<IgnoredAny>,
    at_hash: Option<IgnoredAny>,
    c_hash: Option<IgnoredAny>,
    events: Option<IgnoredAny>,
    /// Keycloak and Cognito say it in claims of their own.
    typ: Option<String>,
    token_use: Option<String>,
    /// RFC 7800; DPoP and mTLS bind by it.
    pub(crate) cnf: Option<IgnoredAny>,
}

/// A string or several.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub(crate) enum Several {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

/// `NumericDate`: seconds since 1970, perhaps with a fraction. Here in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(pub(crate) i64);

impl<'a> Jwt<'a> {
    pub(crate) fn parse(token: &'a str) -> Result<Self, Refusal> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        let header: Header = json(header)?;
        if header.crit.is_some() {
            return Err(Refusal::Malformed);
        }
        let algorithm = Algorithm::named(&header.alg).ok_or(Refusal::Algorithm)?;
        if !header.typ.as_deref().is_none_or(is_access_token) {
            return Err(Refusal::NoAccessToken);
        }
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| Refusal::Malformed)?;
        Ok(Self { algorithm, key_id: header.kid, signed, signature, claims: json(claims)? })
    }
}

fn json<T: serde::de::DeserializeOwned>(part: &str) -> Result<T, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)?;
    // All of it: what is passed over is not looked at when it is read from bytes.
    let text = str::from_utf8(&bytes).map_err(|_| Refusal::Malformed)?;
    serde_json::from_str(text).map_err(|_| Refusal::Malformed)
}

/// RFC 9068 §4 and RFC 7515 §4.1.9: with or without `application/`, in any case.
fn is_access_token(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    matches!(typ.strip_prefix("application/").unwrap_or(&typ), "at+jwt" | "jwt")
}

impl Written {
    /// Whether it is signed for something else than to open resources.
    pub(crate) fn is_no_access_token(&self) -> bool {
        let says = |claim: &Option<String>, kinds: &[&str]| {
            claim.as_deref().is_some_and(|said| kinds.iter().any(|kind| said.eq_ignore_ascii_case(kind)))
        };
        self.nonce.is_some()
            || self.at_hash.is_some()
            || self.c_hash.is_some()
            || self.events.is_some()
            || says(&self.typ, &["ID", "Refresh", "Offline", "Logout"])
            || says(&self.token_use, &["id"])
    }
}

impl Several {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::None => (None, &[][..]),
            Self::One(one) => (Some(one), &[][..]),
            Self::Many(many) => (None, &many[..]),
        };
        one.into_iter().chain(many).map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Beyond what a double holds exactly nothing is a date; the conversion stops at the ends.
        f64::deserialize(deserializer).map(|seconds| Self((seconds * 1000.0) as i64))
    }
}
