//! What a model is told, word for word.

use slipway_tools::edit::{EditRequest, Edited, edit};

use super::{Triple, applies_bytes, call, numbered, refused, refused_bytes};

const CODE: &str = "fn a() {\n    one();\n}\n\nfn b() {\n    two();\n}\n";

#[track_caller]
fn check(file: &str, edits: &[Triple<'_>], expected: &str) {
    assert_eq!(refused(file, edits), expected);
}

#[test]
fn text_that_is_nowhere() {
    check(
        CODE,
        &[("5-7", "fn b(count: u32) {\n[TO]\n}", "x")],
        r#"The edit cannot be applied; file is unchanged.
Edit 1 (5-7): content_to_remove is not at or within 3 lines of lines 5-7.
Expected "fn b(count: u32) {"
but line 5 is "fn b() {".
The first line of the text is nowhere in this file; most like it is line 5: "fn b() {".
The last line of the text is at line 3, 7.
There is:
2	    one();
3	}
4	
5	fn b() {
6	    two();
7	}
"#,
    );
}

#[test]
fn text_that_is_elsewhere() {
    check(
        &numbered(30),
        &[("10-12", "line 10\n[TO]\nline 25", "x")],
        r#"The edit cannot be applied; file is unchanged.
Edit 1 (10-12): content_to_remove is not at or within 3 lines of lines 10-12.
Expected "line 25"
but line 12 is "line 12".
The first line of the text is at line 10.
The last line of the text is at line 25.
There is:
7	line 7
8	line 8
9	line 9
10	line 10
11	line 11
12	line 12
13	line 13
14	line 14
15	line 15
"#,
    );
}

#[test]
fn text_that_fits_several_places() {
    check(
        CODE,
        &[("4", "}", "x")],
        r#"The edit cannot be applied; file is unchanged.
Edit 1 (4): content_to_remove is not exactly at line 4 and fits 2 places:
  3: "}"
  7: "}"
Send the exact numbers, or several lines of text before and after [TO].
There is:
1	fn a() {
2	    one();
3	}
4	
5	fn b() {
6	    two();
7	}
"#,
    );
}

#[test]
fn indentation_that_fits_another_line() {
    check(
        "if x {\n    {\n        go();\n    }\n}\n",
        &[("5", "    }", "    }\n    more();")],
        r#"The edit cannot be applied; file is unchanged.
Edit 1 (5): content_to_remove differs in indentation from the stated lines and fits 2 places:
  5: "}"
  4: "    }"
Copy the lines with their indentation, or give several lines of text before and after [TO].
There is:
2	    {
3	        go();
4	    }
5	}
"#,
    );
}

#[test]
fn text_too_common_to_be_followed() {
    let file = numbered(40).replace("line 30\n", "}\n");
    check(
        &file,
        &[("5", "}", "x")],
        r#"The edit cannot be applied; file is unchanged.
Edit 1 (5): content_to_remove is not at or within 3 lines of line 5. It fits line 30 only, but says too little to be moved there. If that is meant, send "30".
There is:
2	line 2
3	line 3
4	line 4
5	line 5
6	line 6
7	line 7
8	line 8
There is:
27	line 27
28	line 28
29	line 29
30	}
31	line 31
32	line 32
33	line 33
"#,
    );
}

#[test]
fn lines_that_changed_since() {
    let seen = numbered(9);
    let disk = seen.replace("line 5\n", "line five\nand more\n").replace("line 9\n", "");
    assert_eq!(
        refused_bytes(
            disk.as_bytes(),
            Some(seen.as_bytes()),
            &[("5", "line 5", "x"), ("9", "line 9", "y"), ("1", "line 1", "z")]
        ),
        r#"2 of 3 edits cannot be applied, so none was; file is unchanged.
Edit 1 (5): line 5 changed after you were shown the file. In that place there is now lines 5-6:
5	line five
6	and more
If the edit is still needed, send it again for these lines.
Edit 2 (9): line 9 was deleted after you were shown it. Around that place there is now:
7	line 6
8	line 7
9	line 8
If the edit is still needed, send it again for these lines.
"#
    );
}

#[test]
fn a_file_that_was_never_shown() {
    let file = numbered(5);
    let told = |edits: &[Triple<'_>]| match edit(
        &EditRequest { disk: file.as_bytes(), seen: None },
        "file",
        &call(edits),
    ) {
        Edited::Refused { text } => text,
        Edited::Applied { text, .. } => text,
    };
    assert_eq!(
        told(&[("2", "line 2", "x")]),
        r#"The edit cannot be applied; file is unchanged.
Edit 1 (2): you were not shown this file in this conversation, so its lines must be named exactly, and by at least 12 letters and digits; content_to_remove says too little to prove line 2. Read the file first, or send the exact numbers and more lines of the text.
There is:
1	line 1
2	line 2
3	line 3
4	line 4
5	line 5
"#
    );
    let off = told(&[("2-4", "line 1\nline 2\nline 3", "x")]);
    assert!(
        off.contains("content_to_remove is at lines 1-3, not at lines 2-4. Read the file first"),
        "{off}"
    );
    assert_eq!(
        told(&[("1-3", "line 1\nline 2\nline 3", "x")]),
        "Applied 1 edit to file (5 -> 3 lines).\nEdit 1: lines 1-3 -> 1 (-2)\n"
    );
    assert!(told(&[("0", "", "x")]).starts_with("Applied"));
}

#[test]
fn all_that_is_wrong_with_a_batch() {
    check(
        CODE,
        &[
            ("2-4", "    one();", "x"),
            ("5", "fn b() {", "fn b() {\n"),
            ("6-7", "    two();\n[TO]\n}", "    // ... rest of code unchanged ...\n}"),
        ],
        r#"3 of 3 edits cannot be applied, so none was; file is unchanged.
Edit 1 (2-4): remove_line_number 2-4 is a range of 3 lines, but content_to_remove holds one line and no [TO]; give the first line, a line with only [TO], and the last line, or the number of the one line.
Edit 2 (5): replace_content is what line 5 already holds; nothing would change. (A newline at its end only ends the last line; two add a blank one.)
Edit 3 (6-7): replace_content leaves code out with "// ... rest of code unchanged ...". It would be written to the file as it is: write every line, or make smaller edits around the lines that stay. If the file is really to hold this line, put it there with run_terminal_command.
"#,
    );
}

#[test]
fn what_was_forgiven_is_said() {
    let seen = numbered(30);
    let disk = seen.replace("line 2\n", "line 2\na\nb\nc\nd\ne\nf\n");
    let edits = [("21", "line 20", "x"), ("12", "  line 12", "  x\n  y")];
    let expected = disk.replace("line 20\n", "x\n").replace("line 12\n", "x\ny\n");
    assert_eq!(
        applies_bytes(disk.as_bytes(), Some(seen.as_bytes()), &edits, expected.as_bytes()),
        "Applied 2 edits to file (36 -> 37 lines).
Edit 2: line 18 -> 18-19 (+1)
  The anchor text differed from the file in white space.
  The new text was indented to fit the file.
  The file had changed since you were shown it: what was at 12 there is at 18 now.
Edit 1: line 26 -> 27 (+0)
  The text was found at 20, not at 21 as stated.
  The file had changed since you were shown it: what was at 20 there is at 26 now.
"
    );
}
