//! `mirror`: versions and their names are shown at a server, as they stand in the registry.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::models::{ALIASES, Mirrored, ModelServer, Refused, ShownVersion};
use super::sync::has_bundle;
use super::{Run, RunId, Runs, Tracker};
use crate::error::{Error, Result};
use crate::files::sha256_hex;
use crate::market::Ticker;
use crate::registry::{Alias, Manifest, ModelRegistry, Version, VersionId};
use crate::storage::{Key, Storage, json};

/// What a server shows of one ticker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Shown {
    /// Our number, and the one there.
    versions: BTreeMap<u32, String>,
    /// Which of ours has a name there.
    names: BTreeMap<String, u32>,
}

/// Show at `server` the versions of `tickers` and their names as they stand in `registry`; of all tickers where none is given.
///
/// A version is shown once its run is whole there, since its bundle is with the files of the run. Names that changed are given
/// and taken away, and versions that were removed here are taken away there, after their names. What is shown is written down
/// at `home`, so that nothing is asked twice.
///
/// # Errors
///
/// Those of registry and storage. What the server refuses stands in [`Mirrored::refused`]: where it is about the server as a
/// whole, the rest is left for the next time, and otherwise the other tickers follow.
pub fn mirror<S: Storage>(
    home: &Runs<S>,
    registry: &dyn ModelRegistry,
    server: &dyn Tracker,
    tickers: Option<&[Ticker]>,
) -> Result<Mirrored> {
    let mut done = Mirrored::default();
    let Some(models) = server.models() else { return Ok(done) };
    let parent = registry.parent()?;
    let mut work = Mirror { home, server, models, runs: None, done: &mut done };
    let all = match tickers {
        Some(tickers) => tickers.to_vec(),
        None => registry.tickers()?,
    };
    for ticker in all {
        let manifest = registry.manifest(&ticker)?;
        match work.follow(&ticker, &manifest, parent.as_ref()) {
            Err(Error::Tracker { server, refusal }) => {
                let (kind, is_over) = (refusal.kind().into(), refusal.is_of_server());
                work.done.refused = Some(Refused { kind, message: Error::Tracker { server, refusal }.to_string() });
                if is_over {
                    break;
                }
            }
            other => other?,
        }
    }
    Ok(done)
}

struct Mirror<'a, S> {
    home: &'a Runs<S>,
    server: &'a dyn Tracker,
    models: &'a dyn ModelServer,
    /// The runs at home by the version that they made and by its bundle, once they are asked for.
    runs: Option<HashMap<String, RunId>>,
    done: &'a mut Mirrored,
}

