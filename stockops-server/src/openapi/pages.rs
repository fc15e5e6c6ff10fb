//! The document as pages. Scripts and styles stand in the page, and its policy lets no other script run and nothing be loaded.

use std::sync::LazyLock;

use aide::redoc::Redoc;
use aide::swagger::Swagger;
use axum::body::Bytes;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

/// What a page is answered with.
type Page = ([(HeaderName, HeaderValue); 2], Bytes);

/// A picture that redoc would fetch from its makers.
const LOGO: &str = "https://cdn.redoc.ly/redoc/logo-mini.svg";

static SWAGGER: LazyLock<Page> = LazyLock::new(|| page(Swagger::new("/openapi.json").with_title("stockops").html()));
static REDOC: LazyLock<Page> =
    LazyLock::new(|| page(Redoc::new("/openapi.json").with_title("stockops").html().replace(LOGO, "data:,")));

pub(super) async fn swagger() -> Page {
    SWAGGER.clone()
}

pub(super) async fn redoc() -> Page {
    REDOC.clone()
}

fn page(html: String) -> Page {
    let policy = HeaderValue::from_str(&policy(&html)).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    (
        [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")), (CONTENT_SECURITY_POLICY, policy)],
        html.into(),
    )
}

/// The policy of a page: the scripts that stand in it by their hashes, the document from this server, and no more. Both pages
/// write styles as they run, so these are allowed; redoc searches in a worker that it makes of its own text.
fn policy(html: &str) -> String {
    let hash = |script: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(script)));
    let hashes: Vec<String> = scripts(html).map(hash).collect();
    format!(
        "default-src 'none'; script-src {}; style-src 'unsafe-inline'; img-src 'self' data:; font-src data:; connect-src 'self'; \
         worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hashes.join(" ")
    )
}

/// The texts of the scripts of a page, one after the other: the words that begin one stand in the text of some as well.
fn scripts(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let (script, after) = rest.split_once("<script>")?.1.split_once("</script>")?;
        rest = after;
        Some(script)
    })
}
