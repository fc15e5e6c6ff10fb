//! `asset`: scripts, style and icon, compiled in, under names that hold the hash of their content.

use std::sync::LazyLock;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::hex::hex;
use stockops_core::chart::STYLE;

/// A file of the pages.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Its content.
    pub bytes: Bytes,
    /// Its type, such as `text/css; charset=utf-8`.
    pub content_type: &'static str,
    /// Its entity tag, quotes within: the hash of its content.
    pub etag: String,
    /// How long it may be kept: for ever under a name that holds its hash, and asked for anew under its plain name.
    pub cache_control: &'static str,
}

/// A file before it has its hash.
struct File {
    name: &'static str,
    hashed: String,
    bytes: Bytes,
    etag: String,
}

/// Modules stand after those that they import, so that their imports can name the hashes of these.
static FILES: LazyLock<Vec<File>> = LazyLock::new(|| {
    let style = format!("{STYLE}{}", include_str!("../../assets/app.css"));
    let plain = [
        ("app.css", style),
        ("icon.svg", include_str!("../../assets/icon.svg").to_owned()),
        ("net.js", include_str!("../../assets/net.js").to_owned()),
        ("chart.js", include_str!("../../assets/chart.js").to_owned()),
        ("markdown.js", include_str!("../../assets/markdown.js").to_owned()),
        ("page.js", include_str!("../../assets/page.js").to_owned()),
        ("app.js", include_str!("../../assets/app.js").to_owned()),
        ("monitor.js", include_str!("../../assets/monitor.js").to_owned()),
    ];
    plain.into_iter().fold(Vec::new(), |mut files, (name, text)| {
        let with_hashes =
            |text: String, file: &File| text.replace(&format!("'./{}'", file.name), &format!("'./{}'", file.hashed));
        let file = File::new(name, files.iter().fold(text, with_hashes));
        files.push(file);
        files
    })
});

impl File {
    fn new(name: &'static str, text: String) -> Self {
        let hash = hex(&Sha256::digest(&text)[..8]);
        let (stem, kind) = name.split_once('.').unwrap_or((name, ""));
        Self { name, hashed: format!("{stem}-{hash}.{kind}"), bytes: text.into(), etag: format!("\"{hash}\"") }
    }
}

/// The file `name`, under its plain name or under the one with its hash, such as `app.css`; `None` where there is none.
///
/// # Example
///
/// ```
/// use stockops_server::pages::asset;
///
/// let style = asset("app.css").unwrap();
/// assert_eq!(style.content_type, "text/css; charset=utf-8");
/// assert!(asset("../Cargo.toml").is_none());
/// ```
pub fn asset(name: &str) -> Option<Asset> {
    let file = FILES.iter().find(|file| file.name == name || file.hashed == name)?;
    let content_type = match file.name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
    let kept = file.hashed == name;
    let cache_control = if kept { "public, max-age=31536000, immutable" } else { "no-cache" };
    Some(Asset { bytes: file.bytes.clone(), content_type, etag: file.etag.clone(), cache_control })
}

/// The address of the file `name`, its hash within.
pub(super) fn address(name: &str) -> String {
    let file = FILES.iter().find(|file| file.name == name);
    format!("/assets/{}", file.map_or(name, |file| &file.hashed))
}
