//! `Streams`: how many streams of events a client has open.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use hyper::body::Frame;

use crate::Fault;

const EVENTS: &str = "text/event-stream";

/// How many streams of events each client has open, and how many it may have.
#[derive(Debug, Clone)]
pub(super) struct Streams {
    open: Arc<Mutex<HashMap<String, usize>>>,
    most: usize,
}

impl Streams {
    pub(super) fn new(most: usize) -> Self {
        Self { open: Arc::default(), most }
    }

    /// 429 for a request that asks for events while its client has as many streams as it may: before any work is begun.
    pub(super) fn check(&self, client: &str, headers: &HeaderMap) -> Result<(), Fault> {
        if says(headers, ACCEPT.as_str(), EVENTS) && self.count(client) >= self.most {
            Err(self.refusal())
        } else {
            Ok(())
        }
    }

    /// Count a stream until its last byte is sent or its client is gone; other answers pass. 429 where it is one too many.
    pub(super) fn hold(&self, client: &str, response: Response) -> Result<Response, Fault> {
        if !is_stream(response.headers()) {
            return Ok(response);
        }
        let place = self.enter(client).ok_or_else(|| self.refusal())?;
        Ok(response.map(|body| Body::new(Held { body, _place: place })))
    }

    fn refusal(&self) -> Fault {
        let detail =
            format!("{} streams of events are open, and a client may have no more; close one first", self.most);
        Fault { retry_after: Some(5), ..Fault::new(StatusCode::TOO_MANY_REQUESTS, detail) }
    }

    fn enter(&self, client: &str) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(client.to_owned()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { streams: self.clone(), client: client.to_owned() })
    }

    fn count(&self, client: &str) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(client).copied().unwrap_or_default()
    }
}

/// Whether an answer is a stream of events.
pub(super) fn is_stream(headers: &HeaderMap) -> bool {
    says(headers, CONTENT_TYPE.as_str(), EVENTS)
}

fn says(headers: &HeaderMap, name: &str, word: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(word))
}

/// One stream of a client.
#[derive(Debug)]
struct Place {
    streams: Streams,
    client: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.client) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.client);
            }
        }
    }
}

/// A body that holds the place of its stream.
struct Held {
    body: Body,
    _place: Place,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        std::pin::Pin::new(&mut self.body).poll_frame(context)
    }
}
