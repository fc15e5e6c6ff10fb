//! A server on this machine that plays a source of news: what a test says it answers, and what it was asked.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

/// What was asked.
#[derive(Debug, Clone)]
pub struct Call {
    /// Path and query.
    pub target: String,
    /// Names in lower case with their values.
    pub headers: Vec<(String, String)>,
    /// How many calls came before.
    pub before: usize,
}

impl Call {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// Break off after so many bytes of the body.
    pub cut: Option<usize>,
    /// Stop for so long before the body.
    pub pause: Duration,
}

pub fn answer(status: u16, body: impl Into<Vec<u8>>) -> Answer {
    Answer { status, headers: Vec::new(), body: body.into(), cut: None, pause: Duration::ZERO }
}

pub fn json(body: &Value) -> Answer {
    Answer { headers: vec![("content-type", "application/json".into())], ..answer(200, body.to_string()) }
}

pub fn redirect(to: &str) -> Answer {
    Answer { headers: vec![("location", to.into())], ..answer(302, "") }
}

/// The server; it ends with the test's process.
#[derive(Debug, Clone)]
pub struct Played {
    pub address: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Played {
    pub fn start(answer: impl Fn(&Call) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let played = Self { address: format!("http://{}", listener.local_addr().unwrap()), calls: Arc::default() };
        let (own, answer) = (played.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (own, answer) = (own.clone(), Arc::clone(&answer));
                std::thread::spawn(move || own.serve(&stream, &*answer));
            }
        });
        played
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    fn serve(&self, stream: &TcpStream, answer: &dyn Fn(&Call) -> Answer) -> Option<()> {
        let mut reader = BufReader::new(stream);
        let mut request = String::new();
        reader.read_line(&mut request).ok().filter(|read| *read > 0)?;
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_lowercase(), value.trim().to_owned()));
        }
        let call = {
            let mut calls = self.calls.lock().unwrap();
            let call = Call { target: request.split(' ').nth(1)?.to_owned(), headers, before: calls.len() };
            calls.push(call.clone());
            call
        };
        send(stream, &answer(&call))
    }
}

fn send(mut stream: &TcpStream, answer: &Answer) -> Option<()> {
    let length = answer.body.len();
    let mut head = format!("HTTP/1.1 {} Played\r\nconnection: close\r\ncontent-length: {length}\r\n", answer.status);
    for (name, value) in &answer.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).ok()?;
    std::thread::sleep(answer.pause);
    stream.write_all(&answer.body[..answer.cut.unwrap_or(length).min(length)]).ok()?;
    stream.shutdown(std::net::Shutdown::Write).ok()?;
    // Closing at once would reset what is still on its way.
    stream.read_to_end(&mut Vec::new()).ok().map(|_| ())
}
