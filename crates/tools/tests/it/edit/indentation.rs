//! New text whose anchor was written with another indentation than the file has.

use super::{applies, contains};

const FILE: &str = "class A:\n    def f(self):\n        if x:\n            go()\n        return 1\n";

#[test]
fn anchor_and_text_without_indentation() {
    let text = applies(
        FILE,
        &[("3-4", "if x:\n[TO]\ngo()", "if y:\n    stop()\n\nelse:\n    go()")],
        "class A:\n    def f(self):\n        if y:\n            stop()\n\n        else:\n            go()\n        return 1\n",
    );
    contains(&text, &["indented to fit"]);
}

#[test]
fn anchor_and_text_dedented_by_one_level() {
    applies(
        FILE,
        &[("5", "    return 1", "    value = 1\n    return value")],
        "class A:\n    def f(self):\n        if x:\n            go()\n        value = 1\n        return value\n",
    );
}

#[test]
fn anchor_and_text_indented_too_far() {
    applies(
        FILE,
        &[("5", "            return 1", "            value = 1\n            return value")],
        "class A:\n    def f(self):\n        if x:\n            go()\n        value = 1\n        return value\n",
    );
}

#[test]
fn a_sloppy_anchor_with_right_text_changes_nothing_of_it() {
    let expected = "class A:\n    def f(self):\n        if x:\n            go()\n        value = 1\n        return value\n";
    for anchor in ["return 1", "    return 1", "            return 1"] {
        applies(FILE, &[("5", anchor, "        value = 1\n        return value")], expected);
    }
}

#[test]
fn deeper_new_text_under_a_right_anchor_stays() {
    applies("    a()\n", &[("1", "    a()", "        a()")], "        a()\n");
    applies("    a()\n", &[("1", "    a()", "a()")], "a()\n");
}

#[test]
fn spaces_for_tabs_and_tabs_for_spaces() {
    let tabs = "func f() {\n\tif x {\n\t\tgo()\n\t}\n}\n";
    for unit in [2, 4, 8] {
        let level = " ".repeat(unit);
        applies(
            tabs,
            &[(
                "2-4",
                &format!("{level}if x {{\n[TO]\n{level}}}"),
                &format!("{level}if y {{\n{level}{level}stop()\n\n{level}}}"),
            )],
            "func f() {\n\tif y {\n\t\tstop()\n\n\t}\n}\n",
        );
    }
    applies(
        "def f():\n    if x:\n        go()\n",
        &[("3", "\t\tgo()", "\t\tstop()\n\t\tif y:\n\t\t\tgo()")],
        "def f():\n    if x:\n        stop()\n        if y:\n            go()\n",
    );
    // Nothing in the anchor shows it, but the file knows no spaces.
    applies(
        tabs,
        &[("1", "func f() {", "func f() {\n    first()\n    if z {\n        second()\n    }")],
        "func f() {\n\tfirst()\n\tif z {\n\t\tsecond()\n\t}\n\tif x {\n\t\tgo()\n\t}\n}\n",
    );
    let mixed = "func f() {\n\tgo()\n}\n/*\n  text\n*/\n";
    applies(mixed, &[("4", "/*", "/*\n    more")], "func f() {\n\tgo()\n}\n/*\n    more\n  text\n*/\n");
    // The unit shows in the last line only.
    applies(
        tabs,
        &[("1-3", "func f() {\n[TO]\n        go()", "func g() {\n    if x {\n        stop()")],
        "func g() {\n\tif x {\n\t\tstop()\n\t}\n}\n",
    );
}

#[test]
fn text_that_begins_as_the_file_does_is_left_alone() {
    // The anchor lost its indentation; the new text has it, and goes on with less.
    applies(
        "fn a() {\n    one();\n}\n",
        &[("2", "one();", "    two();\n}\n\nfn b() {\n    three();")],
        "fn a() {\n    two();\n}\n\nfn b() {\n    three();\n}\n",
    );
}

