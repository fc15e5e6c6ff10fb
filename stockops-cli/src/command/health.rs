//! `stockops health`: whether a server can serve, as an exit code for containers and scripts.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use super::print;
use crate::args::Common;
use crate::failure::Failure;

/// Time to connect, and for each read and write.
const PATIENCE: Duration = Duration::from_secs(4);
/// Most bytes of an answer that are read; the answer has some hundred.
const MOST: u64 = 1 << 16;

/// Ask `/readyz` of the server at `address`. It fails where nothing answers in time or the answer is not 200.
pub(super) fn run(common: &Common, address: SocketAddr) -> Result<(), Failure> {
    let cannot = |why: String| Failure::failed("server", format!("the server at {address} cannot serve: {why}"));
    let answer = ask(address).map_err(|error| cannot(error.to_string()))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        return Err(cannot(format!("it answered `{status}` {}", body.trim())));
    }
    let found: Value = serde_json::from_str(body).unwrap_or_default();
    print(common.json, &found, || words(&found))
}

/// The answer as it is, head and body. HTTP 1.0 knows no chunks, and the connection ends with the body.
fn ask(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET /readyz HTTP/1.0\r\nHost: {address}\r\n\r\n").as_bytes())?;
    let mut answer = String::new();
    stream.take(MOST).read_to_string(&mut answer)?;
    Ok(answer)
}

/// `ready: jobs up, llm off, ...`
fn words(found: &Value) -> String {
    let parts = found["parts"].as_object().into_iter().flatten();
    let parts: Vec<String> =
        parts.map(|(name, state)| format!("{name} {}", state.as_str().unwrap_or_default())).collect();
    format!("{}: {}", found["status"].as_str().unwrap_or_default(), parts.join(", "))
}
