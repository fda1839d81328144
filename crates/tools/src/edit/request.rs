//! One edit as the model wrote it, understood but not yet located.

use super::arguments::Edit;
use super::document::Line;
use super::matching::{Pass, information};

const SEPARATOR: &str = "[TO]";

/// One edit, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) place: Place,
    pub(super) replacement: Vec<NewLine>,
}

/// Where an edit is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the first line.
    Top,
    /// Instead of existing lines.
    Lines(Target),
}

/// The lines an edit is to replace, as the model describes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) stated: Span,
    pub(super) anchors: Anchors,
}

/// Lines `start..end`, counted from 0. An empty span lies before line `start`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The text that proves which lines are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Anchors {
    /// Every line of the range.
    Block(Vec<String>),
    /// How the range begins and how it ends.
    Ends { first: Vec<String>, last: Vec<String> },
}

/// A line to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewLine {
    pub(super) body: String,
    /// As the model sent it; used only where the file gives no example.
    pub(super) ending: &'static str,
}

/// Why an edit makes no sense whatever the file holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RequestError {
    #[error("remove_line_number must be like \"13-15\" or \"42\", not {0:?}")]
    LineNumber(String),
    #[error("remove_line_number {0:?} runs backwards; write the smaller number first")]
    Backwards(String),
    #[error(
        "line numbers start at 1; \"0\" stands for the top of the file and goes with empty content_to_remove"
    )]
    Zero,
    #[error(
        "remove_line_number {stated} is a range of {lines} lines, but content_to_remove holds one line and no \
         [TO]; give the first line, a line with only [TO], and the last line, or the number of the one line"
    )]
    OneAnchor { stated: Span, lines: usize },
}

impl Request {
    /// Understands `edit`, for a file of these lines.
    pub(super) fn parse(edit: &Edit, lines: &[Line<'_>]) -> Result<Self, RequestError> {
        let replacement = new_lines(&edit.replace_content);
        let content = lines_of(&edit.content_to_remove);
        let blank = content.iter().all(|line| line.trim().is_empty());
        let stated = parse_numbers(&edit.remove_line_number)?;
        let Some(stated) = stated else {
            return if blank { Ok(Self { place: Place::Top, replacement }) } else { Err(RequestError::Zero) };
        };
        if lines.is_empty() && blank {
            return Ok(Self { place: Place::Top, replacement });
        }
        let anchors = Anchors::parse(with_final_blank(content, stated, lines), stated)?;
        Ok(Self { place: Place::Lines(Target { stated, anchors }), replacement })
    }
}

impl Anchors {
    fn parse(mut lines: Vec<String>, stated: Span) -> Result<Self, RequestError> {
        if let Some(at) = separator(&lines) {
            let last = lines.split_off(at).into_iter().skip(1).collect::<Vec<_>>();
            return Ok(Self::Ends { first: or_blank(lines), last: or_blank(last) });
        }
        if let [line] = lines.as_slice()
            && stated.len() > 1
        {
            return match line.split_once(SEPARATOR) {
                Some((first, last)) if !first.trim().is_empty() && !last.trim().is_empty() => {
                    Ok(Self::Ends { first: vec![first.to_owned()], last: vec![last.trim_start().to_owned()] })
                }
                _ => Err(RequestError::OneAnchor { stated, lines: stated.len() }),
            };
        }
        if lines.is_empty() {
            return Ok(Self::Block(vec![String::new(); stated.len()]));
        }
        Ok(Self::Block(lines))
    }

    /// The letters and digits that speak for the place.
    pub(super) fn information(&self) -> usize {
        self.lines().map(|line| information(line)).sum()
    }

    /// Every line the model wrote, in order.
    pub(super) fn lines(&self) -> impl Iterator<Item = &String> {
        let (first, last) = self.parts();
        first.iter().chain(last)
    }

    /// How the range begins, and how it ends where that was given apart.
    pub(super) fn parts(&self) -> (&[String], &[String]) {
        match self {
            Self::Block(lines) => (lines, &[]),
            Self::Ends { first, last } => (first, last),
        }
    }

