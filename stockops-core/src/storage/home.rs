//! A home by its name: a folder, or a bucket by its address.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{DirectoryStorage, Key, Storage};
use crate::error::{Error, Result, check};
use crate::files::sha256_hex;

/// Schemes of addresses that name a bucket.
const BUCKETS: [&str; 6] = ["s3", "s3a", "gs", "az", "abfs", "abfss"];

/// Variable that names the folder of what stays on this machine where the home is a bucket.
const LOCAL: &str = "STOCKOPS_LOCAL";

/// What a home can be.
#[derive(Debug, PartialEq)]
enum Place {
    Folder(PathBuf),
    /// Scheme, name of the bucket, and the folder in it, which may be empty.
    Bucket {
        scheme: String,
        bucket: String,
        prefix: String,
    },
}

/// The storage of a home: that of a folder (`stockops-home`, `file:///data/home`), or that of a bucket (`s3://bucket/prefix`,
/// `gs://bucket/prefix`, `az://container/prefix`) with the feature `buckets`.
///
/// A folder need not exist, and a bucket must. Credentials come from the environment and never from the address; see
/// `BucketStorage`. The network is not asked before something is read or written.
///
/// # Errors
///
/// [`Error::Config`] for an address that names no bucket, or one that this build cannot open; [`Error::Storage`] where the
/// folder is a file.
///
/// # Example
///
/// ```
/// use stockops_core::storage::{self, Key};
///
/// let home = tempfile::tempdir().unwrap();
/// let storage = storage::open(home.path())?;
/// storage.put(&Key::new("runs/7.json")?, b"{}")?;
/// assert!(storage::open("ftp://somewhere").is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn open(home: impl AsRef<Path>) -> Result<Arc<dyn Storage>> {
    match Place::of(home.as_ref())? {
        Place::Folder(folder) => Ok(Arc::new(DirectoryStorage::open(folder)?)),
        #[cfg(feature = "buckets")]
        Place::Bucket { scheme, bucket, prefix } => Ok(Arc::new(super::BucketStorage::of(&scheme, &bucket, &prefix)?)),
        #[cfg(not(feature = "buckets"))]
        Place::Bucket { .. } => {
            let rule = "a folder, for this build is without the feature `buckets`";
            Err(Error::Config { field: "home", rule, got: home.as_ref().display().to_string() })
        }
    }
}

/// The folder of a home; `None` where it is a bucket.
///
/// # Errors
///
/// [`Error::Config`] for an address that names no bucket.
///
/// # Example
///
/// ```
/// use stockops_core::storage::folder;
///
/// assert_eq!(folder("file:///data/home")?.unwrap(), std::path::Path::new("/data/home"));
/// assert!(folder("s3://models/prod")?.is_none());
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn folder(home: impl AsRef<Path>) -> Result<Option<PathBuf>> {
    match Place::of(home.as_ref())? {
        Place::Folder(folder) => Ok(Some(folder)),
        Place::Bucket { .. } => Ok(None),
    }
}

/// The folder of this machine for what must be on a disk, such as files of SQLite and the log: the home itself where it is a
/// folder. For a bucket it is a folder of its own, named after the bucket and a hash of the whole address, below the one that the variable `STOCKOPS_LOCAL`
/// names, by default `stockops-local` in the working directory. Nothing is made.
///
/// # Errors
///
/// [`Error::Config`] for an address that names no bucket.
///
/// # Example
///
/// ```
/// use stockops_core::storage::local;
///
/// assert_eq!(local("stockops-home")?, std::path::Path::new("stockops-home"));
/// assert!(local("s3://models/prod")?.display().to_string().contains("s3-models-prod-"));
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn local(home: impl AsRef<Path>) -> Result<PathBuf> {
    Ok(match Place::of(home.as_ref())? {
        Place::Folder(folder) => folder,
        Place::Bucket { scheme, bucket, prefix } => {
            let root = std::env::var_os(LOCAL).filter(|word| !word.is_empty()).unwrap_or("stockops-local".into());
            let name = format!("{scheme}-{bucket}-{}", prefix.replace('/', "-"));
            // `a/b` and `a-b` read the same, and are two homes; so are two of one name at two stores.
            let store = std::env::var("AWS_ENDPOINT_URL").unwrap_or_default();
            let hash = sha256_hex(format!("{store} {scheme}://{bucket}/{prefix}").as_bytes());
            PathBuf::from(root).join(format!("{}-{}", name.trim_end_matches('-'), &hash[..8]))
        }
    })
}

