//! Fitting the indentation of new text to the file, when the model wrote its anchor with another one.

mod levels;

use super::document::Line;
use super::matching::indent;
use super::request::{Anchors, NewLine, Span};
use levels::{Unit, consists_of};

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
        .filter(Frame::differs)
        .collect();
    let unit =
        frames.iter().find_map(Frame::unit).or_else(|| Unit::of_file(anchors, lines, span, replacement));
    let bodies: Vec<_> = match unit {
        Some(unit) => unit.convert_all(replacement, lines, span),
        None => {
            let frame = Frame::new(first.first()?, replaced.first()?)?;
            let last = last.last().zip(replaced.last()).and_then(|(text, line)| Frame::new(text, line));
            if !frame.differs() || !frame.applies_to(replacement, last.as_ref()) {
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

    /// Whether the indentation is another one. A no-break space is a space that shows as one.
    fn differs(&self) -> bool {
        let plain = |indent: &str| indent.replace(|character| character != '\t', " ");
        plain(&self.written) != plain(&self.actual)
    }

    fn unit(&self) -> Option<Unit> {
        // What comes after the levels (the ` *` of a block comment, a continued line) is no level.
        let spaces = |indent: &str| indent.len() - indent.trim_end_matches(' ').len();
        let beyond = |indent: &str| if consists_of(indent, ' ') { 0 } else { spaces(indent) };
        let beyond = match self.text.starts_with('*') {
            true => spaces(&self.written).min(spaces(&self.actual)).min(1),
            false => beyond(&self.written).max(beyond(&self.actual)),
        };
        let levels = |indent: &'_ str| -> Option<String> {
            let end = indent.len().checked_sub(beyond)?;
            let (levels, rest) = indent.split_at_checked(end)?;
            rest.chars().all(|character| character == ' ').then(|| levels.to_owned())
        };
        let (written, actual) = (levels(&self.written)?, levels(&self.actual)?);
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