    /// The anchors without the line numbers of the view, when each line carries exactly its own.
    pub(super) fn without_numbers(&self, stated: Span) -> Option<Self> {
        let strip = |lines: &[String], from: usize| -> Option<Vec<String>> {
            lines.iter().zip(from + 1..).map(|(line, number)| strip_number(line, number)).collect()
        };
        match self {
            Self::Block(lines) => strip(lines, stated.start).map(Self::Block),
            Self::Ends { first, last } => Some(Self::Ends {
                first: strip(first, stated.start)?,
                last: strip(last, stated.end.checked_sub(last.len())?)?,
            }),
        }
    }
}

impl Span {
    pub(super) fn len(self) -> usize {
        self.end - self.start
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

impl std::fmt::Display for Span {
    /// As in `remove_line_number`.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.len() {
            0 => write!(formatter, "0"),
            1 => write!(formatter, "{}", self.end),
            _ => write!(formatter, "{}-{}", self.start + 1, self.end),
        }
    }
}

/// `replacement` without line numbers copied from the view, when every line that is not blank has one and
/// they count up from `first`.
pub(super) fn replacement_without_numbers(replacement: &[NewLine], first: usize) -> Option<Vec<NewLine>> {
    let strip = |(line, number): (&NewLine, usize)| {
        let body = match line.body.trim() {
            "" => String::new(),
            _ => strip_number(&line.body, number)?,
        };
        Some(NewLine { body, ending: line.ending })
    };
    replacement.iter().zip(first..).map(strip).collect()
}

fn strip_number(line: &str, number: usize) -> Option<String> {
    let rest = line.trim_start().strip_prefix(&number.to_string())?;
    let rest = rest
        .strip_prefix('\t')
        .or_else(|| rest.trim_start_matches(' ').strip_prefix(['|', '\u{2192}', ':']))?;
    Some(rest.to_owned())
}

/// `None` stands for "0".
fn parse_numbers(text: &str) -> Result<Option<Span>, RequestError> {
    let wrong = || RequestError::LineNumber(text.to_owned());
    let number = |part: &str| {
        let digits = part.trim().trim_start_matches(['L', 'l']);
        digits.parse::<u32>().map(|number| number as usize).map_err(|_| wrong())
    };
    let (start, end) = match text.split_once(['-', '\u{2013}', '\u{2014}', ':']) {
        Some((start, end)) => (number(start)?, number(end)?),
        None => (number(text)?, number(text)?),
    };
    match (start, end) {
        (0, 0) => Ok(None),
        (0, _) => Err(RequestError::Zero),
        _ if start > end => Err(RequestError::Backwards(text.to_owned())),
        _ => Ok(Some(Span { start: start - 1, end })),
    }
}

/// A block that ends in a blank line may have lost it: the newline after the last line but one looks like the
/// end of the text. The stated range tells, when the file has the block just there.
fn with_final_blank(mut content: Vec<String>, stated: Span, lines: &[Line<'_>]) -> Vec<String> {
    let fits = |(line, text): (&Line<'_>, &String)| Pass::Relaxed.matches(line, text);
    if let Some([block @ .., last]) = lines.get(stated.start..stated.end)
        && block.len() == content.len()
        && last.text().trim().is_empty()
        && block.iter().zip(&content).all(fits)
    {
        content.push(String::new());
    }
    content
}

/// Which line is the `[TO]`. Lines of the file may read `[TO]` as well, so the plain form goes first.
fn separator(lines: &[String]) -> Option<usize> {
    let is_separator = |line: &String| line.trim() == SEPARATOR;
    match lines {
        [_] => None,
        [_, middle, _] if is_separator(middle) => Some(1),
        _ => {
            let inner = lines.iter().skip(1).position(is_separator).map(|at| at + 1);
            inner.or_else(|| lines.first().is_some_and(is_separator).then_some(0))
        }
    }
}

fn or_blank(lines: Vec<String>) -> Vec<String> {
    if lines.is_empty() { vec![String::new()] } else { lines }
}

fn lines_of(text: &str) -> Vec<String> {
    Line::split(text.as_bytes()).map(|line| line.text().into_owned()).collect()
}

fn new_lines(text: &str) -> Vec<NewLine> {
    let parse = |line: Line<'_>| {
        let body = line.text();
        // A text may be cut between the two bytes of its last line ending.
        let cut = line.is_unterminated().then(|| body.strip_suffix('\r')).flatten();
        NewLine {
            body: cut.unwrap_or(&body).to_owned(),
            ending: if cut.is_some() || line.ending == b"\r\n" { "\r\n" } else { "\n" },
        }
    };
    Line::split(text.as_bytes()).map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(numbers: &str, content: &str) -> Result<Place, RequestError> {
        let edit = Edit {
            remove_line_number: numbers.into(),
            content_to_remove: content.into(),
            replace_content: "x".into(),
        };
        Request::parse(&edit, &[Line { body: b"-", ending: b"\n" }; 100]).map(|request| request.place)
    }

    fn strings(lines: &[&str]) -> Vec<String> {
        lines.iter().map(ToString::to_string).collect()
    }

    #[track_caller]
    fn check(numbers: &str, content: &str, span: (usize, usize), first: &[&str], last: &[&str]) {
        let stated = Span { start: span.0, end: span.1 };
        let anchors = match last {
            [] => Anchors::Block(strings(first)),
            _ => Anchors::Ends { first: strings(first), last: strings(last) },
        };
        assert_eq!(parse(numbers, content), Ok(Place::Lines(Target { stated, anchors })), "{content:?}");
    }

    #[test]
    fn understands_numbers_as_models_write_them() {
        for numbers in ["13-15", " 13 - 15 ", "13\u{2013}15", "L13-L15", "13:15"] {
            check(numbers, "a\n[TO]\nb", (12, 15), &["a"], &["b"]);
        }
        check("42", "a", (41, 42), &["a"], &[]);
        check("42-42", "a", (41, 42), &["a"], &[]);
        for numbers in ["", "x", "1-2-3", "-1", "1.5", "99999999999999999999"] {
            assert_eq!(parse(numbers, "a"), Err(RequestError::LineNumber(numbers.into())), "{numbers:?}");
        }
        assert_eq!(parse("5-3", "a"), Err(RequestError::Backwards("5-3".into())));
        assert_eq!(parse("0", ""), Ok(Place::Top));
        assert_eq!(parse("0", "a"), Err(RequestError::Zero));
        assert_eq!(parse("0-3", "a\n[TO]\nb"), Err(RequestError::Zero));
    }

    #[test]
    fn takes_anchors_apart() {
        check("1-5", "a\n[TO]\nb\n", (0, 5), &["a"], &["b"]);
        check("1-5", "a\r\n  [TO] \r\nb", (0, 5), &["a"], &["b"]);
        check("1-5", "a\nb\n[TO]\nc\nd", (0, 5), &["a", "b"], &["c", "d"]);
        check("1-5", "  a [TO] b", (0, 5), &["  a "], &["b"]);
        check("1-5", "a\n[TO]\n", (0, 5), &["a"], &[""]);
        check("1-5", "\n[TO]\n", (0, 5), &[""], &[""]);
        check("1-3", "a\nb\nc", (0, 3), &["a", "b", "c"], &[]);
        check("4-5", "", (3, 5), &["", ""], &[]);
        check("4", "\n", (3, 4), &[""], &[]);
        check("4", "[TO]", (3, 4), &["[TO]"], &[]);
        check("4-7", "[TO]\n[TO]\n[TO]", (3, 7), &["[TO]"], &["[TO]"]);
        assert_eq!(
            parse("2-4", "b"),
            Err(RequestError::OneAnchor { stated: Span { start: 1, end: 4 }, lines: 3 })
        );
    }

    #[test]
    fn strips_line_numbers_only_where_they_are_right() {
        let stated = Span { start: 11, end: 20 };
        let ends =
            |first: &str, last: &str| Anchors::Ends { first: strings(&[first]), last: strings(&[last]) };
        assert_eq!(ends("12\ta", " 20 | b").without_numbers(stated), Some(ends("a", " b")));
        assert_eq!(ends("12\ta", "19\tb").without_numbers(stated), None);
        assert_eq!(ends("12\ta", "b").without_numbers(stated), None);
        assert_eq!(ends("12 a", "20 b").without_numbers(stated), None);
        let block = Anchors::Block(strings(&["12\ta", "13\tb"]));
        assert_eq!(block.without_numbers(stated), Some(Anchors::Block(strings(&["a", "b"]))));
    }
}
