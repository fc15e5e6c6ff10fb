//! What a notebook shows: small tables and charts, without script.

use std::fmt::Display;

pub(crate) use stockops_core::market::{price_text as price, volume_text as volume};

/// Text that cannot become markup.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A table with a caption; cells are text.
pub(crate) fn table<R: AsRef<[String]>>(caption: &str, header: &[&str], rows: impl IntoIterator<Item = R>) -> String {
    let cells = |tag: &str, cells: &mut dyn Iterator<Item = &str>| -> String {
        cells.map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect()
    };
    let head = cells("th", &mut header.iter().copied());
    let body: String = rows
        .into_iter()
        .map(|row| format!("<tr>{}</tr>\n", cells("td", &mut row.as_ref().iter().map(String::as_str))))
        .collect();
    format!(
        "<table>\n<caption>{}</caption>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n",
        escape(caption)
    )
}

/// A list of sentences; nothing where there is none.
pub(crate) fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let items: String = items.into_iter().map(|item| format!("<li>{}</li>\n", escape(&item.to_string()))).collect();
    if items.is_empty() { items } else { format!("<ul>\n{items}</ul>\n") }
}
