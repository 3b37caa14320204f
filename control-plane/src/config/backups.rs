//! `BACKUP_URL`: where backups go, and how S3 is reached (`AWS_*`, the names that its own tools read).

use gatewayops_proto::settings::Settings;

use crate::backup::{Location, S3};

#[derive(Clone, Default)]
pub struct Backups {
    /// None: a backup is only written to a file that somebody names.
    pub url: Option<Location>,
    pub s3: S3,
}

/// Those that may come from a file, too.
const SECRETS: [&str; 3] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

pub(super) fn read(settings: &mut Settings) -> Backups {
    let named = settings.family("AWS_", "").into_iter();
    let named = named.map(|(name, value)| (format!("AWS_{name}"), value.into()));
    let mut s3: S3 = named.filter(|(name, _)| !SECRETS.contains(&name.as_str())).collect();
    for name in SECRETS {
        s3.extend(settings.secret(name).map(|secret| (name.to_owned(), secret)));
    }
    let url = settings.text("BACKUP_URL").and_then(|text| match text.parse() {
        Ok(url) => Some(url),
        Err(refused) => {
            settings.fault(format!("BACKUP_URL {refused}"));
            None
        }
    });
    if let Some(Location::Object { bucket, .. }) = &url
        && let Err(error) = s3.open(bucket)
    {
        settings.fault(format!("BACKUP_URL cannot be used: {error:#}"));
    }
    Backups { url, s3 }
}

#[cfg(test)]
mod tests {
    use crate::config::{Faults, tests::read};

    const BUCKET: (&str, &str) = ("BACKUP_URL", "s3://safe/nightly");
    const KEY: (&str, &str) = ("AWS_ACCESS_KEY_ID", "the-key");
    const SECRET: (&str, &str) = ("AWS_SECRET_ACCESS_KEY", "hush");

    #[test]
    fn backups_go_nowhere_unless_somebody_says_where() {
        assert!(read(&[KEY]).ok().unwrap().backups.url.is_none());
        for more in [
            &[("BACKUP_URL", "file:///backups")][..],
            &[BUCKET, KEY, SECRET][..],
            &[BUCKET][..],
            &[BUCKET, KEY, SECRET, ("AWS_ENDPOINT_URL", "https://minio:9000"), ("AWS_REGION", "eu-1")][..],
            &[BUCKET, KEY, SECRET, ("AWS_ENDPOINT_URL", "http://minio:9000"), ("AWS_ALLOW_HTTP", "true")][..],
        ] {
            assert!(read(more).ok().unwrap().backups.url.is_some(), "{more:?}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_at_the_start() {
        for (more, wanted) in [
            (&[("BACKUP_URL", "backups")][..], "write file:///directory or s3://bucket/prefix"),
            (&[BUCKET, KEY][..], "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together"),
            (&[BUCKET, SECRET][..], "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together"),
            (&[BUCKET, KEY, SECRET, ("AWS_ENDPOINT_URL", "http://minio:9000")][..], "AWS_ALLOW_HTTP=true"),
            (&[BUCKET, KEY, SECRET, ("AWS_ENDPOINT_URL", "minio")][..], "AWS_ENDPOINT_URL"),
            (&[BUCKET, KEY, SECRET, ("AWS_ALLOW_HTTP", "perhaps")][..], "AWS_ALLOW_HTTP"),
        ] {
            let Faults(faults) = read(more).err().unwrap();
            assert!(
                faults.len() == 1 && faults[0].starts_with("BACKUP_URL ") && faults[0].contains(wanted),
                "{faults:?}"
            );
            assert!(!faults[0].contains("hush"));
        }
    }

    #[test]
    fn a_secret_of_s3_may_come_from_a_file() {
        let path = std::env::temp_dir().join(format!("aws-secret-{}", std::process::id()));
        std::fs::write(&path, "hush\n").unwrap();
        let file = ("AWS_SECRET_ACCESS_KEY_FILE", path.to_str().unwrap());
        let read = read(&[BUCKET, KEY, file]);
        std::fs::remove_file(&path).unwrap();
        assert!(read.is_ok());
    }
}
