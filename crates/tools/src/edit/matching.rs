//! When a line of a file counts as the line a model wrote.

use super::document::Line;

/// How much may differ, from nothing that shows to spelling of punctuation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pass {
    /// Trailing white space may differ.
    Strict,
    /// White space may differ everywhere.
    Relaxed,
    /// White space may differ, and typographic punctuation counts as its ASCII form.
    Folded,
}

impl Pass {
    /// From the most demanding to the most lenient.
    pub(super) const ALL: [Self; 3] = [Self::Strict, Self::Relaxed, Self::Folded];

    /// Whether `line` of a file is what the model wrote as `written`.
    pub(super) fn matches(self, line: &Line<'_>, written: &str) -> bool {
        match self {
            Self::Strict => same_but_for_the_end(line, written),
            Self::Relaxed => visible(&line.text()).eq(visible(written)),
            Self::Folded => visible(&line.text()).flat_map(fold).eq(visible(written).flat_map(fold)),
        }
    }
}

/// Searches of whole files spend their time here, so plain ASCII is not decoded.
fn same_but_for_the_end(line: &Line<'_>, written: &str) -> bool {
    let mut body = line.body;
    while let [rest @ .., b' ' | b'\t'..=b'\r'] = body {
        body = rest;
    }
    let written = written.trim_end();
    if body.is_ascii() { body == written.as_bytes() } else { line.text().trim_end() == written }
}

/// How much a text says about where it belongs: its letters and digits.
pub(super) fn information(text: &str) -> usize {
    text.chars().filter(|character| character.is_alphanumeric()).count()
}

/// The white space that a line begins with.
pub(super) fn indent(text: &str) -> &str {
    let (indent, _) = text.split_at(text.len() - text.trim_start().len());
    indent
}

fn visible(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| !character.is_whitespace())
}

/// The ASCII form of punctuation that models and editors exchange freely.
fn fold(character: char) -> impl Iterator<Item = char> {
    let (folded, times) = match character {
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => ('-', 1),
        '\u{2018}'..='\u{201B}' | '\u{2032}' | '\u{FF07}' => ('\'', 1),
        '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{FF02}' => ('"', 1),
        '\u{2026}' => ('.', 3),
        '\u{200B}' | '\u{200C}' | '\u{200D}' | '\u{2060}' | '\u{FEFF}' => (' ', 0),
        other => (other, 1),
    };
    std::iter::repeat_n(folded, times)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, written: &str, first_pass: Option<Pass>) {
        let line = Line { body: file.as_bytes(), ending: b"\n" };
        assert_eq!(
            Pass::ALL.into_iter().find(|pass| pass.matches(&line, written)),
            first_pass,
            "{written:?}"
        );
    }

    #[test]
    fn each_pass_forgives_more() {
        check("  foo(a, b) \t", "  foo(a, b)", Some(Pass::Strict));
        check("  foo(a, b)", "foo(a,b)", Some(Pass::Relaxed));
        check(
            "say \u{201C}it\u{2019}s\u{201D}\u{A0}\u{2014}\u{2026}",
            "say \"it's\" -...",
            Some(Pass::Folded),
        );
        check("foo", "fool", None);
        check("Foo", "foo", None);
        check("", "  ", Some(Pass::Strict));
        check("caf\u{E9}\u{A0}", "caf\u{E9}", Some(Pass::Strict));
        check("foo\u{b}\u{c}", "foo\u{2003}", Some(Pass::Strict));
    }
}
