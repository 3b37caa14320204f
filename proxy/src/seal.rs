//! Authenticated encryption of what leaves the process and comes back: session tokens, the snapshot file.
//!
//! AES-256-GCM; layout: nonce ([`NONCE_LEN`] bytes) ‖ ciphertext ‖ tag. The label says what is sealed, so that
//! one kind of sealed thing can never be passed off as another.

pub(crate) use ring::aead::NONCE_LEN;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
};

pub(crate) struct SealKey {
    aead: LessSafeKey,
    /// Of the nonces of [`SealKey::seal_same`].
    nonces: hmac::Key,
}

impl SealKey {
    /// A key of its own for `purpose`, derived from a secret of any length ≥ 32 bytes.
    pub(crate) fn derive(secret: &[u8], purpose: &str) -> Self {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"gatewayops").extract(secret);
        let info = [purpose.as_bytes()];
        let expanded = extracted.expand(&info, &AES_256_GCM).expect("32 bytes are within HKDF's bound");
        let info = [purpose.as_bytes(), b" nonces"];
        let nonces = extracted.expand(&info, hmac::HMAC_SHA256).expect("32 bytes are within HKDF's bound");
        Self { aead: LessSafeKey::new(UnboundKey::from(expanded)), nonces: nonces.into() }
    }

    pub(crate) fn seal(&self, label: &[u8], plain: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce)?;
        self.seal_with(nonce, label, plain)
    }

    /// The same bytes for the same content, so that two who seal it agree. The nonce is a keyed hash of what is
    /// sealed: it repeats only with its content, as in RFC 5297.
    pub(crate) fn seal_same(&self, label: &[u8], plain: &[u8]) -> Result<Vec<u8>, ring::error::Unspecified> {
        let mut context = hmac::Context::with_key(&self.nonces);
        context.update(&(label.len() as u64).to_be_bytes());
        context.update(label);
        context.update(plain);
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(&context.sign().as_ref()[..NONCE_LEN]);
        self.seal_with(nonce, label, plain)
    }

    /// Seals what stands behind `from` and room for a nonce in the buffer, where it stands.
    pub(crate) fn seal_in_place(
        &self,
        label: &[u8],
        buffer: &mut Vec<u8>,
        from: usize,
    ) -> Result<(), ring::error::Unspecified> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce)?;
        let room = buffer.get_mut(from..from + NONCE_LEN).ok_or(ring::error::Unspecified)?;
        room.copy_from_slice(&nonce);
        self.close(nonce, label, buffer, from + NONCE_LEN)
    }

    fn seal_with(
        &self,
        nonce: [u8; NONCE_LEN],
        label: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, ring::error::Unspecified> {
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        self.close(nonce, label, &mut sealed, NONCE_LEN)?;
        Ok(sealed)
    }

    /// Encrypts what stands behind `from`, and adds the tag.
    fn close(
        &self,
        nonce: [u8; NONCE_LEN],
        label: &[u8],
        buffer: &mut Vec<u8>,
        from: usize,
    ) -> Result<(), ring::error::Unspecified> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self.aead.seal_in_place_separate_tag(nonce, Aad::from(label), &mut buffer[from..])?;
        buffer.extend_from_slice(tag.as_ref());
        Ok(())
    }

    /// None when anything about it is wrong; which thing, nobody is told.
    pub(crate) fn open(&self, label: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let mut copy = sealed.to_vec();
        let length = self.open_in_place(label, &mut copy)?.len();
        copy.drain(..NONCE_LEN);
        copy.truncate(length);
        Some(copy)
    }

    /// As [`Self::open`], where it stands.
    pub(crate) fn open_in_place<'s>(&self, label: &[u8], sealed: &'s mut [u8]) -> Option<&'s [u8]> {
        let (nonce, ciphertext) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        self.aead.open_in_place(nonce, Aad::from(label), ciphertext).ok().map(|plain| &*plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_the_same_is_the_same_and_opens() {
        let key = SealKey::derive(&[7; 32], "test");
        let sealed = key.seal_same(b"label", b"hello").unwrap();
        assert_eq!(key.seal_same(b"label", b"hello").unwrap(), sealed);
        assert_ne!(key.seal_same(b"label", b"hallo").unwrap()[..NONCE_LEN], sealed[..NONCE_LEN]);
        assert_ne!(key.seal_same(b"labe", b"lhello").unwrap()[..NONCE_LEN], sealed[..NONCE_LEN]);
        assert_eq!(key.open(b"label", &sealed).as_deref(), Some(&b"hello"[..]));
    }

    #[test]
    fn only_the_same_key_and_label_open_it_and_no_byte_may_change() {
        let key = SealKey::derive(&[7; 32], "test");
        let sealed = key.seal(b"label", b"hello").unwrap();
        assert_eq!(key.open(b"label", &sealed).as_deref(), Some(&b"hello"[..]));
        assert_eq!(key.open(b"other", &sealed), None);
        assert_eq!(SealKey::derive(&[8; 32], "test").open(b"label", &sealed), None);
        assert_eq!(SealKey::derive(&[7; 32], "else").open(b"label", &sealed), None);
        for position in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            assert_eq!(key.open(b"label", &changed), None);
            assert_eq!(key.open(b"label", &sealed[..position]), None);
        }
    }
}
