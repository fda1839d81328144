//! What the model is sent, for sensible and for any other transcripts.

use proptest::prelude::*;
use serde_json::{Map, json};
use slipway_protocol::transcript::{ContextChange, Correction, Notice, ViewId};
use slipway_protocol::view::ViewChange;

use super::test_entries::{answer, close, contents, open, result, user, view};
use super::*;
use crate::provider::profile::profile;

fn messages_for(profile_name: &str, transcript: &[Entry]) -> Vec<WireMessage> {
    let prompt = PromptFacts::default();
    let facts = ProjectionFacts {
        profile: profile(profile_name),
        reasoning_off: false,
        mode: ContextMode::ByProfile,
        prompt: &prompt,
    };
    project(transcript, &facts)
}

fn messages(transcript: &[Entry]) -> Vec<WireMessage> {
    messages_for("custom", transcript)
}

#[test]
fn results_stand_in_call_order_and_riders_on_the_last_one() {
    let transcript = [
        user("go"),
        answer("", &[("a", "{}"), ("b", "{}"), ("c", "{}")]),
        result("b", "B", vec![open("x")]),
        result("a", "", vec![]),
        view("x", 1),
        Entry::Notice(Notice { text: "look out".to_owned() }),
    ];
    let seen = messages(&transcript);
    let last = "The call was interrupted: it is unknown whether it took effect. Check before repeating it.\n\n\
                <file path=\"x\" version=\"1\" lines=\"1\">\n1\tx v1\n</file>\n\n[Slipway] look out";
    assert_eq!(contents(&seen), ["system", "go", "", "(no output)", "B", last]);
}

#[test]
fn the_model_never_has_the_last_word() {
    assert_eq!(contents(&messages(&[])), ["system", "Continue."]);
    let transcript = [user("go"), answer("done", &[])];
    assert_eq!(contents(&messages(&transcript)), ["system", "go", "done", "Continue."]);
    let transcript = [user("go"), answer("one", &[]), answer("two", &[]), view("x", 1), user("more")];
    let file = "<file path=\"x\" version=\"1\" lines=\"1\">\n1\tx v1\n</file>";
    // What nobody has answered yet is one message.
    let said = format!("{file}\n\nmore");
    assert_eq!(contents(&messages(&transcript)), ["system", "go", "one", "Continue.", "two", &said]);
    assert_eq!(contents(&messages(&[user("go"), user("on")])), ["system", "go\n\non"]);
    // An answer that was stopped before it said anything is not sent back.
    assert_eq!(contents(&messages(&[user("go"), answer("", &[])])), ["system", "go"]);
}

#[test]
fn corrections_replace_arguments_unless_they_are_signed() {
    let transcript = [
        user("go"),
        answer("", &[("a", "{\"n\":1}")]),
        result("a", "ok", vec![]),
        Entry::Correction(Correction { call_id: "a".into(), arguments: "{\"n\":2}".to_owned() }),
    ];
    let arguments = |messages: &[WireMessage]| match &messages[2] {
        WireMessage::Assistant(assistant) => assistant.tool_calls[0].function.arguments.clone(),
        other => panic!("{other:?}"),
    };
    let plain = messages(&transcript);
    assert_eq!((arguments(&plain).as_str(), contents(&plain)[3]), ("{\"n\":2}", "ok"));
    let signed = messages_for("gemini", &transcript);
    assert_eq!(arguments(&signed), "{\"n\":1}");
    assert_eq!(contents(&signed)[3], "ok\n\n[Slipway] The arguments were applied as: {\"n\":2}");

    // What was sent already stays as it was sent.
    let late = Entry::Correction(Correction { call_id: "a".into(), arguments: "{\"n\":3}".to_owned() });
    let more = [answer("", &[("b", "{}")]), late, result("b", "ok", vec![])];
    let later = [&transcript[..], &more].concat();
    assert_eq!(messages(&later)[..plain.len()], plain[..]);
    assert_eq!(messages_for("gemini", &later)[..signed.len()], signed[..]);
}

#[test]
fn reasoning_and_opaque_fields_go_back_as_each_provider_demands() {
    let mut entry = answer("", &[("a", "{}"), ("b", "{}")]);
    if let Entry::Assistant(step) = &mut entry {
        step.opaque.insert("reasoning_details".to_owned(), json!([]));
        step.tool_calls[0]
            .opaque
            .insert("extra_content".to_owned(), json!({"google": {"thought_signature": "s"}}));
    }
    let sent = |profile: &str, entry: &Entry| {
        serde_json::to_value(&messages_for(profile, &[user("go"), entry.clone()])[2]).expect("JSON")
    };
    let deepseek = sent("deepseek", &entry);
    assert_eq!(deepseek["reasoning_content"], " ");
    assert!(deepseek.get("reasoning_details").is_none());
    assert!(deepseek["tool_calls"][0].get("extra_content").is_none());
    assert!(sent("openai", &entry).get("reasoning_content").is_none());
    assert_eq!(sent("openrouter", &entry)["reasoning_details"], json!([]));
    assert_eq!(
        sent("gemini", &entry)["tool_calls"][0]["extra_content"],
        json!({"google": {"thought_signature": "s"}})
    );
    let foreign = sent("gemini", &answer("", &[("a", "{}"), ("b", "{}")]));
    let signature = &foreign["tool_calls"][0]["extra_content"]["google"]["thought_signature"];
    assert_eq!(signature, "skip_thought_signature_validator");
    assert!(foreign["tool_calls"][1].get("extra_content").is_none());
    if let Entry::Assistant(step) = &mut entry {
        step.reasoning = "because".to_owned();
    }
    assert_eq!(sent("deepseek", &entry)["reasoning_content"], "because");
    assert_eq!(sent("zai", &entry)["reasoning_content"], "because");
    assert!(sent("openai", &entry).get("reasoning_content").is_none());
}

