//! Outputs: the files of models and reports, by name, size and time; never a path outside of the home.

use std::fs;
use std::path::Path as FilePath;

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use stockops_core::Ticker;
use stockops_core::storage::{self, Key, Storage};

use super::OfTicker;
use crate::app::{App, AppConfig};
use crate::openapi::{Access, Topic, about};
use crate::{Fault, Json, Path};

/// Folders that hold a folder a ticker, and what is in them.
const FOLDERS: [(&str, &str); 4] =
    [("registry", "model"), ("reports", "report"), ("drift", "drift"), ("record", "forecast")];
/// Files of one listing.
const MOST: usize = 1000;
/// Folders within a ticker's folder that are looked into.
const DEPTH: usize = 3;

pub(super) fn routes() -> ApiRouter<App> {
    let of = |id: &'static str, summary: &'static str| about(Access::Key, Topic::System, id, summary);
    ApiRouter::new()
        .api_route("/outputs", get_with(all, of("outputs", "Files of models and reports, newest first")))
        .api_route("/outputs/{ticker}", get_with(one, of("outputs_of", "Files of a ticker, newest first")))
}

/// A file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Output {
    /// Its name within the home.
    pub(super) name: String,
    /// Its size in thousands of bytes.
    pub(super) size_kb: f64,
    /// When it was written, where the home is a folder.
    pub(super) modified: Option<DateTime<Utc>>,
    /// `model`, `report`, `drift` or `forecast`.
    pub(super) category: &'static str,
}

/// Files, newest first.
#[derive(Debug, Serialize, JsonSchema)]
struct Outputs {
    /// At most 1,000.
    outputs: Vec<Output>,
    /// How many are listed.
    count: usize,
}

async fn all(State(app): State<App>) -> Result<Json<Outputs>, Fault> {
    let outputs = app.read(|app| Ok::<_, Fault>(list(app.config(), None))).await?;
    Ok(Json(Outputs { count: outputs.len(), outputs }))
}

async fn one(State(app): State<App>, Path(OfTicker { ticker }): Path<OfTicker>) -> Result<Json<Outputs>, Fault> {
    let of = ticker.clone();
    let outputs = app.read(move |app| Ok::<_, Fault>(list(app.config(), Some(&of)))).await?;
    if outputs.is_empty() {
        return Err(Fault::not_found(format!("no outputs of {ticker}")));
    }
    Ok(Json(Outputs { count: outputs.len(), outputs }))
}

/// Files of `ticker`, or of all.
pub(super) fn list(config: &AppConfig, ticker: Option<&Ticker>) -> Vec<Output> {
    let home = storage::folder(&config.home).ok().flatten();
    let bucket = if home.is_none() { storage::open(&config.home).ok() } else { None };
    let mut outputs = Vec::new();
    for (folder, category) in FOLDERS {
        let name = ticker.map_or_else(|| folder.to_owned(), |ticker| format!("{folder}/{ticker}"));
        match (&home, &bucket) {
            (Some(home), _) => collect(home, &name, category, DEPTH, &mut outputs),
            (None, Some(bucket)) => collect_stored(bucket.as_ref(), &name, category, DEPTH + 1, &mut outputs),
            (None, None) => {}
        }
    }
    outputs.sort_by(|a, b| (b.modified, &a.name).cmp(&(a.modified, &b.name)));
    outputs.truncate(MOST);
    outputs
}

/// Files below `name`. Links are not followed, so nothing outside of the home is listed.
fn collect(home: &FilePath, name: &str, category: &'static str, depth: usize, outputs: &mut Vec<Output>) {
    let Ok(entries) = fs::read_dir(home.join(name)) else { return };
    for entry in entries.flatten() {
        let (Ok(kind), Ok(file)) = (entry.file_type(), entry.file_name().into_string()) else { continue };
        let name = format!("{name}/{file}");
        match entry.metadata() {
            _ if file.starts_with(['.', '_']) || file.ends_with(".lock") => {}
            Ok(about) if kind.is_file() => outputs.push(Output {
                name,
                size_kb: thousands(about.len()),
                modified: about.modified().ok().map(DateTime::from),
                category,
            }),
            _ if kind.is_dir() && depth > 0 => collect(home, &name, category, depth - 1, outputs),
            _ => {}
        }
    }
}

/// Objects below `name` in a bucket, which are asked for one by one.
fn collect_stored(storage: &dyn Storage, name: &str, category: &'static str, depth: usize, outputs: &mut Vec<Output>) {
    let below = Key::new(name).and_then(|key| storage.list(&key)).unwrap_or_default();
    for file in below.iter().filter(|file| !file.starts_with('_') && !file.ends_with(".lock")) {
        let name = format!("{name}/{file}");
        if outputs.len() >= MOST || depth == 0 {
            return;
        }
        match Key::new(&name).and_then(|key| storage.size(&key)) {
            Ok(Some(size)) => outputs.push(Output { name, size_kb: thousands(size), modified: None, category }),
            _ => collect_stored(storage, &name, category, depth - 1, outputs),
        }
    }
}

/// Thousands of bytes with one digit.
fn thousands(bytes: u64) -> f64 {
    (bytes as f64 / 100.0).round() / 10.0
}

/// Move `folders` of the home into its folder `aside`; what was done, in a sentence.
pub(super) fn set_aside(config: &AppConfig, folders: &[&str], aside: &str) -> Result<String, Fault> {
    let Some(home) = storage::folder(&config.home)? else {
        return Err(Fault::new(
            StatusCode::NOT_IMPLEMENTED,
            "the home is a bucket, where nothing is moved; move its folders by the tools of its provider",
        ));
    };
    let failed =
        |error: std::io::Error| Fault::logged(StatusCode::INTERNAL_SERVER_ERROR, "it could not be moved", &error);
    let there: Vec<&&str> = folders.iter().filter(|folder| home.join(folder).is_dir()).collect();
    if there.is_empty() {
        return Ok("there was nothing".into());
    }
    fs::create_dir_all(home.join(aside)).map_err(failed)?;
    for folder in &there {
        fs::rename(home.join(folder), home.join(aside).join(folder)).map_err(failed)?;
    }
    let names: Vec<&str> = there.iter().map(|folder| **folder).collect();
    Ok(format!("{} set aside in {aside} of the home", names.join(", ")))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_listing_has_the_files_of_the_home_and_follows_no_link_out_of_it() {
        let (home, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("secret.txt"), "secret").unwrap();
        let folder = home.path().join("registry/AMZN/1");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("bundle.safetensors"), "weights").unwrap();
        fs::write(home.path().join("registry/AMZN/training.lock"), "").unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret.txt"), folder.join("file.txt")).unwrap();
        std::os::unix::fs::symlink(outside.path(), home.path().join("registry/AMZN/2")).unwrap();
        let amzn = Ticker::new("AMZN").unwrap();
        for ticker in [None, Some(&amzn)] {
            let names: Vec<String> =
                list(&AppConfig::new(home.path()), ticker).into_iter().map(|output| output.name).collect();
            assert_eq!(names, ["registry/AMZN/1/bundle.safetensors"]);
        }
    }
}
