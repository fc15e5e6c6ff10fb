//! Copies of a home: consistent while others write, and checked object by object before they come back.
//!
//! [`backup`] takes a copy of all that is kept in a [`Storage`], and [`restore`] makes a home of it.
//!
//! Nobody has to stop for a copy. What is kept refers to other things: a forecast names a version, a manifest its bundles. So
//! **what names comes before what is named**: runs, reports and the record first, the registry after them, and in a folder that
//! belongs together, such as the shelf of a ticker, manifests and notes before its objects are listed. What they name was there
//! already, so it is among those, unless somebody removed it: then a name of the list of before is missing in that of after, and
//! it is looked again. Of a [`Sequence`](crate::storage::Sequence) the newest state is copied; entries that a
//! [`Log`](crate::storage::Log) gets meanwhile may be missing; older ones are there.

mod copy;
mod restore;
mod rooms;
mod taken;

pub use copy::{BackupConfig, Beside, backup};
pub use restore::{Restored, check_finished, restore, restore_into};
pub use taken::{Backup, CopiedObject, LeftOut};

use crate::error::Result;
use crate::storage::{Key, Storage};

/// The address of a home: that of a room without its name.
fn address_of(home: &dyn Storage) -> Result<String> {
    let place = home.place(&Key::new("registry")?).display().to_string();
    Ok(place.strip_suffix("registry").unwrap_or(&place).trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests;
