//! `Place`: a working directory, and calls of the command in it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use stockops_core::Bars;
use stockops_core::source::builtin_bars;
use tempfile::TempDir;

/// The last `count` bars of a shipped ticker.
pub(crate) fn shipped(ticker: &str, count: usize) -> Bars {
    builtin_bars(&ticker.parse().unwrap()).unwrap().bars.last(count)
}

/// A working directory with a home, and calls in it.
pub(crate) struct Place(TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(self.path()).args(words.split_whitespace()).stdin(Stdio::null());
        for name in ["HOME", "DEVICE", "SEED", "THREADS", "REDIS_URL"] {
            command.env_remove(format!("STOCKOPS_{name}"));
        }
        command.env_remove("MLFLOW_TRACKING_URI");
        // No call leaves this machine: nothing listens on this port.
        command.env("STOCKOPS_YAHOO_URL", "http://127.0.0.1:9");
        command
    }

    pub(crate) fn run(&self, words: &str) -> Output {
        self.command(words).output().unwrap()
    }

    /// A call that succeeds with JSON.
    pub(crate) fn json(&self, words: &str) -> Value {
        let output = self.run(&format!("{words} --json"));
        assert_eq!(output.status.code(), Some(0), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A call that fails with `code`: its one line on stderr, and the same words as JSON.
    pub(crate) fn fails(&self, code: i32, words: &str) -> String {
        let output = self.run(&format!("{words} --json"));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        let line = stderr.trim_end().strip_prefix("error: ").unwrap().to_string();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["error"]["message"], line);
        assert!(json["error"]["kind"].is_string());
        line
    }

    /// The last `count` bars of a shipped ticker as CSV, under a name that tells both.
    pub(crate) fn bars(&self, ticker: &str, count: usize) -> String {
        let name = format!("{}_{count}.csv", ticker.trim_start_matches('^'));
        self.write_bars(&name, &shipped(ticker, count));
        name
    }

    /// `bars` as CSV of that name.
    pub(crate) fn write_bars(&self, name: &str, bars: &Bars) {
        let mut text = "Date,Open,High,Low,Close,Volume\n".to_owned();
        for bar in bars {
            text += &format!("{},{},{},{},{},{}\n", bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume);
        }
        self.write(name, text.as_bytes());
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(self.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}
