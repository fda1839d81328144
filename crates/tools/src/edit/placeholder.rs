//! Recognising the comment by which a model leaves code out: `// ... rest of the code unchanged ...`.

use std::borrow::Cow;

use super::request::NewLine;

/// Longer lines, in bytes, say more than that.
const MAX_LENGTH: usize = 120;

/// Every word that such a comment is made of; any other word makes it an ordinary comment.
const VOCABULARY: &[&str] = &[
    "above",
    "all",
    "and",
    "as",
    "before",
    "below",
    "block",
    "body",
    "brevity",
    "change",
    "changes",
    "class",
    "code",
    "content",
    "contents",
    "existing",
    "file",
    "for",
    "from",
    "function",
    "functions",
    "goes",
    "here",
    "implementation",
    "implementations",
    "imports",
    "is",
    "it",
    "keep",
    "keeps",
    "kept",
    "lines",
    "logic",
    "method",
    "methods",
    "no",
    "of",
    "omitted",
    "other",
    "previous",
    "remain",
    "remainder",
    "remaining",
    "remains",
    "rest",
    "same",
    "section",
    "sections",
    "stay",
    "stays",
    "test",
    "tests",
    "the",
    "this",
    "unchanged",
    "unmodified",
    "your",
];

/// Words that say that something is left out when an ellipsis stands with them.
const HINTS: &[&str] =
    &["existing", "omitted", "previous", "remainder", "remaining", "rest", "same", "unchanged", "unmodified"];

/// What was left out, and what is said of it: together they need no ellipsis.
const PARTS: &[&str] = &["existing", "other", "remainder", "remaining", "rest"];
const STATES: &[&str] = &["omitted", "remain", "remains", "same", "stay", "stays", "unchanged", "unmodified"];

/// The first line of `replacement` that stands for code left out and was not among `replaced`.
pub(super) fn introduced_placeholder<'a>(
    replaced: &[Cow<'_, str>],
    replacement: &'a [NewLine],
) -> Option<&'a str> {
    let old = |body: &str| replaced.iter().any(|line| line.trim() == body);
    replacement.iter().map(|line| line.body.trim()).find(|body| is_placeholder(body) && !old(body))
}

/// The first line of a whole file's `new` content that stands for code left out and was not among the lines
/// of the `old`: its number, from 1, and its text. Samples of code in a Markdown file may leave out what they
/// like.
pub(crate) fn introduced_omission<'a>(name: &str, old: &[u8], new: &'a str) -> Option<(usize, &'a str)> {
    let prose = [".md", ".mdx", ".markdown"].iter().any(|ending| name.to_lowercase().ends_with(ending));
    let mut sample = false;
    let candidates = new.lines().map(str::trim).zip(1..).filter(|(line, _)| {
        sample ^= prose && (line.starts_with("```") || line.starts_with("~~~"));
        !sample && is_placeholder(line)
    });
    let old = String::from_utf8_lossy(old);
    let mut introduced = candidates.filter(|(line, _)| old.lines().all(|before| before.trim() != *line));
    introduced.next().map(|(line, number)| (number, line))
}

fn is_placeholder(line: &str) -> bool {
    let Some(comment) = comment_text(line) else { return false };
    let comment = comment.to_lowercase();
    let ellipsis = comment.contains("...") || comment.contains('\u{2026}');
    let words: Vec<_> = comment
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    let any = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let known = words.iter().all(|word| VOCABULARY.contains(word));
    known && (ellipsis && any(HINTS) || any(PARTS) && any(STATES))
}

/// What is said in a line that holds nothing but a comment, a remark in parentheses, or an ellipsis.
fn comment_text(line: &str) -> Option<&str> {
    const COMMENTS: &[&str] = &["{/*", "<!--", "/*", "//", "--", "#", "%", ";", "*"];
    const REMARKS: &[&str] = &["(", "[", "...", "\u{2026}"];
    if line.len() > MAX_LENGTH {
        return None;
    }
    let comment = COMMENTS.iter().find_map(|opening| line.strip_prefix(opening));
    let remark = || REMARKS.iter().any(|opening| line.starts_with(opening)).then_some(line);
    // `(rest, same)` and `...rest` are code.
    let apart = |text: &&str| match text.split_once("...") {
        Some((_, after)) => !after.starts_with(char::is_alphanumeric),
        None => text.contains('\u{2026}'),
    };
    comment.or_else(|| remark().filter(apart))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recognises_what_stands_for_code_left_out() {
        for line in [
            "// ... rest of code ...",
            "# ... existing code ...",
            "/* rest of the file unchanged */",
            "<!-- remaining content stays the same -->",
            "{/* ... existing code ... */}",
            "-- rest of the methods remain unchanged",
            "(rest of methods ...)",
            "... rest of the implementation ...",
            "// \u{2026} unchanged \u{2026}",
            "// other methods unchanged",
        ] {
            assert!(is_placeholder(line), "{line}");
        }
    }

    #[test]
    fn leaves_ordinary_code_and_comments_alone() {
        for line in [
            "",
            "...",
            "// ...",
            "let rest = other.unchanged();",
            "// keep the existing connection open ...",
            "# the rest of the arguments are passed to git",
            "// same as above",
            "...rest",
            "[...existing, item]",
            "[...existing]",
            "(...rest)",
            "// NOTE: remaining work",
            "(rest, same)",
        ] {
            assert!(!is_placeholder(line), "{line}");
        }
    }

    #[test]
    fn a_line_that_was_there_before_may_stay() {
        let new = [NewLine { body: "  // rest unchanged".into(), ending: "\n" }];
        assert_eq!(introduced_placeholder(&[], &new), Some("// rest unchanged"));
        assert_eq!(introduced_placeholder(&["// rest unchanged".into()], &new), None);
    }
}
