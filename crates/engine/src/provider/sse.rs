//! Server-sent events, split at any byte.

/// Largest event in bytes; a provider that sends more is at fault.
const MAX_EVENT: usize = 64 << 20;

/// Splits a byte stream into events. Only `data` matters to chat completions; other fields and comments
/// are skipped.
#[derive(Debug, Default)]
pub(crate) struct SseDecoder {
    /// Bytes of a line that has not ended yet.
    line: Vec<u8>,
    /// Data of an event that has not ended yet.
    data: Option<String>,
    /// Whether the last byte was a carriage return, so that a line feed belongs to it.
    after_return: bool,
    /// Whether anything but a byte order mark has been seen.
    started: bool,
}

/// An event grew beyond all bounds.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is larger than {MAX_EVENT} bytes")]
pub(crate) struct EventTooLarge;

impl SseDecoder {
    /// Takes the next bytes and appends the data of each event that they complete to `events`.
    pub(crate) fn push(&mut self, bytes: &[u8], events: &mut Vec<String>) -> Result<(), EventTooLarge> {
        let mut rest = bytes;
        if self.after_return {
            if let [b'\n', tail @ ..] = rest {
                rest = tail;
            }
            self.after_return = rest.is_empty() && bytes.is_empty();
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (part, tail) = rest.split_at(end);
            self.line.extend_from_slice(part);
            self.end_line(events);
            rest = match tail {
                [b'\r', b'\n', tail @ ..] => tail,
                [b'\r'] => {
                    self.after_return = true;
                    &[]
                }
                [_, tail @ ..] => tail,
                [] => &[],
            };
        }
        self.line.extend_from_slice(rest);
        let pending = self.line.len() + self.data.as_ref().map_or(0, String::len);
        if pending > MAX_EVENT { Err(EventTooLarge) } else { Ok(()) }
    }

    /// Takes the end of the stream: an event that lacks only its final line ends counts.
    pub(crate) fn finish(&mut self, events: &mut Vec<String>) {
        if !self.line.is_empty() {
            self.end_line(events);
        }
        events.extend(self.data.take());
    }

    fn end_line(&mut self, events: &mut Vec<String>) {
        let bytes = std::mem::take(&mut self.line);
        let text = String::from_utf8_lossy(&bytes);
        let line = if self.started { &text } else { text.trim_start_matches('\u{feff}') };
        self.started = true;
        if line.is_empty() {
            events.extend(self.data.take());
            return;
        }
        let Some(value) = line.strip_prefix("data") else { return };
        let value = match value.strip_prefix(':') {
            Some(value) => value.strip_prefix(' ').unwrap_or(value),
            None if value.is_empty() => value,
            None => return,
        };
        match &mut self.data {
            Some(data) => {
                data.push('\n');
                data.push_str(value);
            }
            None => self.data = Some(value.to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "\u{feff}: hello\n\ndata: {\"a\":\"ä€😀\"}\r\n\r\nevent: keepalive\ndata:two\ndata: lines\n\n\
                          id: 7\rdata: three\r\rdatabase: no\ndata\n\ndata: [DONE] \n\ndata: last";

    fn decode(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = SseDecoder::default();
        let mut events = Vec::new();
        for piece in pieces {
            decoder.push(piece, &mut events).expect("small events");
        }
        decoder.finish(&mut events);
        events
    }

    #[test]
    fn events_are_found_whatever_the_line_ends() {
        let wanted = ["{\"a\":\"ä€😀\"}", "two\nlines", "three", "", "[DONE] ", "last"];
        assert_eq!(decode(&[STREAM.as_bytes()]), wanted);
    }

    #[test]
    fn a_split_at_any_byte_changes_nothing() {
        let bytes = STREAM.as_bytes();
        let whole = decode(&[bytes]);
        for first in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(first);
            assert_eq!(decode(&[head, tail]), whole, "split at {first}");
            assert_eq!(decode(&[head, b"", tail]), whole, "split at {first} with an empty piece");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(decode(&single), whole);
    }
}
