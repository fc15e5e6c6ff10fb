//! The encoding of a text: UTF-8, UTF-16 with and without a mark, and Latin-1 as Windows writes it.

use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::origin::Origin;
use crate::error::Result;

/// Bytes at the start by which text is told from other things.
const LOOKED_AT: usize = 4096;

/// The text of `bytes`.
pub(super) fn decode(origin: Origin<'_>, bytes: Vec<u8>) -> Result<String> {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        let (text, malformed) = encoding.decode_without_bom_handling(&bytes[mark..]);
        return if malformed { Err(broken(origin, &bytes)) } else { Ok(text.into_owned()) };
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) if !text.as_bytes().contains(&0) => return Ok(text),
        Ok(text) => text.into_bytes(),
        Err(error) => error.into_bytes(),
    };
    if let Some(encoding) = without_mark(&bytes) {
        let (text, malformed) = encoding.decode_without_bom_handling(&bytes);
        if !malformed {
            return Ok(text.into_owned());
        }
    }
    if is_binary(&bytes) {
        return Err(broken(origin, &bytes));
    }
    Ok(WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned())
}

/// UTF-16 without a mark: every other byte of a table in Latin letters is zero.
fn without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(LOOKED_AT) & !1];
    if head.len() < 4 {
        return None;
    }
    let zeros =
        |first: usize| head.iter().skip(first).step_by(2).filter(|byte| **byte == 0).count() * 10 > head.len() * 4;
    match (zeros(0), zeros(1)) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// Whether control characters stand in `bytes` that no text has.
fn is_binary(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    head.iter().any(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31 | 127))
}

fn broken(origin: Origin<'_>, bytes: &[u8]) -> crate::error::Error {
    let brotli = origin.path.extension().is_some_and(|end| end == "br");
    let zero = if bytes.contains(&0) { " with zero bytes" } else { "" };
    let begin: Vec<String> = bytes.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    origin.file(if brotli {
        "packed by brotli, which is not read; unpack it to CSV first".to_owned()
    } else {
        format!(
            "neither text nor a kind of file that is known{zero} (it begins with {}): packed by brotli perhaps, which has no mark, or \
             damaged; give CSV in UTF-8, CSV.gz, zip, xlsx or Parquet",
            begin.join(" ")
        )
    })
}
