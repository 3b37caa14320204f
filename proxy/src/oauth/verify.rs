//! The check of a token that has not been seen before: who vouches for it, by which signature, and for what.

use uuid::Uuid;

use super::{
    algorithm::{Algorithm, PublicKey},
    claims::Claims,
    issuer::{Trust, Trusted},
    jwt::Jwt,
    refusal::Refusal,
    resource::Address,
    verified::{Bearer, Verified},
};

/// `own`: the issuer that we are ourselves; `address`: what tokens are for.
pub(super) fn verify(
    own: &str,
    address: &Address,
    trust: &Trust,
    token: &str,
    now_ms: i64,
) -> Result<Verified, Refusal> {
    let jwt = Jwt::parse(token)?;
    if jwt.claims.iss.trim_end_matches('/') == own {
        if jwt.algorithm != Algorithm::EdDsa {
            return Err(Refusal::Algorithm);
        }
        if !trust.own_keys.iter().any(|key| is_signed_by(&jwt, key)) {
            return Err(Refusal::Signature);
        }
        let (claims, subject) = Claims::of_ourselves(jwt.claims, address, now_ms)?;
        return Ok(Verified::new(claims, Bearer::Own { keys: trust.own_keys.clone(), subject }));
    }
    let trusted = trust.issuers.named(&jwt.claims.iss).ok_or(Refusal::UntrustedIssuer)?;
    let (providers, lacking) = vouching(&jwt, trusted)?;
    let issuer = jwt.claims.iss.as_str().into();
    let (claims, subject) = Claims::of_issuer(jwt.claims, address, now_ms)?;
    let generation = trusted.generation;
    Ok(Verified::new(claims, Bearer::Foreign { issuer, generation, providers, lacking, subject }))
}

fn is_signed_by(jwt: &Jwt<'_>, key: &PublicKey) -> bool {
    key.verifies(jwt.algorithm, jwt.signed.as_bytes(), &jwt.signature)
}

/// Those who trust the issuer and know the key that the token is signed with, sorted, and those who do not know it yet.
/// Each is asked by its own copy of the issuer's keys; a key that several have is tried once.
fn vouching(jwt: &Jwt<'_>, trusted: &Trusted) -> Result<(Box<[Uuid]>, bool), Refusal> {
    let mut providers = Vec::new();
    let mut right: Option<&PublicKey> = None;
    let mut wrong: Vec<&PublicKey> = Vec::new();
    let mut reason = Refusal::UnknownKey;
    let mut lacking = false;
    for issuer in trusted.iter() {
        let mut keys = match issuer.keys.find(jwt.key_id.as_deref(), jwt.algorithm) {
            Ok(keys) => keys,
            Err(refusal) => {
                lacking |= refusal == Refusal::UnknownKey;
                reason = worse(reason, refusal);
                continue;
            }
        };
        let is_signed = keys.any(|key| {
            if right == Some(key) {
                return true;
            }
            if wrong.contains(&key) {
                return false;
            }
            let is_signed = is_signed_by(jwt, key);
            if is_signed {
                right = Some(key)
            } else {
                wrong.push(key)
            }
            is_signed
        });
        if is_signed {
            providers.push(issuer.id);
        } else {
            reason = if jwt.key_id.is_some() { Refusal::Signature } else { Refusal::OtherKey };
        }
    }
    if providers.is_empty() {
        return Err(reason);
    }
    providers.sort_unstable();
    Ok((providers.into(), lacking))
}

/// The one that says more of what is wrong: a key that is not known yet may still come.
fn worse(known: Refusal, other: Refusal) -> Refusal {
    if known == Refusal::UnknownKey { other } else { known }
}
