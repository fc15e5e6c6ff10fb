//! `Path` and `Query`: what stands in the address of a request, as types.

use std::error::Error as _;

use aide::generate::GenContext;
use aide::openapi::{Operation, Parameter, ParameterData, ParameterSchemaOrContent, PathStyle, QueryStyle, Response};
use aide::operation::{OperationInput, add_parameters};
use axum::extract::path::ErrorKind;
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path as AxumPath, Query as AxumQuery};
use axum::http::StatusCode;
use axum::http::request::Parts;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::fault::{Fault, documented};
use crate::json::cut;
use crate::schema;

/// The parts of a path that its route names, as a struct with a field for each: 422 where one does not fit.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
/// use stockops_server::Path;
///
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// struct OfTicker {
///     /// Whose.
///     ticker: Ticker,
/// }
///
/// // of the route `/models/{ticker}`
/// async fn models(Path(of): Path<OfTicker>) -> String {
///     of.ticker.to_string()
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Path<T>(
    /// The value.
    pub T,
);

/// What stands behind the `?` of an address, as a struct with a field for each name: 422 where one does not fit, comes twice, or
/// is not known to a type that says `deny_unknown_fields`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Query<T>(
    /// The value.
    pub T,
);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Fault> {
        AxumPath::from_request_parts(parts, state).await.map(|AxumPath(value)| Self(value)).map_err(unread)
    }
}

/// What a client can mend is 422; that a route and its type do not fit each other is a fault of ours.
fn unread(rejection: PathRejection) -> Fault {
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, "the route cannot be read", &rejection);
    };
    let detail = match failed.kind() {
        ErrorKind::DeserializeError { key, message, .. } => format!("`{key}`: {message}"),
        ErrorKind::ParseErrorAtKey { key, expected_type, .. } => format!("`{key}` must be of type {expected_type}"),
        ErrorKind::InvalidUtf8InPathParam { key } => format!("`{key}` is not UTF-8"),
        kind => kind.to_string(),
    };
    if failed.status().is_server_error() {
        return Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, "the route cannot be read", &failed);
    }
    Fault::new(StatusCode::UNPROCESSABLE_ENTITY, cut(&format!("the path does not fit: {detail}")))
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Fault> {
        AxumQuery::try_from_uri(&parts.uri).map(|AxumQuery(value)| Self(value)).map_err(|rejection| {
            let problem = rejection.source().map_or_else(|| rejection.body_text(), ToString::to_string);
            Fault::new(StatusCode::UNPROCESSABLE_ENTITY, cut(&format!("the query does not fit: {problem}")))
        })
    }
}

impl<T: JsonSchema> OperationInput for Path<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let parameters = data::<T>().map(|data| {
            let parameter_data = ParameterData { required: true, ..data };
            Parameter::Path { parameter_data, style: PathStyle::Simple }
        });
        add_parameters(ctx, operation, parameters);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        vec![(Some(422), documented(422))]
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let parameters = data::<T>().map(|parameter_data| {
            let (allow_reserved, style, allow_empty_value) = (false, QueryStyle::Form, None);
            Parameter::Query { parameter_data, allow_reserved, style, allow_empty_value }
        });
        add_parameters(ctx, operation, parameters);
    }

    fn inferred_early_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        vec![(Some(422), documented(422))]
    }
}

/// What the document says of each field.
fn data<T: JsonSchema>() -> impl Iterator<Item = ParameterData> {
    schema::of_parameters::<T>().into_iter().map(|(name, schema, required)| ParameterData {
        name,
        description: schema.json_schema.get("description").and_then(|text| text.as_str()).map(String::from),
        required,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(schema),
        example: None,
        examples: Default::default(),
        explode: None,
        extensions: Default::default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use axum::routing::get;
    use serde::Deserialize;
    use stockops_core::Ticker;
    use tower::ServiceExt;

    #[derive(Deserialize)]
    struct Which {
        ticker: Ticker,
        version: u32,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Lines {
        lines: Option<usize>,
    }

    async fn asked(uri: &str) -> (u16, String) {
        let app = Router::new()
            .route(
                "/models/{ticker}/{version}",
                get(|Path(of): Path<Which>| async move { format!("{} {}", of.ticker, of.version) }),
            )
            .route("/logs", get(|Query(of): Query<Lines>| async move { format!("{:?}", of.lines) }));
        let response = app.oneshot(Request::get(uri).body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn parts_of_a_path_are_types() {
        assert_eq!(asked("/models/%5Egspc/3").await, (200, "^GSPC 3".into()));
        let (status, body) = asked("/models/..%2F..%2Fetc/3").await;
        assert_eq!(status, 422);
        assert!(body.starts_with(r#"{"detail":"the path does not fit: `../../etc` is not a ticker"#), "{body}");
        for uri in ["/models/A/-1", "/models/A/x", "/models/A/99999999999", "/models/%FF/1"] {
            assert_eq!(asked(uri).await.0, 422, "{uri}");
        }
    }

    #[tokio::test]
    async fn a_query_is_a_type() {
        assert_eq!(asked("/logs").await, (200, "None".into()));
        assert_eq!(asked("/logs?lines=7").await, (200, "Some(7)".into()));
        for uri in ["/logs?lines=", "/logs?lines=x", "/logs?lines=-1", "/logs?lines=1&lines=2", "/logs?key=secret"] {
            let (status, body) = asked(uri).await;
            assert!(status == 422 && body.starts_with(r#"{"detail":"the query does not fit: "#), "{uri}: {body}");
        }
    }
}
