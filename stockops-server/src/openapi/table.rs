//! `Routes`: every route with who may call it, read off the document.

use serde_json::Value;

use super::{ACCESS, Access};

/// The methods that a document can describe.
const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// One route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedRoute {
    /// Its method, such as `GET`.
    pub method: String,
    /// Its path as the router has it, such as `/models/{ticker}`.
    pub path: String,
    /// Who may call it.
    pub access: Access,
}

/// Every route of a document with who may call it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Routes(Vec<ListedRoute>);

impl Routes {
    /// The routes of a document. One that does not say who may call it is the admin's alone.
    pub fn of(document: &Value) -> Self {
        let paths = document["paths"].as_object().into_iter().flatten();
        let of_path = |(path, item): (&String, &Value)| {
            let methods = METHODS.iter().filter(|method| item.get(method).is_some());
            let route = |method: &&str| ListedRoute {
                method: method.to_uppercase(),
                path: path.clone(),
                access: serde_json::from_value(item[*method][ACCESS].clone()).unwrap_or(Access::Admin),
            };
            methods.map(route).collect::<Vec<_>>()
        };
        Self(paths.flat_map(of_path).collect())
    }

    /// Who may call the route that a request was matched to; `None` for one that is not in the document. `HEAD` is the `GET`
    /// whose body is left out.
    pub fn access(&self, method: &str, matched_path: &str) -> Option<Access> {
        let listed = |method: &str| self.0.iter().find(|route| route.method == method && route.path == matched_path);
        listed(method).or_else(|| listed("GET").filter(|_| method == "HEAD")).map(|route| route.access)
    }

    /// All of them, in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = &ListedRoute> {
        self.0.iter()
    }
}
