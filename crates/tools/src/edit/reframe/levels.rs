//! What tabs and spaces stand for: how wide the levels of a call and of a file are, and how the file's own lines
//! are indented that mix both.

use std::collections::{BTreeMap, HashMap};

use crate::edit::document::Line;
use crate::edit::matching::indent;
use crate::edit::request::{Anchors, NewLine, Span};

/// With so many lines that begin with a tab for each that begins with two spaces, a file is indented with
/// tabs.
const STRAY_SPACES: usize = 9;

/// With so many new lines whose indentation is whole levels for each other one, it is levels that they count.
const STRAY_WIDTHS: usize = 4;

/// How the model and the file write one level of indentation.
pub(super) enum Unit {
    /// The model wrote this many spaces for a tab.
    SpacesToTabs(usize),
    /// The model wrote a tab for this many spaces.
    TabsToSpaces(usize),
}

impl Unit {
    /// Where the anchors have no indentation to compare: spaces have no place where lines are indented with
    /// tabs.
    pub(super) fn of_file(
        anchors: &Anchors,
        lines: &[Line<'_>],
        span: Span,
        replacement: &[NewLine],
    ) -> Option<Self> {
        // Only the ends: they are all that is left of a pasted block in the corrected call.
        let ends = anchors.lines().next().into_iter().chain(anchors.lines().last());
        let indented = |line: &String| match indent(line) {
            " " => !line.trim().starts_with('*'),
            own => !own.is_empty(),
        };
        if ends.into_iter().any(indented) {
            return None;
        }
        let tabs = |line: &NewLine| indent(&line.body).contains(|character| character != ' ');
        if replacement.iter().any(|line| !line.body.trim().is_empty() && tabs(line)) {
            return None;
        }
        let widths: Vec<usize> = replacement.iter().filter_map(spaces).collect();
        let quoted = quoted(replacement, 4);
        let outside: Vec<usize> = replacement
            .iter()
            .zip(&quoted)
            .filter(|(_, quoted)| !**quoted)
            .filter_map(|(line, _)| spaces(line))
            .filter(|width| *width > 0)
            .collect();
        let whole = outside.iter().filter(|width| width.is_multiple_of(4)).count();
        // A few lines may be deeper by less than a level.
        let unit = if whole > 0 && STRAY_WIDTHS * (outside.len() - whole) <= whole {
            4
        } else if widths.iter().any(|width| *width > 0) && widths.iter().all(|width| width.is_multiple_of(2))
        {
            2
        } else {
            return None;
        };
        indented_with_tabs(lines, span).then_some(Self::SpacesToTabs(unit))
    }

    /// New lines as the file indents its own around `span`.
    pub(super) fn convert_all(&self, replacement: &[NewLine], lines: &[Line<'_>], span: Span) -> Vec<String> {
        let examples = Examples::new(lines, span, self);
        let quoted = quoted(replacement, self.width());
        let lines = replacement.iter().zip(quoted);
        lines.map(|(line, quoted)| self.convert(&line.body, quoted, &examples)).collect()
    }

    fn width(&self) -> usize {
        let (Self::SpacesToTabs(width) | Self::TabsToSpaces(width)) = *self;
        width
    }

    /// The width of an indentation when a tab is as wide as a level.
    fn columns(&self, indent: &str) -> usize {
        let width = self.width();
        indent.chars().map(|character| if character == '\t' { width } else { 1 }).sum()
    }

    fn convert(&self, body: &str, quoted: bool, examples: &Examples) -> String {
        let own = indent(body);
        let rest = body.trim_start();
        let foreign = match self {
            Self::SpacesToTabs(_) => ' ',
            Self::TabsToSpaces(_) => '\t',
        };
        if own.starts_with(foreign)
            && let Some(example) = examples.same(self.columns(own), rest)
        {
            return format!("{example}{rest}");
        }
        if quoted {
            return body.to_owned();
        }
        if own.starts_with(foreign)
            && let Some(example) = examples.like(self.columns(own), rest)
        {
            return format!("{example}{rest}");
        }
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

/// How many spaces indent a line, without the one before the ` *` of a block comment; `None` for a blank line.
fn spaces(line: &NewLine) -> Option<usize> {
    let text = line.body.trim_start();
    let own = line.body.len() - text.len();
    let comment = text.starts_with('*') && !own.is_multiple_of(2);
    (!text.is_empty()).then_some(own - usize::from(comment))
}

/// Which new lines are those of a text in quotes whose spaces are no levels of the code: they stand between two
/// lines without indentation, and the shallowest of them is not whole levels deep.
fn quoted(replacement: &[NewLine], unit: usize) -> Vec<bool> {
    let widths: Vec<Option<usize>> = replacement.iter().map(spaces).collect();
    let mut quoted = vec![false; widths.len()];
    let edges: Vec<usize> =
        widths.iter().enumerate().filter(|(_, width)| **width == Some(0)).map(|(line, _)| line).collect();
    for (above, below) in edges.iter().zip(edges.iter().skip(1)) {
        let between = above + 1..*below;
        let shallowest = widths.get(between.clone()).into_iter().flatten().flatten().min();
        if shallowest.is_some_and(|width| !width.is_multiple_of(unit))
            && let Some(lines) = quoted.get_mut(between)
        {
            lines.fill(true);
        }
    }
    quoted
}

/// Whether the file is, or the lines around a place in it are, indented with tabs.
fn indented_with_tabs(lines: &[Line<'_>], span: Span) -> bool {
    let starting = |bytes: &[u8]| lines.iter().filter(|line| line.body.starts_with(bytes)).count();
    let (tabs, spaces) = (starting(b"\t"), starting(b"  "));
    // A comment's ` *` and a text in quotes may begin with spaces in a file that is indented with tabs.
    if tabs > STRAY_SPACES * spaces {
        return true;
    }
    let indented = |line: &&Line<'_>| matches!(line.body, [b'\t', ..] | [b' ', b' ', ..]);
    let above = lines.iter().take(span.start).rev().find(indented);
    let below = lines.iter().skip(span.end).find(indented);
    tabs > spaces && above.into_iter().chain(below).all(|line| line.body.starts_with(b"\t"))
}

/// How the file writes indentation around the place of an edit. Its own lines may mix tabs and spaces (a
/// continued line, a text in quotes), so that a width alone does not tell what it is made of.
struct Examples {
    span: Span,
    /// Width of a level.
    unit: usize,
    /// Indentation of the replaced lines, by its width and the text behind it.
    replaced: HashMap<(usize, String), String>,
    /// Indentation by its width, with the numbers of the lines that have it, in order.
    by_width: BTreeMap<usize, Vec<(usize, String)>>,
}

impl Examples {
    fn new(lines: &[Line<'_>], span: Span, unit: &Unit) -> Self {
        let mut replaced = HashMap::new();
        let mut by_width: BTreeMap<usize, Vec<(usize, String)>> = BTreeMap::new();
        for (number, line) in lines.iter().enumerate() {
            let text = line.text();
            let (own, trimmed) = (indent(&text), text.trim());
            if own.is_empty() || trimmed.is_empty() {
                continue;
            }
            let width = unit.columns(own);
            if (span.start..span.end).contains(&number) {
                replaced.entry((width, trimmed.to_owned())).or_insert_with(|| own.to_owned());
            }
            by_width.entry(width).or_default().push((number, own.to_owned()));
        }
        Self { span, unit: unit.width(), replaced, by_width }
    }

    /// The indentation of the same line among those that are replaced, if it is as wide.
    fn same(&self, width: usize, text: &str) -> Option<&str> {
        self.replaced.get(&(width, text.trim_end().to_owned())).map(String::as_str)
    }

    /// An indentation of so many columns as the nearest line has it.
    fn like(&self, width: usize, text: &str) -> Option<String> {
        if width == 0 || text.is_empty() {
            return None;
        }
        if let Some(alike) = self.by_width.get(&width) {
            return self.nearest(alike).map(str::to_owned);
        }
        // Deeper by less than a level, where the file goes on with spaces after its tabs.
        let (narrower, alike) = self.by_width.range(..width).next_back()?;
        let own = self.nearest(alike)?;
        let goes_on = !width.is_multiple_of(self.unit) && own.starts_with('\t') && own.ends_with(' ');
        goes_on.then(|| format!("{own}{}", " ".repeat(width - narrower)))
    }

    fn nearest<'a>(&self, alike: &'a [(usize, String)]) -> Option<&'a str> {
        let distance = |number: usize| match number {
            above if above < self.span.start => self.span.start - above,
            below if below >= self.span.end => below + 1 - self.span.end,
            _ => 0,
        };
        alike.iter().min_by_key(|(number, _)| distance(*number)).map(|(_, own)| own.as_str())
    }
}

/// Whether there is a text, of nothing but this character.
pub(super) fn consists_of(text: &str, character: char) -> bool {
    !text.is_empty() && text.chars().all(|other| other == character)
}
