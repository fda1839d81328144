//! Turns terminal output into plain text: what would remain on an endless screen.
//!
//! Colours and other control sequences are removed, progress bars that redraw themselves (by carriage
//! return, backspace, cursor movement, erasing) leave their last state, full-screen programs leave nothing.

/// How many lines above the current one can still be redrawn.
const REACH: usize = 100;

/// Furthest column that cursor movement can reach.
const MAX_COLUMN: usize = 1000;

/// The plain text of some terminal output.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut page = Page::default();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\x1b' => page.escape(&mut characters),
            _ if page.full_screen => {}
            '\n' => page.line_feed(),
            '\r' => page.column = 0,
            '\x08' => page.column = page.column.saturating_sub(1),
            '\t' => page.put('\t'),
            _ if character.is_control() => {}
            _ => page.put(character),
        }
    }
    page.into_text()
}

#[derive(Default)]
struct Page {
    /// Lines that cannot change any more.
    settled: String,
    /// The last lines; never more than [`REACH`].
    lines: std::collections::VecDeque<Vec<char>>,
    row: usize,
    column: usize,
    full_screen: bool,
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

impl Page {
    fn put(&mut self, character: char) {
        let column = self.column;
        let line = self.line();
        if line.len() < column {
            line.resize(column, ' ');
        }
        match line.get_mut(column) {
            Some(cell) => *cell = character,
            None => line.push(character),
        }
        self.column += 1;
    }

    fn line(&mut self) -> &mut Vec<char> {
        if self.lines.len() <= self.row {
            self.lines.resize(self.row + 1, Vec::new());
        }
        &mut self.lines[self.row]
    }

    fn line_feed(&mut self) {
        self.line();
        self.row += 1;
        // A terminal in its usual mode prints a carriage return too; a program in raw mode says so itself.
        self.column = 0;
        self.line();
        if self.lines.len() > REACH {
            if let Some(line) = self.lines.pop_front() {
                self.settled.extend(line);
                self.settled.push('\n');
            }
            self.row = self.row.saturating_sub(1);
        }
    }

    fn escape(&mut self, characters: &mut Characters<'_>) {
        match characters.next() {
            Some('[') => self.control_sequence(characters),
            // Strings (titles, links, images) end with BEL or ESC \.
            Some(']' | 'P' | 'X' | '^' | '_') => skip_string(characters),
            // Character sets and the like have one more character.
            Some('(' | ')' | '*' | '+' | '#' | '%' | ' ') => {
                characters.next();
            }
            Some('M') => self.row = self.row.saturating_sub(1),
            _ => {}
        }
    }

    fn control_sequence(&mut self, characters: &mut Characters<'_>) {
        let mut parameters = String::new();
        while let Some(character) = characters.next_if(|c| ('\x20'..='\x3f').contains(c)) {
            parameters.push(character);
        }
        let Some(action) = characters.next_if(|c| ('\x40'..='\x7e').contains(c)) else { return };
        let mut modes = parameters.trim_start_matches('?').split(';');
        if matches!(action, 'h' | 'l') && modes.clone().any(|mode| matches!(mode, "1049" | "1047" | "47")) {
            self.full_screen = action == 'h';
        }
        if self.full_screen {
            return;
        }
        let first = modes.next().and_then(|number| number.parse::<usize>().ok());
        let count = first.unwrap_or(1).clamp(1, MAX_COLUMN);
        match action {
            'A' | 'F' => {
                self.row = self.row.saturating_sub(count);
                self.column = if action == 'F' { 0 } else { self.column };
            }
            'B' | 'E' => {
                self.row = (self.row + count).min(self.lines.len().saturating_sub(1));
                self.column = if action == 'E' { 0 } else { self.column };
            }
            'C' => self.column = (self.column + count).min(MAX_COLUMN),
            'D' => self.column = self.column.saturating_sub(count),
            'G' => self.column = count - 1,
            'K' => self.erase_in_line(first.unwrap_or(0)),
            'J' if first.unwrap_or(0) == 0 => {
                self.erase_in_line(0);
                self.lines.truncate(self.row + 1);
            }
            _ => {}
        }
    }

    fn erase_in_line(&mut self, which: usize) {
        let column = self.column;
        let line = self.line();
        match which {
            0 => line.truncate(column),
            1 => line.iter_mut().take(column + 1).for_each(|cell| *cell = ' '),
            _ => line.clear(),
        }
    }

    fn into_text(mut self) -> String {
        let last = self.lines.len().saturating_sub(1);
        for (index, line) in self.lines.into_iter().enumerate() {
            self.settled.extend(line);
            if index < last {
                self.settled.push('\n');
            }
        }
        self.settled
    }
}

fn skip_string(characters: &mut Characters<'_>) {
    while let Some(character) = characters.next() {
        match character {
            '\x07' => return,
            '\x1b' => {
                characters.next_if_eq(&'\\');
                return;
            }
            // An unfinished string must not swallow the rest of the output.
            '\n' => return,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(output: &str, expected: &str) {
        assert_eq!(plain(output.as_bytes()), expected, "{output:?}");
    }

    #[test]
    fn plain_text_is_kept() {
        check("", "");
        check("a\r\nb\r\n", "a\nb\n");
        check("a\tb\n\n  c", "a\tb\n\n  c");
        check("naïve 日本 🦀\n", "naïve 日本 🦀\n");
    }

    #[test]
    fn colours_titles_and_links_are_removed() {
        check("\x1b[1;31merror\x1b[0m: no\r\n", "error: no\n");
        check("\x1b]0;title\x07x\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "xlink");
        check("\x1b(Bx\x1b[?25l\x1b[38:2::1:2:3my", "xy");
        check("bell\x07 nul\0 end", "bell nul end");
    }

    #[test]
    fn redrawn_lines_leave_their_last_state() {
        check(" 10%\r 50%\r100%\ndone\n", "100%\ndone\n");
        check("long text\rshort\x1b[K\n", "short\n");
        check("abc\x08\x08X\n", "aXc\n");
        check("a: 1\nb: 1\n\x1b[2Aa: 2\n\x1b[Bend", "a: 2\nb: 1\nend");
        check("one\ntwo\n\x1b[2F\x1b[Jnew", "new");
        check("x\x1b[5Gy", "x   y");
    }

    #[test]
    fn full_screen_programs_leave_nothing() {
        check("before\n\x1b[?1049h\x1b[2Jmenu\r\nquit\x1b[?1049lafter\n", "before\nafter\n");
    }

    #[test]
    fn unfinished_sequences_do_no_harm() {
        check("a\x1b", "a");
        check("a\x1b[12", "a");
        check("a\x1b]title\nrest", "arest");
        assert_eq!(plain(b"\x1b[99999999999999Cx").len(), MAX_COLUMN + 1);
    }

    #[test]
    fn many_lines_stay_in_order() {
        let output: String = (0..1000).map(|number| format!("{number}\r\n")).collect();
        check(&output, &output.replace('\r', ""));
    }
}
