use std::process::{Child, Command, Stdio};

use super::*;
use crate::cache::conformance::{conformance, entry, wanted};

/// The file that a process of [`a_writer`] writes to, and the name before its questions.
const FILE: &str = "STOCKOPS_TEST_ANSWERS";
const NAME: &str = "STOCKOPS_TEST_WRITER";

fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("answers.sqlite");
    (folder, path)
}

/// This test program once more, as a process that writes; it ends with the test.
struct Writer(Child);

impl Writer {
    fn start(path: &Path, name: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "cache::sqlite::tests::a_writer", "--ignored"])
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self(command.env(FILE, path).env(NAME, name).spawn().unwrap())
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// Not a test: it writes answers until it is killed or 25 are written.
#[tokio::test]
#[ignore = "run by the tests that want several processes"]
async fn a_writer() {
    let (Ok(path), Ok(name)) = (std::env::var(FILE), std::env::var(NAME)) else { return };
    let store = SqliteAnswers::open(path).await.unwrap();
    for i in 0.. {
        if i == 25 && !name.starts_with("endless") {
            return;
        }
        // Large enough that a write is not done at once.
        let mut entry = entry(&format!("{name} {i}"), "up", &vec![0.5; 384]);
        entry.report.summary = "word ".repeat(20_000);
        store.put(&entry).await.unwrap();
    }
}

#[tokio::test]
async fn sqlite_keeps_the_promises() {
    let (_folder, path) = file();
    conformance(&SqliteAnswers::open(&path).await.unwrap()).await;
}

#[tokio::test]
async fn answers_are_there_when_the_file_is_opened_again() {
    let (_folder, path) = file();
    let kept = entry("asked", "up", &[3.0, 4.0]);
    SqliteAnswers::open(&path).await.unwrap().put(&kept).await.unwrap();
    let store = SqliteAnswers::open(&path).await.unwrap();
    assert_eq!(store.nearest(&wanted("up", &[3.0, 4.0])).await.unwrap(), Some((kept, 1.0)));
    assert_eq!(store.place(), path.display().to_string());
}

/// All of them find no file and make it.
#[tokio::test]
async fn several_processes_write_at_once() {
    let (_folder, path) = file();
    for mut writer in ["a", "b", "c", "d"].map(|name| Writer::start(&path, name)) {
        assert!(writer.0.wait().unwrap().success());
    }
    let store = SqliteAnswers::open(&path).await.unwrap();
    assert_eq!(store.entries(None).await.unwrap().len(), 100);
}

#[tokio::test]
async fn a_process_that_is_killed_leaves_whole_answers() {
    let (_folder, path) = file();
    let store = SqliteAnswers::open(&path).await.unwrap();
    let mut written = 0;
    for round in 0..3 {
        let mut writer = Writer::start(&path, &format!("endless {round}"));
        // Killed while it writes: it has begun, and never stops by itself.
        while store.entries(None).await.unwrap().len() < written + 5 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        writer.kill();
        let entries = store.entries(None).await.unwrap();
        assert!(entries.iter().all(|entry| entry.report.summary.len() == 100_000));
        written = entries.len();
        let check: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&store.pool).await.unwrap();
        assert_eq!(check, "ok");
    }
    store.put(&entry("after", "up", &[1.0])).await.unwrap();
    assert_eq!(store.entries(None).await.unwrap().len(), written + 1);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let (_folder, path) = file();
    let store = SqliteAnswers::open(&path).await.unwrap();
    store.put(&entry("asked", "up", &[1.0])).await.unwrap();
    sqlx::raw_sql("PRAGMA user_version = 7").execute(&store.pool).await.unwrap();
    let text = SqliteAnswers::open(&path).await.unwrap_err().to_string();
    let wanted =
        format!("the cache of answers in {}: it is of version 7 and this program reads version 1; ", path.display());
    assert!(text.starts_with(&wanted), "{text}");
    assert_eq!(store.entries(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_no_database_is_told() {
    let (_folder, path) = file();
    std::fs::write(&path, "a text that somebody keeps here\n".repeat(100)).unwrap();
    let text = SqliteAnswers::open(&path).await.unwrap_err().to_string();
    assert!(text.contains("file is not a database") && text.contains("may be removed"), "{text}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("a text that somebody"), "it is not overwritten");
    let text = SqliteAnswers::open(path.join("below")).await.unwrap_err().to_string();
    assert!(text.starts_with("the cache of answers in "), "{text}");
}
