//! `stockops export` and `stockops import`: versions in formats of others, and networks of the original.

use std::path::Path;

use serde_json::json;
use stockops_core::Ticker;
use stockops_core::files::write_atomically;
use stockops_core::forecaster::ExportFormat;
use stockops_core::service::{ImportRequest, Imported, ListedVersion};
use stockops_core::source::BuiltinSource;

use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn export(
    common: &Common,
    settings: &Settings,
    ticker: &Ticker,
    version: Option<u32>,
    format: ExportFormat,
    out: &Path,
) -> Result<(), Failure> {
    // No bars are read here.
    let exported = settings.service(BuiltinSource)?.export(ticker, version, format)?;
    write_atomically(out, &exported.file)?;
    let (id, bytes) = (exported.id.to_string(), exported.file.len());
    let document = json!({"version": id, "format": format.to_string(), "out": out, "bytes": bytes});
    print(common.json, &document, || format!("wrote {id} ({format}, {bytes} bytes) to {}", out.display()))
}

pub(super) fn import(common: &Common, settings: &Settings, request: &ImportRequest) -> Result<(), Failure> {
    let source = settings.source(common, Some(&request.ticker))?;
    let imported = settings.tracked_service(source)?.import(request)?;
    print(common.json, &imported, || words(&imported))
}

fn words(imported: &Imported) -> String {
    let ListedVersion { ticker, version } = &imported.version;
    let names = version.alias.iter().map(|alias| json!(alias).as_str().unwrap_or_default().to_owned());
    let names = names.collect::<Vec<_>>().join(", ");
    let names = if names.is_empty() { "set aside".to_owned() } else { names };
    let mut lines =
        vec![format!("{ticker}@{} ({names}), may have seen days up to {}", version.version, version.last_seen_day)];
    lines.extend(version.reason.iter().map(|reason| format!("unproven: {reason}")));
    lines.push(format!("run {}", imported.run_id));
    lines.extend(imported.notes.iter().map(|note| format!("note: {note}")));
    lines.join("\n")
}
