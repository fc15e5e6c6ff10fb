//! What a notebook shows: small tables and charts, without script; all of it is core's.

use std::fmt::Display;

pub(crate) use stockops_core::market::{price_text as price, volume_text as volume};
use stockops_core::report::{self, Table};

/// A table with a caption; cells are text.
pub(crate) fn table<R: AsRef<[String]>>(caption: &str, header: &[&str], rows: impl IntoIterator<Item = R>) -> String {
    let mut table = Table::new(header.iter().copied());
    table.extend(rows.into_iter().map(|row| row.as_ref().to_vec()));
    report::html(&format!("{}\n\n{}", report::escape(caption), table.markdown()))
}

/// A list of sentences; nothing where there is none.
pub(crate) fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    report::html(&report::list(items))
}
