//! Fitting the indentation of new text to the file, when the model wrote its anchor with another one.

use super::document::Line;
use super::matching::indent;
use super::request::{Anchors, NewLine, Span};

/// With so many lines that begin with a tab for each that begins with two spaces, a file is indented with
/// tabs.
const STRAY_SPACES: usize = 9;

/// New text with the indentation it should have, when that is not the one it was sent with.
///
/// `span` are the lines of the file that the anchors were found at.
pub(super) fn reframe(
    anchors: &Anchors,
    lines: &[Line<'_>],
    span: Span,
    replacement: &[NewLine],
) -> Option<Vec<NewLine>> {
    let (first, last) = anchors.parts();
    let replaced = lines.get(span.start..span.end)?;
    let frames: Vec<_> = first
        .iter()
        .zip(replaced)
        .chain(last.iter().rev().zip(replaced.iter().rev()))
        .filter_map(|(anchor, line)| Frame::new(anchor, line))
        .filter(|frame| frame.written != frame.actual)
        .collect();
    let unit = frames.iter().find_map(Frame::unit).or_else(|| Unit::of_file(anchors, lines, replacement));
    let bodies: Vec<_> = match unit {
        Some(unit) => replacement.iter().map(|line| unit.convert(&line.body)).collect(),
        None => {
            let frame = Frame::new(first.first()?, replaced.first()?)?;
            let last = last.last().zip(replaced.last()).and_then(|(text, line)| Frame::new(text, line));
            if frame.written == frame.actual || !frame.applies_to(replacement, last.as_ref()) {
                return None;
            }
            replacement.iter().map(|line| frame.shift(&line.body)).collect()
        }
    };
    let changed = bodies.iter().zip(replacement).any(|(body, line)| *body != line.body);
    changed.then(|| {
        bodies
            .into_iter()
            .zip(replacement)
            .map(|(body, line)| NewLine { body, ending: line.ending })
            .collect()
    })
}

/// An anchor's indentation in the call and in the file.
struct Frame {
    text: String,
    written: String,
    actual: String,
}

/// How the model and the file write one level of indentation.
enum Unit {
    /// The model wrote this many spaces for a tab.
    SpacesToTabs(usize),
    /// The model wrote a tab for this many spaces.
    TabsToSpaces(usize),
}

impl Frame {
    fn new(anchor: &str, line: &Line<'_>) -> Option<Self> {
        let text = anchor.trim();
        let actual = line.text();
        (!text.is_empty()).then(|| Self {
            text: text.to_owned(),
            written: indent(anchor).to_owned(),
            actual: indent(&actual).to_owned(),
        })
    }

    fn unit(&self) -> Option<Unit> {
        // The ` *` of a block comment stands one column further in, whatever a level is.
        let column =
            |indent: &str| indent.strip_suffix(' ').filter(|_| self.text.starts_with('*')).map(str::to_owned);
        let (written, actual) = match (column(&self.written), column(&self.actual)) {
            (Some(written), Some(actual)) => (written, actual),
            _ => (self.written.clone(), self.actual.clone()),
        };
        let (width, levels) = (written.len(), actual.len());
        if consists_of(&written, ' ') && consists_of(&actual, '\t') && width % levels == 0 {
            return Some(Unit::SpacesToTabs(width / levels));
        }
        let tabs_for_spaces = consists_of(&written, '\t') && consists_of(&actual, ' ');
        (tabs_for_spaces && levels % width == 0).then(|| Unit::TabsToSpaces(levels / width))
    }

    /// Whether the new text was written in the frame of the call rather than in that of the file.
    fn applies_to(&self, replacement: &[NewLine], last: Option<&Self>) -> bool {
        let mut filled =
            replacement.iter().map(|line| line.body.as_str()).filter(|body| !body.trim().is_empty());
        let Some(first_line) = filled.next() else { return false };
        let last_line = filled.next_back().unwrap_or(first_line);
        if first_line.trim() == self.text {
            return self.decide(indent(first_line));
        }
        if indent(first_line) == self.actual {
            return false;
        }
        if let Some(last) = last
            && last_line.trim() == last.text
            && last.written != last.actual
            && (indent(last_line) == last.written || indent(last_line) == last.actual)
        {
            return indent(last_line) == last.written;
        }
        self.decide(&common_indent(replacement))
    }

    fn decide(&self, indent: &str) -> bool {
        if indent == self.written {
            return true;
        }
        if indent.starts_with(&self.actual) {
            return false;
        }
        if self.written.is_empty() && !indent.is_empty() {
            return false;
        }
        indent.len().abs_diff(self.written.len()) < indent.len().abs_diff(self.actual.len())
    }

    fn shift(&self, body: &str) -> String {
        if body.is_empty() {
            return body.to_owned();
        }
        if let Some(rest) = body.strip_prefix(&self.written) {
            return format!("{}{rest}", self.actual);
        }
        let own = indent(body);
        let rest = body.trim_start();
        match self.actual.strip_prefix(&self.written) {
            Some(missing) => format!("{missing}{body}"),
            None => {
                let surplus = self.written.len().saturating_sub(self.actual.len());
                let kept: String = own.chars().skip(surplus).collect();
                format!("{kept}{rest}")
            }
        }
    }
}

impl Unit {
    /// Where the anchors have no indentation to compare: spaces have no place in a file that is indented
    /// with nothing but tabs.
    fn of_file(anchors: &Anchors, lines: &[Line<'_>], replacement: &[NewLine]) -> Option<Self> {
        // Only the ends: they are all that is left of a pasted block in the corrected call.
        let ends = anchors.lines().next().into_iter().chain(anchors.lines().last());
        let indented = |line: &String| match indent(line) {
            " " => !line.trim().starts_with('*'),
            own => !own.is_empty(),
        };
        if ends.into_iter().any(indented) {
            return None;
        }
        let widths: Vec<_> = replacement
            .iter()
            .filter(|line| !line.body.trim().is_empty() && !indent(&line.body).is_empty())
            .map(|line| {
                let own = indent(&line.body);
                // The ` *` of a block comment stands one column further in.
                let comment = usize::from(line.body.trim_start().starts_with('*') && own.len() % 2 == 1);
                consists_of(own, ' ').then(|| own.len() - comment)
            })
            .filter(|width| *width != Some(0))
            .collect::<Option<_>>()?;
        let unit = [4, 2].into_iter().find(|unit| widths.iter().all(|width| width % unit == 0))?;
        let starting = |bytes: &[u8]| lines.iter().filter(|line| line.body.starts_with(bytes)).count();
        // A comment's ` *` and a text in quotes may begin with spaces in a file that is indented with tabs.
        let tabs = starting(b"\t") > STRAY_SPACES * starting(b"  ");
        (!widths.is_empty() && tabs).then_some(Self::SpacesToTabs(unit))
    }

    fn convert(&self, body: &str) -> String {
        let own = indent(body);
        let rest = body.trim_start();
        match *self {
            Self::SpacesToTabs(width) => {
                let spaces = own.chars().take_while(|character| *character == ' ').count();
                let (_, after) = own.split_at(spaces);
                format!("{}{}{after}{rest}", "\t".repeat(spaces / width), " ".repeat(spaces % width))
            }
            Self::TabsToSpaces(width) => {
                let tabs = own.chars().take_while(|character| *character == '\t').count();
                let (_, after) = own.split_at(tabs);
                format!("{}{after}{rest}", " ".repeat(tabs * width))
            }
        }
    }
}

fn consists_of(text: &str, character: char) -> bool {
    !text.is_empty() && text.chars().all(|other| other == character)
}

fn common_indent(replacement: &[NewLine]) -> String {
    let filled = replacement.iter().map(|line| line.body.as_str()).filter(|body| !body.trim().is_empty());
    filled
        .map(indent)
        .reduce(|common, other| {
            let same = common.chars().zip(other.chars()).take_while(|(left, right)| left == right);
            let length = same.map(|(character, _)| character.len_utf8()).sum();
            let (common, _) = common.split_at(length);
            common
        })
        .unwrap_or_default()
        .to_owned()
}
