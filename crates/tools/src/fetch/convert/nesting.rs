//! How deeply a page is nested, told without parsing it: parsers take time that grows with the square of it.

/// Deepest nesting that is parsed. Pages that people read have some dozens.
pub(super) const MAX_NESTING: usize = 256;

/// Elements without an end, or whose end is implied by the next one of their kind.
const FLAT: [&str; 29] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track",
    "wbr", "p", "li", "dt", "dd", "option", "optgroup", "tr", "td", "th", "thead", "tbody", "tfoot",
    "colgroup", "rp", "rt",
];

/// Elements whose content is no markup.
const RAW: [&str; 4] = ["script", "style", "textarea", "title"];

/// The depth that a parser would come to at most, give or take markup that is malformed.
pub(super) fn depth(html: &str) -> usize {
    let mut depth = 0_usize;
    let mut deepest = 0;
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(comment) = rest.strip_prefix("!--") {
            // `<!-->` and `<!--->` are comments already.
            let is_empty = comment.starts_with('>') || comment.starts_with("->");
            let end = if is_empty { ">" } else { "-->" };
            rest = comment.split_once(end).map_or("", |(_, after)| after);
            continue;
        }
        let (is_end, name) = tag(rest);
        if name.is_empty() || FLAT.contains(&name.as_str()) {
            continue;
        }
        if is_end {
            depth = depth.saturating_sub(1);
            continue;
        }
        if RAW.contains(&name.as_str()) {
            rest = after_end(rest, &name);
            continue;
        }
        depth += 1;
        deepest = deepest.max(depth);
    }
    deepest
}

/// What stands between tags, for pages that are too deeply nested for anything else.
pub(super) fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (_, name) = tag(after);
        let hidden = matches!(name.as_str(), "script" | "style");
        rest = if hidden { after_end(after, &name) } else { after };
        rest = rest.split_once('>').map_or("", |(_, after)| after);
        text.push('\n');
    }
    text.push_str(rest);
    text
}

/// Whether the tag that begins here is an end tag, and its name in lower case; empty when it is no tag.
fn tag(text: &str) -> (bool, String) {
    let (is_end, text) = text.strip_prefix('/').map_or((false, text), |text| (true, text));
    let letters = text.bytes().take_while(u8::is_ascii_alphanumeric).take(16);
    (is_end, letters.map(|byte| char::from(byte.to_ascii_lowercase())).collect())
}

/// What follows the name of an element's end tag.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("</") {
        rest = after;
        if rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return rest;
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_is_counted() {
        assert_eq!(depth("<html><body><div><p>a<p>b<br></div><div></div></body></html>"), 3);
        assert_eq!(depth(&"<div>".repeat(1_000)), 1_000);
        assert_eq!(depth(&"<b>".repeat(300)), 300);
        assert_eq!(depth(&"<p><li>".repeat(1_000)), 0);
        assert_eq!(depth("<script>'<div><div>'</script><div>"), 1);
        assert_eq!(depth("<!-- <div><div> --><i>a < b</i>"), 1);
        assert_eq!(depth("<!--><div><div>x--><!---><div>"), 3);
        assert_eq!(depth("</div></div><div>"), 1);
        assert_eq!(depth("<"), 0);
    }

    #[test]
    fn tags_are_left_out() {
        let text = without_tags("a<div class='x'>b</div><script>no()</script><STYLE>no</style>c");
        assert_eq!(text.split_whitespace().collect::<Vec<_>>(), ["a", "b", "c"]);
    }
}
