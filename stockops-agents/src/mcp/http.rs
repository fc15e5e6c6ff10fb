//! `HttpService`: the server over HTTP, one request at a time (the protocol's streamable HTTP without sessions).
//!
//! A client posts one message. A request is answered with JSON, or, where there is progress to tell or the answer takes
//! long, with a stream of events that ends with the answer. Nothing is remembered between requests, so any replica may
//! answer any of them; only tasks belong to the process that began them.

mod guard;
mod listen;
mod reply;

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use rmcp::RoleServer;
use rmcp::model::{
    ClientCapabilities, ClientJsonRpcMessage, ClientRequest, ErrorData, GetMeta, Implementation,
    InitializeRequestParams, JsonRpcRequest, ProtocolVersion,
};
use rmcp::service::serve_directly;
use rmcp::transport::OneshotTransport;

use super::{Owner, Server};
use guard::Guard;
pub use listen::serve_http;
pub use reply::ReplyBody;
use reply::{accepted, failed, json, refused, streamed};

/// Largest message, in bytes.
const LARGEST: usize = 1 << 20;

/// How long an answer may take until the head of a stream is sent.
const HEAD_AFTER: Duration = Duration::from_secs(5);

/// The version of a client that says none (by the protocol of 2025-06-18).
const SILENT: ProtocolVersion = ProtocolVersion::V_2025_03_26;

/// `server` as a tower service, to be nested under a path such as `/mcp`.
///
/// `allowed_hosts` are the names under which it may be called, with a port where only that one is meant. Every other
/// `Host` is refused, and every `Origin` of another host: a page of somebody else cannot reach a server on this machine by
/// a name of its own that points here (DNS rebinding). It does not ask who calls: whoever reaches it may ask.
///
/// # Example
///
/// ```
/// use stockops_agents::mcp::{Server, Settings, http_service};
/// use stockops_core::Stockops;
///
/// let server = Server::new(Stockops::builder().build()?, Settings::default());
/// let service = http_service(server, ["localhost", "127.0.0.1", "stockops.example:8443"]);
/// # let _ = service;
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn http_service<S: Into<String>>(server: Server, allowed_hosts: impl IntoIterator<Item = S>) -> HttpService {
    let guard = Arc::new(Guard::new(allowed_hosts.into_iter().map(Into::into)));
    HttpService { server, guard: Some(guard) }
}

/// `server` as a tower service behind a guard of its own: names and pages were checked before a request comes here, so that there is
/// one list of them. An [`Owner`] in the extensions of a request says in whose name it asks.
pub fn guarded_service(server: Server) -> HttpService {
    HttpService { server, guard: None }
}

/// A [`Server`] as a tower service; [`http_service`] and [`guarded_service`] make it. Clones share the server.
#[derive(Debug, Clone)]
pub struct HttpService {
    server: Server,
    guard: Option<Arc<Guard>>,
}

impl<B> tower_service::Service<Request<B>> for HttpService
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<ReplyBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move { Ok(service.reply(request).await) })
    }
}

impl HttpService {
    async fn reply<B>(&self, request: Request<B>) -> Response<ReplyBody>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (head, body) = request.into_parts();
        let named = self.guard.as_ref().map_or(Ok(()), |guard| guard.check(&head.uri, &head.headers));
        if let Err((status, words)) = named.and_then(|()| shape(&head)) {
            return refused(status, &words);
        }
        let Ok(body) = Limited::new(body, LARGEST).collect().await else {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, &format!("a message has at most {LARGEST} bytes"));
        };
        match serde_json::from_slice(&body.to_bytes()) {
            Ok(ClientJsonRpcMessage::Request(request)) => {
                let owner = head.extensions.get::<Owner>().cloned().unwrap_or_default();
                self.answer(request, &head.headers, owner).await
            }
            // What a client tells or takes back needs a session, and there are none.
            Ok(_) => accepted(),
            Err(error) => failed(StatusCode::BAD_REQUEST, None, ErrorData::parse_error(error.to_string(), None)),
        }
    }

    async fn answer(
        &self,
        request: JsonRpcRequest<ClientRequest>,
        headers: &HeaderMap,
        owner: Owner,
    ) -> Response<ReplyBody> {
        let version = match version(&request, headers) {
            Ok(version) => version,
            Err(error) => return failed(StatusCode::BAD_REQUEST, Some(request.id), error),
        };
        // Versions are days, so their words are in order.
        let modern = version.as_str() >= ProtocolVersion::V_2026_07_28.as_str();
        let client = Implementation::new("unnamed", "0");
        let peer = InitializeRequestParams::new(ClientCapabilities::default(), client).with_protocol_version(version);
        let (transport, mut messages) = OneshotTransport::<RoleServer>::new(ClientJsonRpcMessage::Request(request));
        // It stops what it does when it is dropped: with this future or with the body, when the client goes away.
        let running = serve_directly(self.server.asked_by(owner), transport, Some(peer));
        match tokio::time::timeout(HEAD_AFTER, messages.recv()).await {
            Ok(Some(first)) if reply::is_last(&first) => json(&first, modern),
            Ok(first) => streamed(first, messages, running),
            Err(_) => streamed(None, messages, running),
        }
    }
}

/// Whether it is a message of the protocol by its head.
fn shape(head: &http::request::Parts) -> Result<(), (StatusCode, String)> {
    if head.method != Method::POST {
        return Err((
            StatusCode::METHOD_NOT_ALLOWED,
            "post a message; there are no sessions to listen to or to end".into(),
        ));
    }
    let says = |name, word: &str| {
        head.headers.get_all(name).iter().any(|value| value.to_str().is_ok_and(|text| text.contains(word)))
    };
    if !says(CONTENT_TYPE, "application/json") {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "the Content-Type of a message is application/json".into()));
    }
    let takes = |word| says(ACCEPT, word) || says(ACCEPT, "*/*");
    if !(takes("application/json") && takes("text/event-stream")) {
        let words = "a client has to Accept application/json and text/event-stream";
        return Err((StatusCode::NOT_ACCEPTABLE, words.into()));
    }
    Ok(())
}

/// The version that the client speaks. Headers that repeat what stands in the message must say the same, so that who looks
/// at headers alone is not misled.
fn version(request: &JsonRpcRequest<ClientRequest>, headers: &HeaderMap) -> Result<ProtocolVersion, ErrorData> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("mcp-method").is_some_and(|method| method != request.request.method()) {
        return Err(ErrorData::header_mismatch("the header Mcp-Method names another method than the message", None));
    }
    if let ClientRequest::InitializeRequest(initialize) = &request.request {
        return Ok(initialize.params.protocol_version.clone());
    }
    let said = header("mcp-protocol-version").map(|word| {
        let known = ProtocolVersion::KNOWN_VERSIONS.iter().find(|version| version.as_str() == word);
        known.cloned().ok_or_else(|| {
            let word: String = word.chars().take(40).collect();
            ErrorData::invalid_request(format!("protocol version `{word}` is not known here"), None)
        })
    });
    let said = said.transpose()?;
    match (request.request.get_meta().protocol_version(), said) {
        (Some(inner), Some(outer)) if inner != outer => {
            Err(ErrorData::header_mismatch("the header MCP-Protocol-Version differs from that of the message", None))
        }
        (inner, outer) => Ok(inner.or(outer).unwrap_or(SILENT)),
    }
}
