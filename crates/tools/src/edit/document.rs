//! A file as numbered lines whose exact bytes are known.

use std::borrow::Cow;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A file's bytes, split into an optional byte order mark and lines. Nothing is decoded or normalised:
/// concatenating the parts gives the bytes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<'a> {
    /// The UTF-8 byte order mark, or nothing.
    pub byte_order_mark: &'a [u8],
    /// The lines. Only `\n` ends a line; bytes after the last one make a line without an ending.
    pub lines: Vec<Line<'a>>,
}

/// One line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Line<'a> {
    /// The line without its ending.
    pub body: &'a [u8],
    /// `\n`, `\r\n`, or nothing for a last line that is not terminated.
    pub ending: &'a [u8],
}

impl<'a> Document<'a> {
    /// Splits `bytes`. An empty file has no lines.
    pub fn parse(bytes: &'a [u8]) -> Self {
        let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        let (byte_order_mark, _) = bytes.split_at(bytes.len() - text.len());
        Self {
            byte_order_mark,
            lines: text.split_inclusive(|byte| *byte == b'\n').map(Line::parse).collect(),
        }
    }
}

impl<'a> Line<'a> {
    /// The lines of a text that is not a whole file.
    pub(crate) fn split(text: &'a [u8]) -> impl Iterator<Item = Self> {
        text.split_inclusive(|byte| *byte == b'\n').map(Self::parse)
    }

    fn parse(bytes: &'a [u8]) -> Self {
        let body = match bytes.strip_suffix(b"\n") {
            Some(body) => body.strip_suffix(b"\r").unwrap_or(body),
            None => bytes,
        };
        let (_, ending) = bytes.split_at(body.len());
        Self { body, ending }
    }

    /// Whether the file ends in this line without a newline.
    pub(crate) fn is_unterminated(&self) -> bool {
        self.ending.is_empty()
    }

    /// The line as text for people and models: bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> Cow<'a, str> {
        String::from_utf8_lossy(self.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bodies_and_endings(bytes: &[u8]) -> Vec<(&[u8], &[u8])> {
        Document::parse(bytes).lines.iter().map(|line| (line.body, line.ending)).collect()
    }

    #[test]
    fn keeps_each_line_with_its_own_ending() {
        assert_eq!(
            bodies_and_endings(b"a\r\nb\nc\r\r\nd\r"),
            [(&b"a"[..], &b"\r\n"[..]), (b"b", b"\n"), (b"c\r", b"\r\n"), (b"d\r", b"")]
        );
        assert_eq!(bodies_and_endings(b""), []);
        assert_eq!(bodies_and_endings(b"\n"), [(&b""[..], &b"\n"[..])]);
    }

    #[test]
    fn only_a_line_feed_ends_a_line() {
        assert_eq!(Document::parse("a\u{c}b\u{2028}c\u{85}d\u{b}e\rf".as_bytes()).lines.len(), 1);
    }

    #[test]
    fn sets_the_byte_order_mark_apart() {
        let document = Document::parse(b"\xEF\xBB\xBFa\n");
        assert_eq!(document.byte_order_mark, BYTE_ORDER_MARK);
        assert_eq!(document.lines, Document::parse(b"a\n").lines);
    }

    #[test]
    fn text_shows_bytes_that_are_not_utf8() {
        let document = Document::parse(b"caf\xE9\n");
        assert_eq!(document.lines.first().map(Line::text), Some(Cow::Borrowed("caf\u{FFFD}")));
    }
}
