//! Routes: one for each verb of the service.
//!
//! `app(state) -> Router` makes the whole server, so that tests call it without a port. The state holds the
//! [`Stockops`](stockops_core::Stockops), the keys of the API, and the [jobs](crate::jobs).
//!
//! A handler takes a typed request ([`TrainChild`](stockops_core::service::TrainChild) as the body of `POST
//! /train-child`, a ticker in the path of `GET /forecast/{ticker}`), calls one verb off the asynchronous threads, and
//! returns the typed answer as JSON. It does nothing else. What takes longer than a forecast becomes a job, and the
//! answer is its number with the status 202.
//!
//! One error type turns an [`Error`](stockops_core::Error) into a status by its kind: `not_found` is 404, `busy` is 409,
//! `leak` and `too_short` are 422, every other fault of the input is 400, and `storage` is 500 with its cause in the log and not
//! in the answer. Its body is `{"error": {"kind", "message"}}`, as the command prints it with `--json`, with hints that
//! name fields of the body where the command names flags.
