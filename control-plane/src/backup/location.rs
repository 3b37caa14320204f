//! Where a backup is or goes: below a directory, or below a prefix of an S3 bucket.

use std::{fmt, path::PathBuf, str::FromStr};

use chrono::{DateTime, Utc};
use object_store::path::Path;
use url::Url;

/// A directory, or a prefix, that backups go to; or one backup there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Location {
    File(PathBuf),
    Object { bucket: String, key: Path },
}

impl Location {
    /// What somebody typed: a URL, or the path of a file.
    ///
    /// # Errors
    /// It looks like a URL, and is none that we know.
    pub fn typed(text: &str) -> Result<Self, String> {
        if text.contains("://") { text.parse() } else { Ok(Self::File(text.into())) }
    }

    /// The backup of this time in here.
    pub(super) fn backup_of(&self, time: DateTime<Utc>) -> (String, Self) {
        let name = format!("gatewayops-{}.dump", time.format("%Y%m%dT%H%M%SZ"));
        let place = match self {
            Self::File(directory) => Self::File(directory.join(&name)),
            Self::Object { bucket, key } => {
                Self::Object { bucket: bucket.clone(), key: key.clone().join(name.as_str()) }
            }
        };
        (name, place)
    }
}

impl FromStr for Location {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORMS: &str = "write file:///directory or s3://bucket/prefix";
        // What it says is not repeated: somebody may have put a password into it.
        let url = Url::parse(text.trim()).map_err(|_| format!("is no URL; {FORMS}"))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user or password in it; those of S3 are AWS_ACCESS_KEY_ID and \
                AWS_SECRET_ACCESS_KEY"
                .to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("has more than a path; {FORMS}"));
        }
        match url.scheme() {
            "file" => url.to_file_path().map(Self::File).map_err(|()| {
                "names a host or no directory; a directory of this machine is file:///directory, with \
                     three slashes"
                    .to_owned()
            }),
            "s3" => {
                let bucket = url.host_str().filter(|_| url.port().is_none()).unwrap_or_default().to_owned();
                if bucket.is_empty() {
                    return Err("names no bucket; write s3://bucket/prefix".to_owned());
                }
                let key = Path::from_url_path(url.path())
                    .map_err(|_| "has a path that is no key of S3; write s3://bucket/prefix".to_owned())?;
                Ok(Self::Object { bucket, key })
            }
            _ => Err(format!("is of no kind that backups go to; {FORMS}")),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Object { bucket, key } => write!(f, "s3://{bucket}/{key}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backup_is_named_after_its_time() {
        let time = "2026-11-30T08:45:00.123Z".parse().unwrap();
        for (url, place) in [
            ("file:///var/backups", "/var/backups/gatewayops-20261130T084500Z.dump"),
            ("s3://safe", "s3://safe/gatewayops-20261130T084500Z.dump"),
            ("s3://safe/nightly/eu/", "s3://safe/nightly/eu/gatewayops-20261130T084500Z.dump"),
        ] {
            let (name, found) = url.parse::<Location>().unwrap().backup_of(time);
            assert_eq!(name, "gatewayops-20261130T084500Z.dump");
            assert_eq!(found.to_string(), place);
            assert_eq!(Location::typed(place), Ok(found), "it is found by what is shown of it");
        }
    }

    #[test]
    fn other_urls_are_refused_with_what_to_do_and_without_what_they_say() {
        for (url, wanted) in [
            ("/var/backups", "file:///directory"),
            ("file://backups", "three slashes"),
            ("s3:///prefix", "names no bucket"),
            ("s3://hush@bucket/x", "AWS_ACCESS_KEY_ID"),
            ("s3://key:hush@bucket/x", "AWS_ACCESS_KEY_ID"),
            ("s3://bucket/x?secret=hush", "more than a path"),
            ("ftp://bucket/hush", "s3://bucket/prefix"),
        ] {
            let refused = url.parse::<Location>().unwrap_err();
            assert!(refused.contains(wanted) && !refused.contains("hush"), "{url}: {refused}");
        }
        assert_eq!(Location::typed("quiet.dump"), Ok(Location::File("quiet.dump".into())));
    }
}
