//! The one thread of a process on which requests to buckets run, for callers that are synchronous.

use std::io;
use std::sync::mpsc::sync_channel;

use tokio::runtime::{Builder, Handle};

use super::per_process::PerProcess;

/// Run `request` to its end on a thread of its own, and wait for it. Unlike `block_on` it may be called on any thread, that of
/// a runtime too.
pub(super) fn wait<T, F>(request: F) -> object_store::Result<T>
where
    T: Send + 'static,
    F: Future<Output = object_store::Result<T>> + Send + 'static,
{
    let (send, receive) = sync_channel(1);
    runtime()?.spawn(async move {
        let _ = send.send(request.await);
    });
    // Nothing comes where the request panicked.
    receive.recv().unwrap_or_else(|_| Err(generic("a request ended without an answer".into())))
}

fn runtime() -> object_store::Result<Handle> {
    static HANDLE: PerProcess<Handle> = PerProcess::new();
    HANDLE.get(start).map_err(|error| generic(error.to_string()))
}

/// It lasts as long as the process.
fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let handle = runtime.handle().clone();
    let run = move || runtime.block_on(std::future::pending::<()>());
    std::thread::Builder::new().name("stockops-buckets".into()).spawn(run)?;
    Ok(handle)
}

fn generic(problem: String) -> object_store::Error {
    object_store::Error::Generic { store: "stockops", source: problem.into() }
}
