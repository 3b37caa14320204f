//! The token by which a provider says that somebody has logged out there (Back-Channel Logout 1.0 §2.4, §2.6).

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;

use super::{Reason, Refusal, claims::Claims, jws::Unverified, keys::Keys};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
const SKEW: Duration = Duration::seconds(60);
/// A token is sent when it is made; how long it is good when it does not say.
const LIFETIME: Duration = Duration::minutes(2);
/// However long it says it is good: so long we remember that it came.
const LONGEST: Duration = Duration::hours(1);

/// Who has logged out: a subject everywhere, or one session.
#[derive(Debug)]
pub struct LogoutToken {
    pub subject: Option<String>,
    pub session: Option<String>,
    /// For being taken once.
    pub id: String,
    pub expires_at: DateTime<Utc>,
}

/// Which key to get, and for Entra which tenant it claims to be of.
///
/// # Errors
/// The token is no signed JWT.
pub fn hint(token: &str) -> Result<super::id_token::Hint, Refusal> {
    let token = Unverified::read(token)?;
    Ok(super::id_token::Hint { key_id: token.header.kid, claims: token.claims })
}

/// # Errors
/// What is wrong with it.
pub fn verify(
    token: &str,
    client_id: &str,
    issuer: &str,
    keys: &Keys,
    now: DateTime<Utc>,
) -> Result<LogoutToken, Refusal> {
    let token = Unverified::read(token)?;
    let typ = token.header.typ.clone();
    let claims = token.verified(keys)?;
    if typ.is_some_and(|typ| !["JWT", "logout+jwt"].iter().any(|known| typ.eq_ignore_ascii_case(known))) {
        return Err(invalid("it is another kind of token"));
    }
    read(&claims, client_id, issuer, now)
}

fn read(claims: &Claims, client_id: &str, issuer: &str, now: DateTime<Utc>) -> Result<LogoutToken, Refusal> {
    if claims.text("iss") != Some(issuer) {
        return Err(Refusal::new(Reason::IssuerInvalid, "the logout token is of another issuer"));
    }
    let names_us = match claims.get("aud") {
        Some(Value::String(one)) => one == client_id,
        Some(Value::Array(all)) => all.iter().any(|one| one.as_str() == Some(client_id)),
        _ => false,
    };
    if !names_us {
        return Err(Refusal::new(Reason::AudienceInvalid, "the logout token is for another client"));
    }
    let time = |claim: &str| {
        claims.get(claim).and_then(Value::as_i64).and_then(|at| DateTime::from_timestamp(at, 0))
    };
    let issued = time("iat").ok_or_else(|| invalid("it does not say when it was issued"))?;
    let expires_at = if claims.get("exp").is_some() { time("exp") } else { Some(issued + LIFETIME) };
    let expires_at = expires_at.ok_or_else(|| invalid("its expiry is no time"))?.min(issued + LONGEST);
    if issued > now + SKEW || expires_at + SKEW <= now {
        return Err(Refusal::new(Reason::TokenExpired, "the logout token is outdated, or a clock is wrong"));
    }
    if !claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
        return Err(invalid("it tells of no logout"));
    }
    // So that nobody passes an ID token off as one.
    if claims.get("nonce").is_some() {
        return Err(invalid("it has a nonce"));
    }
    let id = claims.text("jti").ok_or_else(|| invalid("it has no jti"))?.to_owned();
    let (subject, session) = (claims.text("sub").map(str::to_owned), claims.text("sid").map(str::to_owned));
    if subject.is_none() && session.is_none() {
        return Err(invalid("it names nobody"));
    }
    Ok(LogoutToken { subject, session, id, expires_at: expires_at + SKEW })
}

fn invalid(detail: &'static str) -> Refusal {
    Refusal::new(Reason::TokenInvalid, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_logout_token_is_exactly_one() {
        let now = Utc::now();
        let at = |seconds: i64| now.timestamp() + seconds;
        let good = json!({
            "iss": "https://i", "aud": "us", "iat": at(0), "exp": at(120), "jti": "1", "sub": "s", "sid": "x",
            "events": {EVENT: {}},
        });
        let judge = |change: Value| {
            let mut claims = good.as_object().unwrap().clone();
            for (name, value) in change.as_object().unwrap() {
                if value.is_null() {
                    claims.remove(name)
                } else {
                    claims.insert(name.clone(), value.clone())
                };
            }
            read(&Claims(claims), "us", "https://i", now).map_err(|refusal| refusal.reason)
        };
        for fine in [
            json!({}),
            json!({"sub": null}),
            json!({"sid": null}),
            json!({"exp": null}),
            json!({"aud": ["them", "us"]}),
            json!({"iat": at(30)}),
        ] {
            assert!(judge(fine.clone()).is_ok(), "{fine}");
        }
        for (bad, reason) in [
            (json!({"iss": "https://other"}), Reason::IssuerInvalid),
            (json!({"iss": null}), Reason::IssuerInvalid),
            (json!({"aud": "them"}), Reason::AudienceInvalid),
            (json!({"aud": null}), Reason::AudienceInvalid),
            (json!({"exp": at(-61)}), Reason::TokenExpired),
            (json!({"iat": at(-300), "exp": null}), Reason::TokenExpired),
            (json!({"iat": at(-7_200), "exp": at(7_200)}), Reason::TokenExpired),
            (json!({"iat": at(600)}), Reason::TokenExpired),
            (json!({"iat": null}), Reason::TokenInvalid),
            (json!({"exp": "soon"}), Reason::TokenInvalid),
            (json!({"events": null}), Reason::TokenInvalid),
            (json!({"events": {"other": {}}}), Reason::TokenInvalid),
            (json!({"events": {EVENT: true}}), Reason::TokenInvalid),
            (json!({"nonce": "n"}), Reason::TokenInvalid),
            (json!({"jti": null}), Reason::TokenInvalid),
            (json!({"sub": null, "sid": null}), Reason::TokenInvalid),
        ] {
            assert_eq!(judge(bad.clone()).unwrap_err(), reason, "{bad}");
        }
    }
}
