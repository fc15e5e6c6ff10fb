//! Replies: a document, a stream of events, or a refusal.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, unfold};
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use rmcp::RoleServer;
use rmcp::model::{ErrorCode, ErrorData, JsonRpcError, RequestId, ServerJsonRpcMessage};
use rmcp::service::RunningService;
use serde::Serialize;
use tokio::sync::mpsc::Receiver;

use crate::mcp::Server;

/// The body of a reply.
pub type ReplyBody = UnsyncBoxBody<Bytes, Infallible>;

/// How often a stream that has nothing to say shows that it lives: proxies close what is silent.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// Whether nothing follows this message.
pub(super) fn is_last(message: &ServerJsonRpcMessage) -> bool {
    matches!(message, ServerJsonRpcMessage::Response(_) | ServerJsonRpcMessage::Error(_))
}

/// A message that was heard and has no answer.
pub(super) fn accepted() -> Response<ReplyBody> {
    document(StatusCode::ACCEPTED, "text/plain", Vec::new())
}

/// A request that is none of the protocol.
pub(super) fn refused(status: StatusCode, words: &str) -> Response<ReplyBody> {
    let mut reply = document(status, "text/plain; charset=utf-8", format!("{words}\n").into_bytes());
    if status == StatusCode::METHOD_NOT_ALLOWED {
        reply.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    reply
}

/// An error of the protocol that is found before anybody is asked.
pub(super) fn failed(status: StatusCode, id: Option<RequestId>, error: ErrorData) -> Response<ReplyBody> {
    document(status, "application/json", bytes(&JsonRpcError::new(id, error)))
}

/// The whole answer at once. By the protocol of 2026, which `modern` clients speak, some errors have a status of their own.
pub(super) fn json(answer: &ServerJsonRpcMessage, modern: bool) -> Response<ReplyBody> {
    let status = match answer {
        ServerJsonRpcMessage::Error(failed) if modern => match failed.error.code {
            ErrorCode::UNSUPPORTED_PROTOCOL_VERSION | ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY => {
                StatusCode::BAD_REQUEST
            }
            ErrorCode::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
            _ => StatusCode::OK,
        },
        _ => StatusCode::OK,
    };
    document(status, "application/json", bytes(answer))
}

/// Messages as they come, the answer last; `running` ends with the stream.
pub(super) fn streamed(
    first: Option<ServerJsonRpcMessage>,
    messages: Receiver<ServerJsonRpcMessage>,
    running: RunningService<RoleServer, Server>,
) -> Response<ReplyBody> {
    let rest = unfold((messages, running), |(mut messages, running)| async move {
        let event = match tokio::time::timeout(ALIVE_EVERY, messages.recv()).await {
            Ok(message) => event(&message?),
            Err(_) => Bytes::from_static(b": still at work\n\n"),
        };
        Some((event, (messages, running)))
    });
    let frames = stream::iter(first.as_ref().map(event)).chain(rest).map(|event| Ok(Frame::data(event)));
    reply(StatusCode::OK, "text/event-stream", StreamBody::new(frames).boxed_unsync())
}

fn event(message: &ServerJsonRpcMessage) -> Bytes {
    let mut text = b"event: message\ndata: ".to_vec();
    text.extend(bytes(message));
    text.extend(b"\n\n");
    text.into()
}

fn document(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<ReplyBody> {
    reply(status, kind, Full::from(body).boxed_unsync())
}

fn reply(status: StatusCode, kind: &'static str, body: ReplyBody) -> Response<ReplyBody> {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    reply
}

/// A message of the protocol is text and numbers under names, so it can be written.
fn bytes(message: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(message).unwrap_or_default()
}
