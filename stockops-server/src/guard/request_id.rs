//! The id of a request, which its answer and each of its lines in the log bear.

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::http::{HeaderMap, HeaderValue};

/// The header of the id.
pub(super) const NAME: &str = "x-request-id";

/// The id that the client gave, where it is a plain word of at most 64 characters; else a new one.
pub(super) fn of(headers: &HeaderMap) -> String {
    let given = headers.get(NAME).and_then(|value| value.to_str().ok());
    given.filter(|word| is_plain(word)).map_or_else(new, str::to_owned)
}

/// The header `traceparent` that the client gave, where it is the digits and dashes that one is made of.
pub(super) fn trace(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get("traceparent")?.to_str().ok()?;
    let is_one = given.len() <= 64 && given.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    is_one.then_some(given)
}

/// The id as a header.
pub(super) fn header(id: &str) -> HeaderValue {
    HeaderValue::from_str(id).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

fn is_plain(word: &str) -> bool {
    (1..=64).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// Different for each request of this process, and nearly surely for those of others.
fn new() -> String {
    static PROCESS: LazyLock<u32> = LazyLock::new(|| RandomState::new().hash_one(std::process::id()) as u32);
    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("{:08x}-{:08x}", *PROCESS, COUNT.fetch_add(1, Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sane_id_is_taken_over_and_another_is_replaced() {
        let of = |word: &[u8]| {
            super::of(&HeaderMap::from_iter([(NAME.parse().unwrap(), HeaderValue::from_bytes(word).unwrap())]))
        };
        assert_eq!(of(b"4711-a.b:c_D"), "4711-a.b:c_D");
        for word in [&b""[..], b"two words", b"\xff", b"a\"b", b"a{b}", &[b'a'; 65]] {
            let id = of(word);
            assert!(is_plain(&id) && id.as_bytes() != word, "{id}");
        }
        assert_ne!(new(), new());
    }
}
