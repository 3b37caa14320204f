//! The ID token: whether it is the provider's, for us, for this sign-in, and still good (Core §3.1.3.7).

use chrono::{Duration, Utc};
use openidconnect::{
    AccessTokenHash, ClaimsVerificationError, ClientId, IssuerUrl, Nonce, core::CoreIdTokenVerifier,
};

use super::{
    Reason, Refusal,
    claims::Claims,
    code::Tokens,
    jws::{ALGORITHMS, Unverified},
    keys::Keys,
};

/// How far our clock and the provider's may be apart.
const SKEW: Duration = Duration::seconds(60);

/// What a token must say.
pub struct Expected<'a> {
    pub client_id: &'a str,
    pub issuer: &'a str,
    pub nonce: &'a str,
}

/// A token that was found good.
pub struct IdToken {
    pub subject: String,
    /// The provider's session, for back-channel logout.
    pub session: Option<String>,
    pub claims: Claims,
    pub raw: String,
}

/// What a token says before it is believed: which key to get, and for Entra which tenant it claims to be of.
pub struct Hint {
    pub key_id: Option<String>,
    pub claims: Claims,
}

/// # Errors
/// The token is no signed JWT.
pub fn hint(tokens: &Tokens) -> Result<Hint, Refusal> {
    let raw = tokens.id_token.to_string();
    let token = Unverified::read(&raw)?;
    Ok(Hint { key_id: token.header.kid, claims: token.claims })
}

/// # Errors
/// What is wrong with it.
pub fn verify(tokens: &Tokens, expected: &Expected<'_>, keys: &Keys) -> Result<IdToken, Refusal> {
    let issuer = IssuerUrl::new(expected.issuer.to_owned());
    let issuer = issuer.map_err(|_| Refusal::new(Reason::IssuerInvalid, "the issuer is no URL"))?;
    // As for a client without a secret: one that we share with the provider signs nothing.
    let client = ClientId::new(expected.client_id.to_owned());
    let verifier = CoreIdTokenVerifier::new_public_client(client, issuer, keys.set())
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(|| Utc::now() - SKEW)
        .set_issue_time_verifier_fn(|issued| match issued <= Utc::now() + SKEW {
            true => Ok(()),
            false => Err("it was issued in the future".to_owned()),
        });
    let token = &tokens.id_token;
    let claims = token.claims(&verifier, &Nonce::new(expected.nonce.to_owned())).map_err(refused)?;

    // Core §3.1.3.7, 4 and 5; the library leaves it to us.
    if claims.authorized_party().is_some_and(|party| party.as_str() != expected.client_id) {
        return Err(Refusal::new(Reason::AudienceInvalid, "the ID token was issued to another client"));
    }
    if let Some(stated) = claims.access_token_hash() {
        let hash = token
            .signing_alg()
            .ok()
            .zip(token.signing_key(&verifier).ok())
            .and_then(|(alg, key)| AccessTokenHash::from_token(&tokens.access_token, alg, key).ok());
        if hash.as_ref() != Some(stated) {
            return Err(Refusal::new(Reason::TokenInvalid, "the ID token belongs to another access token"));
        }
    }
    let raw = token.to_string();
    let subject = claims.subject().to_string();
    // Core §2: at most 255 ASCII characters.
    if subject.is_empty() || subject.len() > 255 {
        return Err(Refusal::new(Reason::TokenInvalid, "the ID token's subject is none"));
    }
    let claims = Unverified::read(&raw)?.claims;
    let session = claims.text("sid").filter(|sid| sid.len() <= 255).map(str::to_owned);
    Ok(IdToken { subject, session, claims, raw })
}

fn refused(error: ClaimsVerificationError) -> Refusal {
    let (reason, detail) = match error {
        ClaimsVerificationError::InvalidIssuer(_) => {
            (Reason::IssuerInvalid, "the ID token is of another issuer")
        }
        ClaimsVerificationError::InvalidAudience(_) => {
            (Reason::AudienceInvalid, "the ID token is for another client")
        }
        ClaimsVerificationError::InvalidNonce(_) => {
            (Reason::NonceInvalid, "the ID token belongs to another sign-in")
        }
        ClaimsVerificationError::Expired(_) => {
            (Reason::TokenExpired, "the ID token is outdated, or a clock is wrong")
        }
        ClaimsVerificationError::SignatureVerification(_) => {
            (Reason::TokenInvalid, "the ID token has no signature that can be accepted")
        }
        _ => (Reason::TokenInvalid, "the ID token cannot be accepted"),
    };
    Refusal::new(reason, detail)
}
