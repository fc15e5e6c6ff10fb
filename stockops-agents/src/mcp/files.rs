//! Which files may be read: those below the folders that were allowed, links followed.

use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// The file that `word` names below one of `roots`: a path from a root, or a whole one.
///
/// What lies outside, what is no plain file and what does not exist get one and the same answer, so that nobody learns
/// from it what there is elsewhere.
pub(super) fn allowed(roots: &[PathBuf], word: &str) -> Result<PathBuf, String> {
    if roots.is_empty() {
        return Err("no folder of files is allowed; start the server with one, or name a ticker".into());
    }
    let found = roots.iter().find_map(|root| below(root, word)).ok_or_else(|| {
        let shown: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
        format!("no file `{}` below {}; name one there, as a path from that folder", short(word), shown.join(" or "))
    })?;
    match found.metadata() {
        Ok(about) if about.len() > LARGEST => {
            Err(format!("`{}` has {} bytes, and {LARGEST} are read at most", short(word), about.len()))
        }
        _ => Ok(found),
    }
}

/// The plain file, by its path without links, where that lies below `root`.
fn below(root: &Path, word: &str) -> Option<PathBuf> {
    let root = root.canonicalize().ok()?;
    let file = root.join(word).canonicalize().ok()?;
    (file.starts_with(&root) && file.is_file()).then_some(file)
}

/// The beginning of what was given.
fn short(word: &str) -> String {
    word.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_found_from_a_root_or_by_its_whole_path() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b.csv"), "x").unwrap();
        let roots = [folder.path().to_path_buf()];
        let whole = folder.path().join("a/b.csv").canonicalize().unwrap();
        for word in ["a/b.csv", "./a/../a/b.csv", whole.to_str().unwrap()] {
            assert_eq!(allowed(&roots, word).unwrap(), whole, "{word}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn nothing_outside_is_read_and_the_answer_does_not_tell_what_is_there() {
        let (inside, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let secret = outside.path().join("secret.csv");
        fs::write(&secret, "x").unwrap();
        std::os::unix::fs::symlink(&secret, inside.path().join("link.csv")).unwrap();
        std::os::unix::fs::symlink(outside.path(), inside.path().join("folder")).unwrap();
        let roots = [inside.path().to_path_buf()];
        let refused = |word: &str| allowed(&roots, word).unwrap_err().replace(&format!("`{word}`"), "*");
        let wanted = refused("nothing.csv");
        let climbing = format!("../{}/secret.csv", outside.path().file_name().unwrap().to_str().unwrap());
        for word in ["link.csv", "folder/secret.csv", secret.to_str().unwrap(), &climbing, "folder", "/dev/zero", "."] {
            assert_eq!(refused(word), wanted, "{word}");
        }
    }

    #[test]
    fn without_a_root_no_file_is_read() {
        assert!(allowed(&[], "a.csv").unwrap_err().starts_with("no folder of files is allowed"));
    }
}
