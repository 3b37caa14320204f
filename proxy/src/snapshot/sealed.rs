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

use gatewayops_proto::control::Update;
use prost::Message;

use crate::seal::SealKey;

const MAGIC: &[u8; 8] = b"GWOSNAP1";

pub(crate) struct SealedFile {
    path: PathBuf,
    key: SealKey,
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

    /// Everything, as one update that replaces all there is, and when it was last known to be current.
    pub(crate) fn load(&self) -> Result<(Update, i64), Unusable> {
        let bytes = fs::read(&self.path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Unusable::Missing,
            _ => Unusable::Unreadable(error),
        })?;
        let sealed = bytes.strip_prefix(MAGIC).ok_or(Unusable::Refused)?;
        let plain = self.key.open(MAGIC, sealed).ok_or(Unusable::Refused)?;
        let (current_at, message) = plain.split_first_chunk::<8>().ok_or(Unusable::Refused)?;
        let update = Update::decode(message).map_err(|_| Unusable::Refused)?;
        Ok((update, i64::from_be_bytes(*current_at)))
    }

    /// Replaces the file whole: a crash leaves the old one or the new one.
    pub(crate) fn save(&self, update: &Update, current_at_ms: i64) -> io::Result<()> {
        let mut plain = current_at_ms.to_be_bytes().to_vec();
        update.encode(&mut plain).map_err(io::Error::other)?;
        let sealed =
            self.key.seal(MAGIC, &plain).map_err(|_| io::Error::other("no randomness to seal with"))?;
        if let Some(dir) = self.path.parent() {
            fs::create_dir_all(dir)?;
        }
        let fresh = self.path.with_extension("new");
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(MAGIC)?;
        file.write_all(&sealed)?;
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
        let update = Update { revision: 7, ..Default::default() };
        file.save(&update, 5).unwrap();
        assert_eq!(file.load().unwrap(), (update, 5));
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
