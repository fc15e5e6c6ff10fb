//! `serve_stdio`: a server on standard input and output, as hosts start it.

use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;
use tokio::io::{AsyncRead, AsyncWrite, duplex};
use tokio::sync::mpsc;

use super::Server;
use super::lines::{forward, speak};
use crate::error::{Error, Result};

/// Bytes that may wait between the pipes and the server.
const WAITING: usize = 64 << 10;

/// Serve on standard input and output until the client closes its end; then what still runs is stopped.
///
/// A line that is no JSON is answered with the protocol's parse error (-32700), and one that is no message with -32600; the
/// conversation goes on. Nothing else may write to standard output meanwhile: every line on it is a message.
///
/// # Errors
///
/// [`Error::Store`] where no runtime can be had or the client does not speak the protocol.
pub fn serve_stdio(server: &Server) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| problem(format!("no runtime ({error}); try again when less runs")))?;
    let served = runtime.block_on(async {
        // Pipes belong to the runtime that they are opened in.
        let (read, write) = stdio_pipes();
        serve(server, read, write).await
    });
    server.stop();
    // A blocked read of standard input must not hold up the end.
    runtime.shutdown_background();
    served
}

/// Serve whoever writes to `read`, until that ends.
async fn serve(
    server: &Server,
    read: impl AsyncRead + Send + Unpin + 'static,
    write: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<()> {
    // A pair for each way: an end that is dropped closes its pair.
    let ((heard, to_server), (from_server, said)) = (duplex(WAITING), duplex(WAITING));
    let (refusals, refused) = mpsc::channel(16);
    tokio::spawn(forward(read, to_server, refusals));
    let spoken = tokio::spawn(speak(from_server, refused, write));
    let served = match server.clone().serve((heard, said)).await {
        Ok(running) => running.waiting().await.map(drop).map_err(|error| problem(error.to_string())),
        // Who closes before he says anything wanted nothing.
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(error) => Err(problem(format!("{error}; connect with a client of the Model Context Protocol"))),
    };
    // What was answered last is still on its way.
    let _ = tokio::time::timeout(Duration::from_secs(1), spoken).await;
    served
}

fn problem(problem: String) -> Error {
    Error::Store { what: "mcp".into(), problem }
}
