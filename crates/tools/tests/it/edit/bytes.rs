//! Which bytes change, and that no others do.

use super::{applies, applies_bytes};

#[test]
fn each_line_keeps_its_own_ending() {
    applies("a\r\nb\r\nc\r\n", &[("2", "b", "x\ny")], "a\r\nx\r\ny\r\nc\r\n");
    applies("a\r\nb\nc\r\nd\n", &[("2", "b", "x"), ("3", "c", "y")], "a\r\nx\ny\r\nd\n");
    applies("a\nb\nc\n", &[("2", "b", "x\r\ny\r\n")], "a\nx\ny\nc\n");
    applies("a\r\nb\nc\r\n", &[("1-3", "a\n[TO]\nc", "a\nb\nnew\nc")], "a\r\nb\nnew\nc\r\n");
    applies("a\nb\nc\n", &[("2", "b", "x\r\ny\r")], "a\nx\ny\nc\n");
    applies("a\r\nb\r\n", &[("0", "", "top")], "top\r\na\r\nb\r\n");
    applies("a\r\nb\r\nc\r\nd\r\n", &[("2-3", "b\r\n[TO]\r\nc\r\n", "")], "a\r\nd\r\n");
}

#[test]
fn only_a_line_feed_ends_a_line() {
    applies(
        "a\u{c}b\nc\u{2028}d\u{85}e\nf\rg\nh\n",
        &[("4", "h", "x")],
        "a\u{c}b\nc\u{2028}d\u{85}e\nf\rg\nx\n",
    );
    applies("a\rb\nc\n", &[("1", "a\rb", "x")], "x\nc\n");
}

#[test]
fn a_missing_final_newline_stays_missing_unless_asked_for() {
    applies("a\nb", &[("2", "b", "x\n")], "a\nx");
    applies("a\nb", &[("2", "b", "b\nc\n")], "a\nb\nc");
    applies("a\nb", &[("2", "b", "b\n\n")], "a\nb\n");
    applies("a\nb", &[("1", "a", "x")], "x\nb");
    applies("a\nb", &[("2", "b", "")], "a\n");
    applies("a\n", &[("1", "a", "")], "");
}

#[test]
fn the_byte_order_mark_is_no_part_of_the_first_line() {
    applies("\u{FEFF}a\nb\n", &[("1", "a", "x")], "\u{FEFF}x\nb\n");
    applies("\u{FEFF}a\nb\n", &[("1", "\u{FEFF}a", "\u{FEFF}x")], "\u{FEFF}x\nb\n");
    applies("\u{FEFF}a\nb\n", &[("0", "", "top")], "\u{FEFF}top\na\nb\n");
}

#[test]
fn bytes_that_are_not_utf8_stay() {
    applies_bytes(b"caf\xE9\nfoo\n\xFF\xFE\n", None, &[("2", "foo", "bar")], b"caf\xE9\nbar\n\xFF\xFE\n");
    applies_bytes(
        b"caf\xE9\nfoo\n\0\xFF\n",
        None,
        &[("1-2", "caf\u{FFFD}\n[TO]\nfoo", "caf\u{FFFD}\nbar")],
        b"caf\xE9\nbar\n\0\xFF\n",
    );
    applies_bytes(b"caf\xE9\nfoo\n", None, &[("1", "caf\u{FFFD}", "tea")], b"tea\nfoo\n");
}

#[test]
fn a_file_without_any_ending_takes_those_of_the_text() {
    applies("    go();", &[("3", "go();", "one();\r\ntwo();\r\n")], "    one();\r\n    two();");
    let sent = [("3", "go();", "one();\r\ntwo();\r\n")];
    let super::Edited::Applied { bytes, corrected: Some(corrected), .. } =
        super::run(b"    go();", None, &sent)
    else {
        panic!("it fits")
    };
    assert_eq!(corrected.edits[0].replace_content, "    one();\r\n    two();\r\n");
    assert_eq!(bytes, b"    one();\r\n    two();");
}
