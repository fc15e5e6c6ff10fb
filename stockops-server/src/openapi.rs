//! The OpenAPI document: what each route takes, answers and asks for, from the types of the routes themselves.
//!
//! A route is declared with aide's router, by its handler and one line that says who may call it, what it is about, the id by which
//! clients call it, and what it does. Arguments are [`Json`], [`Path`](crate::Path) and [`Query`](crate::Query),
//! results are `Result<Json<T>, Fault>`; a second answer, or one that is no JSON, is told by `.response`:
//!
//! ```
//! # use aide::axum::{ApiRouter, routing::{get_with, post_with}};
//! # use stockops_server::openapi::{Access, Topic, finish, listed};
//! # use stockops_server::{Fault, Json};
//! # async fn predict() -> Result<Json<String>, Fault> { Ok(Json("done".into())) }
//! # async fn health() -> Json<bool> { Json(true) }
//! let routes = ApiRouter::<()>::new()
//!     .api_route("/health", get_with(health, |o| listed(o, Access::Open, Topic::Service, "health", "Whether it runs")))
//!     .api_route("/predict-parent", post_with(predict, |o| {
//!         listed(o, Access::Key, Topic::Forecasts, "predict_parent", "Forecast the index").response::<202, Json<String>>()
//!     }));
//! let (router, routes) = finish(routes); // the router also serves /openapi.json, /docs and /redoc
//! # drop(router.with_state::<()>(()));
//! assert_eq!(routes.access("POST", "/predict-parent"), Some(Access::Key));
//! ```

use std::sync::{Arc, OnceLock};

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use aide::openapi::{
    ApiKeyLocation, Info, License, MediaType, OpenApi, ReferenceOr, RequestBody, Response, SecurityScheme, Server,
    StatusCode, Tag,
};
use aide::operation::OperationOutput;
use aide::transform::{TransformOpenApi, TransformOperation};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::response::Html;
use serde_json::{Value, json};

use crate::fault::documented;
use crate::json::Json;
use crate::schema;
pub use access::Access;
pub use table::{ListedRoute, Routes};
pub use topic::Topic;

mod access;
mod pages;
mod table;
mod topic;

/// The word in the document that says who may call a route.
const ACCESS: &str = "x-access";

/// Names of the two ways to send a key.
const BEARER: &str = "bearer";
const HEADER: &str = "header";

/// What is said of a route: who may call it, what it is about, the id that names it in clients, and what it does, in a few words.
///
/// What a guard in front of all routes answers is added: 401 where a key is wanted, 403, 408 and 429.
pub fn listed<'a>(
    mut operation: TransformOperation<'a>,
    access: Access,
    topic: Topic,
    id: &str,
    summary: &str,
) -> TransformOperation<'a> {
    operation.inner_mut().extensions.insert(ACCESS.into(), json!(access));
    if access != Access::Open {
        operation = operation.security_requirement(BEARER).security_requirement(HEADER);
    }
    let of_guard = [401, 403, 408, 429].into_iter().filter(|status| *status != 401 || access != Access::Open);
    refuses(operation, of_guard).id(id).summary(summary).tag(topic.word())
}

/// The same with the statuses of more refusals, each a `{"detail"}`; what is said of one already stays.
pub(crate) fn refuses(
    mut operation: TransformOperation<'_>,
    statuses: impl IntoIterator<Item = u16>,
) -> TransformOperation<'_> {
    let responses = &mut operation.inner_mut().responses.get_or_insert_default().responses;
    for status in statuses {
        responses.entry(StatusCode::Code(status)).or_insert_with(|| ReferenceOr::Item(documented(status)));
    }
    operation
}

/// The same with an answer that is text of another kind than JSON, such as `image/svg+xml`: with this status, and what it is. Where
/// there is an answer of this status already, it may be either.
pub fn answers<'a>(
    mut operation: TransformOperation<'a>,
    status: u16,
    kind: &str,
    about: &str,
) -> TransformOperation<'a> {
    // A validator takes each event of a stream as an object.
    let is_stream = kind == "text/event-stream";
    let schema = if is_stream { schema::object(json!({ "type": "object" })) } else { schema::of_answer::<String>() };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    let responses = &mut operation.inner_mut().responses.get_or_insert_default().responses;
    let answer = responses.entry(StatusCode::Code(status)).or_insert_with(|| ReferenceOr::Item(Response::default()));
    if let ReferenceOr::Item(answer) = answer {
        answer.description = about.into();
        answer.content.insert(kind.to_owned(), media);
    }
    operation
}

