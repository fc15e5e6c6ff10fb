//! `serve_http`: a server on a port of this machine.

use std::net::SocketAddr;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tower_service::Service;

use super::{HttpService, http_service};
use crate::error::{Error, Result};
use crate::mcp::Server;

/// How long a client may take to send the head of a request.
const HEAD_WITHIN: Duration = Duration::from_secs(30);

/// Serve on `address`, under every path, until the process ends. `bound` hears where: with port 0 the system chooses.
///
/// The names of this machine are allowed, and `allowed_hosts` beside them; see [`http_service`].
///
/// # Errors
///
/// [`Error::Store`] where the address cannot be had.
pub fn serve_http(
    server: &Server,
    address: SocketAddr,
    allowed_hosts: &[String],
    bound: impl FnOnce(SocketAddr),
) -> Result<()> {
    let own = ["localhost", "127.0.0.1", "::1"].map(String::from);
    let service = http_service(server.clone(), own.into_iter().chain(allowed_hosts.iter().cloned()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| problem(address, &error))?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await.map_err(|error| problem(address, &error))?;
        bound(listener.local_addr().map_err(|error| problem(address, &error))?);
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(connection(TokioIo::new(stream), service.clone()))),
                // Such as too many open files: it passes, and a loop without a pause would make it worse.
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    })
}

async fn connection(stream: TokioIo<tokio::net::TcpStream>, service: HttpService) {
    let answered = service_fn(move |request| service.clone().call(request));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    // A client that breaks off has nobody to be told.
    let _ = http.serve_connection(stream, answered).await;
}

fn problem(address: SocketAddr, error: &std::io::Error) -> Error {
    Error::Store { what: format!("mcp at {address}"), problem: format!("{error}; choose another address or port") }
}
