//! Calls of tools that do not exist, too many calls, and calls in the wrong place.

use serde_json::json;
use slipway_protocol::tool::ToolStatus;

use crate::hostile::case::{COMPLETED, Played, calls, model, text, write};

async fn unknown(name: &str) -> Played {
    let played = model([calls([(name, r#"{"path":"a"}"#)])]).check(COMPLETED, 2, &[]).await;
    played.tells("There is no tool");
    played
}

#[tokio::test]
async fn tools_that_do_not_exist_are_answered_with_those_that_do() {
    unknown("frobnicate").await.tells("The tools are: `read_file`");
    unknown("functions.write_file").await.tells("Did you mean `write_file`");
    unknown("WriteFile").await.tells("Did you mean `write_file`");
    unknown("../views").await;
    unknown("write_file\n").await.tells("Did you mean `write_file`");
}

#[tokio::test]
async fn names_that_no_provider_takes_back_are_made_acceptable() {
    unknown("write the file now").await;
    unknown("schreibe_größe_😀").await;
    let long = "n".repeat(300);
    unknown(&long).await;
    unknown("{\"name\": \"write_file\"}").await.tells("Did you mean `write_file`");
}

#[tokio::test]
async fn a_call_without_a_name_is_answered_too() {
    model([calls([("", r#"{"path":"a"}"#)])]).check(COMPLETED, 2, &[]).await.tells("There is no tool ``");
}

#[tokio::test]
async fn arguments_meant_for_another_tool_and_unknown_fields_reach_the_tool() {
    let reply = calls([
        ("write_file", r#"{"command":"ls -l"}"#),
        ("write_file", r#"{"path":"a","mode":"0777","confirm":true}"#),
        ("write_file", "{}"),
    ]);
    let ran = ["write_file", "write_file a", "write_file"];
    let played = model([reply]).check(COMPLETED, 2, &ran).await;
    assert_eq!(played.arguments()[0], json!({"command": "ls -l"}));
}

#[tokio::test]
async fn fifty_calls_at_once_are_all_made_in_order() {
    let paths: Vec<String> = (0..50).map(|number| format!(r#"{{"path":"f{number}"}}"#)).collect();
    let ran: Vec<String> = (0..50).map(|number| format!("write_file f{number}")).collect();
    let ran: Vec<&str> = ran.iter().map(String::as_str).collect();
    let reply = calls(paths.iter().map(|path| ("write_file", path.as_str())));
    model([reply]).check(COMPLETED, 2, &ran).await;
}

#[tokio::test]
async fn of_five_hundred_calls_the_first_are_made_and_the_others_refused() {
    let paths: Vec<String> = (0..500).map(|number| format!(r#"{{"path":"f{number}"}}"#)).collect();
    let ran: Vec<String> = (0..128).map(|number| format!("write_file f{number}")).collect();
    let ran: Vec<&str> = ran.iter().map(String::as_str).collect();
    let reply = calls(paths.iter().map(|path| ("write_file", path.as_str())));
    let played = model([reply]).check(COMPLETED, 2, &ran).await;
    played.tells("only the first 128 calls of an answer are made");
    let refused = played.events.statuses().iter().filter(|status| **status == ToolStatus::Error).count();
    assert_eq!(refused, 372);
}

#[tokio::test]
async fn an_answer_of_thousands_of_calls_is_cut_off() {
    let reply = calls((0..1_100).map(|_| ("write_file", r#"{"path":"a"}"#)));
    let played = model([reply]).check("model_answer_too_long", 1, &[]).await;
    assert!(played.events.detail().contains("1000 calls"), "{}", played.events.detail());
}

#[tokio::test]
async fn the_same_call_over_and_over_in_one_answer_is_made_ten_times() {
    let reply = calls((0..100).map(|number| {
        ("write_file", if number % 2 == 0 { r#"{"path":"a"}"# } else { r#"{ "path" : "a" }"# })
    }));
    let played = model([reply]).check(COMPLETED, 2, &["write_file a"; 10]).await;
    played.tells("the same call was made 10 times already in this answer");
}

#[tokio::test]
async fn two_edits_of_one_line_in_a_step_both_reach_the_tool_in_order() {
    let reply = calls([
        ("write_file", r#"{"path":"a","line":3,"text":"x"}"#),
        ("write_file", r#"{"path":"a","line":3,"text":"y"}"#),
    ]);
    let played = model([reply]).check(COMPLETED, 2, &["write_file a", "write_file a"]).await;
    assert_eq!([&played.arguments()[0]["text"], &played.arguments()[1]["text"]], ["x", "y"]);
}

const AS_TEXT: &str = "I will write it.\n<tool_call>\n{\"name\": \"write_file\", \"arguments\": {\"path\": \"a\"}}\n</tool_call>";

#[tokio::test]
async fn a_call_written_as_text_is_not_taken_for_the_end() {
    let case = model([text(AS_TEXT)]).then([write(r#"{"path":"a"}"#)]);
    let played = case.check(COMPLETED, 3, &["write_file a"]).await;
    played.tells("written as text");
    assert_eq!(played.events.answers()[0].text, AS_TEXT, "what it said is kept");
}

#[tokio::test]
async fn every_known_way_to_write_a_call_as_text_is_noticed() {
    for markup in [
        "<function=write_file><parameter=path>a</parameter></function>",
        "<invoke name=\"write_file\"><parameter name=\"path\">a</parameter></invoke>",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>write_file",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.write_file:0",
        "[TOOL_CALLS] [{\"name\": \"write_file\", \"arguments\": {}}]",
        "<|python_tag|>{\"name\": \"write_file\", \"parameters\": {}}",
    ] {
        model([text(markup)]).check(COMPLETED, 2, &[]).await.tells("written as text");
    }
}

#[tokio::test]
async fn words_about_calls_are_no_calls() {
    for answer in [
        "Some models write `<tool_call>` around write_file.",
        "An example:\n```xml\n<tool_call>{\"name\": \"write_file\"}</tool_call>\n```\nThat is all.",
        "The tag <tool_call> is not used here.",
    ] {
        model([text(answer)]).check(COMPLETED, 1, &[]).await;
    }
}

#[tokio::test]
async fn a_model_that_only_writes_calls_as_text_ends_the_run_with_that_reason() {
    let played = model([]).for_ever(text(AS_TEXT)).check("model_calls_missing", 3, &[]).await;
    assert_eq!(played.events.answers().len(), 3);
}
