//! Putting new lines in place of old ones, byte for byte.

use std::borrow::Cow;

use super::document::{Document, Line};
use super::rebase::operations;
use super::request::{NewLine, Span};

/// New lines and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) span: Span,
    pub(super) lines: Vec<NewLine>,
}

/// The file after `changes`, which must not overlap and be sorted by where they start. Bytes outside their
/// spans are copied as they are.
pub(super) fn apply(document: &Document<'_>, changes: &[Change]) -> Vec<u8> {
    let mut bytes = document.byte_order_mark.to_vec();
    let mut copied = 0;
    for change in changes {
        copy(&mut bytes, document.lines.get(copied..change.span.start));
        bytes.extend(render(document, change.span, &change.lines));
        copied = change.span.end;
    }
    copy(&mut bytes, document.lines.get(copied..));
    bytes
}

/// The bytes of the lines in `span`.
pub(super) fn bytes_of(document: &Document<'_>, span: Span) -> Vec<u8> {
    let mut bytes = Vec::new();
    copy(&mut bytes, document.lines.get(span.start..span.end));
    bytes
}

/// The bytes that `lines` have when they replace `span`.
///
/// Lines that stay what they were keep their bytes, also those that are not UTF-8, and their ending. Another
/// line gets the ending of the line it replaces, or else of the line above. Where the file's last line has
/// no ending, its replacement has none either.
pub(super) fn render(document: &Document<'_>, span: Span, lines: &[NewLine]) -> Vec<u8> {
    let replaced = document.lines.get(span.start..span.end).unwrap_or_default();
    let above = span.start.checked_sub(1).and_then(|above| document.lines.get(above));
    let mut ending = [above, document.lines.get(span.start), document.lines.first()]
        .into_iter()
        .flatten()
        .map(|line| line.ending)
        .find(|ending| !ending.is_empty());
    let reaches_end = span.end == document.lines.len();
    let unterminated = reaches_end && document.lines.last().is_some_and(Line::is_unterminated);

    let mut bytes = Vec::new();
    for (index, (line, twin)) in lines.iter().zip(twins(replaced, lines)).enumerate() {
        let same = twin.filter(|twin| twin.text() == line.body);
        ending = twin.map(|twin| twin.ending).filter(|ending| !ending.is_empty()).or(ending);
        bytes.extend_from_slice(same.map_or(line.body.as_bytes(), |twin| twin.body));
        if index + 1 < lines.len() || !unterminated {
            bytes.extend_from_slice(ending.unwrap_or(line.ending.as_bytes()));
        }
    }
    bytes
}

/// For each new line the replaced line that it continues, if any.
fn twins<'a>(replaced: &'a [Line<'a>], lines: &[NewLine]) -> Vec<Option<&'a Line<'a>>> {
    let old: Vec<_> = replaced.iter().map(Line::text).collect();
    let new: Vec<_> = lines.iter().map(|line| Cow::Borrowed(line.body.as_str())).collect();
    let mut twins = vec![None; lines.len()];
    for op in operations(&old, &new) {
        for (old, new) in op.old_range().zip(op.new_range()) {
            if let Some(twin) = twins.get_mut(new) {
                *twin = replaced.get(old);
            }
        }
    }
    twins
}

fn copy(bytes: &mut Vec<u8>, lines: Option<&[Line<'_>]>) {
    for line in lines.unwrap_or_default() {
        bytes.extend_from_slice(line.body);
        bytes.extend_from_slice(line.ending);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(file: &str, span: (usize, usize), new: &[&str], expected: &str) {
        let document = Document::parse(file.as_bytes());
        let lines = new.iter().map(|body| NewLine { body: (*body).to_owned(), ending: "\n" }).collect();
        let change = Change { span: Span { start: span.0, end: span.1 }, lines };
        assert_eq!(String::from_utf8_lossy(&apply(&document, &[change])), expected);
    }

    #[test]
    fn new_lines_take_the_ending_of_what_they_replace() {
        check("a\r\nb\r\nc\r\n", (1, 2), &["x", "y"], "a\r\nx\r\ny\r\nc\r\n");
        check("a\nb\r\nc\nd\r\n", (0, 4), &["1", "2", "3", "4"], "1\n2\r\n3\n4\r\n");
        check("a\nb\r\nc\n", (1, 2), &["x", "y", "z"], "a\nx\r\ny\r\nz\r\nc\n");
        check("a\r\nb\nc\nd\r\n", (0, 4), &["new", "a", "b", "c", "d"], "new\r\na\r\nb\nc\nd\r\n");
    }

    #[test]
    fn lines_that_stay_keep_their_own_ending() {
        check("a\r\nb\nc\r\n", (0, 3), &["a", "c"], "a\r\nc\r\n");
        check("a\nb\r\nc\n", (0, 3), &["a", "x", "y", "b", "c"], "a\nx\ny\nb\r\nc\n");
    }

    #[test]
    fn lines_that_are_not_utf8_survive_being_sent_back() {
        let document = Document::parse(b"caf\xE9\nold\n");
        let lines = ["caf\u{FFFD}", "new"].map(|body| NewLine { body: body.into(), ending: "\n" });
        assert_eq!(render(&document, Span { start: 0, end: 2 }, &lines), b"caf\xE9\nnew\n");
    }

    #[test]
    fn a_missing_final_newline_stays_missing() {
        check("a\nb", (1, 2), &["x"], "a\nx");
        check("a\nb", (1, 2), &["b", "c"], "a\nb\nc");
        check("a\r\nb", (1, 2), &["b", "c"], "a\r\nb\r\nc");
        check("a\nb", (1, 2), &["b", ""], "a\nb\n");
        check("a\nb", (1, 2), &[], "a\n");
        check("a", (0, 1), &["x", "y"], "x\ny");
        check("a\nb", (0, 1), &["x"], "x\nb");
    }

    #[test]
    fn inserts_at_the_top_and_into_an_empty_file() {
        check("a\r\nb\n", (0, 0), &["x"], "x\r\na\r\nb\n");
        check("a", (0, 0), &["x"], "x\na");
        check("", (0, 0), &["x", "y"], "x\ny\n");
        check("\u{FEFF}a\n", (0, 0), &["x"], "\u{FEFF}x\na\n");
    }

    #[test]
    fn deletes_and_keeps_the_rest() {
        check("a\nb\r\nc\n", (1, 2), &[], "a\nc\n");
        check("a\n", (0, 1), &[], "");
    }
}
