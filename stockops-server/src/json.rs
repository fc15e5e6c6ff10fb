//! `Json`: the body of a request as a type, and a type as the body of an answer.
//!
//! axum has such a type behind a feature that changes serde_json for all crates below burn. This one says no in the form of all
//! errors here, and describes itself in the OpenAPI document.

use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, RequestBody, Response as Described, SchemaObject};
use aide::operation::{OperationInput, OperationOutput, set_body};
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::fault::{Fault, documented};
use crate::schema;

/// How deep arrays and objects of a body may lie in each other. No request needs more than a few.
const DEEPEST: usize = 32;

/// Longest text about a body, which may hold parts of it.
const LONGEST: usize = 300;

/// JSON: as an argument of a route the body that was sent, as its result the body of the answer.
///
/// | body | status |
/// | --- | --- |
/// | its `Content-Type` is not JSON, or there is none | 415 |
/// | larger than the limit of the router | 413 |
/// | no JSON, or more than 32 arrays and objects in each other | 400 |
/// | a field is missing, has another type, or is not known to a type that says `deny_unknown_fields` | 422 |
///
/// # Example
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use stockops_server::{Fault, Json};
///
/// #[derive(Serialize, Deserialize, schemars::JsonSchema)]
/// struct Level {
///     /// A price.
///     price: f64,
/// }
///
/// async fn doubled(Json(level): Json<Level>) -> Result<Json<Level>, Fault> {
///     Ok(Json(Level { price: 2.0 * level.price }))
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Json<T>(
    /// The value.
    pub T,
);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Fault;

    async fn from_request(request: Request, state: &S) -> Result<Self, Fault> {
        if !is_json(request.headers()) {
            let detail = "a JSON body is wanted: send it with `Content-Type: application/json`";
            return Err(Fault::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Fault::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than is taken here")
            }
            _ => Fault::new(StatusCode::BAD_REQUEST, "the body did not come whole"),
        })?;
        read(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => ([(CONTENT_TYPE, "application/json")], body).into_response(),
            Err(error) => {
                let detail = "the server could not do it; its log says why";
                Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, detail, &error).into_response()
            }
        }
    }
}

/// Whether the body is JSON by its type: `application/json`, or a type whose suffix is `+json`.
fn is_json(headers: &HeaderMap) -> bool {
    let word = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = word.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.strip_prefix("application/").is_some_and(|kind| kind == "json" || kind.ends_with("+json"))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Fault> {
    if depth(bytes) > DEEPEST {
        let detail = format!("the body has more than {DEEPEST} arrays and objects in each other");
        return Err(Fault::new(StatusCode::BAD_REQUEST, detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let at = error.path().to_string();
        let place = if at == "." { String::new() } else { format!("`{at}`: ") };
        unread(error.inner(), &place)
    })?;
    reader.end().map_err(|error| unread(&error, ""))?;
    Ok(value)
}

fn unread(error: &serde_json::Error, place: &str) -> Fault {
    let (status, what) = match error.classify() {
        Category::Data => (StatusCode::UNPROCESSABLE_ENTITY, "the body does not fit"),
        _ => (StatusCode::BAD_REQUEST, "the body is not JSON"),
    };
    Fault::new(status, cut(&format!("{what}: {place}{error}")))
}

/// At most [`LONGEST`] characters of `text`.
pub(crate) fn cut(text: &str) -> String {
    let mut characters = text.chars();
    let begin: String = characters.by_ref().take(LONGEST).collect();
    if characters.next().is_some() { begin + "..." } else { begin }
}

/// How deep arrays and objects lie in each other; what is no JSON has some depth too.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut is_text, mut is_escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

impl<T: JsonSchema> OperationInput for Json<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let content = of_json(schema::of_request::<T>());
        set_body(ctx, operation, RequestBody { content, required: true, ..Default::default() });
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Described)> {
        [400, 413, 415, 422].map(|status| (Some(status), documented(status))).into()
    }
}

impl<T: JsonSchema> OperationOutput for Json<T> {
    type Inner = T;

    fn operation_response(_: &mut GenContext, _: &mut Operation) -> Option<Described> {
        let content = of_json(schema::of_answer::<T>());
        Some(Described { description: "Done.".into(), content, ..Default::default() })
    }

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Described)> {
        Self::operation_response(ctx, operation).map(|answer| (Some(200), answer)).into_iter().collect()
    }
}

fn of_json<C: FromIterator<(String, MediaType)>>(schema: SchemaObject) -> C {
    let media = MediaType { schema: Some(schema), ..Default::default() };
    [("application/json".to_owned(), media)].into_iter().collect()
}

#[cfg(test)]
mod tests;
