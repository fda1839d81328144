//! `slipway-toolhost replay`.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

fn replay(input: &str) -> Vec<Value> {
    let mut output = Vec::new();
    slipway_tools::replay::run(input.as_bytes(), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    output.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answer(case: &Value) -> Value {
    let answers = replay(&format!("{case}\n"));
    let [answer] = answers.as_slice() else { panic!("{answers:?}") };
    answer.clone()
}

fn encoded(text: &str) -> String {
    STANDARD.encode(text)
}

fn decoded(value: &Value) -> String {
    String::from_utf8(STANDARD.decode(value.as_str().unwrap()).unwrap()).unwrap()
}

fn edit(numbers: &str, content: &str, replacement: &str) -> Value {
    let edit =
        json!({"remove_line_number": numbers, "content_to_remove": content, "replace_content": replacement});
    json!({"name": "edit_file", "arguments": {"file": "src/a.txt", "edits": [edit]}})
}

#[test]
fn answers_with_results_files_and_modes() {
    let answer = answer(&json!({
        "id": 7,
        "files": {"src/a.txt": encoded("one\ntwo\n"), "run.sh": encoded("x")},
        "modes": {"src/a.txt": "640", "run.sh": "0755"},
        "calls": [edit("2", "two", "2")],
    }));
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["results"][0]["status"], "ok");
    assert_eq!(answer["results"][0]["data"]["added"], 1);
    assert_eq!(decoded(&answer["files"]["src/a.txt"]), "one\n2\n");
    assert_eq!(decoded(&answer["files"]["run.sh"]), "x");
    assert_eq!(answer["modes"], json!({"src/a.txt": "0640", "run.sh": "0755"}));
}

#[test]
fn the_calls_of_a_case_are_one_step() {
    let file: String = (1..=20).map(|number| format!("line {number}\n")).collect();
    let answer = answer(&json!({
        "files": {"src/a.txt": encoded(&file)},
        "calls": [
            edit("2", "line 2", "line 2\na\nb\nc\nd\ne\nf"),
            edit("10", "line 10", "ten"),
            edit("10", "line 10", "TEN"),
            edit("10", "ten", "10"),
        ],
    }));
    let statuses: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|result| &result["status"]).collect();
    assert_eq!(statuses, ["ok", "ok", "error", "ok"], "{answer}");
    let expected = file.replace("line 2\n", "line 2\na\nb\nc\nd\ne\nf\n").replace("line 10\n", "10\n");
    assert_eq!(decoded(&answer["files"]["src/a.txt"]), expected);
}

#[test]
fn line_numbers_refer_to_what_was_seen() {
    let seen: String = (1..=30).map(|number| format!("line {number}\n")).collect();
    let disk = format!("{}{seen}", "new\n".repeat(10));
    let answer = answer(&json!({
        "files": {"src/a.txt": encoded(&disk)},
        "seen": {"src/a.txt": encoded(&seen)},
        "calls": [edit("5", "line 5", "five")],
    }));
    assert_eq!(decoded(&answer["files"]["src/a.txt"]), disk.replace("line 5\n", "five\n"), "{answer}");
}

#[test]
fn a_file_may_be_one_that_the_model_never_saw() {
    let answer = answer(&json!({
        "files": {"src/a.txt": encoded("one\ntwo\n")},
        "seen": {"src/a.txt": null},
        "calls": [edit("2", "two", "2")],
    }));
    assert_eq!(answer["results"][0]["status"], "error");
    assert!(answer["results"][0]["text"].as_str().unwrap().contains("not shown this file"), "{answer}");
    assert_eq!(decoded(&answer["files"]["src/a.txt"]), "one\ntwo\n");
}

#[test]
fn line_endings_that_changed_since_are_no_conflict() {
    for (seen, disk, expected) in [
        ("one\ntwo\nthree\n", "one\r\ntwo\r\nthree\r\n", "one\r\n2\r\nthree\r\n"),
        ("one\ntwo", "zero\none\ntwo\nthree\n", "zero\none\n2\nthree\n"),
    ] {
        let answer = answer(&json!({
            "files": {"src/a.txt": encoded(disk)},
            "seen": {"src/a.txt": encoded(seen)},
            "calls": [edit("2", "two", "2")],
        }));
        assert_eq!(decoded(&answer["files"]["src/a.txt"]), expected, "{answer}");
    }
}

#[test]
fn arguments_may_be_json_text_even_broken() {
    let call = edit("1", "one", "1");
    let text = call["arguments"].to_string();
    let cut = text.split_at(text.len() / 2).0;
    let answer = answer(&json!({
        "files": {"src/a.txt": encoded("one\n")},
        "calls": [
            {"name": "edit_file", "arguments": cut},
            {"name": "edit_file", "arguments": {"file": "src/a.txt"}},
            {"name": "edit_file", "arguments": {"file": "../a.txt", "edits": []}},
            {"name": "no_such_tool", "arguments": {}},
            {"name": "edit_file", "arguments": text},
        ],
    }));
    let expected = [
        ("error", "not valid JSON"),
        ("error", "edits"),
        ("error", "outside the workspace"),
        ("error", "no_such_tool"),
        ("ok", "Applied 1 edit"),
    ];
    for (result, (status, part)) in answer["results"].as_array().unwrap().iter().zip(expected) {
        assert_eq!(result["status"], status, "{result}");
        assert!(result["text"].as_str().unwrap().contains(part), "{result}");
    }
    assert_eq!(decoded(&answer["files"]["src/a.txt"]), "1\n");
}

#[test]
fn fields_of_no_concern_and_absent_ones_do_no_harm() {
    let answer = answer(&json!({
        "id": "x", "files": {}, "seen": null, "modes": null, "expected": {"files": {}}, "calls": [],
    }));
    assert_eq!(answer, json!({"id": "x", "results": [], "files": {}, "modes": {}}));
}

#[test]
fn bad_lines_are_answered_in_their_place() {
    let good = json!({"id": "good", "calls": []});
    let bad = [
        "not json".to_owned(),
        json!({"id": "escape", "files": {"../x": ""}, "calls": []}).to_string(),
        json!({"id": "base64", "files": {"x": "%"}, "calls": []}).to_string(),
        json!({"id": "calls"}).to_string(),
    ];
    let input: String = bad
        .iter()
        .flat_map(|bad| [good.to_string(), bad.clone(), String::new()])
        .map(|line| line + "\n")
        .collect();
    let answers = replay(input.trim_end());
    assert_eq!(answers.len(), 8);
    for (pair, id) in answers.chunks(2).zip([Value::Null, json!("escape"), json!("base64"), json!("calls")]) {
        assert_eq!(pair[0]["id"], "good");
        assert_eq!(pair[1]["id"], id);
        assert!(pair[1]["error"].is_string(), "{pair:?}");
    }
}

#[test]
fn answers_come_in_the_order_of_the_cases() {
    let input: String = (0..300).map(|id| format!("{}\n", json!({"id": id, "calls": []}))).collect();
    let ids: Vec<_> = replay(&input).iter().map(|answer| answer["id"].as_i64().unwrap()).collect();
    assert_eq!(ids, (0..300).collect::<Vec<_>>());
}
