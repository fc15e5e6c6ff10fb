//! Markdown to HTML: a piece of it for a notebook, or a page that needs nothing from elsewhere.

use std::fmt::Display;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html::push_html};

/// `markdown`, with tables, as HTML.
///
/// What looks like HTML in it is shown as text, and of links and pictures only the words are left: the text of a report
/// may hold what somebody else wrote, and must not lead anywhere.
///
/// # Example
///
/// ```
/// use stockops_core::report::html;
///
/// assert_eq!(html("# AMZN"), "<h1>AMZN</h1>\n");
/// assert_eq!(html("a <script>"), "<p>a &lt;script&gt;</p>\n");
/// ```
pub fn html(markdown: &str) -> String {
    let mut html = String::new();
    push_html(&mut html, Parser::new_ext(markdown, Options::ENABLE_TABLES).filter_map(harmless));
    html
}

/// The event, where it cannot bring anything from elsewhere into the page.
fn harmless(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::HtmlBlock) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::End(TagEnd::Link | TagEnd::Image) => None,
        other => Some(other),
    }
}

/// A page without anything from elsewhere: `markdown`, then `charts`, pairs of name and SVG.
pub fn page(title: &str, markdown: &str, charts: &[(String, String)]) -> String {
    let pictures: Vec<String> = charts.iter().map(|(_, svg)| format!("<figure>{svg}</figure>")).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{} - stockops</title>\
         <style>{}</style></head>\n<body><main>\n{}\n{}\n</main></body></html>\n",
        plain(title),
        include_str!("page.css"),
        html(markdown),
        pictures.join("\n")
    )
}

/// Text of an element that holds no markup.
fn plain(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// `text` on one line, so that Markdown shows it as it is written.
///
/// Only what Markdown would read as markup gets a backslash; the rest stays readable.
///
/// # Example
///
/// ```
/// use stockops_core::report::escape;
///
/// assert_eq!(escape("mean_20 of ^GSPC, 5 < 6"), "mean_20 of ^GSPC, 5 < 6");
/// assert_eq!(escape("[a](b) *c* <d>"), "\\[a\\](b) \\*c\\* \\<d>");
/// ```
pub fn escape(text: &str) -> String {
    let chars: Vec<char> = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut escaped = String::with_capacity(text.len());
    for (place, &c) in chars.iter().enumerate() {
        if is_markup(c, place.checked_sub(1).map(|before| chars[before]), chars.get(place + 1).copied()) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

fn is_markup(c: char, before: Option<char>, after: Option<char>) -> bool {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '*' | '[' | ']' => true,
        // Within a word an underscore is a letter.
        '_' => !(word(before) && word(after)),
        '<' => word(after) || after.is_some_and(|c| "/!?".contains(c)),
        '&' => word(after) || after == Some('#'),
        _ => false,
    }
}

/// `items` as a list in Markdown, each as it is written; nothing where there is none.
pub fn list(items: impl IntoIterator<Item = impl Display>) -> String {
    let item = |item: String| {
        // A mark at the beginning would open a heading, a quotation or another list.
        let mark = if item.starts_with(['#', '>', '+', '-', '=']) { "\\" } else { "" };
        format!("- {mark}{item}")
    };
    items.into_iter().map(|one| item(escape(&one.to_string()))).collect::<Vec<_>>().join("\n")
}

/// Parts of a text in Markdown, one under the other; empty ones are left out.
pub(super) fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_text_holds_becomes_markup_or_leads_elsewhere() {
        let nasty = "<script>alert(1)</script> [x](javascript:y) ![z](http://q/r.png) &copy; *a* `b` \\ _c_ <http://d>";
        let shown = nasty.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert_eq!(html(&escape(nasty)), format!("<p>{shown}</p>\n"));
        assert_eq!(html(&list([nasty])), format!("<ul>\n<li>{shown}</li>\n</ul>\n"));
    }

    #[test]
    fn markdown_that_was_not_escaped_is_harmless_too() {
        let html = html("<div onclick=x>\n\n[x](javascript:y) ![z](r.png) <b>\n\n<http://a.b>");
        assert!(!html.contains("href") && !html.contains("src=") && !html.contains("<div") && !html.contains("<b>"));
        assert!(html.contains("&lt;div onclick=x&gt;") && html.contains("<p>x z &lt;b&gt;</p>"), "{html}");
    }

    #[test]
    fn a_note_keeps_its_first_mark() {
        assert_eq!(html(&list(["# 5", "- 1.2 %", "plain"])).matches("<li>").count(), 3);
        assert!(html(&list(["# 5"])).contains("<li># 5</li>"));
        assert_eq!(list(Vec::<String>::new()), "");
    }

    #[test]
    fn a_page_holds_its_title_as_text_and_its_charts_as_they_are() {
        let charts = [("a.svg".to_string(), "<svg><title>t</title></svg>".to_string())];
        let page = page("</title><script>", "# Head", &charts);
        assert!(page.contains("<title>&lt;/title>&lt;script> - stockops</title>") && !page.contains("<script"));
        assert!(page.contains("<h1>Head</h1>") && page.contains("<figure><svg><title>t</title></svg></figure>"));
    }
}
