//! `Writer`: one cleaned line, to standard error and to the file.

use std::io::{self, Write};
use std::sync::Arc;

use tracing_subscriber::fmt::MakeWriter;

use super::file::Rotated;
use super::redact::Redactor;

/// Writes lines. A clone writes to the same places.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    file: Option<Arc<Rotated>>,
    redactor: Redactor,
    to_stderr: bool,
}

impl Writer {
    pub(super) fn new(file: Option<Arc<Rotated>>, redactor: Redactor, to_stderr: bool) -> Self {
        Self { file, redactor, to_stderr }
    }

    pub(super) fn file(&self) -> Option<&Rotated> {
        self.file.as_deref()
    }
}

impl<'w> MakeWriter<'w> for Writer {
    type Writer = Line<'w>;

    fn make_writer(&'w self) -> Self::Writer {
        Line { writer: self, bytes: Vec::new() }
    }
}

/// One line, which is written when it is whole.
#[derive(Debug)]
pub(super) struct Line<'w> {
    writer: &'w Writer,
    bytes: Vec<u8>,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line<'_> {
    /// A log that cannot be written stops no answer.
    fn drop(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&self.bytes);
        let clean = self.writer.redactor.clean(&line);
        if self.writer.to_stderr {
            let _ = io::stderr().write_all(clean.as_bytes());
        }
        if let Some(file) = &self.writer.file {
            let _ = file.write(clean.as_bytes());
        }
    }
}
