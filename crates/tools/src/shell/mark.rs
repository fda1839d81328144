//! Finds Slipway's own marks in what a terminal prints.

/// Longest token of a mark, in bytes.
const MAX_TOKEN: usize = 40;

const PREFIX: &[u8] = b"\x1b]133;";

/// A stretch of terminal output.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Anything that is not a mark.
    Output(&'a [u8]),
    /// A mark of the form in which the shell announces that a command begins.
    Begin(&'a str),
    /// A mark of the form in which the shell announces that a command's output is complete.
    Finish(&'a str),
}

/// Splits a byte stream that arrives in arbitrary chunks. A possible mark at the end of a chunk is held
/// back until the next one; it is at most some 50 bytes long.
#[derive(Default)]
pub(super) struct MarkScanner {
    held: Vec<u8>,
}

impl MarkScanner {
    /// Passes the pieces of the next chunk on, in order.
    pub(super) fn feed(&mut self, chunk: &[u8], mut pass: impl FnMut(Piece<'_>)) {
        if self.held.is_empty() {
            let rest = split(chunk, &mut pass);
            self.held.extend_from_slice(rest);
        } else {
            let mut joined = std::mem::take(&mut self.held);
            joined.extend_from_slice(chunk);
            let rest = split(&joined, &mut pass);
            self.held.extend_from_slice(rest);
        }
    }

    /// Passes on what was held back: nothing more will come.
    pub(super) fn flush(&mut self, mut pass: impl FnMut(Piece<'_>)) {
        let held = std::mem::take(&mut self.held);
        if !held.is_empty() {
            pass(Piece::Output(&held));
        }
    }
}

/// Passes all complete pieces on and returns the end that may be the beginning of a mark.
fn split<'a>(bytes: &'a [u8], pass: &mut impl FnMut(Piece<'_>)) -> &'a [u8] {
    let mut rest = bytes;
    let mut searched = 0;
    while let Some(escape) = find_escape(rest, searched) {
        let (before, candidate) = rest.split_at(escape);
        match read_mark(candidate) {
            Reading::No => searched = escape + 1,
            Reading::Incomplete => {
                pass_output(before, pass);
                return candidate;
            }
            Reading::Mark(mark, length) => {
                pass_output(before, pass);
                pass(mark);
                rest = candidate.get(length..).unwrap_or_default();
                searched = 0;
            }
        }
    }
    pass_output(rest, pass);
    &[]
}

fn pass_output(bytes: &[u8], pass: &mut impl FnMut(Piece<'_>)) {
    if !bytes.is_empty() {
        pass(Piece::Output(bytes));
    }
}

fn find_escape(bytes: &[u8], from: usize) -> Option<usize> {
    let searched = bytes.get(from..)?;
    // `contains` is far faster than a search by position in unoptimised builds, and mostly says no.
    if !searched.contains(&0x1b) {
        return None;
    }
    searched.iter().position(|&byte| byte == 0x1b).map(|position| from + position)
}

enum Reading<'a> {
    No,
    Incomplete,
    Mark(Piece<'a>, usize),
}

/// Reads `ESC ] 133 ; (C|D) ; token BEL` at the start of the bytes.
fn read_mark(bytes: &[u8]) -> Reading<'_> {
    let compared = bytes.len().min(PREFIX.len());
    if bytes.get(..compared) != PREFIX.get(..compared) {
        return Reading::No;
    }
    let Some(body) = bytes.get(PREFIX.len()..) else { return Reading::Incomplete };
    let (kind, token) = match body {
        [] | [b'C' | b'D'] => return Reading::Incomplete,
        [kind @ (b'C' | b'D'), b';', token @ ..] => (*kind, token),
        _ => return Reading::No,
    };
    let Some(length) = token.iter().position(|byte| !byte.is_ascii_hexdigit()) else {
        return if token.len() > MAX_TOKEN { Reading::No } else { Reading::Incomplete };
    };
    let (token, after) = token.split_at(length);
    let (Ok(token), Some(0x07), 1..=MAX_TOKEN) = (std::str::from_utf8(token), after.first(), length) else {
        return Reading::No;
    };
    let mark = if kind == b'C' { Piece::Begin(token) } else { Piece::Finish(token) };
    Reading::Mark(mark, PREFIX.len() + 2 + length + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces as text: `B<token>`, `F<token>`, output as it is; adjacent output joined.
    fn scan(chunks: &[&[u8]]) -> Vec<String> {
        let mut scanner = MarkScanner::default();
        let mut pieces: Vec<String> = Vec::new();
        let mut output = String::new();
        let mut pass = |piece: Piece<'_>| match piece {
            Piece::Output(bytes) => output.push_str(&String::from_utf8_lossy(bytes)),
            Piece::Begin(token) => pieces.extend([std::mem::take(&mut output), format!("B{token}")]),
            Piece::Finish(token) => pieces.extend([std::mem::take(&mut output), format!("F{token}")]),
        };
        for chunk in chunks {
            scanner.feed(chunk, &mut pass);
        }
        scanner.flush(&mut pass);
        pieces.push(output);
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    #[test]
    fn marks_are_found_between_output() {
        assert_eq!(
            scan(&[b"echo\x1b]133;C;a1\x07hi\n\x1b]133;D;42\x07rest"]),
            ["echo", "Ba1", "hi\n", "F42", "rest"]
        );
    }

    #[test]
    fn marks_are_found_wherever_the_stream_is_cut() {
        let stream = b"one\x1b[1mbold\x1b]133;D;12345\x07two";
        for cut in 0..stream.len() {
            let (left, right) = stream.split_at(cut);
            assert_eq!(scan(&[left, right]), ["one\x1b[1mbold", "F12345", "two"], "cut at {cut}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(scan(&bytes), ["one\x1b[1mbold", "F12345", "two"]);
    }

    #[test]
    fn what_only_resembles_a_mark_is_output() {
        for text in [
            "\x1b",
            "\x1b]133;",
            "\x1b]133;D;\x07",
            "\x1b]133;D;xyz\x07",
            "\x1b]133;A\x07",
            "\x1b]133;D;12\x1b[0m",
            "\x1b]133;D;0123456789012345678901234567890123456789012345\x07",
        ] {
            assert_eq!(scan(&[text.as_bytes()]), [text]);
        }
    }
}
