//! Keys derived from `JWT_SECRET` by HKDF, one per purpose, so that no key serves two.

use ring::{hkdf, hmac};

#[derive(Clone)]
pub struct DerivedKeys {
    csrf: hmac::Key,
    cursor: hmac::Key,
}

impl DerivedKeys {
    #[must_use]
    pub fn new(jwt_secret: &[u8]) -> Self {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"gatewayops").extract(jwt_secret);
        Self { csrf: derive(&root, b"csrf"), cursor: derive(&root, b"cursor") }
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
}

fn derive(root: &hkdf::Prk, purpose: &'static [u8]) -> hmac::Key {
    let info = [purpose];
    let material = root.expand(&info, hmac::HMAC_SHA256).expect("a hash's own length can always be derived");
    hmac::Key::from(material)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csrf_token_fits_one_session_and_one_secret() {
        let keys = DerivedKeys::new(b"one secret");
        let token = keys.csrf_token("gws_a");
        assert!(keys.csrf_matches("gws_a", &token));
        assert!(!keys.csrf_matches("gws_b", &token));
        assert!(!DerivedKeys::new(b"another").csrf_matches("gws_a", &token));
        assert!(!keys.csrf_matches("gws_a", "zz"));
    }
}
