//! The rules for one file.

use std::fmt;

/// Longest source file without its inline tests, in lines.
const MAX_LINES: usize = 400;

/// A broken rule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    path: String,
    line: Option<usize>,
    what: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: Option<usize>, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.path, self.what),
            None => write!(formatter, "{}: {}", self.path, self.what),
        }
    }
}

/// The findings for one file's text.
pub(crate) fn check_text(path: &str, text: &str) -> Vec<Finding> {
    let Some(language) = Language::of(path) else { return Vec::new() };
    let mut findings = Vec::new();
    if language != Language::Shell {
        findings.extend(check_length(path, text));
    }
    if language == Language::Rust {
        findings.extend(check_rust(path, text));
    }
    for (index, line) in text.lines().enumerate() {
        if let Some(mark) = stray_mark(line) {
            findings.push(Finding::new(path, Some(index + 1), format!("{mark} without an issue number")));
        }
    }
    findings
}

#[derive(PartialEq, Eq, Clone, Copy)]
enum Language {
    Rust,
    TypeScript,
    Shell,
}

impl Language {
    fn of(path: &str) -> Option<Self> {
        let generated = path.contains("/generated/") || path.ends_with(".gen.ts") || path.ends_with(".d.ts");
        match path.rsplit_once('.').map(|(_, extension)| extension) {
            _ if generated => None,
            Some("rs") => Some(Self::Rust),
            Some("ts" | "tsx" | "mjs") => Some(Self::TypeScript),
            Some("sh") => Some(Self::Shell),
            _ => None,
        }
    }
}

fn check_length(path: &str, text: &str) -> Option<Finding> {
    let lines = text.lines().take_while(|line| *line != "#[cfg(test)]").count();
    (lines > MAX_LINES)
        .then(|| Finding::new(path, None, format!("{lines} lines; one idea each, {MAX_LINES} at most")))
}

fn check_rust(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text.starts_with("//!") {
        findings.push(Finding::new(path, None, "no module header (`//!`) in the first line"));
    }
    if path.ends_with("/mod.rs") {
        findings.push(Finding::new(path, None, "name the file after its module, not mod.rs"));
    }
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_start();
        if line.starts_with("#[ignore") {
            findings.push(Finding::new(path, Some(index + 1), "an ignored test proves nothing"));
        }
    }
    findings
}

/// A mark for later work that names no issue (as in `TODO(#12)`).
fn stray_mark(line: &str) -> Option<&'static str> {
    // Put together so that this file does not find itself.
    const MARKS: [&str; 4] =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    MARKS.into_iter().find(|mark| {
        line.match_indices(mark).any(|(at, _)| {
            let (before, from) = line.split_at(at);
            let after = from.strip_prefix(mark).unwrap_or_default();
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            !before.ends_with(is_word) && !after.starts_with(is_word) && !after.starts_with("(#")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, text: &str, expected: &[&str]) {
        let found: Vec<String> = check_text(path, text).iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn rust_files_have_headers_and_no_mod_rs() {
        check("a/src/b.rs", "//! B.\n", &[]);
        check("a/src/b.rs", "fn b() {}\n", &["a/src/b.rs: no module header (`//!`) in the first line"]);
        check("a/src/mod.rs", "//! B.\n", &["a/src/mod.rs: name the file after its module, not mod.rs"]);
    }

    #[test]
    fn marks_need_an_issue() {
        let mark = MARK;
        check(
            "a.rs",
            &format!("//! A.\n// {mark}: later\n"),
            &[&format!("a.rs:2: {mark} without an issue number")],
        );
        check("a.rs", &format!("//! A.\n// {mark}(#12): later\n// {mark}S\n"), &[]);
        check("a.md", &format!("{mark}\n"), &[]);
    }

    #[test]
    fn inline_tests_do_not_count_towards_the_length() {
        let body = "\n".repeat(MAX_LINES - 1);
        let tests = "\n".repeat(100);
        check("a.rs", &format!("//! A.\n{}#[cfg(test)]\n{tests}", &body[1..]), &[]);
        let finding = format!("a.ts: {} lines; one idea each, {MAX_LINES} at most", MAX_LINES + 1);
        check("a.ts", &"\n".repeat(MAX_LINES + 1), &[&finding]);
    }

    const MARK: &str = concat!("TO", "DO");
}
