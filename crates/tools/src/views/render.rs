//! A file as numbered lines, or windows of it when it is large.

use std::fmt::Write as _;

use slipway_protocol::view::LineRange;

use super::ranges::merged;
use crate::bounds::ViewBounds;
use crate::edit::{Document, Line};

/// Most characters of one line.
const MAX_LINE_CHARS: usize = 2_000;

/// Lines shown around what was asked for.
pub(super) const AROUND: u32 = 5;

/// So few lines between two windows are shown as well.
const SMALL_GAP: u32 = 3;

/// Most places that are named where changes are not shown.
const MAX_NAMED: usize = 12;

/// How much of a file a view shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// All of it.
    All,
    /// These lines, which for a very long file are cut further.
    Part(Vec<LineRange>),
}

/// What a view with the given ranges shows of a file.
pub fn shown(bytes: &[u8], ranges: &[LineRange], bounds: ViewBounds) -> Shown {
    let windows = windows(Document::parse(bytes).lines.len(), bytes.len(), ranges, bounds);
    let total = line_count(Document::parse(bytes).lines.len());
    match windows.as_slice() {
        [] => Shown::All,
        [only] if only.start == 1 && only.end == total => Shown::All,
        _ => Shown::Part(windows),
    }
}

/// The view's text.
pub(super) fn render(
    document: &Document<'_>,
    bytes: usize,
    ranges: &[LineRange],
    bounds: ViewBounds,
) -> String {
    let total = line_count(document.lines.len());
    let room = bounds.chars;
    let mut view = View { text: String::with_capacity(bytes.min(2 * room)), chars: 0, room, next: 1 };
    for window in windows(document.lines.len(), bytes, ranges, bounds) {
        view.skip_to(window.start);
        let before = (window.start as usize).saturating_sub(1);
        let count = (window.end as usize).saturating_sub(before);
        for line in document.lines.iter().skip(before).take(count) {
            if view.is_full() {
                break;
            }
            view.push(line);
        }
    }
    view.skip_to(total.saturating_add(1));
    view.text
}

/// The line that names lines which were changed and are not shown; nothing when there are none.
pub(super) fn left_out(ranges: &[LineRange]) -> String {
    let name = |range: &LineRange| match range.end {
        end if end == range.start => format!("{end}"),
        end => format!("{}–{end}", range.start),
    };
    let named: Vec<String> = ranges.iter().take(MAX_NAMED).map(name).collect();
    let more = match ranges.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more places"),
    };
    if named.is_empty() {
        return String::new();
    }
    format!("… changed since the last view and not shown: lines {}{more} …\n", named.join(", "))
}

/// The windows in ascending order, within the file.
pub(super) fn windows(
    lines: usize,
    bytes: usize,
    ranges: &[LineRange],
    bounds: ViewBounds,
) -> Vec<LineRange> {
    let total = line_count(lines);
    if total == 0 {
        return Vec::new();
    }
    if ranges.is_empty() {
        let large = lines > bounds.lines() || bytes > bounds.chars;
        let end = if large { total.min(bounds.head_lines()) } else { total };
        return vec![LineRange { start: 1, end }];
    }
    let widened = ranges.iter().map(|range| LineRange {
        start: range.start.clamp(1, total).saturating_sub(AROUND).max(1),
        end: range.end.clamp(1, total).saturating_add(AROUND).min(total),
    });
    merged(widened, SMALL_GAP)
}

fn line_count(lines: usize) -> u32 {
    u32::try_from(lines).unwrap_or(u32::MAX)
}

struct View {
    text: String,
    chars: usize,
    /// Most characters; windows beyond them are cut.
    room: usize,
    /// The line that would come next.
    next: u32,
}

impl View {
    fn is_full(&self) -> bool {
        self.chars >= self.room
    }

