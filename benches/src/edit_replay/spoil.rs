//! Mistakes that models make in the text of a call.

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use slipway_tools::edit::{Document, Edit};

use super::hunk::Intent;
use super::kind::Kind;

const SEPARATOR: &str = "[TO]";

/// White space after the anchors.
pub(crate) fn trailing_space(edit: Edit, rng: &mut StdRng) -> Edit {
    let mut space = || ["", " ", "   ", "\t"].choose(rng).copied().unwrap_or_default();
    let line = |line: &str| match line {
        SEPARATOR => line.to_owned(),
        _ => format!("{line}{}", space()),
    };
    let lines: Vec<String> = edit.content_to_remove.lines().map(line).collect();
    Edit { content_to_remove: lines.join("\n") + " ", ..edit }
}

/// Half of the calls leave out the newline that ends the new text, where that means the same.
pub(crate) fn perhaps_without_final_newline(edit: Edit, rng: &mut StdRng) -> Edit {
    let text = edit.replace_content.strip_suffix('\n').unwrap_or_default();
    if text.is_empty() || text.ends_with('\n') || rng.random_bool(0.5) {
        return edit;
    }
    Edit { replace_content: text.to_owned(), ..edit }
}

/// Anchors without indentation; `None` where they have none.
pub(crate) fn without_indent(intent: &Intent) -> Option<Edit> {
    let edit = intent.edit();
    indented(intent)?;
    let lines: Vec<&str> = edit.content_to_remove.lines().map(str::trim_start).collect();
    Some(Edit { content_to_remove: lines.join("\n"), ..edit })
}

/// Anchors and new text without the indentation of the first anchor, which all new lines have too.
pub(crate) fn dedented(intent: &Intent) -> Option<Edit> {
    let shared = indented(intent)?;
    let cut = |line: &String| match line.strip_prefix(shared) {
        Some(rest) => Some(rest.to_owned()),
        None => line.trim().is_empty().then(String::new),
    };
    let dedented = Intent {
        lines: intent.lines.clone(),
        removed: intent
            .removed
            .iter()
            .map(|line| cut(line).unwrap_or(line.trim_start().to_owned()))
            .collect(),
        replacement: intent.replacement.iter().map(cut).collect::<Option<_>>()?,
    };
    Some(dedented.edit())
}

/// Anchors one level too deep.
pub(crate) fn indented_further(intent: &Intent) -> Option<Edit> {
    let level = if indented(intent)?.starts_with('\t') { "\t" } else { "    " };
    let edit = intent.edit();
    let further = |line: &str| match line {
        SEPARATOR | "" => line.to_owned(),
        _ => format!("{level}{line}"),
    };
    let lines: Vec<String> = edit.content_to_remove.lines().map(further).collect();
    Some(Edit { content_to_remove: lines.join("\n"), ..edit })
}

/// Anchors and new text with four spaces for each tab that indents, for a file that is indented with tabs.
pub(crate) fn tabs_as_spaces(intent: &Intent, file: &Document<'_>) -> Option<Edit> {
    let starting = |bytes: &[u8]| file.lines.iter().filter(|line| line.body.starts_with(bytes)).count();
    if starting(b"\t") <= starting(b"  ") {
        return None;
    }
    let convert = |line: &String| {
        let own = indent(line);
        format!("{}{}", own.replace('\t', "    "), line.trim_start())
    };
    let spaced = Intent {
        lines: intent.lines.clone(),
        removed: intent.removed.iter().map(convert).collect(),
        replacement: intent.replacement.iter().map(convert).collect(),
    };
    (spaced != *intent).then(|| spaced.edit())
}

/// Anchors with plain quotes, dashes and spaces for typographic ones.
pub(crate) fn ascii_punctuation(edit: Edit) -> Option<Edit> {
    let plain = |character: char| match character {
        '\u{2018}' | '\u{2019}' => "'".to_owned(),
        '\u{201C}' | '\u{201D}' => "\"".to_owned(),
        '\u{2010}'..='\u{2015}' => "-".to_owned(),
        '\u{2026}' => "...".to_owned(),
        '\u{A0}' => " ".to_owned(),
        other => other.to_string(),
    };
    let content: String = edit.content_to_remove.chars().map(plain).collect();
    (content != edit.content_to_remove).then_some(Edit { content_to_remove: content, ..edit })
}

/// The edit with one line that the file does not hold, in the way of `kind`.
pub(crate) fn with_invented_line(
    kind: Kind,
    intent: &Intent,
    file: &Document<'_>,
    rng: &mut StdRng,
) -> Option<Edit> {
    let mut intent = intent.clone();
    let at = match kind {
        Kind::K10a => 0,
        Kind::K10b => (intent.removed.len() > 1).then(|| intent.removed.len() - 1)?,
        _ => (intent.removed.len() > 2).then(|| rng.random_range(1..intent.removed.len() - 1))?,
    };
    let line = intent.removed.get_mut(at)?;
    *line = invented(line, file)?;
    Some(if kind == Kind::K10c { intent.pasted() } else { intent.edit() })
}

/// `line` with its longest word changed as a model misremembers it, where no line of the file reads so.
fn invented(line: &str, file: &Document<'_>) -> Option<String> {
    let longest = line.split(|character: char| !character.is_alphanumeric()).max_by_key(|word| word.len())?;
    let candidates = if longest.is_empty() {
        vec![
            format!("{}compute_result(value)", indent(line)),
            format!("{}return result_or_default", indent(line)),
        ]
    } else {
        ["update", "Handler", "2", "_internal"]
            .iter()
            .map(|suffix| line.replacen(longest, &format!("{longest}{suffix}"), 1))
            .collect()
    };
    let bare = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
    candidates.into_iter().find(|text| file.lines.iter().all(|line| bare(&line.text()) != bare(text)))
}

/// The first anchor's indentation, if any.
fn indented(intent: &Intent) -> Option<&str> {
    let first = intent.removed.first().filter(|line| !line.trim().is_empty())?;
    Some(indent(first)).filter(|indent| !indent.is_empty())
}

fn indent(line: &str) -> &str {
    line.strip_suffix(line.trim_start()).unwrap_or_default()
}