impl Place {
    fn of(home: &Path) -> Result<Self> {
        let Some((scheme, rest)) = home.to_str().and_then(|word| word.split_once(":/")) else {
            return Ok(Self::Folder(home.into()));
        };
        if !scheme.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Ok(Self::Folder(home.into()));
        }
        let is_bucket = BUCKETS.contains(&scheme);
        let Some(rest) = rest.strip_prefix('/') else {
            // What paths of some languages make of an address.
            let rule = "an address with two slashes, such as s3://bucket/prefix; give it as text and not as a path";
            check(!is_bucket, "home", rule, home.display())?;
            return Ok(Self::Folder(home.into()));
        };
        if scheme == "file" {
            let rule = "an address of this machine, such as file:///data/home";
            check(rest.starts_with('/'), "home", rule, home.display())?;
            return Ok(Self::Folder(rest.into()));
        }
        let rest = rest.trim_end_matches('/');
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let may_be_bucket = |c: char| c.is_ascii_alphanumeric() || "-._@".contains(c);
        let is_named =
            !bucket.is_empty() && bucket.chars().all(may_be_bucket) && (prefix.is_empty() || Key::new(prefix).is_ok());
        if is_bucket && is_named {
            return Ok(Self::Bucket { scheme: scheme.into(), bucket: bucket.into(), prefix: prefix.into() });
        }
        // An address may hold a password, so it is not said again.
        let rule = "a folder, or an address such as s3://bucket/prefix, gs://bucket/prefix or az://container/prefix, without credentials";
        Err(Error::Config { field: "home", rule, got: format!("another address of {scheme}://") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(scheme: &str, bucket: &str, prefix: &str) -> Place {
        Place::Bucket { scheme: scheme.into(), bucket: bucket.into(), prefix: prefix.into() }
    }

    #[test]
    fn a_word_is_a_folder_or_an_address() {
        let folder = |word: &str| Place::Folder(word.into());
        for (word, wanted) in [
            ("stockops-home", folder("stockops-home")),
            ("/data/a b", folder("/data/a b")),
            ("C:/data", folder("C:/data")),
            ("file:///data/home", folder("/data/home")),
            ("s3://models", bucket("s3", "models", "")),
            ("s3://models/", bucket("s3", "models", "")),
            ("gs://models/a/b/", bucket("gs", "models", "a/b")),
            ("az://box/prod", bucket("az", "box", "prod")),
            (
                "abfss://box@account.dfs.core.windows.net/prod",
                bucket("abfss", "box@account.dfs.core.windows.net", "prod"),
            ),
        ] {
            assert_eq!(Place::of(Path::new(word)).unwrap(), wanted, "{word}");
        }
    }

    #[test]
    fn what_is_neither_is_refused_and_no_password_is_said_again() {
        for word in
            ["ftp://a", "s3://", "s3:///prefix", "s3://key:secret@models/a", "s3://models/../a", "s3://models?x=secret"]
        {
            let text = open(word).unwrap_err().to_string();
            assert!(text.starts_with("`home` must be a folder, or an address such as s3://bucket/prefix"), "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
        let text = open("s3:/models/a").unwrap_err().to_string();
        assert!(text.contains("give it as text and not as a path"), "{text}");
        assert!(open("file://host/data").is_err());
    }

    #[test]
    fn what_stays_here_is_named_after_the_bucket() {
        assert_eq!(local("file:///data").unwrap(), Path::new("/data"));
        let name = |word: &str| local(word).unwrap().file_name().unwrap().to_string_lossy().into_owned();
        assert!(name("s3://models").starts_with("s3-models-"));
        assert_ne!(name("gs://models/a/b"), name("gs://models/a-b"), "two homes");
        assert!(name("gs://models/a/b").starts_with("gs-models-a-b-"));
    }
}
