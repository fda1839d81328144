//! What docs/security.md says of abuses and their tests: that the files and tests are there, and how many cases they
//! have.

use std::path::Path;

use super::rules::Finding;

/// The document.
const DOCUMENT: &str = "docs/security.md";
/// Where its table begins.
const TABLE: &str = "| what is tried |";

/// The findings for the table.
pub(super) fn check(root: &Path) -> Vec<Finding> {
    let Ok(text) = std::fs::read_to_string(root.join(DOCUMENT)) else { return Vec::new() };
    check_text(&text, |path| std::fs::read_to_string(root.join(path)).ok())
}

/// The same for a text; `read` gives what a file of the repository holds.
fn check_text(text: &str, read: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let rows = text.lines().enumerate().skip_while(|(_, line)| !line.starts_with(TABLE)).skip(2);
    let rows = rows.take_while(|(_, line)| line.starts_with('|'));
    let (mut findings, mut sum) = (Vec::new(), 0);
    for (index, line) in rows {
        let mut found = |what: String| findings.push(Finding::new(DOCUMENT, Some(index + 1), what));
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [what, _, place, cases] = cells.as_slice() else {
            found(format!("a row of {} cells; four are needed", cells.len()));
            continue;
        };
        if what.starts_with("**") {
            if cases.trim_matches('*') != sum.to_string() {
                found(format!("the rows above have {sum} cases"));
            }
            sum = 0;
            continue;
        }
        let (paths, names): (Vec<&str>, Vec<&str>) = quoted(place).partition(|word| word.contains('/'));
        let mut code = String::new();
        for path in paths {
            match read(path) {
                Some(text) => code.push_str(&text),
                None => found(format!("there is no {path}")),
            }
        }
        for name in names.iter().filter(|name| !is_test(&code, name)) {
            found(format!("no test `{name}` is there"));
        }
        let mut counted = 0;
        for (name, number) in counts(cases) {
            counted += number;
            if !is_count(&code, name, number) {
                found(format!("`{name}` is not {number}"));
            }
        }
        if counted == 0 {
            // Each test is one case then.
            counted = names.len();
            if *cases != counted.to_string() {
                found(format!("{counted} tests are named, and no table of theirs"));
            }
        }
        sum += counted;
    }
    findings
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Names in backticks, each with the number behind it.
fn counts(cell: &str) -> impl Iterator<Item = (&str, usize)> {
    let mut parts = cell.split('`').skip(1);
    std::iter::from_fn(move || {
        let name = parts.next()?;
        let number: String = parts.next()?.trim_start().chars().take_while(char::is_ascii_digit).collect();
        Some((name, number.parse().unwrap_or(0)))
    })
}

/// Whether there is a test function of this name, or a test with this text.
fn is_test(code: &str, name: &str) -> bool {
    code.contains(&format!("fn {name}(")) || code.contains(&format!("(\"{name}\""))
}

/// Whether a constant of this name is an array of so many, or this number.
fn is_count(code: &str, name: &str, number: usize) -> bool {
    code.lines().filter_map(|line| line.split_once(&format!("const {name}"))).any(|(_, rest)| {
        let is_whole_name = rest.starts_with([':', ' ']);
        let array = rest.split_once("] =").and_then(|(of, _)| of.rsplit_once("; ")).map(|(_, length)| length);
        let value = rest.split_once("= ").and_then(|(_, value)| value.strip_suffix(';'));
        is_whole_name && [array, value].into_iter().flatten().any(|found| found == number.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "const PATHS: [&str; 3] = [\nconst TRIED: usize = 4;\nconst SEEN = 2;\nfn is_refused() {\n\
                        test(\"text is text\", () => {\n";

    fn check(rows: &str, expected: &[&str]) {
        let text = format!("# T\n{TABLE} numbers | where | cases |\n|---|---|---|---|\n{rows}\n\nmore");
        let read = |path: &str| (path == "a/b.rs").then(|| CODE.to_owned());
        let found: Vec<String> = check_text(&text, read).iter().map(ToString::to_string).collect();
        let expected: Vec<String> = expected.iter().map(|what| format!("{DOCUMENT}:{what}")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_there_passes() {
        check(
            "| x | 1 | `a/b.rs`: `is_refused`, `text is text` | `PATHS` 3, `TRIED` 4, `SEEN` 2 |\n\
             | y | 2 | `a/b.rs`: `is_refused` | 1 |\n| **all** | | | **10** |",
            &[],
        );
    }

    #[test]
    fn what_is_not_is_found() {
        check("| x | 1 | `a/c.rs` | 0 |", &["4: there is no a/c.rs"]);
        check("| x | 1 | `a/b.rs`: `is_refused` | 2 |", &["4: 1 tests are named, and no table of theirs"]);
        check("| x | 1 | `a/b.rs`: `is_gone` | 1 |", &["4: no test `is_gone` is there"]);
        check("| x | 1 | `a/b.rs` | `PATHS` 4 |", &["4: `PATHS` is not 4"]);
        check("| x | 1 | `a/b.rs` | `PATH` 3 |", &["4: `PATH` is not 3"]);
        check(
            "| x | 1 | `a/b.rs` | `SEEN` 2 |\n| **all** | | | **3** |",
            &["5: the rows above have 2 cases"],
        );
        check("| x | 1 |", &["4: a row of 2 cells; four are needed"]);
    }
}
