//! What of a tool's answer differs from time to time without meaning anything: how long things took, when
//! they happened, numbers that the system gives out. Each is replaced by a name for its kind.

use std::sync::LazyLock;

use regex::Regex;

/// What is replaced, in this order, and by what. Wider forms come before those that are parts of them.
const RULES: [(&str, &str); 14] = [
    // 2026-11-21T08:32:33.123Z, 2026-11-21 08:32:33 +0100
    (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(Z| ?[+-][0-9]{2}:?[0-9]{2})?",
        "<time>",
    ),
    // Sat Nov 21 08:32:33 UTC 2026; Sat, 21 Nov 2026 08:32:33 +0000
    (
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +[A-Za-z0-9]{1,3} +[A-Za-z0-9]{1,3} +[0-9]{2}:[0-9]{2}:[0-9]{2}( [A-Z]{2,5})?( [0-9]{4})?( [+-][0-9]{4})?",
        "<time>",
    ),
    (
        r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2}( [A-Z]{2,5}| [+-][0-9]{4})?",
        "<time>",
    ),
    // Nov 21 08:32, as `ls -l` shows it
    (
        r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +[0-9]{1,2} +([0-9]{2}:[0-9]{2}(:[0-9]{2})?|[0-9]{4})",
        "<time>",
    ),
    (r"\b[0-9]{1,2}:[0-9]{2}:[0-9]{2}([.,][0-9]+)?", "<time>"),
    // 0.4 s, 12ms, 3 min 5 s, 0m0.003s
    (r"\b[0-9]+m[0-9]+([.,][0-9]+)?s\b", "<duration>"),
    (
        r"\b[0-9]+([.,][0-9]+)? ?(ns|µs|us|ms|s|sec|secs|second|seconds|min|mins|minute|minutes|h|hour|hours)\b",
        "<duration>",
    ),
    (r"<duration>( <duration>)+", "<duration>"),
    // PID 123, process 123; [1] 12345
    (r"(?i)\b(pid|process|process id)([ :=#]+)[0-9]+", "$1$2<pid>"),
    (r"(?m)^(\[[0-9]+\][+-]?) +[0-9]+", "$1 <pid>"),
    (r"((^|[^A-Za-z0-9_.-])(/var)?/tmp/)[^\s/'\x22`:;,()\[\]<>]+", "$1<temp>"),
    (r"\b0x[0-9a-fA-F]{5,16}\b", "<address>"),
    (r"(?i)\b((localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):|port[ :=]+)[0-9]{2,5}\b", "$1<port>"),
    // A commit's name holds the time at which it was made.
    (r"(\bcommit |\[[^\]\s]+ (?:\(root-commit\) )?)[0-9a-f]{7,40}\b", "$1<commit>"),
];

/// The rules, compiled once. A test sees that all of them are.
static COMPILED: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    RULES.iter().filter_map(|(pattern, name)| Some((Regex::new(pattern).ok()?, *name))).collect()
});

/// The text without what differs from time to time.
pub(super) fn normal(text: &str) -> String {
    COMPILED.iter().fold(text.to_owned(), |text, (pattern, name)| {
        if pattern.is_match(&text) { pattern.replace_all(&text, *name).into_owned() } else { text }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_a_pattern() {
        assert_eq!(COMPILED.len(), RULES.len());
    }

    #[test]
    fn what_the_moment_decides_is_replaced() {
        for (text, expected) in [
            ("[exit code 0, 0.4 s]", "[exit code 0, <duration>]"),
            (
                "[exit code 0, 3 min 5 s, directory now /workspace/a]",
                "[exit code 0, <duration>, directory now /workspace/a]",
            ),
            ("real\t0m0.003s", "real\t<duration>"),
            ("3 passed in 0.12s (took 45ms)", "3 passed in <duration> (took <duration>)"),
            ("at 2026-11-21T08:32:33.5Z.", "at <time>."),
            ("Sat Nov 21 08:32:33 UTC 2026", "<time>"),
            ("Date: Sat, 21 Nov 2026 08:32:33 +0000", "Date: <time>"),
            ("-rw-r--r-- 1 agent agent 3 Nov 21 08:32 a.txt", "-rw-r--r-- 1 agent agent 3 <time> a.txt"),
            ("[1] 4711", "[1] <pid>"),
            ("killed PID: 4711", "killed PID: <pid>"),
            ("full output: /tmp/slipway-8f3/p1.log …", "full output: /tmp/<temp>/p1.log …"),
            ("<object at 0x7f3a5c0d1e50>", "<object at <address>>"),
            ("on http://127.0.0.1:43125/ (port 43125)", "on http://127.0.0.1:<port>/ (port <port>)"),
            ("[main (root-commit) 1a2b3c4] first", "[main (root-commit) <commit>] first"),
        ] {
            assert_eq!(normal(text), expected);
            assert_eq!(normal(expected), expected, "once is enough");
        }
    }

    #[test]
    fn what_means_something_stays() {
        for text in [
            "1 | let answer = 42;",
            "exit code 101",
            "3 files, 14 lines, version 2",
            "process p1 goes on",
            "a.rs:12:3: error[E0308]: mismatched types",
            "/home/tmp/x and ./tmp/x",
            "sha256 e3b0c44298fc1c149afbf4c8996fb924",
        ] {
            assert_eq!(normal(text), text);
        }
    }
}
