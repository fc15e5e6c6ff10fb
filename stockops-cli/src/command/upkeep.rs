//! `stockops backup`, `restore` and `gc`: what keeps a home safe and small.

use std::path::Path;

use serde_json::json;
use stockops_agents::cache::SemanticCache;
use stockops_core::Error;
use stockops_core::backup::{self, BackupConfig, Beside, Restored};
use stockops_core::pipeline::{GcConfig, Removal, RemovedVersion};
use stockops_core::report::Table;
use stockops_core::source::BuiltinSource;
use stockops_core::storage::Key;
use stockops_server::queue::SqliteQueue;
use tempfile::TempPath;
use tokio::runtime::Runtime;

use super::{analyze, print};
use crate::args::Common;
use crate::failure::Failure;
use crate::settings::{Settings, now};

/// The jobs of a service without Redis.
const JOBS: &str = "jobs.sqlite";

pub(super) fn backup(common: &Common, settings: &Settings, folder: &Path) -> Result<(), Failure> {
    let stockops = settings.service(BuiltinSource)?;
    // Jobs name versions and are not named, so they come first.
    let jobs = jobs(&settings.local()?)?;
    let beside = jobs.iter().map(|copy| Ok(Beside { key: Key::new(JOBS)?, copy: copy.to_path_buf() }));
    let beside = beside.collect::<Result<_, Error>>()?;
    let taken = stockops.backup(folder, &BackupConfig { beside, ..BackupConfig::new(now()) })?;
    print(common.json, &taken, || {
        let (count, bytes, folder) = (taken.objects.len(), taken.bytes, folder.display());
        format!("{count} objects of {}, {bytes} bytes, are in {folder}", taken.home)
    })
}

pub(super) fn restore(common: &Common, settings: &Settings, folder: &Path, replace: bool) -> Result<(), Failure> {
    let restored = backup::restore(folder, &settings.home, replace, now())?;
    print(common.json, &restored, || {
        let Restored { home, objects, bytes, made, moved_aside } = &restored;
        let aside = moved_aside.iter().map(|aside| format!("; what was there is in {}", aside.display()));
        let home = home.display();
        format!("{home} has {objects} objects, {bytes} bytes, as of {made}{}", aside.collect::<String>())
    })
}

pub(super) fn gc(common: &Common, settings: &Settings, config: &GcConfig) -> Result<(), Failure> {
    // What can be wrong with the settings is known before anything is removed.
    let cache = SemanticCache::of_home(&settings.home, settings.answers.clone(), |name| std::env::var(name).ok());
    let (cache, runtime) = (cache.map_err(analyze::failure)?, runtime()?);
    let done = settings.tracked_service(BuiltinSource)?.gc(config)?;
    let answers = runtime.block_on(old_answers(&cache, config.dry_run));
    let mut document = json!(done);
    document["answers"] = json!(answers);
    print(common.json, &document, || removed(&done, answers))
}

/// How many kept answers of the analysts were too old, which are gone now; none where their store is away, which is a warning.
async fn old_answers(cache: &SemanticCache, dry_run: bool) -> Option<u64> {
    let removed = if dry_run { cache.count_old(now()).await } else { cache.purge_old(now()).await };
    removed.inspect_err(|error| eprintln!("warning: kept answers stay: {error}")).ok()
}

fn runtime() -> Result<Runtime, Failure> {
    Ok(Runtime::new().map_err(|source| Error::Storage { action: "start", path: "threads".into(), source })?)
}

/// A copy of the jobs of `home` at one moment, gone when it is dropped; `None` where there are none.
fn jobs(home: &Path) -> Result<Option<TempPath>, Failure> {
    let path = home.join(JOBS);
    if !path.exists() {
        return Ok(None);
    }
    let failed = |source| Error::Storage { action: "create a file in", path: home.to_path_buf(), source };
    // In the home, since no other folder is sure to be writable; what a killed process leaves of it is removed by `gc`.
    let copy = tempfile::Builder::new().prefix(".tmp-").suffix(JOBS).tempfile_in(home);
    let copy = copy.map_err(failed)?.into_temp_path();
    let copied = runtime()?.block_on(SqliteQueue::copy(&path, &copy));
    copied.map_err(|error| Failure::failed("storage", error.to_string()))?;
    Ok(Some(copy))
}

fn removed(done: &Removal, answers: Option<u64>) -> String {
    let mut table = Table::new(["version", "created", "strategy", "bytes"]);
    table.extend(done.removed.iter().map(|RemovedVersion { ticker, version, strategy, created, bytes }| {
        vec![format!("{ticker}@{version}"), created.clone(), strategy.clone(), bytes.to_string()]
    }));
    let remains = done.remains.iter().map(|file| format!("{}  {} bytes\n", file.path.display(), file.bytes));
    let what = if done.dry_run { "would be removed" } else { "removed" };
    let count = done.removed.len();
    let files = match done.remains.len() {
        0 => String::new(),
        files => format!(" and {files} files of killed processes"),
    };
    let answers = answers.filter(|answers| *answers > 0).map(|answers| format!(" and {answers} old answers"));
    let answers = answers.unwrap_or_default();
    let sum = format!(
        "{count} version{}{files}{answers} {what}, {} bytes; {} stay",
        if count == 1 { "" } else { "s" },
        done.bytes,
        done.kept
    );
    let table = if count == 0 { String::new() } else { format!("{table}\n") };
    table + &remains.collect::<String>() + &sum
}
