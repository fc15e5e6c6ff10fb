//! `restore`: a home from a copy, whole or not there.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::rooms::{Kind, ROOMS, kind};
use super::{Backup, CopiedObject, address_of};
use crate::error::{Error, Result, check};
use crate::files::{create_folder, names_in, sha256_hex, sync_folder, write_atomically};
use crate::storage::{self, DirectoryStorage, Key, Storage, json, unique_word};

/// A folder in the home where objects are put first.
const BEGUN: &str = ".restoring-";
/// The same once all of them are there: from then on the restore is decided, and only names are missing.
const DECIDED: &str = ".restored-";
/// In such a folder: the objects, and what is moved aside before they take their names.
const OBJECTS: &str = "home";
const PLAN: &str = "plan.json";

/// What came of a restore.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Restored {
    /// The home.
    pub home: PathBuf,
    /// Objects that are there again.
    pub objects: usize,
    /// Bytes of all of them.
    pub bytes: u64,
    /// When the copy was made.
    pub made: DateTime<Utc>,
    /// Where what was in the home is now; none where it was empty.
    pub moved_aside: Option<PathBuf>,
}

/// What a restore does once its objects are there.
#[derive(Debug, Serialize, Deserialize)]
struct Plan {
    /// Names in the home that are moved, and the folder in the home that they are moved to.
    names: Vec<String>,
    aside: String,
    /// The copy, and what is told of it.
    checksum: String,
    objects: usize,
    bytes: u64,
    made: DateTime<Utc>,
}

/// Make the folder `home` of the backup in `from`. No program may use the home meanwhile.
///
/// All objects are checked against their lengths and hashes before the first is written. They are put into a hidden folder of
/// the home, reach the disk, and then take their names: who is killed before leaves the home as it was, and who is killed in
/// between leaves one that [`check_finished`] refuses until this is called again, which goes on. So it works in a home that is a
/// mount of its own.
///
/// With `replace` what is in the home is moved to its folder `replaced-TIME`, and nothing is removed.
///
/// # Errors
///
/// - [`Error::Config`] where the home holds something and `replace` is not set.
/// - [`Error::File`] where the backup is torn, altered, or of a newer stockops; it names the object.
/// - [`Error::Storage`] where the disk refuses.
pub fn restore(from: &Path, home: &Path, replace: bool, now: DateTime<Utc>) -> Result<Restored> {
    let backup = Backup::open(from)?;
    let Some(home) = storage::folder(home)? else {
        check(!replace, "replace", "left out where the home is a bucket; empty it first", home.display())?;
        return restore_into(from, &*storage::open(home)?);
    };
    let home = home.as_path();
    if let Some(decided) = decided(home)? {
        return finish(home, &decided, &backup);
    }
    check_objects(from, &backup)?;
    remove_remains(home)?;
    let names = shown_names_in(home)?;
    let rule = "a folder that is empty or not there yet, unless what it holds may be replaced";
    check(names.is_empty() || replace, "home", rule, home.display())?;
    let begun = home.join(format!("{BEGUN}{}", unique_word()));
    let aside = now.format("replaced-%Y%m%dT%H%M%S").to_string();
    let (objects, checksum) = (backup.objects.len(), backup.checksum.clone());
    let plan = Plan { names, aside, checksum, objects, bytes: backup.bytes, made: backup.made };
    if let Err(error) = stage(from, &backup, &begun, &plan) {
        // What is left over is hidden and does no harm.
        let _ = fs::remove_dir_all(&begun);
        return Err(error);
    }
    let decided = home.join(format!("{DECIDED}{}", unique_word()));
    rename(&begun, &decided)?;
    finish(home, &decided, &backup)
}

/// Write the objects of the backup in `from` to a storage that holds none of them, such as a bucket; `jobs.sqlite` stays behind,
/// for a database is no object. What is named is written before what names it, so to be stopped in the middle leaves nothing that names
/// what is not there; the storage is to be emptied and the call repeated then.
///
/// # Errors
///
/// Those of [`restore`].
pub fn restore_into(from: &Path, storage: &dyn Storage) -> Result<Restored> {
    let backup = Backup::open(from)?;
    check_objects(from, &backup)?;
    for room in ROOMS {
        let key = Key::new(room.name)?;
        let rule = "a storage without objects of stockops";
        check(storage.walk(&key)?.is_empty(), "home", rule, storage.place(&key).display())?;
    }
    write_all(from, &backup, storage, |key| !is_database(key.as_str()))?;
    let objects = backup.objects.iter().filter(|object| !is_database(&object.key)).count();
    Ok(Restored {
        home: address_of(storage)?.into(),
        objects,
        bytes: backup.bytes,
        made: backup.made,
        moved_aside: None,
    })
}

fn is_database(key: &str) -> bool {
    key.ends_with(".sqlite")
}

/// Refuse a home in which a restore was stopped while its objects took their names.
///
/// # Errors
///
/// [`Error::File`] says that the restore is to be called again.
pub fn check_finished(home: &Path) -> Result<()> {
    let Some(home) = storage::folder(home)? else { return Ok(()) };
    match decided(&home)? {
        None => Ok(()),
        Some(decided) => {
            Err(Error::file(&decided, "a restore was stopped in its last step; call it again, and it goes on"))
        }
    }
}

