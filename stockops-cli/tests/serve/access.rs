//! Who may call what: every route by nobody, by a key and by the admin, and what a stranger must not see.

use serde_json::{Value, json};

use crate::server::Server;

const KEYS: [(&str, &str); 2] = [("STOCKOPS_API_KEY", "alpha-key,beta-key"), ("STOCKOPS_ADMIN_KEY", "admin-key")];

#[test]
fn every_route_of_the_document_asks_for_what_the_document_says() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0 --no-limits", &KEYS);
    let document = server.ask("GET", "/openapi.json", None, None).json();
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(_, operation)| operation["x-access"].is_string())
        {
            let (method, access) = (method.to_uppercase(), operation["x-access"].as_str().unwrap());
            // Nothing that is named exists, so that whoever may call changes nothing.
            let path = path.replace("{ticker}", "NOPE").replace("{task_id}", "nope").replace("{name}", "nope");
            let status = |key| server.ask(&method, &path, key, Some(b"{}")).status;
            let (nobody, key, admin) = (status(None), status(Some("beta-key")), status(Some("admin-key")));
            let is_open = |status: u16| status != 401 && status != 403 && status != 429;
            let wanted = match access {
                "none" => (true, true, true),
                "key" => (false, true, true),
                _ => (false, false, true),
            };
            assert_eq!(
                (is_open(nobody), is_open(key), is_open(admin)),
                wanted,
                "{method} {path}: {nobody} {key} {admin}"
            );
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen} routes");
    for path in ["/app", "/app/monitor", "/assets/{name}", "/mcp", "/docs", "/openapi.json"] {
        assert!(document["paths"][path].is_object(), "{path} is a route as well");
    }
    for key in ["", "alpha", "alpha-key,beta-key", "admin-keys"] {
        assert_eq!(server.ask("GET", "/models", Some(key), None).status, 401, "`{key}`");
    }
    assert_eq!(server.ask("GET", "/models?api_key=alpha-key", None, None).status, 401);
    assert_eq!(server.ask("GET", "/not-listed", Some("admin-key"), None).status, 404);
}

#[test]
fn two_keys_do_not_see_each_others_reports_and_threads() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --no-limits", &KEYS);
    let ask = |key: &str, body: Value| server.ask("POST", "/analyze", Some(key), Some(body.to_string().as_bytes()));
    let task = server.ask("POST", "/train-child", Some("alpha-key"), Some(br#"{"ticker": "AMZN"}"#)).json();
    let task = task["task_id"].as_str().unwrap();
    while server.ask("GET", &format!("/status/{task}"), Some("alpha-key"), None).json()["status"] == "running" {
        std::thread::sleep(std::time::Duration::from_millis(200));
    }

    let begun = ask(
        "alpha-key",
        json!({"ticker": "AMZN", "as_task": true, "thread_id": "mine", "question": "What is the risk?"}),
    );
    assert_eq!(begun.status, 202, "{}", begun.body);
    let task = begun.json()["task_id"].as_str().unwrap().to_owned();
    for path in [format!("/status/{task}"), format!("/events/{task}")] {
        assert_eq!(server.ask("GET", &path, Some("beta-key"), None).status, 404);
    }
    assert_eq!(server.ask("DELETE", &format!("/jobs/{task}"), Some("beta-key"), None).status, 404);
    let jobs = server.ask("GET", "/jobs", Some("beta-key"), None);
    assert!(!jobs.body.contains(&task), "{}", jobs.body);

    while server.ask("GET", &format!("/status/{task}"), Some("alpha-key"), None).json()["status"] == "running" {
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    let eval = server.ask("GET", "/monitor/AMZN/eval", Some("beta-key"), None);
    let report = server.ask("GET", "/reports/AMZN", Some("beta-key"), None);
    assert!(!eval.body.contains("What is the risk?") && report.status == 404, "{} {}", eval.body, report.body);
    // The same word is another thread for another key: it has no turn before its first.
    let own = ask("alpha-key", json!({"ticker": "AMZN", "thread_id": "mine", "question": "And the drift?"}));
    let other = ask("beta-key", json!({"ticker": "AMZN", "thread_id": "mine", "question": "And the drift?"}));
    assert_eq!((own.status, other.status), (200, 200), "{} {}", own.body, other.body);
    assert!(!other.body.contains("What is the risk?"));
}

#[test]
fn nothing_that_is_answered_names_a_path_or_a_key_of_the_server() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0", &KEYS);
    let place = home.path().display().to_string();
    for (method, path, body) in [
        ("POST", "/predict-child", r#"{"ticker": "../../etc/passwd"}"#),
        ("POST", "/predict-child", r#"{"ticker": "NOPE", "home": "/etc", "is_admin": true}"#),
        ("POST", "/predict-child", "{"),
        ("POST", "/predict-child", "[1, 2"),
        ("POST", "/models/AMZN/promote", r#"{"version": 7}"#),
        ("GET", "/outputs/AMZN", ""),
        ("GET", "/outputs", ""),
        ("GET", "/outputs/..%2F..", ""),
        ("GET", "/models", ""),
        ("GET", "/risk/AMZN?levels=nan", ""),
        ("GET", "/forecast?tickers=", ""),
    ] {
        let answer = server.ask(method, path, Some("alpha-key"), Some(body.as_bytes()));
        assert!(answer.status < 500, "{method} {path}: {} {}", answer.status, answer.body);
        for secret in [place.as_str(), "alpha-key", "admin-key", "/home/", "src/"] {
            assert!(!answer.body.contains(secret), "{method} {path}: {}", answer.body);
        }
    }
    let logs = server.ask("GET", "/system/logs?lines=1000", Some("admin-key"), None);
    assert_eq!(logs.status, 200);
    assert!(!logs.body.contains("alpha-key") && !logs.body.contains("admin-key"));
    assert_eq!(server.ask("POST", "/analyze", Some("alpha-key"), Some(br#"{"ticker": ""}"#)).status, 400);
}

#[test]
fn a_reset_is_meant_and_tells_each_part() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0", &KEYS);
    assert_eq!(server.ask("DELETE", "/system/reset", Some("admin-key"), None).status, 400);
    let done = server.ask("DELETE", "/system/reset?confirm=reset", Some("admin-key"), None);
    assert_eq!((done.status, &done.json()["status"]), (200, &json!("completed")), "{}", done.body);
    for part in ["redis", "qdrant", "feast", "outputs"] {
        assert!(done.json()["details"][part].is_string(), "{}", done.body);
    }
    let logs = server.ask("GET", "/system/logs", Some("admin-key"), None).body;
    assert!(logs.contains("reset"), "the audit line: {logs}");
}

#[test]
fn pages_elsewhere_and_other_names_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let server = Server::start(home.path(), "--source builtin --workers 0", &[]);
    let send = |headers: &[(&str, &str)]| server.send("POST", "/train-parent", headers, None, Some(b"")).status;
    assert_eq!(send(&[("origin", "https://evil.example")]), 403);
    assert_eq!(send(&[("host", "evil.example")]), 403);
    assert_eq!(server.ask("GET", "/system/logs", None, None).status, 401);
}

#[test]
fn without_keys_it_listens_on_this_machine_alone() {
    let home = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_stockops"));
    command.current_dir(home.path()).args(["serve", "--host", "0.0.0.0", "--port", "0", "--home", "."]);
    let output = command.env_remove("STOCKOPS_API_KEY").env_remove("STOCKOPS_ADMIN_KEY").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("STOCKOPS_API_KEY"), "{output:?}");
}
