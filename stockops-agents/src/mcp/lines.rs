//! Lines of standard input and output: what is a message goes to the server, what is none is answered at once.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

/// Longest line, in bytes.
const LONGEST: u64 = 16 << 20;

/// Pass the messages of `read` on to `server`, and the answers to other lines to `refusals`, until either end closes.
pub(super) async fn forward(
    read: impl AsyncRead + Unpin,
    mut server: impl AsyncWrite + Unpin,
    refusals: mpsc::Sender<String>,
) {
    let mut lines = BufReader::new(read);
    let mut line = Vec::new();
    loop {
        line.clear();
        match (&mut lines).take(LONGEST).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) if line.trim_ascii().is_empty() => {}
            Ok(_) => match refusal(&line) {
                None => {
                    line.extend(if line.ends_with(b"\n") { &b""[..] } else { b"\n" });
                    if server.write_all(&line).await.is_err() {
                        return;
                    }
                }
                Some(answer) => {
                    if refusals.send(answer).await.is_err() {
                        return;
                    }
                }
            },
        }
    }
}

/// Write what the server says and what was refused, line by line, until the server is done.
pub(super) async fn speak(
    server: impl AsyncRead + Unpin,
    mut refusals: mpsc::Receiver<String>,
    mut write: impl AsyncWrite + Unpin,
) {
    let mut said = BufReader::new(server).lines();
    let mut open = true;
    loop {
        let line = tokio::select! {
            line = said.next_line() => match line {
                Ok(Some(line)) => line,
                Ok(None) | Err(_) => return,
            },
            line = refusals.recv(), if open => match line {
                Some(line) => line,
                None => {
                    open = false;
                    continue;
                }
            },
        };
        if write.write_all(format!("{line}\n").as_bytes()).await.is_err() || write.flush().await.is_err() {
            return;
        }
    }
}

/// The answer to a line that is no message; none where it is one.
fn refusal(line: &[u8]) -> Option<String> {
    // A mark of the byte order may stand in front.
    let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    let (code, message) = match serde_json::from_slice::<Value>(text) {
        Ok(Value::Object(message)) if message.get("jsonrpc").is_some_and(|version| version == "2.0") => return None,
        Ok(_) => (-32600, "Invalid Request: a line is one object of JSON-RPC 2.0".to_owned()),
        Err(error) => (-32700, format!("Parse error: {error}")),
    };
    Some(json!({"jsonrpc": "2.0", "id": null, "error": {"code": code, "message": message}}).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_message_is_answered_and_the_rest_goes_on() {
        let sent = b"not json\n\n[1, 2]\n{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\n{\"cut";
        let (refusals, mut refused) = mpsc::channel(16);
        let mut passed = Vec::new();
        forward(&sent[..], &mut passed, refusals).await;
        assert_eq!(String::from_utf8(passed).unwrap(), "{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"ping\"}\n");
        for code in [-32700, -32600, -32700] {
            let answer: Value = serde_json::from_str(&refused.recv().await.unwrap()).unwrap();
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &code.into()));
        }
        assert!(refused.recv().await.is_none());
    }

    #[tokio::test]
    async fn answers_and_refusals_are_whole_lines() {
        let (refusals, refused) = mpsc::channel(16);
        refusals.send("{\"id\":null}".into()).await.unwrap();
        drop(refusals);
        let (server, mut said) = tokio::io::duplex(64);
        let speaking = tokio::spawn(async move {
            let mut written = Vec::new();
            speak(server, refused, &mut written).await;
            written
        });
        said.write_all(b"{\"id\"").await.unwrap();
        tokio::task::yield_now().await;
        said.write_all(b":1}\n").await.unwrap();
        drop(said);
        let written = String::from_utf8(speaking.await.unwrap()).unwrap();
        let mut lines: Vec<&str> = written.lines().collect();
        lines.sort_unstable();
        assert_eq!(lines, ["{\"id\":1}", "{\"id\":null}"]);
    }
}
