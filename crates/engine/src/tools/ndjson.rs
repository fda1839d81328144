//! Newline-delimited JSON, split at any byte.

/// Largest line in bytes.
const MAX_LINE: usize = 64 << 20;

/// Splits a byte stream into lines.
#[derive(Debug, Default)]
pub(crate) struct LineDecoder {
    line: Vec<u8>,
}

/// A line grew beyond all bounds.
#[derive(Debug, thiserror::Error)]
#[error("a line is longer than {MAX_LINE} bytes")]
pub(crate) struct LineTooLong;

impl LineDecoder {
    /// Takes the next bytes and gives the lines that they complete, without empty ones.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, LineTooLong> {
        let mut lines = Vec::new();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (part, tail) = rest.split_at(end);
            self.line.extend_from_slice(part);
            lines.extend(self.finish());
            rest = tail.get(1..).unwrap_or_default();
        }
        self.line.extend_from_slice(rest);
        if self.line.len() > MAX_LINE { Err(LineTooLong) } else { Ok(lines) }
    }

    /// The last line, if the stream ended without a line end.
    pub(crate) fn finish(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        (!line.trim_ascii().is_empty()).then_some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_wherever_the_stream_is_split() {
        let text = "{\"a\":\"ä\"}\n\n{\"b\":2}\r\n{\"c\":3}".as_bytes();
        for split in 0..=text.len() {
            let mut decoder = LineDecoder::default();
            let (head, tail) = text.split_at(split);
            let mut lines = decoder.push(head).expect("short");
            lines.extend(decoder.push(tail).expect("short"));
            lines.extend(decoder.finish());
            let values: Vec<serde_json::Value> =
                lines.iter().map(|line| serde_json::from_slice(line).expect("JSON")).collect();
            assert_eq!(values.len(), 3, "split at {split}");
        }
    }
}
