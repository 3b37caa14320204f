//! Keys derived from `JWT_SECRET` by HKDF, one per purpose, so that no key serves two.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
};

use super::mcp_token::TokenKey;

#[derive(Clone)]
pub struct DerivedKeys {
    csrf: hmac::Key,
    cursor: hmac::Key,
    mcp_token: TokenKey,
    sign_in: LessSafeKey,
}

impl DerivedKeys {
    #[must_use]
    pub fn new(jwt_secret: &[u8]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"gatewayops").extract(jwt_secret);
        Self {
            csrf: derive(&root, b"csrf"),
            cursor: derive(&root, b"cursor"),
            mcp_token: TokenKey::from_seed(&derive_seed(&root, b"mcp token")),
            sign_in: derive_aead(&root, b"sso-state"),
        }
    }

    /// Signs MCP tokens (contract 6.1).
    #[must_use]
    pub fn mcp_token(&self) -> &TokenKey {
        &self.mcp_token
    }

    /// The CSRF token of a session (contract 1.6).
    #[must_use]
    pub fn csrf_token(&self, session_token: &str) -> String {
        hex::encode(hmac::sign(&self.csrf, session_token.as_bytes()))
    }

    #[must_use]
    pub fn csrf_matches(&self, session_token: &str, csrf_token: &str) -> bool {
        hex::decode(csrf_token)
            .is_ok_and(|given| hmac::verify(&self.csrf, session_token.as_bytes(), &given).is_ok())
    }

    /// Binds a list's cursor to what it continues.
    #[must_use]
    pub fn cursor_tag(&self, content: &[u8]) -> [u8; 16] {
        let mut tag = [0; 16];
        tag.copy_from_slice(&hmac::sign(&self.cursor, content).as_ref()[..16]);
        tag
    }

    /// A sign-in under way, for a cookie: nobody else reads it, and it opens for the same `context` only. None when the
    /// system gives no random bytes.
    #[must_use]
    pub fn seal_sign_in(&self, context: &[u8], plain: &[u8]) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = plain.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.sign_in.seal_in_place_append_tag(unique, Aad::from(context), &mut sealed).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    #[must_use]
    pub fn open_sign_in(&self, context: &[u8], sealed: &str) -> Option<Vec<u8>> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let mut body = body.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let length = self.sign_in.open_in_place(nonce, Aad::from(context), &mut body).ok()?.len();
        body.truncate(length);
        Some(body)
    }
}

fn derive_aead(root: &hkdf::Prk, purpose: &'static [u8]) -> LessSafeKey {
    let info = [purpose];
    let material = root.expand(&info, &AES_256_GCM).expect("a key's own length can always be derived");
    LessSafeKey::new(UnboundKey::from(material))
}

fn derive(root: &hkdf::Prk, purpose: &'static [u8]) -> hmac::Key {
    let info = [purpose];
    let material = root.expand(&info, hmac::HMAC_SHA256).expect("a hash's own length can always be derived");
    hmac::Key::from(material)
}

fn derive_seed(root: &hkdf::Prk, purpose: &'static [u8]) -> [u8; 32] {
    let info = [purpose];
    let material = root.expand(&info, hkdf::HKDF_SHA256);
    let mut seed = [0; 32];
    material
        .and_then(|material| material.fill(&mut seed))
        .expect("a hash's own length can always be derived");
    seed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_sign_in_opens_unchanged_for_its_context_and_secret_only() {
        let keys = DerivedKeys::new(b"one secret");
        let sealed = keys.seal_sign_in(b"here", b"hush").unwrap();
        assert_eq!(keys.open_sign_in(b"here", &sealed).as_deref(), Some(b"hush".as_slice()));
        assert_ne!(keys.seal_sign_in(b"here", b"hush").unwrap(), sealed, "no two are alike");
        assert!(keys.open_sign_in(b"there", &sealed).is_none());
        assert!(DerivedKeys::new(b"another").open_sign_in(b"here", &sealed).is_none());
        for position in 0..sealed.len() {
            assert!(keys.open_sign_in(b"here", &sealed[..position]).is_none(), "cut at {position}");
        }
    }

    #[test]
    fn a_csrf_token_fits_one_session_and_one_secret() {
        let keys = DerivedKeys::new(b"one secret");
        let token = keys.csrf_token("gws_a");
        assert!(keys.csrf_matches("gws_a", &token));
        assert!(!keys.csrf_matches("gws_b", &token));
        assert!(!DerivedKeys::new(b"another").csrf_matches("gws_a", &token));
        assert!(!keys.csrf_matches("gws_a", "zz"));
    }

    #[test]
    fn a_secret_has_one_token_key_and_another_secret_another() {
        let public = |secret: &[u8]| *DerivedKeys::new(secret).mcp_token().public();
        assert_eq!(public(b"one secret"), public(b"one secret"));
        assert_ne!(public(b"one secret"), public(b"another"));
    }
}
