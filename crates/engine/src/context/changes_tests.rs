//! Masked output and summaries in the context, for sensible and for any other decisions.

use proptest::prelude::*;
use slipway_protocol::run::{ContextMode, PromptFacts};
use slipway_protocol::transcript::{ContextChange, Entry, Notice};

use super::test_entries::{PATHS, answer, contents, happenings, play, result, user};
use super::{ProjectionFacts, project};
use crate::context::compaction::boundary;
use crate::context::window;
use crate::provider::profile::profile;
use crate::provider::request::WireMessage;

fn messages(mode: ContextMode, transcript: &[Entry]) -> Vec<WireMessage> {
    let prompt = PromptFacts::default();
    let facts = ProjectionFacts { profile: profile("deepseek"), reasoning_off: false, mode, prompt: &prompt };
    project(transcript, &facts)
}

fn mask(calls: &[&str]) -> Entry {
    Entry::ContextChange(ContextChange::Mask { calls: calls.iter().map(|id| (*id).into()).collect() })
}

pub(super) fn compact(entries: u32, summary: &str) -> Entry {
    Entry::ContextChange(ContextChange::Compact { entries, summary: summary.to_owned() })
}

pub(super) fn any_change() -> impl Strategy<Value = Entry> {
    prop_oneof![
        prop::collection::vec("[abcd]", 0..4)
            .prop_map(|ids| mask(&ids.iter().map(String::as_str).collect::<Vec<_>>())),
        (prop_oneof![0..20_u32, Just(u32::MAX)], "[a-z]{0,3}")
            .prop_map(|(entries, summary)| compact(entries, &summary)),
    ]
}

#[test]
fn a_summary_stands_for_whole_steps_and_keeps_what_the_person_said() {
    let long = "x".repeat(9_000);
    let transcript = [
        user("build it"),
        answer("", &[("a", "{}"), ("b", "{}")]),
        result("a", "A", vec![]),
        result("b", "B", vec![]),
        user("with care"),
        answer("", &[("c", "{}")]),
        result("c", &long, vec![]),
        mask(&["c"]),
        // In the middle of the first step: it goes as a whole.
        compact(3, "first"),
    ];
    let seen = messages(ContextMode::PerFile, &transcript);
    let text = contents(&seen);
    assert!(text[1].starts_with("build it\n\n[Slipway]"), "{}", text[1]);
    // What nobody has answered yet is one message.
    assert!(text[1].contains("# Summary\nfirst") && text[1].ends_with("with care"), "{}", text[1]);
    assert_eq!(text[2], "");
    assert!(text[3].len() < 2_600 && text[3].contains("recall_output with call_id \"c\""));
    assert_eq!(text.len(), 4);
    let mut transcript = transcript.to_vec();
    transcript.push(compact(u32::MAX, "second"));
    let seen = messages(ContextMode::PerFile, &transcript);
    let text = contents(&seen);
    assert_eq!(text.len(), 2);
    assert!(
        text[1].contains("# What the person said after that\n- with care\n\n# Summary\nsecond"),
        "{}",
        text[1]
    );
    assert!(!text[1].contains("first"), "an earlier summary is part of the later one");
}

#[test]
fn the_cut_is_never_inside_a_step() {
    let transcript = [
        user("go"),
        answer("", &[("a", "{}")]),
        result("a", &"word ".repeat(1_000), vec![]),
        answer("", &[("b", "{}")]),
        result("b", "short", vec![]),
        Entry::Notice(Notice { text: "n".to_owned() }),
    ];
    assert_eq!(boundary(&transcript, 0), Some(3));
    assert_eq!(boundary(&transcript, 100), Some(3));
    assert_eq!(boundary(&transcript, 100_000), Some(1));
    assert_eq!(boundary(&transcript[..2], 0), Some(1));
    assert_eq!(boundary(&transcript[..1], 0), None);
    let mut done = transcript.to_vec();
    done.push(compact(3, "s"));
    assert_eq!(boundary(&done, 0), None, "nothing new to summarise");
}

#[test]
fn the_model_is_asked_once_between_two_summaries() {
    let mut transcript = vec![user("go")];
    assert!(!window::was_asked(&transcript));
    transcript.push(Entry::Notice(Notice { text: window::hand_over_notice(0.8) }));
    transcript.push(user("more"));
    assert!(window::was_asked(&transcript));
    transcript.push(compact(1, "s"));
    assert!(!window::was_asked(&transcript));
}

proptest! {
    #[test]
    fn every_open_file_is_still_shown_once_after_any_summary(
        steps in happenings(),
        cuts in prop::collection::vec((0..9_usize, 0..40_u32), 1..4),
        mode in prop_oneof![Just(ContextMode::PerFile), Just(ContextMode::Auto), Just(ContextMode::Consolidated)],
    ) {
        let (entries, states) = play(&steps);
        let mut transcript = Vec::new();
        for (number, (step, state)) in entries.into_iter().zip(states).enumerate() {
            transcript.extend(step);
            for (after, size) in &cuts {
                if *after == number {
                    transcript.push(compact(*size, "s"));
                }
            }
            let seen = messages(mode, &transcript);
            let text = contents(&seen).join("\n");
            for (path, visible) in PATHS.iter().zip(state) {
                let Some(version) = visible else { continue };
                let line = format!("\n1\t{path} v{version}\n");
                prop_assert_eq!(text.matches(line.as_str()).count(), 1, "{} {}", path, text);
            }
            // And nobody's words are lost.
            prop_assert!(text.contains("go"));
        }
    }

    #[test]
    fn masking_changes_nothing_but_the_named_results(masked in prop::collection::vec(0..6_usize, 0..6)) {
        let ids: Vec<String> = (0..6).map(|number| format!("c{number}")).collect();
        let long = "a line of words\n".repeat(600);
        let mut transcript = vec![user("go")];
        for id in &ids {
            transcript.push(answer("", &[(id, "{}")]));
            transcript.push(result(id, &long, vec![]));
        }
        let before = messages(ContextMode::PerFile, &transcript);
        let named: Vec<&str> = masked.iter().map(|number| ids[*number].as_str()).collect();
        transcript.push(mask(&named));
        let after = messages(ContextMode::PerFile, &transcript);
        prop_assert_eq!(before.len(), after.len());
        for (old, new) in before.iter().zip(&after) {
            match (old, new) {
                (WireMessage::Tool { tool_call_id, .. }, WireMessage::Tool { content, .. })
                    if named.contains(&tool_call_id.as_str()) => prop_assert!(content.len() < 2_600),
                _ => prop_assert_eq!(old, new),
            }
        }
    }
}