    /// Says which lines are left out before `line`, if any.
    fn skip_to(&mut self, line: u32) {
        let last = line.saturating_sub(1);
        if self.next < last {
            let _ = writeln!(
                self.text,
                "… lines {}–{last} not shown (read_file with start_line/end_line shows them) …",
                self.next
            );
        } else if self.next == last {
            let _ = writeln!(
                self.text,
                "… line {last} not shown (read_file with start_line/end_line shows it) …"
            );
        }
        self.next = self.next.max(line);
    }

    fn push(&mut self, line: &Line<'_>) {
        let text = line.text();
        let start = self.text.len();
        let _ = write!(self.text, "{}\t", self.next);
        match text.char_indices().nth(MAX_LINE_CHARS) {
            None => self.text.push_str(&text),
            Some((cut, _)) => {
                let (kept, rest) = text.split_at(cut);
                let _ = write!(self.text, "{kept} … ({} more characters on this line)", rest.chars().count());
            }
        }
        self.text.push('\n');
        self.chars += self.text.len() - start;
        self.next += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(bytes: &[u8], ranges: &[(u32, u32)]) -> String {
        let ranges: Vec<LineRange> = ranges.iter().map(|&(start, end)| LineRange { start, end }).collect();
        render(&Document::parse(bytes), bytes.len(), &ranges, ViewBounds::default())
    }

    fn numbered(lines: std::ops::RangeInclusive<u32>) -> String {
        lines.map(|line| format!("line {line}\n")).collect()
    }

    #[test]
    fn small_files_are_shown_whole() {
        let cases: [(&[u8], &str); 6] = [
            (b"", ""),
            (b"a\nb\n", "1\ta\n2\tb\n"),
            (b"a\r\nb", "1\ta\n2\tb\n"),
            (b"\n\n", "1\t\n2\t\n"),
            (b"\xEF\xBB\xBFbom\n", "1\tbom\n"),
            (b"caf\xE9\n", "1\tcaf\u{FFFD}\n"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(view(bytes, &[]), expected);
        }
    }

    #[test]
    fn large_files_are_shown_in_windows() {
        let file = numbered(1..=3000);
        let head = view(file.as_bytes(), &[]);
        assert!(
            head.starts_with("1\tline 1\n") && head.contains("\n400\tline 400\n… lines 401–3000 not shown (")
        );
        let windows = view(file.as_bytes(), &[(1000, 1001), (2990, 9000), (1015, 1015)]);
        let lines: Vec<&str> = windows.lines().collect();
        assert!(lines[0].starts_with("… lines 1–994 not shown"), "{}", lines[0]);
        assert_eq!(lines[1], "995\tline 995");
        assert_eq!(lines[26], "1020\tline 1020", "the gap of three lines is shown too");
        assert!(lines[27].starts_with("… lines 1021–2984 not shown"), "{}", lines[27]);
        assert_eq!(*lines.last().expect("a last line"), "3000\tline 3000");
        let bounds = ViewBounds::default();
        let head = Shown::Part(vec![LineRange { start: 1, end: 400 }]);
        assert_eq!(shown(file.as_bytes(), &[], bounds), head);
        assert_eq!(shown(b"a\n", &[], bounds), Shown::All);
        let wider = ViewBounds { chars: 200_000 };
        assert_eq!(shown(file.as_bytes(), &[], wider), Shown::All);
    }

    #[test]
    fn overlong_lines_and_views_are_cut_with_a_mark() {
        let line = "ä".repeat(2_500);
        assert_eq!(
            view(line.as_bytes(), &[]),
            format!("1\t{} … (500 more characters on this line)\n", "ä".repeat(2_000))
        );
        let wide = format!("{}\n", "x".repeat(1_000)).repeat(1_000);
        let cut = view(wide.as_bytes(), &[(1, 1_000)]);
        assert!(cut.len() < 110_000, "{}", cut.len());
        assert!(cut.ends_with("–1000 not shown (read_file with start_line/end_line shows them) …\n"));
    }
}
