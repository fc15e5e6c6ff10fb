//! What the house writes as Markdown and SVG, as pieces of a page that forbids styles within it.

use stockops_core::chart::bare;
use stockops_core::report::{Table, html};

/// `markdown` as HTML that leads nowhere, its headings two levels lower: a page has a heading of its own.
pub(super) fn markdown(markdown: &str) -> String {
    let html = html(markdown);
    let lower = (1..=4).rev().fold(html, |html, level| {
        let under = level + 2;
        html.replace(&format!("<h{level}>"), &format!("<h{under}>"))
            .replace(&format!("</h{level}>"), &format!("</h{under}>"))
    });
    boxed(&lower, "A table of the report")
}

/// `table` in a box that scrolls by itself where the screen is narrow; `label` names it for those who cannot see it.
pub(super) fn table(label: &str, table: &Table) -> String {
    boxed(&html(&table.markdown()), label)
}

/// The same, where the last column holds sentences: they wrap, and stand to the left.
pub(super) fn prose_table(label: &str, rows: &Table) -> String {
    table(label, rows).replacen("class=\"table\"", "class=\"table prose\"", 1)
}

/// A chart without its own style, which stands in the style of the page.
pub(super) fn chart(svg: &str) -> String {
    bare(svg)
}

/// Columns are aligned by the style of the page, since styles within are forbidden.
fn boxed(html: &str, label: &str) -> String {
    let label = label.replace('&', "&amp;").replace('"', "&quot;");
    // A heading that is empty is announced as one that is missing.
    html.replace(" style=\"text-align: right\"", "")
        .replace("<th></th>", "<td></td>")
        .replace(
            "<table>",
            &format!("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"{label}\"><table>"),
        )
        .replace("</table>", "</table></div>")
}
