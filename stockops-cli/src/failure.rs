//! `Failure`: what went wrong, as one line on stderr, JSON on stdout when asked for, and an exit code.

use std::io::Write;
use std::process::ExitCode;

use serde_json::json;
use stockops_core::Error;

use crate::flags::as_flags;

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: &'static str,
    message: String,
    /// 1: the work failed; 2: the call or its input was wrong.
    code: u8,
    /// Whether standard output has its one document already.
    is_printed: bool,
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
        Self { kind, message, code: 2, is_printed: false }
    }

    /// The work is not whole, and what was done is printed with [`beside`](Self::beside).
    pub(crate) fn undone(kind: &'static str, message: String) -> Self {
        Self { kind, message, code: 1, is_printed: true }
    }

    /// The same where the input was wrong, and not the work.
    pub(crate) fn of_input(self, is_input: bool) -> Self {
        Self { code: if is_input { 2 } else { self.code }, ..self }
    }

    /// The work failed, in words of its own.
    pub(crate) fn failed(kind: &'static str, message: String) -> Self {
        Self { kind, message, code: 1, is_printed: false }
    }

    /// What is said.
    pub(crate) fn into_message(self) -> String {
        self.message
    }

    /// `document`, which is printed, with `failure` in it where there is one.
    pub(crate) fn beside(failure: Option<&Self>, mut document: serde_json::Value) -> serde_json::Value {
        if let Some(Self { kind, message, .. }) = failure {
            document["error"] = json!({"kind": kind, "message": message});
        }
        document
    }

    /// Standard output is closed or full.
    pub(crate) fn stdout(error: std::io::Error) -> Self {
        Self::failed("storage", format!("could not write to standard output: {error}"))
    }

    /// Say it.
    pub(crate) fn report(&self, as_json: bool) -> ExitCode {
        // Where even this cannot be written, the exit code is all that is left.
        let _ = writeln!(std::io::stderr(), "error: {}", self.message);
        if as_json && !self.is_printed {
            let document = json!({"error": {"kind": self.kind, "message": self.message}});
            let _ = writeln!(std::io::stdout(), "{document}");
        }
        ExitCode::from(self.code)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let error = with_own_hint(error);
        let cause = std::error::Error::source(&error).map(|source| format!(" ({source})")).unwrap_or_default();
        let flags = flags(&error).map(|flags| format!("; {flags}")).unwrap_or_default();
        let code = if error.is_input() { 2 } else { 1 };
        Self { kind: error.kind(), message: as_flags(&format!("{error}{flags}{cause}")), code, is_printed: false }
    }
}

impl From<stockops_agents::Error> for Failure {
    fn from(error: stockops_agents::Error) -> Self {
        match error {
            stockops_agents::Error::Core(error) => error.into(),
            error => Self { kind: "agents", message: error.to_string(), code: 1, is_printed: false },
        }
    }
}

/// What is missing, with the call of the command that gets it in the place of the library's hint.
fn with_own_hint(error: Error) -> Error {
    let Error::NotFound { kind, name, hint } = error else { return error };
    let hint = match kind {
        "bars" => "give them with --bars FILE (CSV, CSV.gz or Parquet), or --source yahoo".into(),
        "feature store" => "make it with `stockops features apply`".into(),
        "model" => format!("train one with `stockops train-child {name} --bars FILE`"),
        _ => hint,
    };
    Error::NotFound { kind, name, hint }
}

/// The flags that do what the library advises: it does not know them.
fn flags(error: &Error) -> Option<&'static str> {
    match error {
        Error::Leak { .. } => Some("the flags are --to DATE for train-parent, and --allow-parent-leak"),
        Error::ParentLeak { .. } | Error::NotFound { kind: "parent", .. } => {
            Some("bars of the index: --bars ^GSPC=FILE")
        }
        Error::Config { field: "pool", .. } => Some("bars of several series: --bars TICKER=FILE for each"),
        Error::Config { field: "tracking_uri", .. } => Some("MLFLOW_TRACKING_URI names it"),
        Error::Network { .. } => Some("files: --bars FILE; another address: STOCKOPS_YAHOO_URL"),
        Error::Device { .. } => Some("docs/devices.md has the flags of the build"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(error: Error) -> String {
        Failure::from(error).message
    }

    #[test]
    fn what_is_missing_comes_with_the_call_that_gets_it() {
        let missing = |kind| Error::NotFound { kind, name: "GOOG".into(), hint: "the library's".into() };
        assert_eq!(
            message(missing("bars")),
            "no bars named GOOG; give them with --bars FILE (CSV, CSV.gz or Parquet), or --source yahoo"
        );
        let model = "no model named GOOG; train one with `stockops train-child GOOG --bars FILE`";
        assert_eq!(message(missing("model")), model);
        assert_eq!(message(missing("version")), "no version named GOOG; the library's");
    }

    #[test]
    fn a_leak_names_the_flag_once() {
        let day = chrono::NaiveDate::default();
        let text = message(Error::Leak { ticker: "GOOG".into(), parent_last_day: day, days: 0, needed: 60 });
        assert_eq!(text.matches("--allow-parent-leak").count(), 1, "{text}");
        let rule = "trained on bars of all of them";
        let pool = message(Error::Config { field: "pool", rule, got: "none of IBM".into() });
        assert!(pool.ends_with("got none of IBM; bars of several series: --bars TICKER=FILE for each"), "{pool}");
    }
}
