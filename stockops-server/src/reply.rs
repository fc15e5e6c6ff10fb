//! `Ready` and `Reply`: answers that are bytes already, and those that may be a task that has begun.

use std::marker::PhantomData;

use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Described};
use aide::operation::OperationOutput;
use axum::http::header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Json;
use crate::kept::Answer;

/// A `T` as JSON that was made before, with its `ETag`; 304 where the caller has it already.
#[derive(Debug, Clone)]
pub(crate) struct Ready<T> {
    answer: Answer,
    is_known: bool,
    of: PhantomData<T>,
}

impl<T> Ready<T> {
    /// `answer` for who sent `headers`.
    pub(crate) fn new(answer: Answer, headers: &HeaderMap) -> Self {
        let is_known = is_known(headers, &answer.etag);
        Self { answer, is_known, of: PhantomData }
    }
}

/// Whether who sent `headers` has what `etag` is of. What was packed on the way has a weak tag.
pub(crate) fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
    known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag)
}

impl<T> IntoResponse for Ready<T> {
    fn into_response(self) -> Response {
        let Answer { body, etag } = self.answer;
        match self.is_known {
            true => (StatusCode::NOT_MODIFIED, [(ETAG, etag)]).into_response(),
            false => ([(CONTENT_TYPE, "application/json"), (ETAG, &etag)], body).into_response(),
        }
    }
}

impl<T: JsonSchema> OperationOutput for Ready<T> {
    type Inner = T;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Described> {
        Json::<T>::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Described)> {
        Json::<T>::inferred_responses(ctx, operation)
    }
}

/// What is answered while a model is trained: the contract's 202.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(extend("examples" = [{"status": "training", "detail": "a model of AMZN is trained first; ask again when the task is completed", "ticker": "AMZN", "task_id": "AMZN~4c8f0a91be27d653"}]))]
pub(crate) struct InTraining {
    /// `training`, or `running` for a report.
    pub(crate) status: &'static str,
    /// What is under way.
    pub(crate) detail: String,
    /// Whose model.
    pub(crate) ticker: String,
    /// The task, for `/status/{task_id}` and `/events/{task_id}`.
    pub(crate) task_id: String,
}

/// An answer, or the task after which there is one.
#[derive(Debug, Clone)]
pub(crate) enum Reply<T> {
    /// 200.
    Ready(T),
    /// 202.
    Training(InTraining),
}

impl<T: IntoResponse> IntoResponse for Reply<T> {
    fn into_response(self) -> Response {
        match self {
            Self::Ready(ready) => ready.into_response(),
            Self::Training(task) => (StatusCode::ACCEPTED, Json(task)).into_response(),
        }
    }
}

impl<T: OperationOutput> OperationOutput for Reply<T> {
    type Inner = T::Inner;

    fn operation_response(ctx: &mut GenContext, operation: &mut Operation) -> Option<Described> {
        T::operation_response(ctx, operation)
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Described)> {
        let mut all = T::inferred_responses(ctx, operation);
        let begun = Json::<InTraining>::operation_response(ctx, operation);
        all.extend(
            begun.map(|begun| (Some(202), Described { description: "A model is trained first.".into(), ..begun })),
        );
        all
    }
}
