//! A server on this machine that plays a server of models: it answers as it is told to, byte by byte, and breaks off.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// What was asked.
#[derive(Debug, Clone)]
pub struct Call {
    pub path: String,
    pub headers: String,
    pub body: Value,
}

/// What is played.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub pieces: Vec<String>,
    pub then: Then,
}

/// What follows the pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The end, as it should be.
    End,
    /// The connection is broken.
    Break,
    /// Silence, until the client leaves.
    Silence,
}

impl Reply {
    pub fn of(status: u16, kind: &str, body: impl Into<String>) -> Self {
        let headers = vec![("content-type", kind.into())];
        Self { status, headers, pieces: vec![body.into()], then: Then::End }
    }

    pub fn json(body: &Value) -> Self {
        Self::of(200, "application/json", body.to_string())
    }

    /// Events with these data.
    pub fn events(data: impl IntoIterator<Item = String>) -> Self {
        let pieces = data.into_iter().map(|data| format!("data: {data}\n\n")).collect();
        Self { pieces, ..Self::of(200, "text/event-stream", "") }
    }

    /// A stream that says `text` word by word and ends as it should.
    pub fn says(text: &str) -> Self {
        let words = text.split_inclusive(' ').map(|word| delta(&json!({"content": word})));
        Self::events(words.chain([finish("stop"), usage(100, 7), "[DONE]".into()]))
    }

    pub fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }

    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

pub fn delta(delta: &Value) -> String {
    json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
        .to_string()
}

pub fn finish(reason: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string()
}

pub fn usage(prompt: u64, answer: u64) -> String {
    json!({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": answer}}).to_string()
}

/// An answer that is not streamed.
pub fn whole(message: &Value, finish: &str) -> Reply {
    let usage = json!({"prompt_tokens": 100, "completion_tokens": 7});
    Reply::json(&json!({"choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}))
}

/// The server; it ends with the test's process.
#[derive(Debug)]
pub struct Player {
    pub address: String,
    calls: Arc<Mutex<Vec<Call>>>,
    left: Receiver<()>,
}

impl Player {
    /// Play `replies` in their order, the last again and again.
    pub fn plays(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<_> = replies.into_iter().collect();
        Self::by(move |_, before| replies[before.min(replies.len() - 1)].clone())
    }

    /// Play what `reply` says to a call and the number of calls before it.
    pub fn by(reply: impl Fn(&Call, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (calls, (leaves, left)) = (Arc::<Mutex<Vec<Call>>>::default(), channel());
        let (noted, reply) = (Arc::clone(&calls), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (noted, reply, leaves) = (Arc::clone(&noted), Arc::clone(&reply), leaves.clone());
                std::thread::spawn(move || serve(&stream, &noted, &*reply, &leaves));
            }
        });
        Self { address, calls, left }
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Wait until a client has left in the middle of an answer.
    pub fn is_left_within(&self, time: Duration) -> bool {
        self.left.recv_timeout(time).is_ok()
    }
}

fn serve(
    stream: &TcpStream,
    calls: &Mutex<Vec<Call>>,
    reply: &dyn Fn(&Call, usize) -> Reply,
    leaves: &Sender<()>,
) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut reader = BufReader::new(stream);
    loop {
        let call = read(&mut reader)?;
        let before = {
            let mut calls = calls.lock().unwrap();
            calls.push(call.clone());
            calls.len() - 1
        };
        send(stream, &reply(&call, before), leaves)?;
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Call> {
    let (mut line, mut headers) = (String::new(), String::new());
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    while reader.read_line(&mut headers).ok()? > 2 {}
    let length = headers.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Some(Call { path: line.split(' ').nth(1)?.into(), headers, body })
}

fn send(mut stream: &TcpStream, reply: &Reply, leaves: &Sender<()>) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} Played\r\ntransfer-encoding: chunked\r\n", reply.status);
    for (name, value) in &reply.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).ok()?;
    for piece in reply.pieces.iter().filter(|piece| !piece.is_empty()) {
        stream.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).ok()?;
    }
    match reply.then {
        Then::End => stream.write_all(b"0\r\n\r\n").ok(),
        Then::Break => stream.shutdown(Shutdown::Both).ok().and(None),
        Then::Silence => {
            // Reading ends when the client has closed the connection.
            let _ = stream.read(&mut [0]);
            leaves.send(()).ok().and(None)
        }
    }
}
