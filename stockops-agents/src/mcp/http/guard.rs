//! `Guard`: by which names a server may be called.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

/// The names under which a server may be called.
#[derive(Debug)]
pub(super) struct Guard {
    allowed: Vec<String>,
}

impl Guard {
    pub(super) fn new(allowed: impl Iterator<Item = String>) -> Self {
        Self { allowed: allowed.map(|name| name.trim().to_ascii_lowercase()).collect() }
    }

    /// An error for a call by another name, and for one from a page of another host.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Result<(), (StatusCode, String)> {
        let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let named = headers.get_all(HOST).iter().map(text);
        let called: Vec<String> = uri.authority().map(Authority::to_string).into_iter().chain(named).collect();
        if called.is_empty() || headers.get_all(HOST).iter().count() > 1 {
            return Err((StatusCode::BAD_REQUEST, "a request needs one Host".into()));
        }
        for host in called {
            match host.parse::<Authority>() {
                Ok(host) if self.is_ours(&host) => {}
                Ok(host) => {
                    return Err((StatusCode::FORBIDDEN, format!("the host {} is not allowed here", host.host())));
                }
                Err(_) => {
                    return Err((StatusCode::BAD_REQUEST, "the Host of a request is the name of a server".into()));
                }
            }
        }
        // A browser says from which page it calls; other clients say nothing.
        let Some(origin) = headers.get(ORIGIN) else { return Ok(()) };
        match text(origin).parse::<Uri>().ok().as_ref().and_then(Uri::authority) {
            Some(page) if self.allows(page) => Ok(()),
            _ => Err((StatusCode::FORBIDDEN, "a page of this origin may not call here".into())),
        }
    }

    /// An address in numbers is a name that nobody can point elsewhere, and `*` allows every name.
    fn is_ours(&self, called: &Authority) -> bool {
        let host = called.host().to_ascii_lowercase();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_address = bare.parse::<IpAddr>().is_ok() && !called.as_str().contains('@');
        is_address || self.allowed.iter().any(|name| name == "*") || self.allows(called)
    }

    /// Whether it is one of the names that are listed.
    fn allows(&self, called: &Authority) -> bool {
        let (host, whole) = (called.host().to_ascii_lowercase(), called.as_str().to_ascii_lowercase());
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        self.allowed.iter().any(|name| *name == whole || *name == host || name == bare)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(host: &str, origin: Option<&str>) -> u16 {
        let guard = Guard::new(["localhost", "::1", "Stockops.example:8443"].map(String::from).into_iter());
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        guard.check(&Uri::from_static("/mcp"), &headers).map_or_else(|(status, _)| status.as_u16(), |()| 200)
    }

    #[test]
    fn it_may_be_called_by_its_own_names_alone() {
        for host in ["localhost", "LOCALHOST:8080", "[::1]:8080", "stockops.example:8443"] {
            assert_eq!(status(host, None), 200, "{host}");
        }
        let strange = [
            "evil.example",
            "localhost.evil.example",
            "stockops.example",
            "stockops.example:80",
            "localhost@evil.example",
        ];
        for host in strange {
            assert_eq!(status(host, None), 403, "{host}");
        }
        assert_eq!(status("", None), 400);
    }

    #[test]
    fn an_address_in_numbers_is_ours_and_a_star_allows_all() {
        assert_eq!(status("192.0.2.1:8000", None), 200);
        assert_eq!(status("[2001:db8::1]", None), 200);
        assert_eq!(status("192.0.2.1.evil.example", None), 403);
        assert_eq!(
            status("192.0.2.1:8000", Some("http://192.0.2.7")),
            403,
            "a page is asked for its name all the same"
        );
        let any = Guard::new(std::iter::once("*".to_owned()));
        let headers = HeaderMap::from_iter([(HOST, "evil.example".parse().unwrap())]);
        assert!(any.check(&Uri::from_static("/mcp"), &headers).is_ok());
    }

    #[test]
    fn a_page_of_another_host_may_not_call() {
        assert_eq!(status("localhost", Some("http://localhost:3000")), 200);
        for origin in ["http://evil.example", "null", "file://", "https://localhost.evil.example"] {
            assert_eq!(status("localhost", Some(origin)), 403, "{origin}");
        }
    }

    #[test]
    fn an_address_in_full_hides_no_host() {
        let guard = Guard::new(std::iter::once("localhost".to_owned()));
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "evil.example".parse().unwrap());
        for address in ["http://localhost/mcp", "http://evil.example/mcp"] {
            assert_eq!(guard.check(&address.parse().unwrap(), &headers).unwrap_err().0, StatusCode::FORBIDDEN);
        }
        assert!(guard.check(&"http://localhost/mcp".parse().unwrap(), &HeaderMap::new()).is_ok());
    }

    #[test]
    fn two_hosts_are_none() {
        let guard = Guard::new(std::iter::once("localhost".to_owned()));
        let mut headers = HeaderMap::new();
        headers.append(HOST, "localhost".parse().unwrap());
        headers.append(HOST, "evil.example".parse().unwrap());
        assert_eq!(guard.check(&Uri::from_static("/"), &headers).unwrap_err().0, StatusCode::BAD_REQUEST);
    }
}
