//! `Origins`: under which names the server may be called, and from which pages.
//!
//! A page elsewhere can make a browser call a server on this machine: under a name of its own that it lets point here (DNS
//! rebinding), or straight away. The first is seen in `Host`, the second in `Origin`, `Sec-Fetch-Site` and `Referer`.

use std::net::IpAddr;

use axum::http::header::{HOST, ORIGIN, REFERER};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use stockops_core::{Error, Result};

use crate::Fault;

/// Under which names the server may be called, and which pages elsewhere may call it.
///
/// `localhost` and every address in numbers is a name that nobody can point elsewhere; other names are listed. `*` allows every name:
/// for a server behind a proxy that checks them. No page elsewhere may call unless its origin is listed.
///
/// # Example
///
/// ```
/// use stockops_server::guard::Origins;
///
/// let origins = Origins::new("stocks.example, api", "https://dashboard.example")?;
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins {
    hosts: Vec<String>,
    pages: Vec<String>,
}

impl Origins {
    /// Names of this server, with or without a port, and origins of pages elsewhere (`https://name`, a port where it is not the
    /// usual one); commas between them.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names what is neither.
    pub fn new(hosts: &str, pages: &str) -> Result<Self> {
        let words = |list: &str| -> Vec<String> {
            list.split(',').map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect()
        };
        let (hosts, pages) = (words(hosts), words(pages));
        let is_host =
            |host: &&String| *host == "*" || host.parse::<Authority>().is_ok_and(|name| !name.as_str().contains('@'));
        if let Some(got) = hosts.iter().find(|host| !is_host(host)) {
            let rule = "names of this server, such as stocks.example or api:8000, or *; commas between them";
            return Err(Error::Config { field: "allowed_hosts", rule, got: got.clone() });
        }
        if let Some(got) = pages.iter().find(|page| origin(page).as_ref() != Some(page)) {
            let rule = "origins of pages, such as https://dashboard.example, without a path; commas between them";
            return Err(Error::Config { field: "cors_origins", rule, got: got.clone() });
        }
        Ok(Self { hosts, pages })
    }

    /// The names of this server beside those of this machine.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(String::as_str)
    }

    /// 403 for a request under another name, and for one that a page elsewhere makes; 400 for a request without one `Host`.
    pub(super) fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Fault> {
        let host = host(uri, headers)?;
        if !self.is_ours(&host) {
            return Err(forbidden("this server is not called by that name; an allowed one has to be set"));
        }
        if self.is_own_or_listed(method, &host, headers) {
            return Ok(());
        }
        Err(forbidden("a page of another origin may not call this server"))
    }

    /// The origin of a listed page that asks, as it wrote itself.
    pub(super) fn listed<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let origin = headers.get(ORIGIN)?.to_str().ok()?;
        self.pages.iter().any(|page| page.eq_ignore_ascii_case(origin)).then_some(origin)
    }

    fn is_ours(&self, host: &Authority) -> bool {
        let (name, whole) = (host.host().to_ascii_lowercase(), host.as_str().to_ascii_lowercase());
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        let is_local = name == "localhost" || name.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok();
        is_local || self.hosts.iter().any(|listed| listed == "*" || *listed == whole || *listed == name)
    }

    fn is_own_or_listed(&self, method: &Method, host: &Authority, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        if self.listed(headers).is_some() {
            return true;
        }
        if let Some(page) = text(ORIGIN.as_str()) {
            return is_same(page, host);
        }
        // Newer browsers say so even where they name no origin. A link that somebody follows to a page of ours is no call.
        match text("sec-fetch-site") {
            Some("same-origin" | "none") => return true,
            Some(_) => {
                return method == Method::GET
                    && text("sec-fetch-mode") == Some("navigate")
                    && text("sec-fetch-dest") == Some("document");
            }
            None => {}
        }
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        reads || text(REFERER.as_str()).is_none_or(|page| is_same(page, host))
    }
}

fn forbidden(detail: &str) -> Fault {
    Fault::new(StatusCode::FORBIDDEN, detail)
}

/// The one name that a request is under.
fn host(uri: &Uri, headers: &HeaderMap) -> Result<Authority, Fault> {
    let bad = || Fault::new(StatusCode::BAD_REQUEST, "a request needs one Host, the name of the server");
    let mut named = headers.get_all(HOST).iter();
    let (first, second) = (named.next(), named.next());
    if second.is_some() {
        return Err(bad());
    }
    let named = first.map(|value| value.to_str().ok().and_then(|text| text.parse::<Authority>().ok()).ok_or_else(bad));
    let named = named.transpose()?;
    match (uri.authority(), named) {
        (Some(address), Some(named)) if *address != named => Err(bad()),
        (Some(address), _) => Ok(address.clone()),
        (None, Some(named)) if !named.as_str().contains('@') => Ok(named),
        _ => Err(bad()),
    }
}

