//! Calls that change nothing, and batches.

use super::{applies, contains, numbered, refused};

#[test]
fn every_failure_of_a_batch_is_told_at_once() {
    let file = numbered(30);
    let text = refused(&file, &[("2", "line 2", "x"), ("10", "nowhere", "x"), ("20-25", "line 20", "x")]);
    contains(&text, &["2 of 3 edits cannot be applied, so none was", "Edit 2 (10)", "Edit 3 (20-25)"]);
    assert!(!text.contains("Edit 1"), "{text}");
}

#[test]
fn a_missing_text_is_compared_with_what_is_there() {
    let file = numbered(30);
    let text = refused(&file, &[("10", "line X", "x")]);
    contains(
        &text,
        &[
            "not at or within 3 lines of line 10",
            "Expected \"line X\"\nbut line 10 is \"line 10\"",
            "nowhere in this file",
            "7\tline 7\n8\tline 8\n9\tline 9\n10\tline 10\n11\tline 11\n12\tline 12\n13\tline 13\n",
        ],
    );
    let text = refused(&file, &[("10-12", "line 10\n[TO]\nline 25", "x")]);
    contains(&text, &["Expected \"line 25\"", "but line 12 is", "The last line of the text is at line 25."]);
    contains(&refused("say \"hi\"\n", &[("1", "say \\\"hi\\\"", "x")]), &["escaped twice"]);
}

#[test]
fn edits_must_not_overlap_but_may_touch() {
    let file = "a\nb\nc\nd\n";
    contains(
        &refused(file, &[("1-3", "a\n[TO]\nc", "x"), ("3-4", "c\n[TO]\nd", "y")]),
        &["Edit 2 (3-4)", "overlaps edit 1 at line 3"],
    );
    applies(file, &[("3-4", "c\n[TO]\nd", "y"), ("1-2", "a\n[TO]\nb", "x")], "x\ny\n");
    applies(file, &[("0", "", "1"), ("1", "a", "A"), ("0", "", "2")], "1\n2\nA\nb\nc\nd\n");
}

#[test]
fn numbers_all_refer_to_the_file_before_the_call() {
    let text =
        applies("a\nb\nc\nd\n", &[("1", "a", "a\n1\n2"), ("3", "c", ""), ("4", "d", "D")], "a\n1\n2\nb\nD\n");
    contains(
        &text,
        &[
            "Applied 3 edits to file (4 -> 5 lines)",
            "1: line 1 -> 1-3 (+2)",
            "2: deleted line 3 (-1)",
            "3: line 4 -> 5 (+0)",
        ],
    );
}

#[test]
fn a_fourth_edit_is_dropped_and_named() {
    let text = applies(
        "a\nb\nc\nd\ne\n",
        &[("1", "a", "1"), ("2", "b", "2"), ("3", "c", "3"), ("4", "d", "4"), ("5", "e", "5")],
        "1\n2\n3\nd\ne\n",
    );
    contains(&text, &["Not applied: edits 4, 5", "at most 3"]);
}

#[test]
fn an_edit_that_changes_nothing_is_an_error() {
    contains(&refused("a\nb\n", &[("2", "b", "b\n")]), &["line 2 already holds"]);
    contains(&refused("a\n", &[]), &["edits is empty"]);
}

#[test]
fn code_left_out_is_not_written() {
    let file = "fn a() {\n    one();\n}\n";
    let text =
        refused(file, &[("1-3", "fn a() {\n[TO]\n}", "fn a() {\n    // ... rest of code unchanged ...\n}")]);
    contains(&text, &["// ... rest of code unchanged ...", "write every line"]);
    let file = "// ... existing code ...\nx\n";
    applies(
        file,
        &[("1-2", "// ... existing code ...\n[TO]\nx", "// ... existing code ...\ny")],
        "// ... existing code ...\ny\n",
    );
}

#[test]
fn bad_numbers_are_named() {
    for (numbers, part) in
        [("abc", "\"13-15\" or \"42\""), ("5-2", "backwards"), ("0", "line numbers start at 1")]
    {
        contains(&refused("a\nb\n", &[(numbers, "a", "x")]), &[part]);
    }
}
