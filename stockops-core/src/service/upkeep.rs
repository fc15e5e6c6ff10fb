//! What keeps a home small and safe: copies of it, and the removal of what nobody needs.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use super::Stockops;
use crate::backup::{Backup, BackupConfig, backup};
use crate::error::Result;
use crate::market::Ticker;
use crate::pipeline::{GcConfig, Removal, RemovedFile, gc};

/// How old the remains of a writer are before they are removed, whatever else tells that he is dead.
const GRACE: Duration = Duration::from_secs(3600);

impl Stockops {
    /// Copy the home to the folder `to` while others go on, see [`backup`]; [`restore`](crate::backup::restore) makes a home of it.
    ///
    /// # Errors
    ///
    /// Those of [`backup`].
    pub fn backup(&self, to: &Path, config: &BackupConfig) -> Result<Backup> {
        backup(self.runs.storage(), to, config)
    }

    /// Remove the versions that nobody needs, see [`gc`], and what processes left in the home that died while they wrote.
    ///
    /// # Errors
    ///
    /// Those of [`gc`].
    pub fn gc(&self, config: &GcConfig) -> Result<Removal> {
        let mut done = gc(self.registry(), self.record(), config)?;
        let remains = self.runs.storage().sweep(GRACE, config.dry_run)?;
        done.remains = remains.into_iter().map(|(path, bytes)| RemovedFile { path, bytes }).collect();
        done.bytes += done.remains.iter().map(|file| file.bytes).sum::<u64>();
        let tickers: BTreeSet<&Ticker> = done.removed.iter().map(|version| &version.ticker).collect();
        if !config.dry_run {
            // Where the first waits in vain the others would too: the next sync tells the server.
            let _ = tickers.into_iter().find(|ticker| self.shown(ticker).is_some());
        }
        Ok(done)
    }
}
