//! What kind of thing a file is, judged by its first bytes.

/// How much is looked at for bytes that text does not have.
const PROBE_BYTES: usize = 8 * 1024;

/// What a file's bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Lines of text, in UTF-8 or close to it.
    Text,
    /// A picture of the named format.
    Image(&'static str),
    /// Something else of the named kind.
    Binary(&'static str),
}

/// First bytes of formats that are worth naming.
const SIGNATURES: [(&[u8], FileKind); 17] = [
    (b"\x89PNG\r\n\x1a\n", FileKind::Image("PNG")),
    (b"\xFF\xD8\xFF", FileKind::Image("JPEG")),
    (b"GIF87a", FileKind::Image("GIF")),
    (b"GIF89a", FileKind::Image("GIF")),
    (b"%PDF-", FileKind::Binary("PDF document")),
    (b"\x7FELF", FileKind::Binary("ELF program or library")),
    (b"PK\x03\x04", FileKind::Binary("ZIP archive or a format built on it")),
    (b"\x1F\x8B", FileKind::Binary("gzip archive")),
    (b"\x28\xB5\x2F\xFD", FileKind::Binary("zstd archive")),
    (b"\xFD7zXZ\0", FileKind::Binary("xz archive")),
    (b"BZh", FileKind::Binary("bzip2 archive")),
    (b"SQLite format 3\0", FileKind::Binary("SQLite database")),
    (b"\0asm", FileKind::Binary("WebAssembly module")),
    (b"\xCA\xFE\xBA\xBE", FileKind::Binary("Java class")),
    (b"OggS", FileKind::Binary("Ogg media")),
    (b"\xFF\xFE", FileKind::Binary("UTF-16 text")),
    (b"\xFE\xFF", FileKind::Binary("UTF-16 text")),
];

impl FileKind {
    /// Judges a whole file or its beginning.
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            return Self::Image("WebP");
        }
        let probe = bytes.get(..PROBE_BYTES).unwrap_or(bytes);
        let not_text = probe.contains(&0);
        let known = SIGNATURES.iter().find(|(signature, _)| bytes.starts_with(signature));
        match known {
            // A text may begin like a bzip2 archive.
            Some((_, kind))
                if not_text || std::str::from_utf8(probe).is_err() || bytes.starts_with(b"%PDF-") =>
            {
                *kind
            }
            _ if not_text => Self::Binary("unknown format"),
            _ => Self::Text,
        }
    }

    /// Why the file is not shown as text; `None` when it can be.
    pub fn refusal(self) -> Option<String> {
        match self {
            Self::Text => None,
            Self::Image(format) => Some(format!("image ({format})")),
            Self::Binary(format) => Some(format!("binary file ({format})")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_apart() {
        let cases: [(&[u8], FileKind); 10] = [
            (b"", FileKind::Text),
            (b"fn main() {}\n", FileKind::Text),
            (b"caf\xE9\n", FileKind::Text),
            (b"BZh is how this text starts", FileKind::Text),
            ("\u{FEFF}text".as_bytes(), FileKind::Text),
            (b"a\0b", FileKind::Binary("unknown format")),
            (b"\x89PNG\r\n\x1a\n\0\0", FileKind::Image("PNG")),
            (b"RIFF\x01\0\0\0WEBPVP8", FileKind::Image("WebP")),
            (b"\x7FELF\x02\x01", FileKind::Text),
            (b"\xFF\xFEh\0i\0", FileKind::Binary("UTF-16 text")),
        ];
        for (bytes, kind) in cases {
            assert_eq!(FileKind::of(bytes), kind, "{bytes:?}");
        }
    }
}