impl<S: Storage> Mirror<'_, S> {
    /// Bring the server to where `manifest` is.
    fn follow(&mut self, ticker: &Ticker, manifest: &Manifest, parent: Option<&VersionId>) -> Result<()> {
        let folder = format!("mirror/{}/{ticker}", &sha256_hex(self.server.place().as_bytes())[..12]);
        let storage = self.home.storage();
        let key = Key::new(&format!("{folder}/shown.json"))?;
        // Who is slower finds nothing left to do the next time.
        let Some(_lock) = storage.lock(&Key::new(&format!("{folder}/mirror.lock"))?)? else { return Ok(()) };
        let bytes = storage.get(&key)?;
        let before: Shown =
            bytes.map(|bytes| json::read(&storage.place(&key), &bytes)).transpose()?.unwrap_or_default();
        let mut shown = before.clone();
        let outcome = self.changes(ticker, manifest, parent, &mut shown);
        // What came through is remembered also where something else did not.
        if shown != before {
            storage.put(&key, &json::write(&storage.place(&key), &shown)?)?;
        }
        outcome
    }

    fn changes(
        &mut self,
        ticker: &Ticker,
        manifest: &Manifest,
        parent: Option<&VersionId>,
        shown: &mut Shown,
    ) -> Result<()> {
        for version in manifest
            .versions()
            .iter()
            .filter(|version| !shown.versions.contains_key(&version.version))
            .collect::<Vec<_>>()
        {
            let id = VersionId { ticker: ticker.clone(), version: version.version };
            let Some(run) = self.run_of(&id, version)? else {
                self.done.waiting += 1;
                continue;
            };
            let number = match self.models.show(&ShownVersion { id: id.clone(), run, tags: tags_of(version) }) {
                // Its run was deleted there.
                Err(Error::NotFound { .. }) => {
                    self.done.waiting += 1;
                    continue;
                }
                number => number?,
            };
            shown.versions.insert(version.version, number);
            self.done.shown.push(id);
        }
        for alias in ALIASES {
            let holder = holder(alias, ticker, manifest, parent);
            self.name(ticker, alias, holder.filter(|holder| shown.versions.contains_key(holder)), shown)?;
        }
        let is_gone = |number: &u32| manifest.find(*number).is_err();
        for number in shown.versions.keys().copied().filter(is_gone).collect::<Vec<_>>() {
            self.done.hidden += usize::from(self.models.hide(ticker, &shown.versions[&number])?);
            shown.versions.remove(&number);
        }
        Ok(())
    }

    /// Let `holder` alone have a name.
    fn name(&mut self, ticker: &Ticker, alias: &str, holder: Option<u32>, shown: &mut Shown) -> Result<()> {
        if shown.names.get(alias).copied() == holder {
            return Ok(());
        }
        match holder {
            Some(holder) => {
                let number = &shown.versions[&holder];
                if self.models.named(ticker, alias)?.as_ref() != Some(number) {
                    self.models.name(ticker, alias, number)?;
                }
                shown.names.insert(alias.into(), holder);
            }
            None => {
                self.models.unname(ticker, alias)?;
                shown.names.remove(alias);
            }
        }
        self.done.names += 1;
        Ok(())
    }

    /// The run that made a version, if it is whole at the server.
    fn run_of(&mut self, id: &VersionId, version: &Version) -> Result<Option<RunId>> {
        if self.runs.is_none() {
            self.runs = Some(runs_by_what_they_made(self.home)?);
        }
        let runs = self.runs.iter().flat_map(|runs| {
            let own = runs.get(&format!("{id} {}", version.sha256));
            own.or_else(|| runs.get(&version.sha256))
        });
        for run in runs {
            if has_bundle(self.home, self.server, run)? {
                return Ok(Some(run.clone()));
            }
        }
        Ok(None)
    }
}

/// Runs at home by the hash of their bundle, and by the version that it became.
fn runs_by_what_they_made<S: Storage>(home: &Runs<S>) -> Result<HashMap<String, RunId>> {
    let mut runs = HashMap::new();
    for id in home.ids()? {
        let Ok(Run { tags, .. }) = home.run(&id) else { continue };
        let Some(sha256) = tags.get("bundle_sha256") else { continue };
        if let Some(version) = tags.get("version") {
            runs.insert(format!("{version} {sha256}"), id.clone());
        }
        runs.insert(sha256.clone(), id);
    }
    Ok(runs)
}

/// Which version has a name here.
fn holder(alias: &str, ticker: &Ticker, manifest: &Manifest, parent: Option<&VersionId>) -> Option<u32> {
    let with =
        |alias: Alias| manifest.versions().iter().find(|version| version.is(alias)).map(|version| version.version);
    match alias {
        "champion" => with(Alias::Champion),
        "challenger" => with(Alias::Challenger),
        _ => parent.filter(|parent| parent.ticker == *ticker && parent.version > 0).map(|parent| parent.version),
    }
}

fn tags_of(version: &Version) -> Vec<(&'static str, String)> {
    let mut tags = vec![
        ("strategy", version.strategy.clone()),
        ("sha256", version.sha256.clone()),
        ("last_seen_day", version.last_seen_day.to_string()),
        ("unproven", version.unproven.to_string()),
    ];
    tags.extend(version.parent.clone().map(|parent| ("parent", parent)));
    tags
}