#[test]
fn too_many_open_files_make_a_warning_that_stays_where_it_was() {
    let mut transcript = vec![user("go"), answer("", &[("a", "{}")])];
    let paths: Vec<String> = (0..8).map(|number| format!("f{number}")).collect();
    transcript.push(result("a", "ok", paths.iter().map(|path| open(path)).collect()));
    transcript.extend(paths.iter().map(|path| view(path, 1)));
    let first = messages(&transcript);
    assert!(contents(&first)[3].ends_with("slow you down."));
    transcript.extend([answer("", &[("b", "{}")]), result("b", "ok", vec![])]);
    let second = messages(&transcript);
    assert_eq!(first[..], second[..first.len()]);
    assert_eq!(contents(&second)[5], "ok", "nothing changed, so it is not said again");
}

#[test]
fn names_that_providers_reject_are_made_acceptable() {
    let mut entry = answer("", &[("a", "{}")]);
    if let Entry::Assistant(step) = &mut entry {
        step.tool_calls[0].name = "functions.run it".to_owned();
    }
    match &messages(&[user("go"), entry])[2] {
        WireMessage::Assistant(assistant) => {
            assert_eq!(assistant.tool_calls[0].function.name, "functions_run_it")
        }
        other => panic!("{other:?}"),
    }
}

/// Entries in any order, sensible or not.
fn any_entry() -> impl Strategy<Value = Entry> {
    let path = || "[ab]";
    let id = || "[abc]";
    prop_oneof![
        super::changes_tests::any_change(),
        "[a-z]{0,3}".prop_map(|text| user(&text)),
        ("[a-z]{0,2}", prop::collection::vec((id(), "[{}\"a:1]{0,6}"), 0..4)).prop_map(|(text, calls)| {
            let calls: Vec<(&str, &str)> =
                calls.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect();
            answer(&text, &calls)
        }),
        (id(), "[a-z]{0,2}", prop::collection::vec((path(), 0..3_u8), 0..3)).prop_map(
            |(id, text, changes)| {
                let changes = changes.into_iter().map(|(path, kind)| match kind {
                    0 => open(&path),
                    1 => close(&path),
                    _ => ViewChange::CloseAllExcept { keep: vec![path] },
                });
                result(&id, &text, changes.collect())
            }
        ),
        (path(), 1..9_u32).prop_map(|(path, version)| view(&path, version)),
        id().prop_map(|id| Entry::Correction(Correction {
            call_id: id.as_str().into(),
            arguments: "{}".to_owned()
        })),
        "[a-z]{0,2}".prop_map(|text| Entry::Notice(Notice { text })),
        (path(), 1..9_u32).prop_map(|(path, version)| {
            Entry::ContextChange(ContextChange::Collapse { views: vec![ViewId { path, version }] })
        }),
        path().prop_map(|path| Entry::ContextChange(ContextChange::Evict { paths: vec![path] })),
    ]
}

proptest! {
    #[test]
    fn any_entries_give_acceptable_messages_and_always_the_same(
        transcript in prop::collection::vec(any_entry(), 0..14),
        profile in prop_oneof![Just("deepseek"), Just("gemini"), Just("custom")],
    ) {
        let seen = messages_for(profile, &transcript);
        prop_assert_eq!(
            serde_json::to_string(&seen).expect("JSON"),
            serde_json::to_string(&messages_for(profile, &transcript)).expect("JSON")
        );
        let mut owed: Vec<String> = Vec::new();
        for message in &seen[1..] {
            match message {
                WireMessage::Tool { tool_call_id, .. } => {
                    prop_assert_eq!(Some(tool_call_id), owed.first());
                    owed.remove(0);
                }
                other => {
                    prop_assert!(owed.is_empty(), "calls are answered at once");
                    if let WireMessage::Assistant(assistant) = other {
                        owed = assistant.tool_calls.iter().map(|call| call.id.clone()).collect();
                        for call in &assistant.tool_calls {
                            let arguments = serde_json::from_str::<Map<_, _>>(&call.function.arguments);
                            prop_assert!(arguments.is_ok());
                        }
                    }
                }
            }
        }
        prop_assert!(owed.is_empty());
        prop_assert!(!matches!(seen.last(), Some(WireMessage::Assistant(_)) | None));
    }
}
