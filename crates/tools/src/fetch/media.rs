//! What kind of document a body is.

/// How a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Html,
    Pdf,
    /// As it is.
    Text,
    /// Not as text.
    Other,
}

/// The kind of a body with this `Content-Type` that begins with `bytes`.
pub(super) fn of(content_type: &str, bytes: &[u8]) -> Media {
    if bytes.starts_with(b"%PDF-") {
        return Media::Pdf;
    }
    let essence = essence(content_type);
    let (kind, subtype) = essence.split_once('/').unwrap_or((&essence, ""));
    match (kind, subtype) {
        ("text", "html") | ("application", "xhtml+xml") => Media::Html,
        ("application", "pdf") => Media::Pdf,
        ("text", _) => Media::Text,
        ("application", subtype) if is_textual(subtype) => Media::Text,
        ("image", "svg+xml") => Media::Text,
        ("", _) | ("application", "octet-stream" | "x-unknown" | "unknown") => sniffed(bytes),
        _ => Media::Other,
    }
}

/// The media type without parameters, in lower case.
pub(super) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The value of the `charset` parameter.
pub(super) fn charset(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    })
}

fn is_textual(subtype: &str) -> bool {
    const TEXTUAL: [&str; 14] = [
        "json",
        "xml",
        "javascript",
        "ecmascript",
        "x-javascript",
        "yaml",
        "x-yaml",
        "toml",
        "x-sh",
        "sql",
        "graphql",
        "x-ndjson",
        "jsonl",
        "x-httpd-php",
    ];
    TEXTUAL.contains(&subtype)
        || subtype.ends_with("+json")
        || subtype.ends_with("+xml")
        || subtype.ends_with("+yaml")
}

/// The kind of a body that nobody names: text unless it looks otherwise.
fn sniffed(bytes: &[u8]) -> Media {
    const LOOKED_AT: usize = 1_024;
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let lower = head.to_ascii_lowercase();
    let begins = |mark: &[u8]| lower.trim_ascii_start().starts_with(mark);
    if head.contains(&0) {
        Media::Other
    } else if begins(b"<!doctype html") || begins(b"<html") {
        Media::Html
    } else {
        Media::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_type_then_by_look() {
        let cases: [(&str, &[u8], Media); 14] = [
            ("text/html; charset=utf-8", b"", Media::Html),
            ("TEXT/HTML", b"", Media::Html),
            ("application/xhtml+xml", b"", Media::Html),
            ("application/pdf", b"", Media::Pdf),
            ("text/html", b"%PDF-1.7", Media::Pdf),
            ("application/json", b"", Media::Text),
            ("application/vnd.api+json", b"", Media::Text),
            ("text/markdown", b"", Media::Text),
            ("image/svg+xml", b"", Media::Text),
            ("image/png", b"", Media::Other),
            ("application/zip", b"", Media::Other),
            ("", b" <!DOCTYPE HTML>", Media::Html),
            ("", b"plain", Media::Text),
            ("application/octet-stream", b"\x7fELF\0", Media::Other),
        ];
        for (content_type, bytes, expected) in cases {
            assert_eq!(of(content_type, bytes), expected, "{content_type}");
        }
        assert_eq!(charset("text/html; Charset=\"ISO-8859-1\"; x=y"), Some("ISO-8859-1"));
        assert_eq!(charset("text/html"), None);
    }
}
