//! Bytes to text: what is packed is unpacked, a spreadsheet becomes text, and what is no table is named as what it is.

use std::io::{Cursor, ErrorKind, Read};

use flate2::read::MultiGzDecoder;

use super::encoding;
use super::origin::{Origin, shown};
use crate::error::Result;

/// How often something packed may be packed again.
const DEPTH: usize = 3;
/// Longer texts with more lines are no messages.
const MESSAGE_LINES: usize = 3;
const MESSAGE_LENGTH: usize = 600;

/// Packed forms that are named and not unpacked: how they begin, and their name.
const PACKED: [(&[u8], &str); 7] = [
    (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
    (&[0xfd, b'7', b'z', b'X', b'Z'], "xz"),
    (b"BZh", "bzip2"),
    (&[b'7', b'z', 0xbc, 0xaf], "7-Zip"),
    (b"Rar!", "RAR"),
    (&[0x04, 0x22, 0x4d, 0x18], "lz4"),
    (b"SQLite format 3", "SQLite"),
];

/// The text of a file's `bytes`, whatever they are packed in, of at most `most` bytes.
pub(super) fn text(origin: Origin<'_>, bytes: Vec<u8>, most: u64) -> Result<String> {
    let mut bytes = bytes;
    for _ in 0..DEPTH {
        bytes = match &bytes[..] {
            [0x1f, 0x8b, ..] => gunzip(origin, &bytes, most)?,
            [b'P', b'K', 3 | 5, 4 | 6, ..] => match zipped(origin, bytes, most)? {
                Inside::File(bytes) => bytes,
                Inside::Sheet(text) => return Ok(text),
            },
            [0xd0, 0xcf, 0x11, 0xe0, ..] => return super::sheet::text(origin, bytes),
            _ => break,
        };
    }
    if bytes.len() as u64 >= most {
        return Err(origin.too_long(most));
    }
    refuse_packed(origin, &bytes)?;
    let text = encoding::decode(origin, bytes)?;
    if text.trim().is_empty() {
        return Err(origin.file("the file is empty; it needs a header and at least one row"));
    }
    refuse_other(origin, &text)?;
    Ok(text)
}

fn gunzip(origin: Origin<'_>, bytes: &[u8], most: u64) -> Result<Vec<u8>> {
    let mut plain = Vec::new();
    match MultiGzDecoder::new(bytes).take(most).read_to_end(&mut plain) {
        Ok(_) => Ok(plain),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
            Err(origin.file("the gzip data ends early, so the file is cut short; copy or download it again"))
        }
        Err(_) => Err(origin.file("the gzip data is damaged; copy or download it again")),
    }
}

/// What is in a zip.
enum Inside {
    File(Vec<u8>),
    /// The text of a spreadsheet, which is a zip too.
    Sheet(String),
}

fn zipped(origin: Origin<'_>, bytes: Vec<u8>, most: u64) -> Result<Inside> {
    let damaged = || origin.file("the zip data is damaged or cut short; copy or download it again");
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes[..])).map_err(|_| damaged())?;
    let names: Vec<String> = archive.file_names().filter_map(|name| Some(name.ok()?.into_owned())).collect();
    if names.iter().any(|name| name == "[Content_Types].xml" || name.ends_with("content.xml")) {
        return super::sheet::text(origin, bytes).map(Inside::Sheet);
    }
    // What a Mac adds, and folders.
    let files: Vec<&String> =
        names.iter().filter(|name| !name.ends_with('/') && !name.starts_with("__MACOSX")).collect();
    let [only] = files[..] else {
        let named: Vec<&str> = files.iter().take(5).map(|name| name.as_str()).collect();
        let more = if files.len() > named.len() { ", ..." } else { "" };
        let what = if named.is_empty() { "nothing".to_owned() } else { format!("{}{more}", named.join(", ")) };
        return Err(origin.file(format!("a zip with {} files ({what}); unpack the one to read", files.len())));
    };
    let file = archive.by_name(only).map_err(|_| damaged())?;
    let mut plain = Vec::new();
    file.take(most).read_to_end(&mut plain).map_err(|_| damaged())?;
    Ok(Inside::File(plain))
}

fn refuse_packed(origin: Origin<'_>, bytes: &[u8]) -> Result<()> {
    if let Some((_, name)) = PACKED.iter().find(|(begin, _)| bytes.starts_with(begin)) {
        return Err(origin.file(format!("packed as {name}, which is not read; unpack it to CSV first")));
    }
    if bytes.starts_with(b"%PDF") {
        return Err(origin.file("a PDF, not a table; save the table as CSV"));
    }
    Ok(())
}

/// Say what a text is that is no table: a web page, JSON, or a short message of the source.
fn refuse_other(origin: Origin<'_>, text: &str) -> Result<()> {
    let start = text.trim_start();
    let lower: String = start.chars().take(200).flat_map(char::to_lowercase).collect();
    if ["<!doctype", "<html", "<head", "<?xml", "<body", "<script"].iter().any(|tag| lower.starts_with(tag)) {
        let said = title(start).map(|title| format!(" (its title is `{}`)", shown(&title))).unwrap_or_default();
        let problem =
            "a web page and not a table, as a source answers that wants a login or refuses; download the file itself";
        return Err(origin.file(format!("HTML{said}: {problem}")));
    }
    if start.starts_with(['{', '[']) {
        let said = json_message(start).map(|said| format!(" that says `{said}`")).unwrap_or_default();
        return Err(origin.file(format!("JSON{said}, and not a table; download the bars as CSV")));
    }
    let lines = text.trim().lines().count();
    let has_separator = text.contains([',', ';', '\t', '|'])
        && text.trim().lines().any(|line| line.matches([',', ';', '\t', '|']).count() > 2);
    if lines <= MESSAGE_LINES && text.len() <= MESSAGE_LENGTH && !has_separator && !is_row_of_numbers(text) {
        let said: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        return Err(
            origin.file(format!("not a table but a message: `{said}`; ask the source again later, or for other bars"))
        );
    }
    Ok(())
}

fn is_row_of_numbers(text: &str) -> bool {
    text.split_whitespace().filter(|word| super::numbers::loosely(word).is_some()).count() >= 4
        || text.split_whitespace().filter(|word| super::vocabulary::knows(&super::names::normal(word))).count() >= 2
}

fn title(page: &str) -> Option<String> {
    let lower = page.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find('<')?;
    Some(page.get(start..end)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The words of an error that a web service answers with.
fn json_message(text: &str) -> Option<String> {
    const KEYS: [&str; 8] = ["Error Message", "Information", "Note", "error", "message", "description", "detail", "s"];
    fn message(value: &serde_json::Value) -> Option<String> {
        let object = value.as_object()?;
        KEYS.iter().find_map(|key| match object.get(*key)? {
            serde_json::Value::String(text) => Some(text.chars().take(200).collect()),
            nested => message(nested),
        })
    }
    message(&serde_json::from_str(text).ok()?).or_else(|| {
        let object = serde_json::from_str::<serde_json::Value>(text).ok()?;
        object.as_object()?.values().find_map(message)
    })
}
