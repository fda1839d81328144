//! Pictures in tool results: how they reach models that see, and what others are told. The model is strict: it
//! takes no pictures in tool messages, and no two messages of the person in a row.

use base64::Engine as _;
use serde_json::{Value, json};
use slipway_protocol::run::RunOutcome;
use slipway_protocol::transcript::{ContextChange, Entry};

use crate::harness::World;

const LOOKS: &str = r#"
- steps:
    - tool_calls:
        - {name: look, arguments: {path: first}}
        - {name: look, arguments: {path: second}}
    - tool_calls: [{name: read_file, arguments: {path: a}}]
    - text: I see.
"#;

fn data_url(content: &str) -> String {
    format!("data:image/png;base64,{}", base64::prelude::BASE64_STANDARD.encode(content))
}

/// The addresses of the pictures in a message.
fn pictures(message: &Value) -> Vec<String> {
    let parts = message["content"].as_array().cloned().unwrap_or_default();
    parts.iter().filter_map(|part| part["image_url"]["url"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn a_model_that_sees_is_shown_them_behind_the_results() {
    let world = World::new(LOOKS).await;
    let events = world.run().await;
    assert_eq!(events.outcome(), &RunOutcome::Completed);
    let messages = world.messages(1);
    let roles: Vec<&str> = messages.iter().map(|message| message["role"].as_str().unwrap_or("")).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "tool", "user"]);
    assert_eq!(pictures(&messages[5]), [data_url("first"), data_url("second")]);
    let words = messages[5]["content"][0]["text"].as_str().expect("words");
    assert!(
        words.starts_with("[Slipway] The picture of the call ") && words.ends_with(" of look:"),
        "{words}"
    );
    // They stay where they are, so that the provider finds the beginning in its cache.
    assert_eq!(world.messages(2)[..6], messages);
}

#[tokio::test]
async fn a_model_that_does_not_see_is_told_so() {
    let world = World::new(LOOKS).await;
    let mut request = world.request();
    request.model.profile = "custom".to_owned();
    let events = world.run_with(request).await;
    assert_eq!(events.outcome(), &RunOutcome::Completed);
    assert!(!world.requests_say("image_url"));
    let result = world.messages(1)[3]["content"].as_str().expect("text").to_owned();
    assert_eq!(
        result,
        "look of first done\n[Slipway] The picture is not shown: this model does not see pictures."
    );
}

#[tokio::test]
async fn what_is_known_of_an_endpoint_goes_before_its_profile() {
    for (profile, sees, shown) in [("custom", true, true), ("scripted", false, false)] {
        let world = World::new(LOOKS).await;
        let mut request = world.request();
        request.model.profile = profile.to_owned();
        request.model.sees = Some(sees);
        assert_eq!(world.run_with(request).await.outcome(), &RunOutcome::Completed);
        assert_eq!(world.requests_say("image_url"), shown, "{profile}");
    }
}

/// How providers refuse pictures: status and words.
const REFUSALS: [(u16, &str); 7] = [
    (400, "Invalid content type. image_url is only supported by certain models."),
    (400, "At most 0 image(s) may be provided in one prompt."),
    (422, "Failed to deserialize the JSON body: messages[5]: unknown variant `image_url`, expected `text`"),
    (
        400,
        "'messages.5' : for 'role:user' the following must be satisfied[('messages.5.content' : value must be a string)]",
    ),
    (404, "No endpoints found that support image input"),
    (500, "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj"),
    (400, "This model is not a multimodal model"),
];

#[tokio::test]
async fn a_model_that_refuses_pictures_is_asked_again_without_them_and_gets_none_from_then_on() {
    for (code, words) in REFUSALS {
        let body = json!({"error": {"message": words}}).to_string().replace('\'', "''");
        let script = format!(
            r#"
- steps:
    - tool_calls: [{{name: look, arguments: {{path: first}}}}]
    - {{text: not this, fault: {{status: {{code: {code}, body: '{body}'}}}}}}
- steps:
    - tool_calls: [{{name: look, arguments: {{path: second}}}}]
- steps:
    - text: I see nothing.
"#
        );
        // Words in place of a picture are a message of the person to the script, which then goes on with its next turn.
        let world = World::new(&script).await;
        let events = world.run().await;
        assert_eq!(events.outcome(), &RunOutcome::Completed, "{words}");
        assert_eq!(events.retries().len(), 0, "{words}: nothing that a person must wait for");
        let shown = |request: usize| -> usize {
            world.messages(request).iter().map(|message| pictures(message).len()).sum()
        };
        assert_eq!((world.model.requests().len(), shown(1), shown(2), shown(3)), (4, 1, 0, 0), "{words}");
        let told =
            world.messages(2).last().expect("not empty")["content"].as_str().expect("words").to_owned();
        assert!(
            told.ends_with("[Slipway] The picture is left out: the provider refuses pictures."),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_refusal_that_speaks_of_images_where_there_are_none_ends_the_run() {
    let script = r#"
- steps:
    - text: no
      fault: {status: {code: 400, body: '{"error": {"message": "image generation is not available"}}'}}
"#;
    let world = World::new(script).await;
    assert_eq!(world.run().await.code(), "provider_bad_request");
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn what_comes_next_joins_the_pictures() {
    let script = r#"
- steps:
    - tool_calls: [{name: look, arguments: {path: only}}]
    - text: I see.
- steps: [{text: Again.}]
"#;
    let world = World::new(script).await;
    let first = world.run().await;
    let mut request = world.request();
    let mut entries = first.entries();
    // As if the run had been stopped before the answer.
    entries.pop();
    request.transcript.extend(entries);
    request.transcript.push(crate::harness::user("and now?"));
    world.run_with(request).await;
    let messages = world.messages(2);
    let last = messages.last().expect("not empty");
    assert_eq!(pictures(last), [data_url("only")]);
    assert_eq!(last["content"][2], json!({"type": "text", "text": "and now?"}));
}

#[tokio::test]
async fn one_that_is_not_to_be_had_is_told() {
    let script = r#"
- steps:
    - tool_calls: [{name: look, arguments: {path: gone}}]
- steps: [{text: I see nothing.}]
"#;
    let world = World::new(script).await;
    assert_eq!(world.run().await.outcome(), &RunOutcome::Completed);
    let last = world.messages(1).last().expect("not empty").clone();
    assert_eq!(last["content"][1]["text"], "[Slipway] The picture is not to be had any more.");
}

#[tokio::test]
async fn only_the_newest_stay_when_there_are_many() {
    let looks: Vec<String> = (1..=21)
        .map(|number| format!("    - tool_calls: [{{name: look, arguments: {{path: p{number}}}}}]\n"))
        .collect();
    let world = World::new(&format!("- steps:\n{}    - text: done\n", looks.concat())).await;
    let events = world.run().await;
    assert_eq!(events.outcome(), &RunOutcome::Completed);
    let shown = |request: usize| -> usize {
        world.messages(request).iter().map(|message| pictures(message).len()).sum()
    };
    assert_eq!((shown(20), shown(21)), (20, 8));
    let masked: Vec<usize> = events
        .entries()
        .iter()
        .filter_map(|entry| match entry {
            Entry::ContextChange(ContextChange::Mask { calls }) => Some(calls.len()),
            _ => None,
        })
        .collect();
    assert_eq!(masked, [13], "in one large step");
    let oldest = world.messages(21)[3]["content"].as_str().expect("text").to_owned();
    assert!(oldest.ends_with("[Slipway] The picture is left out here to save room."), "{oldest}");
}

#[tokio::test]
async fn pictures_count_as_tokens() {
    let world = World::new(LOOKS).await;
    let mut request = world.request();
    request.limits.max_total_tokens = Some(3_000);
    // Two pictures of 1280 × 800 are about 2 700 tokens.
    assert_eq!(world.run_with(request).await.code(), "token_limit");
}
