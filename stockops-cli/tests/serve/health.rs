//! Whether a server can serve, as containers ask it, and secrets that come as files.

use std::process::{Command, Output};

use crate::server::Server;

fn health(address: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stockops")).args(["health", address, "--json"]).output().unwrap()
}

#[test]
fn a_server_that_runs_is_healthy_and_one_that_has_ended_is_not() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin", &[]);
    let address = server.address.clone();
    let answer = health(&address);
    let found: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    assert_eq!(
        (answer.status.code(), &found["status"], &found["parts"]["jobs"]),
        (Some(0), &"ready".into(), &"up".into())
    );

    drop(server);
    let answer = health(&address);
    let told = String::from_utf8(answer.stderr).unwrap();
    assert_eq!(answer.status.code(), Some(1));
    assert!(told.starts_with(&format!("error: the server at {address} cannot serve: ")), "{told}");
}

/// A port on which something else answers.
#[test]
fn what_is_no_server_of_ours_is_not_healthy() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let other = std::thread::spawn(move || {
        use std::io::{Read, Write};
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.1 503 Service Unavailable\r\n\r\n{\"status\": \"not ready\"}").unwrap();
    });
    let answer = health(&address);
    other.join().unwrap();
    let told = String::from_utf8(answer.stderr).unwrap();
    assert_eq!(answer.status.code(), Some(1));
    assert!(told.contains("503 Service Unavailable") && told.contains("not ready"), "{told}");
}

/// The address of Redis has a password, so it is a secret: its file is read, and a value beside it is refused.
#[test]
fn the_address_of_redis_may_stand_in_a_file() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("redis_url");
    std::fs::write(&file, "nowhere\n").unwrap();
    let call = |beside: Option<&str>, words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(home.path()).args(["models", "list"]).args(words).env_remove("STOCKOPS_REDIS_URL");
        command.envs(beside.map(|url| ("STOCKOPS_REDIS_URL", url))).env("STOCKOPS_REDIS_URL_FILE", &file);
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    // `nowhere` is no address, so who reads it says so.
    let (code, told) = call(None, &[]);
    assert!(code == Some(2) && told.contains("--redis"), "{code:?} {told}");
    let (code, told) = call(Some("redis://127.0.0.1:9"), &[]);
    assert!(code == Some(2) && told.contains("as a value or as a file"), "{code:?} {told}");
    // A flag goes before both.
    let (code, told) = call(None, &["--redis", "redis://127.0.0.1:9"]);
    assert_eq!(code, Some(0), "{told}");
}
