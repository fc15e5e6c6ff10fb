//! `Rotated`: a file that never grows beyond its size.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::Tail;

/// Name of the newest file; older ones are `stockops.log.1` and so on.
const NAME: &str = "stockops.log";

/// Files of lines: when the newest is full, each moves on by one, and the oldest goes.
#[derive(Debug)]
pub(super) struct Rotated {
    folder: PathBuf,
    bytes: u64,
    files: usize,
    newest: Mutex<(File, u64)>,
}

impl Rotated {
    pub(super) fn open(folder: PathBuf, bytes: u64, files: usize) -> io::Result<Self> {
        fs::create_dir_all(&folder)?;
        let newest = append(&folder.join(NAME))?;
        let length = newest.metadata()?.len();
        Ok(Self { folder, bytes, files: files.max(1), newest: Mutex::new((newest, length)) })
    }

    /// Write a line, into the next file where this one has no room for it.
    pub(super) fn write(&self, line: &[u8]) -> io::Result<()> {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let length = line.len() as u64;
        if newest.1 > 0 && newest.1 + length > self.bytes {
            *newest = (self.turn()?, 0);
        }
        newest.0.write_all(line)?;
        newest.1 += length;
        Ok(())
    }

    /// The last lines of the newest file, and of the one before it where these are too few.
    pub(super) fn tail(&self, lines: usize) -> io::Result<Tail> {
        let mut last = VecDeque::new();
        for number in [1, 0] {
            match File::open(self.path(number)) {
                Ok(file) => keep_last(&mut last, file, lines)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Tail { logs: Vec::from(last).join("\n"), filename: NAME.into() })
    }

    fn turn(&self) -> io::Result<File> {
        for number in (0..self.files - 1).rev() {
            match fs::rename(self.path(number), self.path(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if self.files == 1 {
            fs::remove_file(self.path(0))?;
        }
        append(&self.path(0))
    }

    fn path(&self, number: usize) -> PathBuf {
        self.folder.join(if number == 0 { NAME.into() } else { format!("{NAME}.{number}") })
    }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}

fn keep_last(last: &mut VecDeque<String>, file: File, most: usize) -> io::Result<()> {
    for line in BufReader::new(file).lines() {
        last.push_back(line?);
        if last.len() > most {
            last.pop_front();
        }
    }
    Ok(())
}
