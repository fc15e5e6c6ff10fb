//! `serve`: connections, which may be only so many, and whose headers may be only so slow.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower::ServiceExt;

use super::Guard;

/// Serve `router` on `listener` until `shutdown` ends. Then no request is taken any more, those that run are answered, and what is
/// still open after `drain` is cut: streams of events would never end by themselves.
///
/// It speaks HTTP/1.1. `axum::serve` sets no limit on how long headers may take, which is why this is here.
///
/// # Errors
///
/// Where the listener fails for good. A connection that fails ends alone.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    guard: &Guard,
    shutdown: impl Future<Output = ()>,
    drain: Duration,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(guard.0.config.connections));
    let (closing, _) = watch::channel(());
    let mut open = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { break };
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of file handles, or a client that left at once: others go on.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut shutdown => break,
        };
        let connection = answer(stream, router.clone(), guard.0.config.headers_within, closing.subscribe());
        open.spawn(async move {
            connection.await;
            drop(place);
        });
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    let _ = closing.send(());
    if tokio::time::timeout(drain, async { while open.join_next().await.is_some() {} }).await.is_err() {
        tracing::warn!(open = open.len(), "connections that were still open are cut");
    }
    Ok(())
}

/// Answer what comes on one connection, one request after another, until it is closed.
async fn answer(stream: TcpStream, router: Router, headers_within: Duration, mut closing: watch::Receiver<()>) {
    let Ok(peer) = stream.peer_addr() else { return };
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(headers_within).max_headers(100);
    let connection = http.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // What goes wrong on a connection is its client's.
        _ = connection.as_mut() => return,
        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
