//! `Caller`: who calls, and where a server may listen for callers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use aide::operation::OperationInput;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use stockops_core::{Error, Result};

use super::Keys;
use crate::Fault;

/// Who calls: an extension of each request that came through [`around`](super::around).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The first 8 hexadecimal digits of the key's SHA-256, for logs; `None` without a key, or with a wrong one.
    pub key_id: Option<Arc<str>>,
    /// The address of the client, behind proxies that are trusted.
    pub address: IpAddr,
    /// Whether the key is one of the admin's.
    pub is_admin: bool,
}

/// The caller as an argument of a route.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Fault> {
        let missing =
            || Fault::new(StatusCode::INTERNAL_SERVER_ERROR, "the server is not put together as it should be");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}

/// It is no part of what is sent.
impl OperationInput for Caller {}

impl Caller {
    /// One word for this client, by which its requests are counted and its things are kept: its key's id, or its address.
    /// Addresses of IPv6 count by their first 64 bits, since a client has all of these.
    pub fn client(&self) -> String {
        self.key_id.as_ref().map_or_else(|| self.network(), |id| format!("key:{id}"))
    }

    /// The address as it is counted.
    pub(super) fn network(&self) -> String {
        match self.address {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            address => address.to_string(),
        }
    }
}

/// Whether a server with these `keys` may listen on `address`: without keys on this machine's own addresses alone, unless it
/// `is_told` by name.
///
/// # Errors
///
/// [`Error::Config`] says what to set.
pub fn may_bind(address: SocketAddr, keys: &Keys, is_told: bool) -> Result<()> {
    if is_told || !keys.is_empty() || address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    let rule =
        "an address of this machine alone (127.0.0.1, ::1) as long as no key is set; set an API key and an admin key";
    Err(Error::Config { field: "host", rule, got: address.ip().to_string() })
}
