//! What a full-screen program shows.

use std::num::NonZeroU16;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Height of the shell's terminal.
pub(super) const ROWS: NonZeroU16 = NonZeroU16::new(30).expect("30 is not 0");
/// Width of the shell's terminal.
pub(super) const COLUMNS: NonZeroU16 = NonZeroU16::new(120).expect("120 is not 0");

/// Longest parameter text of a control sequence that is looked at.
const MAX_PARAMETERS: usize = 32;

/// Notices when a program takes over the whole screen (xterm's alternate screen, private modes 1049, 1047
/// and 47), and from then on follows what it draws.
#[derive(Default)]
pub(super) struct ScreenWatch {
    state: State,
    parser: Option<vt100::Parser>,
}

#[derive(Default)]
enum State {
    #[default]
    Ground,
    Escape,
    /// Within a control sequence, with its parameters so far.
    Sequence(Vec<u8>),
}

impl ScreenWatch {
    /// Takes the next output.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        if matches!(self.state, State::Ground) && !bytes.contains(&0x1b) {
            self.draw(bytes);
            return;
        }
        let mut drawn = 0;
        for (index, byte) in bytes.iter().enumerate() {
            let Some(mode) = self.step(*byte) else { continue };
            let (before, _) = bytes.split_at(index + 1);
            self.draw(before.get(drawn..).unwrap_or_default());
            drawn = index + 1;
            self.parser = match mode {
                Mode::FullScreen => Some(vt100::Parser::new(ROWS, COLUMNS, 0)),
                Mode::Lines => None,
            };
        }
        self.draw(bytes.get(drawn..).unwrap_or_default());
    }

    /// Whether a full-screen program is active.
    pub(super) fn is_full_screen(&self) -> bool {
        self.parser.is_some()
    }

    /// The screen of the active full-screen program.
    pub(super) fn contents(&self) -> Option<String> {
        self.parser.as_ref().map(|parser| parser.screen().contents())
    }

    fn draw(&mut self, bytes: &[u8]) {
        let Some(parser) = &mut self.parser else { return };
        // The reader thread must outlive whatever a program prints.
        if catch_unwind(AssertUnwindSafe(|| parser.process(bytes))).is_err() {
            tracing::warn!("the terminal emulation failed on a program's output");
            self.parser = Some(vt100::Parser::new(ROWS, COLUMNS, 0));
        }
    }

    fn step(&mut self, byte: u8) -> Option<Mode> {
        let state = std::mem::take(&mut self.state);
        let (next, mode) = match (state, byte) {
            (_, 0x1b) => (State::Escape, None),
            (State::Escape, b'[') => (State::Sequence(Vec::new()), None),
            (State::Sequence(mut parameters), 0x20..=0x3f) if parameters.len() < MAX_PARAMETERS => {
                parameters.push(byte);
                (State::Sequence(parameters), None)
            }
            (State::Sequence(parameters), b'h') if is_alternate_screen(&parameters) => {
                (State::Ground, Some(Mode::FullScreen))
            }
            (State::Sequence(parameters), b'l') if is_alternate_screen(&parameters) => {
                (State::Ground, Some(Mode::Lines))
            }
            _ => (State::Ground, None),
        };
        self.state = next;
        mode
    }
}

enum Mode {
    FullScreen,
    Lines,
}

fn is_alternate_screen(parameters: &[u8]) -> bool {
    parameters.strip_prefix(b"?").is_some_and(|modes| {
        modes.split(|byte| *byte == b';').any(|mode| matches!(mode, b"1049" | b"1047" | b"47"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_screen_program_is_noticed_and_followed() {
        let mut watch = ScreenWatch::default();
        watch.feed(b"line\x1b[31mred\x1b[0m");
        assert!(!watch.is_full_screen());
        watch.feed(b"\x1b[?10");
        watch.feed(b"49;25h\x1b[2J\x1b[3;5HHello");
        assert_eq!(watch.contents().as_deref(), Some("\n\n    Hello"));
        watch.feed(b"\x1b[1;1HTop");
        assert_eq!(watch.contents().as_deref(), Some("Top\n\n    Hello"));
        watch.feed(b"\x1b[?1049lback");
        assert!(!watch.is_full_screen());
    }
}
