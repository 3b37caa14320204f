//! A file of ours that is there only as long as it is worked on.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::tool::private_file;

pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Empty, and readable by its owner only.
    pub(super) fn make(path: PathBuf) -> Result<(Self, File)> {
        let file = private_file(&path)?;
        Ok((Self { path }, file))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// It is whole and stays, under another name.
    pub(super) fn keep_as(self, path: &Path) -> Result<()> {
        std::fs::rename(&self.path, path).with_context(|| path.display().to_string())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // One that was kept has gone already.
        let _ = std::fs::remove_file(&self.path);
    }
}
