//! Markdown with what the library leaves to be wished for: code blocks always fenced, links whole and without
//! titles, tables without padding.

use std::sync::Arc;

use html2md::element_handler::{HandlerResult, Handlers};
use html2md::options::{BulletListMarker, Options};
use html2md::{Element, HtmlToMarkdown};
use url::Url;

/// Longest address of a link that is kept; longer ones are data more than addresses.
const MAX_LINK_BYTES: usize = 2_000;

/// Markdown of a part of a page whose links start from `base`.
pub(super) fn of(html: &str, base: Option<Url>) -> String {
    let base = Arc::new(base);
    let images = Arc::clone(&base);
    let options = Options {
        bullet_list_marker: BulletListMarker::Dash,
        ul_bullet_spacing: 1,
        ol_number_spacing: 1,
        ..Options::default()
    };
    let converter = HtmlToMarkdown::builder()
        .options(options)
        .skip_tags(vec!["head"])
        .add_handler(vec!["pre"], |handlers: &dyn Handlers, element: Element<'_>| fenced(handlers, &element))
        .add_handler(vec!["table"], unpadded)
        .add_handler(vec!["a"], move |handlers: &dyn Handlers, element: Element<'_>| {
            Some(link(handlers, &element, base.as_ref().as_ref()))
        })
        .add_handler(vec!["img"], move |_: &dyn Handlers, element: Element<'_>| {
            image(&element, images.as_ref().as_ref())
        })
        .build();
    converter.convert(html).unwrap_or_default()
}

fn attribute(element: &Element<'_>, name: &str) -> Option<String> {
    let found = element.attrs.iter().find(|attribute| &*attribute.name.local == name)?;
    Some(found.value.trim().to_owned())
}

/// An address as it is written into Markdown; `None` for what leads nowhere.
fn address(text: &str, base: Option<&Url>) -> Option<String> {
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let url = match base {
        Some(base) => base.join(text).ok()?,
        None => Url::parse(text).ok()?,
    };
    let is_kept = matches!(url.scheme(), "http" | "https" | "mailto") && url.as_str().len() <= MAX_LINK_BYTES;
    is_kept.then(|| if url.as_str().contains(['(', ')']) { format!("<{url}>") } else { url.to_string() })
}

fn link(handlers: &dyn Handlers, element: &Element<'_>, base: Option<&Url>) -> HandlerResult {
    let content = handlers.walk_children(element.node).content;
    let words = content.split_whitespace().collect::<Vec<_>>().join(" ");
    let address = attribute(element, "href").and_then(|href| address(&href, base));
    match address {
        Some(address) if !words.is_empty() => format!("[{words}]({address})").into(),
        _ => content.into(),
    }
}

/// An image as its description and address; nothing for one that is only decoration.
fn image(element: &Element<'_>, base: Option<&Url>) -> Option<HandlerResult> {
    let description = attribute(element, "alt")?;
    let description = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let address = attribute(element, "src").and_then(|source| address(&source, base))?;
    (!description.is_empty()).then(|| format!("![{description}]({address})").into())
}

/// A code block, fenced even where there is no `code` inside.
fn fenced(handlers: &dyn Handlers, element: &Element<'_>) -> Option<HandlerResult> {
    let content = handlers.walk_children(element.node).content;
    let code = content.trim_matches('\n');
    if code.is_empty() {
        return None;
    }
    if code.trim_start().starts_with("```") {
        return Some(format!("\n\n{code}\n\n").into());
    }
    let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    Some(format!("\n\n{fence}\n{code}\n{fence}\n\n").into())
}

/// A table without the blanks that line its columns up.
fn unpadded(handlers: &dyn Handlers, element: Element<'_>) -> Option<HandlerResult> {
    let table = handlers.fallback(element)?;
    let lines = table.content.lines().map(|line| {
        if !line.starts_with('|') {
            return line.to_owned();
        }
        let is_rule = line.chars().all(|character| "|- ".contains(character));
        let cells = line.trim_matches('|').split('|').map(|cell| if is_rule { "---" } else { cell.trim() });
        format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
    });
    Some(format!("\n\n{}\n\n", lines.collect::<Vec<_>>().join("\n").trim_matches('\n')).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str, expected: &str) {
        let base = Url::parse("https://example.com/docs/page?x=1").unwrap();
        assert_eq!(of(html, Some(base)), expected, "{html}");
    }

    #[test]
    fn links_are_whole() {
        check(
            "<a href='../a?b=c&amp;d=%20e#f' title='no'>text</a>",
            "[text](https://example.com/a?b=c&d=%20e#f)",
        );
        check("<a href='https://other.test/x_(y)'>text</a>", "[text](<https://other.test/x_(y)>)");
        check("<a href='#top'>up</a> <a href='javascript:x()'>do</a> <a>plain</a>", "up do plain");
        check("<a href='/a'>two\n words</a>", "[two words](https://example.com/a)");
        check("<a href='/a'></a>x", "x");
    }

    #[test]
    fn images_are_told_of_when_they_are_described() {
        check("<img src='a.png' alt='A chart'>", "![A chart](https://example.com/docs/a.png)");
        check("<p>x<img src='a.png'><img src='data:image/png;base64,AAAA' alt='inline'></p>", "x");
    }

    #[test]
    fn code_is_fenced_and_keeps_its_shape() {
        check(
            "<pre><code class='language-python'>def f():\n    return 1\n</code></pre>",
            "```python\ndef f():\n    return 1\n```",
        );
        check("<pre>a\n  b</pre>", "```\na\n  b\n```");
    }

    #[test]
    fn tables_are_not_padded() {
        check(
            "<table><tr><th>a</th><th>long heading</th></tr><tr><td>a long cell</td><td>x</td></tr></table>",
            "| a | long heading |\n| --- | --- |\n| a long cell | x |",
        );
    }

    #[test]
    fn blocks_are_parted_and_lists_nest() {
        check(
            "<h2>Head</h2><p>one</p><p>two</p><ul><li>a<ul><li>b</li></ul></li></ul>",
            "## Head\n\none\n\ntwo\n\n- a\n  - b",
        );
    }
}
