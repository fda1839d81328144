//! The many ways in which providers cut calls into pieces, and number them.

use serde_json::{Value, json};

use crate::hostile::case::{COMPLETED, model};
use crate::hostile::sse::{DONE, finish, piece, stream};

/// The pieces together make these calls.
async fn check(pieces: &[Value], ran: &[&str]) {
    let mut chunks: Vec<String> = pieces.iter().map(piece).collect();
    chunks.extend([finish(&json!("tool_calls")), DONE.to_owned()]);
    model([stream(&chunks)]).check(COMPLETED, 2, ran).await;
}

/// A piece of a call.
fn part(index: &Value, id: &str, name: &str, arguments: &str) -> Value {
    json!({"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
}

const A: &str = r#"{"path":"a"}"#;
const B: &str = r#"{"path":"b"}"#;
const BOTH: [&str; 2] = ["write_file a", "write_file b"];

#[tokio::test]
async fn calls_without_an_index_are_told_apart_by_their_ids() {
    let none = Value::Null;
    check(&[part(&none, "x", "write_file", A), part(&none, "y", "write_file", B)], &BOTH).await;
    let pieces = [
        part(&none, "x", "write_file", r#"{"path""#),
        part(&none, "y", "write_file", r#"{"path""#),
        part(&none, "x", "", r#":"a"}"#),
        part(&none, "y", "", r#":"b"}"#),
    ];
    check(&pieces, &BOTH).await;
}

#[tokio::test]
async fn calls_without_index_and_id_are_told_apart_by_their_names() {
    let none = Value::Null;
    check(&[part(&none, "", "write_file", A), part(&none, "", "write_file", B)], &BOTH).await;
    let pieces = [part(&none, "", "write_file", r#"{"path""#), part(&none, "", "", r#":"a"}"#)];
    check(&pieces, &["write_file a"]).await;
}

#[tokio::test]
async fn a_name_that_comes_with_every_piece_begins_no_new_call() {
    let none = Value::Null;
    for index in [json!(0), none] {
        let pieces = [
            part(&index, "", "write_file", ""),
            part(&index, "", "write_file", r#"{"path""#),
            part(&index, "", "write_file", r#":"a"}"#),
        ];
        check(&pieces, &["write_file a"]).await;
    }
}

#[tokio::test]
async fn calls_that_all_have_the_index_0_are_told_apart() {
    let zero = json!(0);
    check(&[part(&zero, "x", "write_file", A), part(&zero, "y", "write_file", B)], &BOTH).await;
}

#[tokio::test]
async fn a_new_id_with_every_piece_begins_no_new_call() {
    let zero = json!(0);
    let pieces = [
        part(&zero, "x1", "write_file", r#"{"path""#),
        part(&zero, "x2", "", r#":"a"#),
        part(&zero, "x3", "", r#""}"#),
    ];
    check(&pieces, &["write_file a"]).await;
}

#[tokio::test]
async fn descending_huge_negative_and_nonsensical_indices_are_survived() {
    for (first, second) in [
        (json!(7), json!(3)),
        (json!(u64::MAX), json!(u64::MAX - 1)),
        (json!(-1), json!(-2)),
        (json!("0"), json!("1")),
        (json!(0.0), json!(1.0)),
        (json!(1e300), json!({"odd": true})),
        (json!([0]), json!(true)),
    ] {
        check(&[part(&first, "x", "write_file", A), part(&second, "y", "write_file", B)], &BOTH).await;
    }
}

#[tokio::test]
async fn interleaved_calls_are_put_together() {
    let pieces = [
        part(&json!(0), "x", "write_file", ""),
        part(&json!(1), "y", "write_file", r#"{"#),
        part(&json!(0), "", "", r#"{"path":"#),
        part(&json!(1), "", "", r#""path":"b"#),
        part(&json!(0), "", "", r#""a"}"#),
        part(&json!(1), "", "", r#""}"#),
    ];
    check(&pieces, &BOTH).await;
}

#[tokio::test]
async fn a_name_in_pieces_is_put_together() {
    let zero = json!(0);
    let pieces = [part(&zero, "x", "write", ""), part(&zero, "", "_file", ""), part(&zero, "", "", A)];
    check(&pieces, &["write_file a"]).await;
}

#[tokio::test]
async fn white_space_after_a_complete_call_does_not_make_it_run_twice() {
    let zero = json!(0);
    let pieces = [
        part(&zero, "x", "write_file", A),
        part(&zero, "x", "", " "),
        part(&zero, "", "", "\n"),
        json!({"index": 0}),
        json!({}),
    ];
    check(&pieces, &["write_file a"]).await;
}

#[tokio::test]
async fn a_call_that_is_sent_again_as_a_whole_runs_once_or_is_refused() {
    let zero = json!(0);
    // Its arguments are then two objects, which is refused: to choose would be to guess.
    check(&[part(&zero, "x", "write_file", A), part(&zero, "x", "write_file", A)], &[]).await;
}

#[tokio::test]
async fn pieces_that_belong_to_nothing_are_left_out() {
    let pieces =
        [json!({}), json!({"index": 4}), part(&json!(0), "x", "write_file", A), json!(null), json!("odd")];
    check(&pieces, &["write_file a"]).await;
}
