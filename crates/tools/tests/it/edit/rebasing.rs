//! Edits of a file that is not any more what the model was shown.

use super::{applies_bytes, contains, numbered, refused_bytes};

#[track_caller]
fn rebases(seen: &str, disk: &str, edits: &[super::Triple<'_>], expected: &str) -> String {
    applies_bytes(disk.as_bytes(), Some(seen.as_bytes()), edits, expected.as_bytes())
}

#[track_caller]
fn conflicts(seen: &str, disk: &str, edits: &[super::Triple<'_>]) -> String {
    refused_bytes(disk.as_bytes(), Some(seen.as_bytes()), edits)
}

#[test]
fn follows_lines_that_moved() {
    let seen = numbered(30);
    let disk = seen.replace("line 2\n", "line 2\na\nb\nc\nd\ne\nf\n");
    let text = rebases(&seen, &disk, &[("20", "line 20", "x")], &disk.replace("line 20\n", "x\n"));
    contains(&text, &["line 26 -> 26", "what was at 20 there is at 26 now"]);
}

#[test]
fn follows_common_lines_by_what_surrounds_them() {
    let seen = "fn a() {\n}\nfn b() {\n}\nfn c() {\n}\n";
    let disk = "use x;\n\nfn a() {\n}\nfn b() {\n}\nfn c() {\n}\n";
    rebases(seen, disk, &[("4", "}", "};")], "use x;\n\nfn a() {\n}\nfn b() {\n};\nfn c() {\n}\n");
}

#[test]
fn refuses_lines_that_changed_and_shows_them() {
    let seen = numbered(9);
    let disk = seen.replace("line 5\n", "line five\nand more\n");
    let text = conflicts(&seen, &disk, &[("5", "line 5", "x")]);
    contains(&text, &["line 5 changed after you were shown the file", "5\tline five\n6\tand more\n"]);
    // Inside the range, between unchanged ends.
    let text = conflicts(&seen, &disk, &[("3-7", "line 3\n[TO]\nline 7", "x")]);
    contains(&text, &["lines 3-7 changed", "3\tline 3\n", "5\tline five\n", "8\tline 7\n"]);
    // Something was put between lines that are all still there.
    let disk = seen.replace("line 5\n", "line 5\nnew\n");
    contains(&conflicts(&seen, &disk, &[("4-6", "line 4\n[TO]\nline 6", "x")]), &["6\tnew\n"]);
    let disk = seen.replace("line 5\n", "");
    contains(
        &conflicts(&seen, &disk, &[("5", "line 5", "x")]),
        &["line 5 was deleted", "4\tline 4\n5\tline 6\n"],
    );
}

#[test]
fn a_change_next_to_the_range_is_no_conflict() {
    let seen = numbered(6);
    let disk = seen.replace("line 2\n", "two\n").replace("line 4\n", "four\n");
    rebases(&seen, &disk, &[("3", "line 3", "x")], &disk.replace("line 3\n", "x\n"));
}

#[test]
fn a_block_moved_whole_is_followed() {
    let seen = "fn first() {}\nfn second() {}\nfn third() {}\nfn fourth() {}\n";
    let disk = "fn second() {}\nfn third() {}\nfn fourth() {}\nfn first() {}\n";
    rebases(
        seen,
        disk,
        &[("1", "fn first() {}", "fn one() {}")],
        "fn second() {}\nfn third() {}\nfn fourth() {}\nfn one() {}\n",
    );
}

#[test]
fn text_that_is_only_in_the_file_is_found_there() {
    let seen = numbered(9);
    let disk = seen.replace("line 5\n", "brand new line\n");
    rebases(&seen, &disk, &[("5", "brand new line", "x")], &seen.replace("line 5\n", "x\n"));
}

#[test]
fn a_twin_of_a_changed_line_is_not_taken_for_it() {
    let seen = "a\nvalue = 1\nb\nvalue = 1\nc\n";
    let disk = "a\nvalue = 2\nb\nvalue = 1\nc\n";
    contains(&conflicts(seen, disk, &[("2", "value = 1", "x")]), &["changed", "value = 2"]);
}

#[test]
fn inserting_at_the_top_needs_no_line() {
    rebases("a\n", "b\na\n", &[("0", "", "x")], "x\nb\na\n");
}
