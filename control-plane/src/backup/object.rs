//! A backup as an object: written while it is made, in parts, and read into a file.
//!
//! In memory is one part that fills and those that are on their way. What is not whole never becomes an object.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart, path::Path};
use tokio::{
    fs::File,
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
};

/// All parts but the last have this size; some servers want it so.
const PART_BYTES: usize = 16 << 20;
/// S3 knows no more of one object.
const MAX_PARTS: u64 = 10_000;
const ON_THEIR_WAY: usize = 2;

pub(super) struct Object {
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) key: Path,
}

impl Object {
    /// Writes what is read, if `is_whole` says so at the end; answers its size.
    pub(super) async fn write(
        &self,
        from: impl AsyncRead + Unpin,
        told: impl Fn(u64),
        is_whole: impl Future<Output = Result<()>>,
    ) -> Result<u64> {
        let upload = self.store.put_multipart(&self.key).await?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, PART_BYTES);
        let outcome = async {
            let bytes = pour(from, &mut upload, told).await?;
            is_whole.await?;
            Ok(bytes)
        };
        match outcome.await {
            Ok(bytes) => {
                upload.finish().await?;
                Ok(bytes)
            }
            Err(error) => {
                if let Err(left) = upload.abort().await {
                    tracing::warn!(error = %left, "parts of a backup that failed are left in the bucket");
                }
                Err(error)
            }
        }
    }

    /// Reads all of it into a file.
    pub(super) async fn read_into(&self, file: &mut File) -> Result<()> {
        let found = self.store.get(&self.key).await?;
        let size = found.meta.size;
        let mut stream = found.into_stream();
        let mut read = 0;
        while let Some(bytes) = stream.next().await {
            let bytes = bytes?;
            read += bytes.len() as u64;
            file.write_all(&bytes).await.context("the file that the backup is read into")?;
        }
        file.flush().await?;
        ensure!(read == size, "only {read} of {size} bytes came");
        Ok(())
    }

    /// The first bytes of it, as they come.
    pub(super) async fn pour_into(&self, mut to: impl tokio::io::AsyncWrite + Unpin) -> Result<()> {
        let mut stream = self.store.get(&self.key).await?.into_stream();
        while let Some(bytes) = stream.next().await {
            // Whoever reads has seen enough.
            if to.write_all(&bytes?).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    pub(super) async fn remove(&self) -> Result<()> {
        Ok(self.store.delete(&self.key).await?)
    }
}

async fn pour(
    mut from: impl AsyncRead + Unpin,
    upload: &mut WriteMultipart,
    told: impl Fn(u64),
) -> Result<u64> {
    let (mut bytes, mut parts) = (0, 0);
    loop {
        let mut part = Vec::with_capacity(PART_BYTES);
        (&mut from).take(PART_BYTES as u64).read_to_end(&mut part).await?;
        if part.is_empty() {
            return Ok(bytes);
        }
        parts += 1;
        ensure!(
            parts <= MAX_PARTS,
            "the backup is larger than {} GiB, which is as much as goes into one object: write it to a file",
            (MAX_PARTS * PART_BYTES as u64) >> 30
        );
        bytes += part.len() as u64;
        upload.wait_for_capacity(ON_THEIR_WAY).await?;
        upload.put(part.into());
        told(bytes);
    }
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    fn object() -> Object {
        Object { store: Arc::new(InMemory::new()), key: Path::from("nightly/x.dump") }
    }

    /// Not a whole number of parts.
    fn content() -> Vec<u8> {
        (0..PART_BYTES * 2 + 12_345).map(|n| u8::try_from(n % 251).unwrap()).collect()
    }

    #[tokio::test]
    async fn what_is_written_in_parts_is_read_as_it_was() {
        let (object, content) = (object(), content());
        let told = std::cell::Cell::new(0);
        let written = object.write(&content[..], |bytes| told.set(bytes), async { Ok(()) }).await.unwrap();
        assert_eq!((written, told.get()), (content.len() as u64, content.len() as u64));
        let path = std::env::temp_dir().join(format!("object-{}", uuid::Uuid::new_v4()));
        object.read_into(&mut File::create(&path).await.unwrap()).await.unwrap();
        let read = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(read == content, "{} bytes", read.len());
        let mut first = [0; 10];
        object.pour_into(std::io::Cursor::new(&mut first[..])).await.unwrap();
        assert_eq!(first, content[..10]);
        object.remove().await.unwrap();
        assert!(object.store.head(&object.key).await.is_err());
    }

    #[tokio::test]
    async fn what_is_not_whole_is_no_object() {
        let object = object();
        let failed = object.write(&content()[..], |_| {}, async { anyhow::bail!("pg_dump failed") }).await;
        assert_eq!(failed.unwrap_err().to_string(), "pg_dump failed");
        assert!(object.store.head(&object.key).await.is_err());
    }
}
