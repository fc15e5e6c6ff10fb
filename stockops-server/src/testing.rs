//! A real server of Redis, for tests: started on a free port, killed when it is dropped.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::shared::{Shared, SharedConfig};

/// A `redis-server` that keeps nothing on a disk.
pub(crate) struct Redis {
    port: u16,
    process: Child,
}

impl Redis {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { port, process: spawn(port) }
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Shared::new(self.config()).unwrap()
    }

    /// A short pause, so that tests need not wait, and a long patience with a busy machine.
    pub(crate) fn config(&self) -> SharedConfig {
        let (timeout, pause) = (Duration::from_secs(2), Duration::from_millis(200));
        SharedConfig { url: format!("redis://127.0.0.1:{}", self.port), timeout, pause, ..SharedConfig::default() }
    }

    /// A connection of the crate's own, to look at what is there.
    pub(crate) fn connection(&self) -> redis::Connection {
        redis::Client::open(self.config().url).unwrap().get_connection().unwrap()
    }

    /// End it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Start it again on the same port, empty.
    pub(crate) fn start_again(&mut self) {
        self.process = spawn(self.port);
    }

    /// Let it hang: it takes connections, and answers nothing.
    pub(crate) fn stop(&self) {
        self.signal("-STOP");
    }

    /// Let it go on.
    pub(crate) fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns when the server takes connections.
fn spawn(port: u16) -> Child {
    let process = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is on the path");
    let is_up = || {
        std::thread::sleep(Duration::from_millis(25));
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    };
    assert!((0..200).any(|_| is_up()), "redis-server does not start");
    process
}
