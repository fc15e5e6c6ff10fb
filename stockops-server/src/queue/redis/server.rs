//! A real server of Redis, for tests: started on a free port, killed when it is dropped.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A `redis-server` that keeps what it acknowledged in a folder.
pub(crate) struct Server {
    port: u16,
    folder: tempfile::TempDir,
    process: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        Self { process: spawn(port, &folder), port, folder }
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// End it as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Start it again on the same port, with what it had.
    pub(crate) fn start_again(&mut self) {
        self.process = spawn(self.port, &self.folder);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Returns when the server takes connections.
fn spawn(port: u16, folder: &tempfile::TempDir) -> Child {
    let process = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
        .args(["--appendonly", "yes", "--appendfsync", "everysec", "--dir"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-server is on the path");
    let is_up = || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    let came_up = (0..400).any(|_| {
        std::thread::sleep(Duration::from_millis(25));
        is_up()
    });
    assert!(came_up, "redis-server does not start");
    process
}
