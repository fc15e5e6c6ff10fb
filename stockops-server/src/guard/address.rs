//! `Proxies`: which machines may say for whom they ask.

use std::net::IpAddr;

use axum::http::HeaderMap;
use stockops_core::{Error, Result};

/// The proxies that are trusted, as networks in CIDR. What anybody else writes into `X-Forwarded-For` is ignored.
///
/// # Example
///
/// ```
/// use stockops_server::guard::Proxies;
///
/// let proxies = Proxies::new("10.0.0.0/8, fd00::/8, 192.0.2.7")?;
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    networks: Vec<(IpAddr, u32)>,
}

impl Proxies {
    /// The networks of a list with commas between them; a bare address is a network of one.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names what is no network.
    pub fn new(list: &str) -> Result<Self> {
        let words = list.split(',').map(str::trim).filter(|word| !word.is_empty());
        Ok(Self { networks: words.map(network).collect::<Result<_>>()? })
    }

    /// The client's address: from the right of `X-Forwarded-For`, the first that is no trusted proxy, where the other end of the
    /// connection is one; else the other end of the connection.
    pub(super) fn client(&self, headers: &HeaderMap, peer: IpAddr) -> IpAddr {
        let mut client = peer.to_canonical();
        let values: Vec<&str> =
            headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
        for word in values.iter().rev().flat_map(|value| value.rsplit(',')) {
            let Some(before) = self.trusts(client).then(|| address(word)).flatten() else { break };
            client = before;
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|(network, bits)| is_in(address, *network, *bits))
    }
}

fn network(word: &str) -> Result<(IpAddr, u32)> {
    let (base, bits) = word.split_once('/').map_or((word, None), |(base, bits)| (base, Some(bits)));
    let parsed = base.parse::<IpAddr>().ok().and_then(|base| {
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some((base, bits))
    });
    let rule = "networks such as 10.0.0.0/8 or fd00::/8, commas between them";
    parsed.ok_or_else(|| Error::Config { field: "trusted_proxies", rule, got: word.into() })
}

/// An address, with a port or without.
fn address(word: &str) -> Option<IpAddr> {
    let word = word.trim();
    let parsed = word.parse().or_else(|_| word.parse::<std::net::SocketAddr>().map(|address| address.ip()));
    parsed.ok().map(|address: IpAddr| address.to_canonical())
}

fn is_in(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let same = |a: u128, b: u128, width: u32| bits == 0 || (a ^ b) >> (width - bits) == 0;
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same(a.to_bits().into(), b.to_bits().into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same(a.to_bits(), b.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, forwarded: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        Proxies::new(trusted).unwrap().client(&headers, peer.parse().unwrap()).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_named() {
        assert_eq!(client("", "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(client("10.0.0.0/8", "203.0.113.5", &["198.51.100.1"]), "203.0.113.5");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_a_client_writes_itself_stands_left_and_is_not_reached() {
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["127.0.0.1, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["127.0.0.1", "198.51.100.1, 10.9.9.9"]), "198.51.100.1");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["10.4.4.4, 10.5.5.5"]), "10.4.4.4");
        assert_eq!(client("10.0.0.0/8", "10.1.2.3", &["198.51.100.1, nonsense"]), "10.1.2.3");
    }

    #[test]
    fn forms_of_addresses_are_read() {
        assert_eq!(client("::ffff:0:0/96", "::ffff:10.0.0.1", &["198.51.100.1"]), "10.0.0.1", "an IPv4 address is one");
        assert_eq!(client("10.0.0.1", "::ffff:10.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(client("fd00::/8", "fd12::1", &["[2001:db8::7]:443"]), "2001:db8::7");
        assert_eq!(client("0.0.0.0/0", "192.0.2.1", &["198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn what_is_no_network_is_named() {
        for word in ["10.0.0.0/33", "fd00::/129", "proxy", "10.0.0.0/-1", "10.0.0/8"] {
            let error = Proxies::new(word).unwrap_err().to_string();
            assert!(
                error.starts_with("`trusted_proxies` must be networks such as") && error.ends_with(word),
                "{error}"
            );
        }
    }
}
