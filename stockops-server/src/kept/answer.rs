//! `Answer`: bytes as they are sent.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::hex::hex;

/// An answer as it is sent, with its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The body: ready JSON.
    pub body: Bytes,
    /// A strong `ETag` with its quotes: of the first 64 bits of the body's SHA-256.
    pub etag: String,
}

impl Answer {
    /// The answer of a body.
    pub fn new(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let hash = Sha256::digest(&body);
        let etag = format!("\"{}\"", hex(&hash[..8]));
        Self { body, etag }
    }
}
