//! Text from models and programs without anything that could steer the person's terminal.

/// Takes out escape sequences, control characters and invisible direction marks; keeps its state between
/// pieces of one stream.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    state: State,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence, until its final byte.
    Control,
    /// In an operating system command or another string, until BEL or ST.
    String,
    /// After ESC in such a string.
    StringEscape,
    /// After a carriage return.
    Return,
}

/// The harmless part of one line, which may or may not end with a line end; the answer does.
pub(crate) fn line(text: &str) -> String {
    let mut plain = Plain::default().push(text.trim_end_matches(['\n', '\r']));
    plain.push('\n');
    plain
}

impl Plain {
    /// The harmless part of the next piece.
    pub(crate) fn push(&mut self, text: &str) -> String {
        let mut plain = String::with_capacity(text.len());
        for character in text.chars() {
            self.state = self.step(character, &mut plain);
        }
        plain
    }

    fn step(&self, character: char, plain: &mut String) -> State {
        match (self.state, character) {
            (State::Text | State::Return, '\x1b') => State::Escape,
            (State::Text | State::Return, '\u{9b}') | (State::Escape, '[') => State::Control,
            (State::Text | State::Return, '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}')
            | (State::Escape, ']' | 'P' | 'X' | '^' | '_') => State::String,
            (State::Escape, _) | (State::StringEscape, '\\') => State::Text,
            (State::Control, '\x40'..='\x7e') | (State::String, '\x07' | '\u{9c}') => State::Text,
            (State::Control, _) => State::Control,
            (State::String | State::StringEscape, '\x1b') => State::StringEscape,
            (State::String | State::StringEscape, _) => State::String,
            (State::Text | State::Return, '\r') => State::Return,
            (State::Return, '\n') => {
                plain.push('\n');
                State::Text
            }
            // A line written over itself, such as a progress bar: each state on a line of its own.
            (State::Return, other) => {
                plain.push('\n');
                keep(other, plain);
                State::Text
            }
            (State::Text, other) => {
                keep(other, plain);
                State::Text
            }
        }
    }
}

fn keep(character: char, plain: &mut String) {
    let steers = character.is_control() && character != '\n' && character != '\t';
    let hides =
        matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}');
    if !steers && !hides {
        plain.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What would steer a terminal, and what is left of it.
    const STEERING: [(&str, &str); 12] = [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]52;c;c2VjcmV0\x07after", "after"),
        ("\x1b]8;;https://evil.example\x1b\\link", "link"),
        ("\x1b]0;owned\x07titled", "titled"),
        ("\u{9b}2Jcleared\u{7}", "cleared"),
        ("\x1b[2J\x1b[3J\x1b[Hgone", "gone"),
        ("\x1bcreset\x08", "reset"),
        ("\x1b[6n\x1b[casked", "asked"),
        ("\x1bP1;1|17/726d\x1b\\macro", "macro"),
        ("\x1b[?1049hscreen", "screen"),
        ("ab\u{202e}cd", "abcd"),
        ("rm \u{2066}x\u{2069}", "rm x"),
    ];

    fn check(pieces: &[&str], expected: &str) {
        let mut plain = Plain::default();
        let text: String = pieces.iter().map(|piece| plain.push(piece)).collect();
        assert_eq!(text, expected, "{pieces:?}");
    }

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        check(&["plain\ttext\n"], "plain\ttext\n");
        for (text, expected) in STEERING {
            check(&[text], expected);
        }
    }

    #[test]
    fn sequences_are_found_across_pieces() {
        check(&["a\x1b", "[3", "1mb"], "ab");
        check(&["a\x1b]0;title", " more\x1b", "\\b"], "ab");
    }

    #[test]
    fn line_ends_of_terminals_become_plain_ones() {
        check(&["one\r\ntwo\r", "\nthree"], "one\ntwo\nthree");
        check(&["10 %\r20 %\r\n"], "10 %\n20 %\n");
    }
}
