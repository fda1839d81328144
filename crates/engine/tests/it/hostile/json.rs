//! Arguments that are not what they should be.

use serde_json::json;

use crate::hostile::case::{COMPLETED, calls, model, write};
use crate::hostile::sse::{DONE, finish, piece, stream};

/// The call is not made, and the model is told why in these words.
async fn refused(arguments: &str, words: &str) {
    model([write(arguments)])
        .check(COMPLETED, 2, &[])
        .await
        .tells("`write_file` was not carried out")
        .tells(words);
}

/// The call is made as if the arguments had been written properly.
async fn taken(arguments: &str, ran: &str) {
    model([write(arguments)]).check(COMPLETED, 2, &[ran]).await;
}

#[tokio::test]
async fn truncated_arguments_are_never_completed() {
    refused(r#"{"path":"a","text":"import o"#, "cut off after 28 characters").await;
    refused(r#"{"path":"a","#, "cut off").await;
    refused("{", "cut off").await;
    refused(r#"{"path":"a\"#, "cut off").await;
    refused(r#"{"path":"a","list":[1,2"#, "cut off").await;
}

#[tokio::test]
async fn malformed_arguments_are_explained() {
    refused("{'path': 'a'}", "not valid JSON").await;
    refused(r#"{path: "a"}"#, "line 1, column 2").await;
    refused(r#"{"path": "say "hi" now"}"#, "⟨HERE⟩").await;
    refused(r#"{"path": "a",}"#, "trailing comma").await;
    refused(r#"{/* why */ "path": "a"}"#, "not valid JSON").await;
    refused(r#"{"path": True}"#, "not valid JSON").await;
    refused("write_file(path='a')", "not valid JSON").await;
    refused("<path>a</path>", "not valid JSON").await;
}

#[tokio::test]
async fn garbage_after_complete_arguments_is_left_out() {
    taken(r#"{"path":"a"}</tool_call>"#, "write_file a").await;
    taken(r#"{"path":"a"}}"#, "write_file a").await;
    taken("{\"path\":\"a\"}\n   \t", "write_file a").await;
    taken(r#"{"path":"a"} // done"#, "write_file a").await;
}

#[tokio::test]
async fn a_second_object_is_not_lost_silently() {
    refused(r#"{"path":"a"}{"path":"b"}"#, "after it comes more").await;
    refused(r#"{"path":"a"}, {"path":"b"}"#, "after it comes more").await;
}

#[tokio::test]
async fn a_code_fence_is_taken_off() {
    taken("```json\n{\"path\":\"a\"}\n```", "write_file a").await;
    taken("```\n{\"path\":\"a\"}\n```\n", "write_file a").await;
    refused("```json\n{\"path\":\"a\n```", "cut off").await;
}

#[tokio::test]
async fn values_of_wrong_types_are_the_tools_to_report() {
    taken(r#"{"path":7}"#, "write_file 7").await;
    taken(r#"{"path":["a"]}"#, r#"write_file ["a"]"#).await;
    taken(r#"{"path":null}"#, "write_file null").await;
}

#[tokio::test]
async fn anything_but_an_object_is_refused() {
    refused("[1, 2]", "an array").await;
    refused(r#"[{"path":"a"}]"#, "an array").await;
    refused(r#""a""#, "a string").await;
    refused("42", "a single value").await;
    refused("true", "a single value").await;
}

#[tokio::test]
async fn no_arguments_at_all_are_an_empty_object() {
    taken("", "write_file").await;
    taken(" \n", "write_file").await;
    taken("null", "write_file").await;
    taken("{}", "write_file").await;
}

#[tokio::test]
async fn an_object_in_a_string_is_decoded_once() {
    let once = json!({"path": "a"}).to_string();
    let twice = json!(once).to_string();
    let thrice = json!(twice).to_string();
    taken(&twice, "write_file a").await;
    refused(&thrice, "a string").await;
}

#[tokio::test]
async fn of_a_repeated_key_the_last_counts() {
    taken(r#"{"path":"a","path":"b"}"#, "write_file b").await;
}

#[tokio::test]
async fn numbers_out_of_this_world_are_refused_or_survived() {
    refused(r#"{"path":1e999}"#, "number out of range").await;
    refused(r#"{"path":NaN}"#, "not valid JSON").await;
    refused(r#"{"path":-Infinity}"#, "not valid JSON").await;
    taken(r#"{"path":18446744073709551615}"#, "write_file 18446744073709551615").await;
    let digits = format!(r#"{{"path":{}}}"#, "9".repeat(300));
    model([write(&digits)]).check(COMPLETED, 2, &["write_file 1e+300"]).await;
}

#[tokio::test]
async fn ten_thousand_levels_do_not_break_the_stack() {
    let brackets = format!(r#"{{"path":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
    refused(&brackets, "recursion limit exceeded").await;
    let objects = format!("{}1{}", r#"{"path":"#.repeat(10_000), "}".repeat(10_000));
    refused(&objects, "recursion limit exceeded").await;
}

#[tokio::test]
async fn deep_nesting_of_the_chunk_itself_is_an_answer_that_cannot_be_understood() {
    let deep = format!(
        "data: {{\"choices\":[{{\"delta\":{{\"tool_calls\":[{{\"function\":{{\"name\":\"write_file\",\"arguments\":{}1{}}}}}]}}}}]}}\n\n",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let played = model([stream(&[deep])]).check(COMPLETED, 2, &[]).await;
    assert_eq!(played.events.retries()[0].2, "provider_bad_answer");
}

#[tokio::test]
async fn half_of_a_surrogate_pair_is_refused() {
    refused(r#"{"path":"\ud83d"}"#, "not valid JSON").await;
    refused(r#"{"path":"\ude00 x"}"#, "not valid JSON").await;
    taken(r#"{"path":"\ud83d\ude00"}"#, "write_file 😀").await;
}

#[tokio::test]
async fn nul_and_control_characters_arrive_as_they_are() {
    taken("{\"path\":\"a\\u0000b\"}", "write_file a\0b").await;
    taken("{\"path\":\"a\u{0}\n\u{1b}b\"}", "write_file a\0\n\u{1b}b").await;
    taken("\u{feff}{\"path\":\"a\"}", "write_file a").await;
}

#[tokio::test]
async fn arguments_that_come_as_an_object_are_taken() {
    let object = piece(
        &json!({"index": 0, "id": "a", "function": {"name": "write_file", "arguments": {"path": "a"}}}),
    );
    let reply = stream(&[object.as_str(), &finish(&json!("tool_calls")), DONE]);
    model([reply]).check(COMPLETED, 2, &["write_file a"]).await;
}

#[tokio::test]
async fn one_malformed_call_does_not_keep_the_others_from_running() {
    let reply = calls([
        ("write_file", r#"{"path":"a"}"#),
        ("write_file", r#"{"path":"#),
        ("write_file", r#"{"path":"c"}"#),
    ]);
    let played = model([reply]).check(COMPLETED, 2, &["write_file a", "write_file c"]).await;
    played.tells("cut off");
}
