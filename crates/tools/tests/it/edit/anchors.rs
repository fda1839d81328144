//! Where an edit lands: numbers, anchors, and both together.

use super::{applies, call, contains, numbered, refused, run};
use slipway_tools::edit::Edited;

#[test]
fn replaces_deletes_and_inserts() {
    let file = "a\nb\nc\nd\n";
    applies(file, &[("2", "b", "B")], "a\nB\nc\nd\n");
    applies(file, &[("2", "b\n", "B\n")], "a\nB\nc\nd\n");
    applies(file, &[("2-3", "b\n[TO]\nc", "x\ny\nz\n")], "a\nx\ny\nz\nd\n");
    applies(file, &[("1-4", "a\n[TO]\nd", "x")], "x\n");
    applies(file, &[("2", "b", "")], "a\nc\nd\n");
    applies(file, &[("2-4", "b\n[TO]\nd\n", "")], "a\n");
    applies(file, &[("2", "b", "b\nnew")], "a\nb\nnew\nc\nd\n");
    applies(file, &[("4", "d", "d\nend\n")], "a\nb\nc\nd\nend\n");
    applies(file, &[("0", "", "top\n")], "top\na\nb\nc\nd\n");
    applies(file, &[("1", "a", "\n")], "\nb\nc\nd\n");
    applies(file, &[("1", "a", "x\n\n")], "x\n\nb\nc\nd\n");
}

#[test]
fn an_empty_file_can_be_filled() {
    for numbers in ["0", "1"] {
        applies("", &[(numbers, "", "x\ny\n")], "x\ny\n");
    }
    contains(&refused("", &[("1", "x", "y")]), &["The file is empty", "\"0\""]);
}

#[test]
fn regular_expression_characters_and_unicode_are_plain_text() {
    applies("a.*(b)[c]$\nnaïve 日本\n", &[("1", "a.*(b)[c]$", "x"), ("2", "naïve 日本", "ok")], "x\nok\n");
    refused("abcb\n", &[("1", "a.*b", "x")]);
}

#[test]
fn blank_lines_can_be_named() {
    applies("a\n\nb\n", &[("2", "", "")], "a\nb\n");
    applies("a\n  \nb\n", &[("2", "", "x")], "a\nx\nb\n");
    applies("a\n\n\n\nb\n", &[("2-4", "\n[TO]\n", "")], "a\nb\n");
    applies("a\n\n\nb\n", &[("2-3", "", "")], "a\nb\n");
    applies("a\nb\n\nc\n", &[("2", "", "")], "a\nb\nc\n");
    refused("a\n\nb\n\nc\n", &[("3", "", "")]);
}

#[test]
fn numbers_may_be_off_by_three() {
    let file = numbered(12);
    for stated in ["2", "3", "4", "6", "7", "8"] {
        let text = applies(&file, &[(stated, "line 5", "x")], &file.replace("line 5\n", "x\n"));
        contains(&text, &["found at 5"]);
    }
    let expected = file.replace("line 5\nline 6\nline 7\n", "x\n");
    for stated in ["2-4", "8-10", "5-8", "4-7", "6-8", "3-9"] {
        applies(&file, &[(stated, "line 5\n[TO]\nline 7", "x")], &expected);
    }
}

#[test]
fn both_ends_move_together() {
    // Each end alone has a nearer match that belongs to another block.
    let file = "if a {\n    one();\n}\nif b {\n    two();\n}\nif a {\n    three();\n}\n";
    let expected = "if a {\n    one();\n}\nx\nif a {\n    three();\n}\n";
    applies(file, &[("5-7", "if b {\n[TO]\n}", "x")], expected);
    applies(file, &[("3-5", "if b {\n[TO]\n}", "x")], expected);
}

#[test]
fn one_end_off_is_as_likely_as_both() {
    // The range is 3-5 or 4-8: either is one slip away from what was said.
    let file = "a\nb\nfirst_anchor()\nfirst_anchor()\nlast_anchor()\nc\nd\nlast_anchor()\n";
    let text = refused(file, &[("3-7", "first_anchor()\n[TO]\nlast_anchor()", "x")]);
    contains(&text, &["3 places", "3-5: ", "3-8: ", "4-8: "]);
}

