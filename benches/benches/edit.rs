//! `edit_file` on a file of 5 000 lines: the edit alone, and the whole call with the disk.
#![allow(clippy::unwrap_used, reason = "a benchmark may fail")]

use std::fmt::Write as _;

use divan::{Bencher, black_box};
use slipway_benches::host::LocalHost;
use slipway_tools::edit::{Edit, EditFileArgs, EditRequest, Edited, edit};

const LINES: usize = 5_000;

fn main() {
    divan::main();
}

fn file() -> String {
    (1..=LINES).fold(String::new(), |mut text, line| {
        writeln!(text, "    let value_{line} = compute(input, {line}); // what line {line} is about")
            .unwrap();
        text
    })
}

fn arguments(number: usize, old: &str, new: &str) -> EditFileArgs {
    let edit = Edit {
        remove_line_number: number.to_string(),
        content_to_remove: old.to_owned(),
        replace_content: new.to_owned(),
    };
    EditFileArgs { file: "big.rs".to_owned(), edits: vec![edit] }
}

/// Finds the place and makes the new bytes, when the file is as the model was shown it.
#[divan::bench]
fn resolve_and_apply(bencher: Bencher<'_, '_>) {
    let text = file();
    let line = text.lines().nth(LINES / 2).unwrap();
    let arguments = arguments(LINES / 2 + 1, line, "    changed();");
    bencher.bench(|| {
        let request = EditRequest { disk: text.as_bytes(), seen: Some(text.as_bytes()) };
        let edited = edit(&request, "big.rs", black_box(&arguments));
        assert!(matches!(edited, Edited::Applied { .. }));
    });
}

/// The same when lines were inserted above since, so that the edit is carried over.
#[divan::bench]
fn carry_over_and_apply(bencher: Bencher<'_, '_>) {
    let seen = file();
    let disk = format!("// a new line\n// and another\n{seen}");
    let line = seen.lines().nth(LINES / 2).unwrap();
    let arguments = arguments(LINES / 2 + 1, line, "    changed();");
    bencher.bench(|| {
        let request = EditRequest { disk: disk.as_bytes(), seen: Some(seen.as_bytes()) };
        let edited = edit(&request, "big.rs", black_box(&arguments));
        assert!(matches!(edited, Edited::Applied { .. }));
    });
}

/// A call of the tool on a host, as the gateway makes it: HTTP, files, and the view afterwards.
#[divan::bench(sample_size = 1)]
fn call(bencher: Bencher<'_, '_>) {
    let host = LocalHost::start().unwrap();
    std::fs::write(host.workspace().join("big.rs"), file()).unwrap();
    host.call("read_file", &serde_json::json!({"file": "big.rs"})).unwrap();
    let mut current = file().lines().nth(LINES / 2).unwrap().to_owned();
    let mut count = 0;
    bencher.bench_local(|| {
        count += 1;
        let next = format!("    let value = computed_again({count});");
        let arguments = arguments(LINES / 2 + 1, &current, &next);
        host.call("edit_file", &serde_json::to_value(arguments).unwrap()).unwrap();
        current = next;
    });
}
