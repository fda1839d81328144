//! Bytes to characters.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a page its own statement of its encoding is looked for.
const LOOKED_AT: usize = 2_048;

/// The text of a body: by its byte order mark, by what the server says, by what the page itself says, else as
/// UTF-8 where it is that, else as Windows-1252. What cannot be read becomes a replacement character.
pub(super) fn text(bytes: &[u8], charset: Option<&str>) -> String {
    let named = charset.and_then(|name| Encoding::for_label(name.as_bytes())).or_else(|| stated(bytes));
    let fallback =
        if std::str::from_utf8(bytes).is_ok() || is_cut_utf8(bytes) { UTF_8 } else { WINDOWS_1252 };
    named.unwrap_or(fallback).decode(bytes).0.into_owned()
}

/// Whether only a cut through the last character keeps the bytes from being UTF-8.
fn is_cut_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// The encoding in `<meta charset=…>` or `<meta … content="…; charset=…">`.
fn stated(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let meta = head.split("<meta").skip(1).filter_map(|meta| meta.split('>').next());
    let value = meta.filter_map(|meta| meta.split("charset=").nth(1)).next()?;
    let label: String = value
        .trim_start_matches(['"', '\''])
        .chars()
        .take_while(|letter| letter.is_ascii_alphanumeric() || "-_:".contains(*letter))
        .collect();
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_found() {
        assert_eq!(text("grün".as_bytes(), None), "grün");
        assert_eq!(text(b"gr\xfcn", None), "grün");
        assert_eq!(text(b"gr\xfcn", Some("iso-8859-1")), "grün");
        assert_eq!(text(b"\xef\xbb\xbfgr\xc3\xbcn", Some("iso-8859-1")), "grün", "the mark wins");
        assert_eq!(
            text(b"<meta charset='shift_jis'>\x93\xfa\x96\x7b", None),
            "<meta charset='shift_jis'>日本"
        );
        assert_eq!(text(&"日本".as_bytes()[..4], None), "日\u{fffd}");
        assert_eq!(text(b"x", Some("no-such-thing")), "x");
    }
}