#[test]
fn a_text_found_only_far_away_is_followed_when_it_says_enough() {
    let file = numbered(300).replace("line 200\n", "fn compute_total() {\nline 200\n}\n");
    let text = applies(
        &file,
        &[("20", "fn compute_total() {", "fn total() {")],
        &file.replace("compute_total", "total"),
    );
    contains(&text, &["found at 200, not at 20"]);
    applies(
        &file,
        &[("40-42", "fn compute_total() {\n[TO]\n}", "x")],
        &file.replace("fn compute_total() {\nline 200\n}\n", "x\n"),
    );
    // The same ends, but another number of lines between them.
    refused(&file, &[("40-43", "fn compute_total() {\n[TO]\n}", "x")]);
    // Unique, but any line might read so.
    contains(&refused(&file, &[("40", "}", "x")]), &["line 202 only", "\"202\""]);
    // Not unique.
    let twice = format!("{file}fn compute_total() {{\n");
    contains(&refused(&twice, &[("20", "fn compute_total() {", "x")]), &["2 places", "200: ", "303: "]);
}

#[test]
fn common_lines_are_not_moved_without_proof() {
    let file = "fn a() {\n    one();\n}\n\nfn b() {\n    two();\n}\n";
    contains(&refused(file, &[("4", "}", "x")]), &["2 places", "3: ", "7: "]);
    applies(file, &[("3", "}", "};")], "fn a() {\n    one();\n};\n\nfn b() {\n    two();\n}\n");
    // Alone in the file it may move.
    applies("a\nb\n}\nc\n", &[("2", "}", "x")], "a\nb\nx\nc\n");
}

#[test]
fn two_equal_lines_near_by_are_not_guessed_at() {
    let file = "alpha();\nbeta_value();\ngamma();\nbeta_value();\ndelta();\n";
    contains(&refused(file, &[("3", "beta_value();", "x")]), &["2 places", "2: ", "4: "]);
    applies(file, &[("4", "beta_value();", "x")], "alpha();\nbeta_value();\ngamma();\nx\ndelta();\n");
}

#[test]
fn an_end_beyond_the_file_means_its_last_line() {
    applies("a\nb\nlast line\n", &[("2-999", "b\n[TO]\nlast line", "x")], "a\nx\n");
    contains(&refused("a\nb\n", &[("900", "nothing like it", "x")]), &["The file has 2 lines"]);
}

#[test]
fn a_pasted_block_needs_no_separator() {
    let file = "a\n  b();\n  c();\nd\n";
    applies(file, &[("2-3", "  b();\n  c();\n", "  x();\n")], "a\n  x();\nd\n");
    applies(file, &[("2", "  b();\n  c();\n", "  x();\n")], "a\n  x();\nd\n");
    contains(
        &refused(file, &[("2-3", "  b();\n  WRONG();\n", "x")]),
        &["Expected \"  WRONG();\"", "line 3 is \"  c();\""],
    );
    let file = numbered(20);
    contains(&refused(&file, &[("4-15", "line 4\nline 15", "x")]), &["2 lines", "has 12", "[TO]"]);
    // Elsewhere, but whole.
    let file = numbered(80);
    applies(
        &file,
        &[("10-12", "line 60\nline 61\nline 62", "x")],
        &file.replace("line 60\nline 61\nline 62\n", "x\n"),
    );
}

#[test]
fn anchors_of_several_lines_must_match_whole() {
    let file = "if x {\n  a\n  b\n\n  c\n}\nif x {\n  a\n  z\n\n  c\n}\n";
    applies(
        file,
        &[("7-12", "if x {\n  a\n  z\n[TO]\n\n  c\n}", "gone")],
        "if x {\n  a\n  b\n\n  c\n}\ngone\n",
    );
    refused(file, &[("1-6", "if x {\n  a\n  z\n[TO]\n}", "x")]);
}

#[test]
fn a_range_needs_both_of_its_ends() {
    contains(&refused("a\nb\nc\nd\n", &[("2-4", "b", "x")]), &["2-4 is a range of 3 lines", "[TO]"]);
    // Nothing said of the end: its number holds as long as the beginning is exactly there.
    let text = applies("a\nb\nc\nd\n", &[("2-3", "b\n[TO]\n", "x")], "a\nx\nd\n");
    contains(&text, &["the number was trusted"]);
    refused("a\nb\nc\nd\n", &[("1-3", "b\n[TO]\n", "x")]);
}

