//! `stockops mcp`: a server for assistants.

use std::path::PathBuf;

use stockops_agents::mcp::{self, Server, serve_http, serve_stdio};
use stockops_core::Error;

use super::analyze::{failure, llm};
use crate::args::{Common, Mcp};
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, asked: &Mcp) -> Result<(), Failure> {
    let stockops = settings.unrecorded_service(settings.source(common, None)?)?;
    let roots = if asked.root.is_empty() { working_directory() } else { asked.root.clone() };
    let llm = llm(&asked.llm)?;
    let model = llm.as_ref().map(|llm| llm.connect().map_err(failure)).transpose()?;
    let (allow_training, roots, read) = (asked.allow_training, whole(roots)?, settings.read);
    let allowed = mcp::Settings {
        allow_training,
        roots,
        read,
        model,
        prices: llm.and_then(|llm| llm.prices),
        explain,
        admit: None,
    };
    let server = Server::new(stockops, allowed);
    match asked.http {
        Some(address) => {
            serve_http(&server, address, &asked.allowed_host, |bound| eprintln!("serving on http://{bound}"))?;
        }
        None => serve_stdio(&server)?,
    }
    Ok(())
}

/// The working directory, unless the whole disk or all files of a person lie below it: hosts start a server in such places.
fn working_directory() -> Vec<PathBuf> {
    let own = std::env::home_dir().and_then(|home| home.canonicalize().ok());
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let is_narrow = |here: &PathBuf| here.parent().is_some() && own.as_ref() != Some(here);
    here.filter(is_narrow).into_iter().collect()
}

/// The folders by their whole paths: a host may show them to somebody who does not know where the server was started.
fn whole(roots: Vec<PathBuf>) -> Result<Vec<PathBuf>, Failure> {
    let whole = |root: PathBuf| {
        let found = root.canonicalize();
        found.map_err(|error| Failure::wrong("call", format!("--root {}: {error}; name a folder", root.display())))
    };
    roots.into_iter().map(whole).collect()
}

fn explain(error: Error) -> String {
    Failure::from(error).into_message()
}