#[test]
fn comments_and_blank_lines_do_not_hide_that_a_file_uses_tabs() {
    let file = "/**\n * Does it.\n */\nfunction a() {\n\tone();\n}\n";
    applies(
        file,
        &[("6", "}", "}\n\n/**\n * More.\n */\nfunction b() {\n    two();\n    \n    three();\n}")],
        "/**\n * Does it.\n */\nfunction a() {\n\tone();\n}\n\n/**\n * More.\n */\nfunction b() {\n\ttwo();\n\t\n\tthree();\n}\n",
    );
    applies(
        "class A {\n\t/**\n\t * Old.\n\t */\n\tgo();\n}\n",
        &[("3", "     * Old.", "     * New.\n     */\n    more();\n    /**\n     * Old.")],
        "class A {\n\t/**\n\t * New.\n\t */\n\tmore();\n\t/**\n\t * Old.\n\t */\n\tgo();\n}\n",
    );
}

#[test]
fn where_a_file_mixes_tabs_and_spaces_its_own_lines_tell_which_is_meant() {
    // Four spaces are a tab for the call, but in the text in quotes they are spaces.
    let file = "const a = {\n\tdiff: `@@\n      x\n    y\n  `,\n\tb: {\n\t\tc,\n\t},\n}\n";
    applies(
        file,
        &[(
            "2-5",
            "    diff: `@@\n[TO]\n  `,",
            "    diff: `@@\n      z\n    y\n  `,\n    d: {\n        e,\n    },",
        )],
        "const a = {\n\tdiff: `@@\n      z\n    y\n  `,\n\td: {\n\t\te,\n\t},\n\tb: {\n\t\tc,\n\t},\n}\n",
    );
    // A level is a tab, and what is deeper by less than one is spaces.
    let file = "var a = `{\n\t  \"b\": {\n\t    \"c\": 1\n\t  }\n\t}`\n";
    applies(
        file,
        &[("3", "        \"c\": 1", "        \"c\": 1,\n        \"d\": {\n          \"e\": 2\n        }")],
        "var a = `{\n\t  \"b\": {\n\t    \"c\": 1,\n\t    \"d\": {\n\t      \"e\": 2\n\t    }\n\t  }\n\t}`\n",
    );
}

#[test]
fn without_an_indented_anchor_the_lines_around_tell_what_spaces_mean() {
    let sample = "  - name: a\n    size: 1\n".repeat(3);
    let file = format!(
        "var sample = `\n{sample}`\n\nfunc a() {{\n\tone()\n\tif b {{\n\t\ttwo()\n\t\tthree()\n\t}}\n\tfour()\n\tfive()\n}}\n\nfunc c() {{\n\tsix()\n}}\n"
    );
    let new = "func d() {\n    seven()\n    if e {\n        eight()\n    }\n      // deeper by half a level\n    nine()\n}\n\nfunc c() {";
    applies(
        &file,
        &[("20", "func c() {", new)],
        &file.replace(
            "func c() {",
            "func d() {\n\tseven()\n\tif e {\n\t\teight()\n\t}\n\t  // deeper by half a level\n\tnine()\n}\n\nfunc c() {",
        ),
    );
    // What stands in quotes, between lines at the margin, counts no levels.
    let new = "func d() {\n    seven(`\n{\n  \"e\": {\n    \"f\": 1\n  }\n}\n`)\n}\n\nfunc c() {";
    let fitted = new.replace("    seven", "\tseven");
    applies(&file, &[("20", "func c() {", new)], &file.replace("func c() {", &fitted));
    // Beside the sample they are what they are.
    let more = "var sample = `\n    more: true";
    applies(&file, &[("1", "var sample = `", more)], &file.replace("var sample = `", more));
}

#[test]
fn a_no_break_space_that_was_written_as_a_space_is_no_other_indentation() {
    applies(
        "<div>\n\u{A0}<img>\n</div>\n",
        &[("2", " <img>", "\u{A0} <a>\n    <img>\n  </a>")],
        "<div>\n\u{A0} <a>\n    <img>\n  </a>\n</div>\n",
    );
}