/// Whether a page is one of this host and port.
fn is_same(page: &str, host: &Authority) -> bool {
    let Some(page) = page.parse::<Uri>().ok() else { return false };
    let Some(authority) = page.authority() else { return false };
    let port = |port: Option<u16>, scheme: Option<&str>| port.unwrap_or(if scheme == Some("https") { 443 } else { 80 });
    // A proxy in front may speak TLS, so the scheme of the page is that of the host.
    authority.host().eq_ignore_ascii_case(host.host())
        && port(authority.port_u16(), page.scheme_str()) == port(host.port_u16(), page.scheme_str())
}

/// `scheme://authority` of an address, and nothing else of it.
fn origin(page: &str) -> Option<String> {
    let uri = page.parse::<Uri>().ok()?;
    Some(format!("{}://{}", uri.scheme_str()?, uri.authority()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(origins: &Origins, method: &str, headers: &[(&'static str, &str)]) -> u16 {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        let method = method.parse().unwrap();
        origins.check(&method, &Uri::from_static("/risk/GOOG"), &map).map_or_else(|no| no.status.as_u16(), |()| 200)
    }

    #[test]
    fn a_name_that_somebody_may_point_here_is_refused() {
        let origins = Origins::new("Stocks.example, api:8000", "").unwrap();
        for host in [
            "localhost",
            "LocalHost:8000",
            "a.localhost",
            "127.0.0.1:1",
            "[::1]:8000",
            "192.0.2.1",
            "stocks.example:9",
            "api:8000",
        ] {
            assert_eq!(status(&origins, "GET", &[("host", host)]), 200, "{host}");
        }
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "api", "api:80", "xlocalhost"]
        {
            assert_eq!(status(&origins, "GET", &[("host", host)]), 403, "{host}");
        }
        for host in ["", "a b", "evil.example@localhost", "localhost/x"] {
            assert_eq!(status(&origins, "GET", &[("host", host)]), 400, "{host}");
        }
        assert_eq!(status(&origins, "GET", &[("host", "localhost"), ("host", "localhost")]), 400);
        assert_eq!(status(&origins, "GET", &[]), 400);
        let any = Origins::new("*", "").unwrap();
        assert_eq!(status(&any, "GET", &[("host", "evil.example")]), 200);
    }

    #[test]
    fn a_page_elsewhere_drives_nothing() {
        let none = Origins::default();
        let with = |method: &str, headers: &[(&'static str, &str)]| {
            status(&none, method, &[&[("host", "127.0.0.1:8000")], headers].concat())
        };
        assert_eq!(with("POST", &[("origin", "http://127.0.0.1:8000")]), 200);
        for origin in ["http://127.0.0.1:3000", "http://localhost:8000", "http://evil.example", "null", "", "file://"] {
            assert_eq!(with("POST", &[("origin", origin)]), 403, "{origin}");
            assert_eq!(with("GET", &[("origin", origin)]), 403, "{origin}");
        }
        assert_eq!(with("GET", &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "no-cors")]), 403, "an image");
        assert_eq!(with("GET", &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "no-cors")]), 403, "another port");
        let link = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        assert_eq!(with("GET", &link), 200, "a link that is followed");
        assert_eq!(with("POST", &link), 403, "a form");
        let frame = [("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe")];
        assert_eq!(with("GET", &frame), 403);
        assert_eq!(with("POST", &[("sec-fetch-site", "same-origin")]), 200);
        assert_eq!(with("POST", &[("referer", "http://evil.example/page")]), 403, "an old browser");
        assert_eq!(with("POST", &[("referer", "http://127.0.0.1:8000/page")]), 200);
        assert_eq!(with("POST", &[]), 200, "no browser");
    }

    #[test]
    fn a_listed_origin_is_let_in_and_nothing_like_it() {
        let origins = Origins::new("", "https://dash.example, http://localhost:3000").unwrap();
        let from = |origin: &str| status(&origins, "POST", &[("host", "localhost:8000"), ("origin", origin)]);
        assert_eq!(from("https://dash.example"), 200);
        assert_eq!(from("http://localhost:3000"), 200);
        for origin in
            ["http://dash.example", "https://dash.example.evil", "https://dash.example:8443", "https://x.dash.example"]
        {
            assert_eq!(from(origin), 403, "{origin}");
        }
        for page in ["dash.example", "https://dash.example/", "https://dash.example/x", "*"] {
            let error = Origins::new("", page).unwrap_err().to_string();
            assert!(error.starts_with("`cors_origins` must be origins of pages"), "{error}");
        }
        assert!(Origins::new("a b", "").unwrap_err().to_string().starts_with("`allowed_hosts` must be names"));
    }

    #[test]
    fn the_usual_port_may_be_left_out() {
        let origins = Origins::new("stocks.example", "").unwrap();
        let from = |host: &str, origin: &str| status(&origins, "POST", &[("host", host), ("origin", origin)]);
        assert_eq!(from("stocks.example", "https://stocks.example"), 200);
        assert_eq!(from("stocks.example:443", "https://stocks.example"), 200);
        assert_eq!(from("stocks.example:80", "http://stocks.example"), 200);
        assert_eq!(from("stocks.example:8443", "https://stocks.example"), 403);
    }
}
