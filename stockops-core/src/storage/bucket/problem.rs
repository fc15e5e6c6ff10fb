//! What an error of a store means, in words that hold no address with a signature and no credentials.

use std::error::Error as Cause;
use std::io::{Error as IoError, ErrorKind};

use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};

/// Longest words of a store that are said again.
const MOST: usize = 300;
/// How the client words an answer that is no success. Its type for that is private, and its text begins so.
const ANSWERED: &str = "Server returned non-2xx status code: ";
const FAILED: &str = "Server returned error response: ";

/// Whether it is said that there is an object already. Stores say so too where two writers met and neither is in.
pub(super) fn is_conflict(error: &Error) -> bool {
    matches!(error, Error::AlreadyExists { .. } | Error::Precondition { .. } | Error::NotModified { .. })
}

/// Whether the answer did not come, so that nobody knows what was done.
pub(super) fn is_slow(error: &Error) -> bool {
    kind(error) == ErrorKind::TimedOut
}

/// Whether it is the bucket that is not there, and not an object in it.
pub(super) fn is_no_bucket(error: &Error) -> bool {
    answer(error).is_some_and(|answer| answer.contains("NoSuchBucket") || answer.contains("ContainerNotFound"))
}

/// Whether the store knows no condition on a write.
pub(super) fn is_unknown(error: &Error) -> bool {
    matches!(error, Error::NotImplemented { .. } | Error::NotSupported { .. }) || status(error) == Some(501)
}

/// `error` as one of input and output. Only the status of the answer and its own words are said again: the rest may hold an
/// address that is signed.
pub(super) fn problem(error: &Error) -> IoError {
    let words = match (answer(error), transport(error), error) {
        (Some(answer), _, _) => said(&answer),
        (None, Some(transport), _) => innermost(transport),
        (None, None, Error::Generic { source, .. } | Error::NotSupported { source }) => source.to_string(),
        (None, None, other) => other.to_string(),
    };
    IoError::new(kind(error), words.chars().take(MOST).collect::<String>())
}

fn kind(error: &Error) -> ErrorKind {
    match (status(error), transport(error).map(HttpError::kind)) {
        (Some(404), _) => ErrorKind::NotFound,
        (Some(401 | 403), _) => ErrorKind::PermissionDenied,
        (_, Some(HttpErrorKind::Timeout)) => ErrorKind::TimedOut,
        (_, Some(HttpErrorKind::Connect)) => ErrorKind::NotConnected,
        (_, Some(HttpErrorKind::Interrupted | HttpErrorKind::Request)) => ErrorKind::ConnectionAborted,
        _ => ErrorKind::Other,
    }
}

/// `error` and its causes, outermost first.
fn chain(error: &Error) -> impl Iterator<Item = &(dyn Cause + 'static)> {
    std::iter::successors(Some(error as &(dyn Cause + 'static)), |error| (*error).source())
}

/// Status and body of the answer, where one came.
fn answer(error: &Error) -> Option<String> {
    chain(error).find_map(|error| {
        let words = error.to_string();
        words.strip_prefix(ANSWERED).or_else(|| words.strip_prefix(FAILED)).map(str::to_owned)
    })
}

fn status(error: &Error) -> Option<u16> {
    answer(error)?.split_whitespace().next()?.parse().ok()
}

/// What went wrong on the way, where no answer came.
fn transport(error: &Error) -> Option<&HttpError> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The first cause of a broken way, which is the one that helps.
fn innermost(error: &HttpError) -> String {
    let mut cause: &dyn Cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// The status of an answer with its code and message where it is XML, else as it begins.
fn said(answer: &str) -> String {
    let of = |name: &str| Some(answer.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>"))?.0);
    let status = answer.split(':').next().unwrap_or_default();
    match (of("Code"), of("Message")) {
        (Some(code), Some(message)) => format!("HTTP {status}, {code}: {message}"),
        _ => format!("HTTP {}", answer.trim().trim_end_matches(':')),
    }
}
