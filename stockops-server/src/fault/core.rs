//! Which status an error of core has, and what is told of it.

use axum::http::StatusCode;
use stockops_core::Error;
use stockops_core::error::{Fault as GraphFault, Trouble};

use super::Fault;

/// Errors that name what was asked are told in their own words. Those that name files, addresses or words of others are told in
/// ours, and are whole in the log.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        use Error as E;
        let detail = error.to_string();
        match &error {
            E::Config { .. } | E::Ticker { .. } => Self::new(StatusCode::BAD_REQUEST, detail),
            E::NotFound { .. } => Self::new(StatusCode::NOT_FOUND, detail),
            E::Bar { .. } | E::Series { .. } | E::Shape { .. } | E::TooShort { .. } => unfit(detail),
            E::Leak { .. } | E::ParentLeak { .. } | E::Diverged { .. } => unfit(detail),
            E::File { line, problem, .. } => {
                unfit(format!("the file{}: {problem}", line.map(|line| format!(", line {line}")).unwrap_or_default()))
            }
            E::Busy { what, .. } => {
                Self::new(StatusCode::CONFLICT, format!("{what} is busy; try again when that has ended"))
            }
            E::Skew { .. } => Self::new(StatusCode::CONFLICT, detail),
            E::Stale { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, detail),
            E::Cancelled => Self::new(StatusCode::SERVICE_UNAVAILABLE, detail),
            E::Network { source_name, trouble } => of_trouble(source_name, trouble, &error),
            E::Graph { fault, .. } => of_graph(fault, &error),
            E::Online { .. } => {
                Self::logged(StatusCode::SERVICE_UNAVAILABLE, "the online store of features does not serve now", &error)
            }
            E::Tracker { .. } => {
                Self::logged(StatusCode::BAD_GATEWAY, "the server of runs did not do what it was asked", &error)
            }
            E::Node { node, .. } => Self::logged(
                StatusCode::BAD_GATEWAY,
                format!("the analysts did not come to an end at `{node}`; try again"),
                &error,
            ),
            E::Bundle { .. } => {
                let detail = "the bundle of this version cannot be used; train it again or choose another version";
                Self::logged(StatusCode::INTERNAL_SERVER_ERROR, detail, &error)
            }
            // Storage, a device, and what is added later.
            _ => {
                Self::logged(StatusCode::INTERNAL_SERVER_ERROR, "the server could not do it; its log says why", &error)
            }
        }
    }
}

fn unfit(detail: String) -> Fault {
    Fault::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

/// A source of bars on the network. What it said may hold its address and words of others.
fn of_trouble(source: &str, trouble: &Trouble, error: &Error) -> Fault {
    let (status, problem) = match trouble {
        Trouble::RateLimited { wait } => {
            let fault =
                Fault::logged(StatusCode::SERVICE_UNAVAILABLE, format!("{source}: it was asked too often"), error);
            return fault.after(wait.as_secs_f64().ceil() as u64);
        }
        Trouble::Slow { .. } => (StatusCode::SERVICE_UNAVAILABLE, "its answer did not come in time; try again later"),
        Trouble::Offline { .. } => (StatusCode::SERVICE_UNAVAILABLE, "it cannot be reached; try again later"),
        Trouble::Blocked { .. } => (StatusCode::BAD_GATEWAY, "it does not answer this server; give bars as a file"),
        Trouble::Refused { .. } => (StatusCode::BAD_GATEWAY, "it refused; give bars as a file"),
        _ => (StatusCode::BAD_GATEWAY, "its answer cannot be used; try again later, or give bars as a file"),
    };
    Fault::logged(status, format!("{source}: {problem}"), error)
}

/// A run of the graph of analysts: threads and limits are the caller's, the rest is ours.
fn of_graph(fault: &GraphFault, error: &Error) -> Fault {
    match fault {
        GraphFault::Exists { .. } | GraphFault::Mismatch { .. } => Fault::new(StatusCode::CONFLICT, fault.to_string()),
        GraphFault::Unasked { .. } | GraphFault::Value { .. } => unfit(fault.to_string()),
        GraphFault::Budget { .. } => Fault::new(StatusCode::TOO_MANY_REQUESTS, fault.to_string()),
        GraphFault::TimedOut { .. } | GraphFault::Stopped => {
            Fault::new(StatusCode::SERVICE_UNAVAILABLE, fault.to_string())
        }
        _ => Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, "the server could not do it; its log says why", error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storage() -> Error {
        let source = std::io::Error::other("disk on fire");
        Error::Storage { action: "write", path: "/home/secret/GOOG".into(), source }
    }

    #[test]
    fn bad_input_is_never_500_and_no_path_is_told() {
        let path = std::path::PathBuf::from("/home/secret/bars.csv");
        let too_short = Error::TooShort { what: "a forecast".into(), needed: 73, got: 4 };
        let not_found = Error::NotFound { kind: "model", name: "GOOG".into(), hint: "train one first".into() };
        let offline = |problem: &str| Trouble::Offline { problem: problem.into() };
        let network = Error::Network { source_name: "Yahoo for GOOG".into(), trouble: offline("10.0.0.7:443 refused") };
        let cases = [
            (Error::Config { field: "folds", rule: "at least 1", got: "0".into() }, 400),
            (not_found, 404),
            (too_short, 422),
            (Error::File { path: path.clone(), line: Some(3), problem: "a row without prices".into() }, 422),
            (Error::Busy { what: "training GOOG".into(), path }, 409),
            (network, 503),
            (storage(), 500),
        ];
        for (error, status) in cases {
            let is_input = error.is_input();
            let fault = Fault::from(error);
            assert_eq!(fault.status.as_u16(), status, "{}", fault.detail);
            assert!(!is_input || fault.status.is_client_error(), "{}", fault.detail);
            for hidden in ["/home", "secret", "10.0.0.7", "fire"] {
                assert!(!fault.detail.contains(hidden), "{}", fault.detail);
            }
        }
    }

    #[test]
    fn who_has_to_wait_is_told_how_long() {
        let trouble = Trouble::RateLimited { wait: std::time::Duration::from_millis(1500) };
        let fault = Fault::from(Error::Network { source_name: "Yahoo".into(), trouble });
        assert_eq!((fault.status.as_u16(), fault.retry_after), (503, Some(2)));
    }
}
