//! `Failure`: what went wrong, as one line on stderr, JSON on stdout when asked for, and an exit code.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;
use stockops_core::Error;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: &'static str,
    message: String,
    /// 1: the work failed; 2: the call or its input was wrong.
    code: u8,
}

impl Failure {
    /// A wrong call, in clap's words on one line.
    pub(crate) fn call(error: &clap::Error) -> Self {
        let text = error.to_string();
        let hint = |line: &str| line.starts_with("Usage:") || line.starts_with("For more information");
        let words = text.lines().map(str::trim).filter(|line| !line.is_empty() && !hint(line));
        let line = words.collect::<Vec<_>>().join(" ");
        Self::wrong("call", line.strip_prefix("error: ").unwrap_or(&line).to_string())
    }

    /// Wrong input.
    pub(crate) fn wrong(kind: &'static str, message: String) -> Self {
        Self { kind, message, code: 2 }
    }

    /// Standard output is closed or full.
    pub(crate) fn stdout(error: std::io::Error) -> Self {
        Self { kind: "storage", message: format!("could not write to standard output: {error}"), code: 1 }
    }

    /// Say it.
    pub(crate) fn report(&self, as_json: bool) -> ExitCode {
        // Where even this cannot be written, the exit code is all that is left.
        let _ = writeln!(std::io::stderr(), "error: {}", self.message);
        if as_json {
            let document = json!({"error": {"kind": self.kind, "message": self.message}});
            let _ = writeln!(std::io::stdout(), "{document}");
        }
        ExitCode::from(self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let cause = std::error::Error::source(&error).map(|source| format!(" ({source})")).unwrap_or_default();
        let message = with_flags(format!("{error}{cause}"));
        Self { kind: error.kind(), message, code: if error.is_input() { 2 } else { 1 } }
    }
}

/// Options of reading, which the library calls by their names, as the flags that set them.
fn with_flags(message: String) -> String {
    let flags = [
        ("`drop_bad_rows`", "--drop-bad-rows"),
        ("`calendar`", "--calendar"),
        ("`adjust`", "--adjust"),
        ("`decimal`", "--decimal"),
        ("`dates`", "--dates"),
        ("`fold`", "--fold"),
    ];
    flags.iter().fold(message, |message, (name, flag)| message.replace(name, flag))
}
