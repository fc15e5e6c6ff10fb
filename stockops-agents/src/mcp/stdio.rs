//! `serve_stdio`: a server on standard input and output, as hosts start it.

use rmcp::ServiceExt;
use rmcp::service::ServerInitializeError;
use rmcp::transport::stdio_pipes;

use super::Server;
use crate::error::{Error, Result};

/// Serve on standard input and output until the client closes its end; then what still runs is stopped.
///
/// Nothing else may write to standard output meanwhile: every line on it is a message.
///
/// # Errors
///
/// [`Error::Store`] where no runtime can be had or the client does not speak the protocol.
pub fn serve_stdio(server: &Server) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| problem(format!("no runtime ({error}); try again when less runs")))?;
    let served = runtime.block_on(async {
        match server.clone().serve(stdio_pipes()).await {
            Ok(running) => running.waiting().await.map(drop).map_err(|error| problem(error.to_string())),
            // Who closes before he says anything wanted nothing.
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(problem(format!("{error}; connect with a client of the Model Context Protocol"))),
        }
    });
    server.stop();
    // A blocked read of standard input must not hold up the end.
    runtime.shutdown_background();
    served
}

fn problem(problem: String) -> Error {
    Error::Store { what: "mcp".into(), problem }
}