/// Check every object against the list.
fn check_objects(from: &Path, backup: &Backup) -> Result<()> {
    let storage = Backup::objects_in(from);
    let problem = |object: &CopiedObject| -> Option<(PathBuf, String)> {
        let key = Key::new(&object.key).ok()?;
        let found = match storage.get(&key) {
            Ok(Some(bytes)) if bytes.len() as u64 != object.bytes => {
                format!("it has {} bytes where {} were copied", bytes.len(), object.bytes)
            }
            Ok(Some(bytes)) if sha256_hex(&bytes) != object.sha256 => {
                "its sha256 is another than when it was copied".into()
            }
            Ok(Some(_)) => return None,
            Ok(None) => "it is missing".into(),
            Err(error) => error.to_string(),
        };
        Some((storage.place(&key), found))
    };
    let mut problems: Vec<(PathBuf, String)> = backup.objects.par_iter().filter_map(problem).collect();
    if problems.is_empty() {
        return Ok(());
    }
    let (count, (path, problem)) = (problems.len(), problems.remove(0));
    let others = if count > 1 { format!(", and {} more objects are damaged", count - 1) } else { String::new() };
    Err(Error::file(&path, format!("{problem}{others}; nothing was restored: take another backup")))
}

/// Write the `wanted` objects: states of sequences, which name others, last.
fn write_all(from: &Path, backup: &Backup, to: &dyn Storage, wanted: impl Fn(&Key) -> bool + Sync) -> Result<()> {
    let storage = Backup::objects_in(from);
    let keys = backup.objects.iter().map(|object| Key::new(&object.key)).collect::<Result<Vec<_>>>()?;
    let (states, others): (Vec<&Key>, Vec<&Key>) =
        keys.iter().filter(|key| wanted(key)).partition(|key| kind(key) == Kind::State);
    let write = |key: &&Key| {
        let gone = || Error::file(&storage.place(key), "it went away while it was restored; take another backup");
        to.put(key, &storage.get(key)?.ok_or_else(gone)?)
    };
    others.par_iter().try_for_each(write)?;
    states.par_iter().try_for_each(write)
}

/// Put the objects and the plan into the hidden folder.
fn stage(from: &Path, backup: &Backup, begun: &Path, plan: &Plan) -> Result<()> {
    let objects = begun.join(OBJECTS);
    create_folder(&objects)?;
    write_all(from, backup, &DirectoryStorage::at(&objects), |_| true)?;
    let path = begun.join(PLAN);
    write_atomically(&path, &json::write(&path, plan)?)
}

/// Move aside what is to go, give the objects their names, and remove the hidden folder; each step may have been done before.
fn finish(home: &Path, decided: &Path, backup: &Backup) -> Result<Restored> {
    let path = decided.join(PLAN);
    let plan: Plan = json::read(&path, &fs::read(&path).map_err(Error::storage("read", &path))?)?;
    if plan.checksum != backup.checksum {
        let made = plan.made.format("%Y-%m-%d %H:%M:%S");
        let problem = format!(
            "a restore of another backup, made {made}, was stopped in its last step; call that one again first"
        );
        return Err(Error::file(&path, problem));
    }
    let aside = home.join(&plan.aside);
    if !plan.names.is_empty() {
        create_folder(&aside)?;
    }
    for name in &plan.names {
        // What has its place there already was moved by an earlier call, and what has its name now is new.
        if !aside.join(name).exists() && home.join(name).exists() {
            rename(&home.join(name), &aside.join(name))?;
        }
    }
    let objects = decided.join(OBJECTS);
    for name in shown_names_in(&objects)? {
        rename(&objects.join(&name), &home.join(&name))?;
    }
    // It is done once the folder has another name. What is left of it under that one is removed by the next restore.
    let over = home.join(format!("{BEGUN}{}", unique_word()));
    rename(decided, &over)?;
    let _ = fs::remove_dir_all(&over);
    let moved_aside = (!plan.names.is_empty()).then_some(aside);
    let Plan { objects, bytes, made, .. } = plan;
    Ok(Restored { home: home.into(), objects, bytes, made, moved_aside })
}

/// Remove what restores that were killed before they were decided left in the home.
fn remove_remains(home: &Path) -> Result<()> {
    for name in names_in(home)?.iter().filter(|name| name.starts_with(BEGUN)) {
        let remains = home.join(name);
        fs::remove_dir_all(&remains).map_err(Error::storage("remove", &remains))?;
    }
    Ok(())
}

/// The hidden folder of a restore that is decided and not done.
fn decided(home: &Path) -> Result<Option<PathBuf>> {
    Ok(names_in(home)?.into_iter().find(|name| name.starts_with(DECIDED)).map(|name| home.join(name)))
}

/// Names in a folder that are not hidden; what a file system keeps for itself in its root does not count.
fn shown_names_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = names_in(folder)?;
    names.sort_unstable();
    names.retain(|name| !name.starts_with('.') && name != "lost+found" && !name.starts_with("replaced-"));
    Ok(names)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(Error::storage("rename", from))?;
    sync_folder(to.parent().unwrap_or(to))
}