#[test]
fn white_space_and_typography_are_forgiven_in_that_order() {
    applies("call( a,b );  \n", &[("1", "call(a, b);", "x")], "x\n");
    applies("say \u{201C}don\u{2019}t\u{201D} \u{2014} ok\n", &[("1", "say \"don't\" - ok", "x")], "x\n");
    // The stated line fits but for its indentation, a neighbour fits exactly.
    applies(
        "process_items();\n    process_items();\n",
        &[("2", "process_items();", "x")],
        "process_items();\n    x\n",
    );
    refused("}\n    }\n", &[("2", "}", "x")]);
}

#[test]
fn line_numbers_pasted_from_the_view_are_taken_out_only_when_right() {
    let text =
        applies("a\nfoo\nbar\n", &[("2-3", "2\tfoo\n[TO]\n3\tbar", "2\tFOO\n3\tbar")], "a\nFOO\nbar\n");
    contains(&text, &["Line numbers of the view were taken out"]);
    contains(&refused("a\nfoo\n", &[("2", "7\tfoo", "x")]), &["Leave the line numbers"]);
    applies("a\n2\tfoo\n", &[("2", "2\tfoo", "x")], "a\nx\n");
}

#[test]
fn the_history_gets_the_call_as_it_was_applied() {
    let file = "a\n    foo(1);\n    bar();\n    baz();\ne\n";
    let corrected = |edits: &[super::Triple<'_>]| match run(file.as_bytes(), None, edits) {
        Edited::Applied { corrected, .. } => corrected,
        Edited::Refused { text } => panic!("{text}"),
    };
    assert_eq!(corrected(&[("2-4", "    foo(1);\n[TO]\n    baz();", "x")]), None);
    assert_eq!(corrected(&[("2-4", "    foo(1); \n[TO]\n    baz();\n", "x\n")]), None);
    let canonical = Some(call(&[("2-4", "    foo(1);\n[TO]\n    baz();", "    x")]));
    for sent in [
        ("1-3", "    foo(1);\n[TO]\n    baz();", "    x"),
        ("2-4", "foo(1);\n[TO]\nbaz();", "    x"),
        ("2-4", "    foo(1);\n    bar();\n    baz();", "    x"),
    ] {
        assert_eq!(corrected(&[sent]), canonical);
    }
    // New text is changed only where it was indented anew.
    assert_eq!(
        corrected(&[("2", "foo(1);", "foo(2);")]),
        Some(call(&[("2", "    foo(1);", "    foo(2);\n")]))
    );
}

#[test]
fn an_end_that_says_little_is_where_it_is_exactly() {
    // As stated, the last line would be a brace with another indentation.
    let file = "fn a() {\n    if ready {\n        first_step();\n    }\n}\n";
    let text =
        applies(file, &[("2-5", "    if ready {\n[TO]\n    }", "    go();")], "fn a() {\n    go();\n}\n");
    contains(&text, &["found at 2-4, not at 2-5"]);
    // Said without any indentation it can only be told by the number.
    applies(file, &[("2-4", "if ready {\n[TO]\n}", "    go();")], "fn a() {\n    go();\n}\n");
}

#[test]
fn numbers_far_off_need_text_that_cannot_be_mistaken() {
    let telling = "import { somethingQuite, singular, andItsCompanion } from './there';";
    let file = numbered(600).replace("line 500\n", &format!("import os\n{telling}\n"));
    contains(&refused(&file, &[("20", "import os", "x")]), &["fits line 500 only", "says too little"]);
    applies(&file, &[("300", "import os", "x")], &file.replace("import os\n", "x\n"));
    applies(&file, &[("20", telling, "x")], &file.replace(telling, "x"));
    // Elsewhere, and with other white space.
    let file = numbered(60).replace("line 40\n", "  return value;\n");
    contains(&refused(&file, &[("10", "return value;", "x")]), &["fits line 40 only"]);
}

#[test]
fn a_final_blank_line_of_a_pasted_block_may_be_lost() {
    let file = "a();\nb();\n\nc();\n";
    applies(file, &[("1-3", "a();\nb();\n", "")], "c();\n");
    applies(file, &[("2-3", "b();\n", "")], "a();\nc();\n");
    contains(&refused(file, &[("1-2", "a();\n", "")]), &["range of 2 lines"]);
}