/// The same with a file as the body of the request: what it is.
pub fn takes_file<'a>(mut operation: TransformOperation<'a>, about: &str) -> TransformOperation<'a> {
    let schema = json!({ "type": "string", "format": "binary" });
    let media = MediaType { schema: Some(schema::object(schema)), ..MediaType::default() };
    let content = [("application/octet-stream".to_owned(), media)].into_iter().collect();
    let body = RequestBody { description: Some(about.into()), content, required: true, ..RequestBody::default() };
    operation.inner_mut().request_body = Some(ReferenceOr::Item(body));
    refuses(operation, [413])
}

/// [`listed`] as the last argument of `get_with` and its like, for a route that needs no more.
pub(crate) fn about(
    access: Access,
    topic: Topic,
    id: &'static str,
    summary: &'static str,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |operation| listed(operation, access, topic, id, summary)
}

/// The router of these routes, with the document of them at `/openapi.json`, and at `/docs` and `/redoc` as pages that load
/// nothing from elsewhere; and the table of all of its routes.
pub fn finish<S: Clone + Send + Sync + 'static>(routes: ApiRouter<S>) -> (Router<S>, Routes) {
    let kept: Arc<OnceLock<Bytes>> = Arc::default();
    let served = Arc::clone(&kept);
    let document =
        move || async move { ([(CONTENT_TYPE, "application/json")], served.get().cloned().unwrap_or_default()) };
    let routes = routes
        .api_route("/openapi.json", get_with(document, of_service::<Json<Value>>("openapi", "This document")))
        .api_route(
            "/docs",
            get_with(
                pages::swagger,
                of_service::<Html<String>>("docs", "This document as a page on which routes can be tried"),
            ),
        )
        .api_route(
            "/redoc",
            get_with(pages::redoc, of_service::<Html<String>>("redoc", "This document as a page to read")),
        );
    let mut api = OpenApi { info: info(), ..OpenApi::default() };
    let router = routes.finish_api_with(&mut api, with_surroundings);
    api.components.get_or_insert_default().schemas.extend(schema::take());
    let _ = kept.set(serde_json::to_vec(&api).unwrap_or_default().into());
    (router, Routes::of(&serde_json::to_value(&api).unwrap_or_default()))
}

fn of_service<T: OperationOutput>(
    id: &'static str,
    summary: &'static str,
) -> impl FnOnce(TransformOperation<'_>) -> TransformOperation<'_> {
    move |operation| listed(operation, Access::Open, Topic::Service, id, summary).response::<200, T>()
}

fn info() -> Info {
    let license = License {
        name: "MIT OR Apache-2.0".into(),
        identifier: Some("MIT OR Apache-2.0".into()),
        ..License::default()
    };
    Info {
        title: "stockops".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        summary: Some("Daily market bars to forecasts that state their skill".into()),
        description: Some(DESCRIPTION.into()),
        license: Some(license),
        ..Info::default()
    }
}

const DESCRIPTION: &str = "Forecasts of the next sessions of a ticker with their intervals and their skill against simple rules, risk, \
    drift, written reports, and the models behind them.\n\nEvery answer that says no is `{\"detail\": ...}`. Long work answers 202 with a \
    task, whose state `/status/{task_id}` tells. `x-access` of a route says who may call it: `none` for anybody, `key` with an API key, \
    `admin` with an admin key. Where the server has no API key, routes of `key` are open.";

fn with_surroundings(api: TransformOpenApi<'_>) -> TransformOpenApi<'_> {
    let bearer = SecurityScheme::Http {
        scheme: "bearer".into(),
        bearer_format: None,
        description: Some("The key, as `Authorization: Bearer KEY`.".into()),
        extensions: Default::default(),
    };
    let header = SecurityScheme::ApiKey {
        location: ApiKeyLocation::Header,
        name: "X-API-Key".into(),
        description: Some("The key, as `X-API-Key: KEY`.".into()),
        extensions: Default::default(),
    };
    let server = Server { url: "/".into(), description: Some("This server".into()), ..Server::default() };
    let tag =
        |topic: &Topic| Tag { name: topic.word().into(), description: Some(topic.about().into()), ..Tag::default() };
    let api = api.security_scheme(BEARER, bearer).security_scheme(HEADER, header).server(server);
    Topic::ALL.iter().map(tag).fold(api, TransformOpenApi::tag)
}

#[cfg(test)]
mod tests;
