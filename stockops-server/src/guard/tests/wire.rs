//! What only bytes on a connection can show.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

struct Server {
    address: SocketAddr,
    metrics: Metrics,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn server(config: GuardConfig, drain: Duration) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let metrics = Metrics::new(&[]);
    let guard = Guard::new(config, Limits::new(LimitConfig::off(), Arc::new(MemoryLimiter::new())), metrics.clone());
    let router = around(routes(&guard), &guard);
    let (stop, stopped) = oneshot::channel();
    let shutdown = async { drop(stopped.await) };
    let task = tokio::spawn(async move { serve(listener, router, &guard, shutdown, drain).await });
    Server { address, metrics, stop, task }
}

impl Server {
    /// Send bytes; what comes back until the server closes the connection.
    async fn says(&self, bytes: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(bytes.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "the connection stays open after {bytes:?}");
        String::from_utf8_lossy(&answer).into_owned()
    }
}

const HEAD: &str = "Host: localhost\r\nX-API-Key: key-of-the-tests-1\r\nConnection: close\r\n";

#[tokio::test]
async fn two_lengths_smuggle_no_second_request() {
    let server = server(config(), Duration::from_secs(1)).await;
    let smuggled = "0\r\n\r\nDELETE /system/reset HTTP/1.1\r\nHost: localhost\r\nX-API-Key: admin-of-the-tests\r\n\r\n";
    for lengths in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +6\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
    ] {
        let host = "Host: localhost\r\nX-API-Key: key-of-the-tests-1\r\n";
        let answer = server.says(&format!("POST /compute HTTP/1.1\r\n{host}{lengths}\r\n{smuggled}")).await;
        // hyper reads chunks where both are there, and then closes the connection: what comes after is not heard.
        let is_both = lengths.contains("Length") && lengths.contains("chunked");
        let wanted = if is_both { "HTTP/1.1 200" } else { "HTTP/1.1 400" };
        assert!(answer.starts_with(wanted), "{lengths}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{lengths}: {answer}");
    }
}

#[tokio::test]
async fn headers_that_trickle_are_given_up() {
    let server =
        server(GuardConfig { headers_within: Duration::from_millis(200), ..config() }, Duration::from_secs(1)).await;
    let answer = server.says("GET /open HTTP/1.1\r\nHost: loc").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    // Whoever says nothing at all goes as well.
    assert_eq!(server.says("").await, "");
}

#[tokio::test]
async fn a_body_that_stops_is_given_up() {
    let server =
        server(GuardConfig { body_within: Duration::from_millis(200), ..config() }, Duration::from_secs(1)).await;
    let answer = server.says(&format!("POST /compute HTTP/1.1\r\n{HEAD}Content-Length: 10\r\n\r\nhalf")).await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains("{\"detail\":\"the body did not come in time"),
        "{answer}"
    );
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let server = server(config(), Duration::from_secs(1)).await;
    let large = format!("GET /open HTTP/1.1\r\n{HEAD}X-Large: {}\r\n\r\n", "x".repeat(1 << 20));
    for bytes in
        ["nonsense\r\n\r\n", "GET /open HTTP/9.9\r\n\r\n", "GET /open HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", &large]
    {
        let answer = server.says(bytes).await;
        assert!(
            answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 505") || answer.is_empty(),
            "{answer}"
        );
    }
    let answer = server.says("GET /open HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("one Host"), "{answer}");
}

#[tokio::test]
async fn a_path_of_dots_is_a_path_like_others() {
    let server = server(config(), Duration::from_secs(1)).await;
    for path in ["/../etc/passwd", "/%2e%2e/open", "//evil.example/open", "/open%00"] {
        let answer = server.says(&format!("GET {path} HTTP/1.1\r\n{HEAD}\r\n")).await;
        assert!(answer.starts_with("HTTP/1.1 4") && answer.contains("{\"detail\":"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn a_stop_answers_what_runs_and_does_not_wait_for_streams() {
    let server = server(config(), Duration::from_millis(500)).await;
    let mut streams = Vec::new();
    for n in 0..10 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(format!("GET /events/{n} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await.unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).await.unwrap();
        assert_eq!(&first, b"HTTP/1.1 200");
        streams.push(stream);
    }
    // A connection between two requests does not hold it up either.
    let _idle = TcpStream::connect(server.address).await.unwrap();
    server.stop.send(()).unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(10), server.task).await;
    assert!(ended.is_ok(), "ten streams hold the server up");
    let mut rest = Vec::new();
    for mut stream in streams {
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await.expect("it is cut");
    }
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn a_request_that_runs_is_answered_before_the_end_and_its_connection_is_the_last() {
    let long = Duration::from_secs(600);
    let server = server(GuardConfig { headers_within: long, ..config() }, long).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = HEAD.replace("Connection: close\r\n", "");
    stream.write_all(format!("POST /compute HTTP/1.1\r\n{head}Content-Length: 4\r\n\r\nha").as_bytes()).await.unwrap();
    while !server.metrics.text().contains("http_requests_in_progress 1") {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    stream.write_all(b"lf").await.unwrap();
    let mut answer = String::new();
    let read = stream.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the connection is kept open").unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n4"), "{answer}");
    server.task.await.unwrap();
}

#[tokio::test]
async fn more_connections_than_there_are_places_wait() {
    let server = server(GuardConfig { connections: 1, ..config() }, Duration::from_secs(1)).await;
    let holder = TcpStream::connect(server.address).await.unwrap();
    let mut waits = TcpStream::connect(server.address).await.unwrap();
    waits.write_all(format!("GET /open HTTP/1.1\r\n{HEAD}\r\n").as_bytes()).await.unwrap();
    let mut first = [0; 12];
    let early = tokio::time::timeout(Duration::from_millis(300), waits.read_exact(&mut first)).await;
    assert!(early.is_err(), "there was no place");
    drop(holder);
    waits.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 200");
}

#[tokio::test]
async fn a_stop_is_heard_while_there_is_no_place() {
    let server = server(GuardConfig { connections: 1, ..config() }, Duration::from_millis(100)).await;
    let mut holder = TcpStream::connect(server.address).await.unwrap();
    holder.write_all(b"GET /events/1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    holder.read_exact(&mut [0; 12]).await.unwrap();
    server.stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(20), server.task).await.expect("it waits for a place").unwrap();
}
