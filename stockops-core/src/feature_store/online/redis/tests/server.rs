//! A real server of Redis, for tests: started on a free port, killed when it is dropped.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::super::{RedisConfig, RedisOnline};

/// A `redis-server` that keeps nothing on a disk.
pub(in super::super) struct Server {
    port: u16,
    process: Child,
    options: Vec<&'static str>,
}

impl Server {
    pub(in super::super) fn start() -> Self {
        Self::with(&[])
    }

    /// With options of its command.
    pub(in super::super) fn with(options: &[&'static str]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { port, process: spawn(port, options), options: options.to_vec() }
    }

    pub(in super::super) fn config(&self) -> RedisConfig {
        let url = format!("redis://127.0.0.1:{}", self.port);
        RedisConfig { url, timeout: Duration::from_secs(2), ..RedisConfig::default() }
    }

    pub(in super::super) fn store(&self) -> RedisOnline {
        RedisOnline::new(&self.config()).unwrap()
    }

    /// A connection of the crate's own, to look at what is there.
    pub(in super::super) fn connection(&self) -> redis::Connection {
        redis::Client::open(self.config().url).unwrap().get_connection().unwrap()
    }

    /// End it as `kill -9` does.
    pub(in super::super) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Start it again on the same port, empty.
    pub(in super::super) fn start_again(&mut self) {
        self.process = spawn(self.port, &self.options);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns when the server takes connections.
fn spawn(port: u16, options: &[&str]) -> Child {
    let port_word = port.to_string();
    let process = Command::new("redis-server")
        .args(["--port", &port_word, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .args(options)
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is on the path");
    let is_up = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(
        (0..200).any(|_| is_up() || {
            std::thread::sleep(Duration::from_millis(25));
            false
        }),
        "redis-server does not start"
    );
    process
}
