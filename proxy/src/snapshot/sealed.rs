//! The snapshot on disk, sealed: a proxy starts and serves from it while the control plane is away (contract 2.4).
//!
//! Layout: magic ‖ sealed(saved at ‖ messages). The key comes from `PROXY_TOKEN`, so a file that was changed, or
//! carried to where that secret is not known, does not open.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use crate::seal::{NONCE_LEN, SealKey};

const MAGIC: &[u8; 8] = b"GWOSNAP2";
/// What stands before the messages: the magic, the nonce, the time.
const BEFORE: usize = MAGIC.len() + NONCE_LEN + size_of::<i64>();
const TAG: usize = 16;

pub(crate) struct SealedFile {
    path: PathBuf,
    key: SealKey,
}

/// What a file held.
#[derive(Debug)]
pub(crate) struct Content {
    /// The file, opened where it was read to.
    bytes: Vec<u8>,
    length: usize,
    pub(crate) current_at_ms: i64,
}

impl Content {
    pub(crate) fn messages(&self) -> &[u8] {
        &self.bytes[BEFORE..][..self.length]
    }
}

/// Why there is nothing to start from.
#[derive(Debug)]
pub(crate) enum Unusable {
    Missing,
    /// Changed, cut off, or sealed under another `PROXY_TOKEN`.
    Refused,
    Unreadable(io::Error),
}

impl SealedFile {
    pub(crate) fn new(path: &Path, proxy_token: &str) -> Self {
        Self { path: path.to_owned(), key: SealKey::derive(proxy_token.as_bytes(), "snapshot file") }
    }

    /// What was saved, and when it was last known to be current (Unix milliseconds).
    pub(crate) fn load(&self) -> Result<Content, Unusable> {
        let mut bytes = fs::read(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Unusable::Missing,
            _ => Unusable::Unreadable(error),
        })?;
        let (magic, sealed) = bytes.split_at_mut_checked(MAGIC.len()).ok_or(Unusable::Refused)?;
        if magic != MAGIC {
            return Err(Unusable::Refused);
        }
        let plain = self.key.open_in_place(MAGIC, sealed).ok_or(Unusable::Refused)?;
        let (current_at, messages) = plain.split_first_chunk::<8>().ok_or(Unusable::Refused)?;
        let (current_at_ms, length) = (i64::from_be_bytes(*current_at), messages.len());
        Ok(Content { bytes, length, current_at_ms })
    }

    /// Replaces the file whole: a crash leaves the old one or the new one.
    pub(crate) fn save(&self, messages: &[&[u8]], current_at_ms: i64) -> io::Result<()> {
        let length: usize = messages.iter().map(|message| message.len()).sum();
        let mut bytes = Vec::with_capacity(BEFORE + length + TAG);
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&[0; NONCE_LEN]);
        bytes.extend_from_slice(&current_at_ms.to_be_bytes());
        messages.iter().for_each(|message| bytes.extend_from_slice(message));
        let sealed = self.key.seal_in_place(MAGIC, &mut bytes, MAGIC.len());
        sealed.map_err(|_| io::Error::other("no randomness to seal with"))?;
        if let Some(dir) = self.path.parent() {
            fs::create_dir_all(dir)?;
        }
        let fresh = self.path.with_extension("new");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(fresh, &self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_only_unchanged_and_only_with_its_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/config.bin");
        let file = SealedFile::new(&path, &"a".repeat(32));
        assert!(matches!(file.load(), Err(Unusable::Missing)));
        file.save(&[b"one", b"two"], 5).unwrap();
        let content = file.load().unwrap();
        assert_eq!((content.messages(), content.current_at_ms), (&b"onetwo"[..], 5));
        assert!(matches!(SealedFile::new(&path, &"b".repeat(32)).load(), Err(Unusable::Refused)), "stolen");
        let bytes = fs::read(&path).unwrap();
        for position in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[position] ^= 1;
            fs::write(&path, changed).unwrap();
            assert!(matches!(file.load(), Err(Unusable::Refused)), "changed at {position}");
        }
    }
}
