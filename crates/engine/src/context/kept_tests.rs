//! A kept context gives what a fresh one gives, whatever comes and whenever it is asked.

use proptest::prelude::*;
use slipway_protocol::ImageId;
use slipway_protocol::tool::{ImageContent, ToolImage};
use slipway_protocol::transcript::{ContextChange, Correction, Entry, Notice, ViewId};

use super::changes_tests::any_change;
use super::collapse::{CollapseFacts, Tuning, collapse};
use super::test_entries::{answer, close, open, result, user, view};
use super::*;
use crate::provider::profile::profile;

const MODES: [ContextMode; 3] = [ContextMode::PerFile, ContextMode::Auto, ContextMode::Consolidated];

fn facts<'a>(profile_name: &str, mode: ContextMode, prompt: &'a PromptFacts) -> ProjectionFacts<'a> {
    ProjectionFacts { profile: profile(profile_name), reasoning_off: false, mode, prompt }
}

/// Any entry, whether it makes sense where it stands or not.
fn any_entry() -> impl Strategy<Value = Entry> {
    let id = || "[a-d]";
    let path = || "[xyz]";
    prop_oneof![
        2 => "[a-z]{0,3}".prop_map(|text| user(&text)),
        4 => ("[a-z]{0,2}", prop::collection::vec(id(), 0..3)).prop_map(|(text, ids)| {
            let calls: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), "{}")).collect();
            answer(&text, &calls)
        }),
        4 => (id(), "[a-z]{0,3}", prop_oneof![Just(1_usize), Just(6_000)], path(), any::<bool>()).prop_map(
            |(id, text, times, path, opens)| {
                let change = if opens { open(&path) } else { close(&path) };
                result(&id, &text.repeat(times), vec![change])
            }
        ),
        2 => (id(), 1..3_usize).prop_map(|(id, count)| pictured(&id, count)),
        4 => (path(), 1..5_u32).prop_map(|(path, version)| view(&path, version)),
        1 => (path(), 1..5_u32).prop_map(|(path, version)| gone(&path, version)),
        1 => "[a-z]{1,3}".prop_map(|text| Entry::Notice(Notice { text })),
        2 => (id(), "[0-9]").prop_map(|(id, arguments)| {
            Entry::Correction(Correction { call_id: id.as_str().into(), arguments })
        }),
        2 => (path(), 1..5_u32).prop_map(|(path, version)| {
            Entry::ContextChange(ContextChange::Collapse { views: vec![ViewId { path, version }] })
        }),
        1 => path().prop_map(|path| Entry::ContextChange(ContextChange::Evict { paths: vec![path] })),
        1 => any_pin(),
        2 => any_change(),
    ]
}

fn any_pin() -> impl Strategy<Value = Entry> {
    ("[xyz]", any::<bool>()).prop_map(|(path, pinned)| {
        Entry::ContextChange(if pinned { ContextChange::Pin { path } } else { ContextChange::Unpin { path } })
    })
}

/// Whether an entry says something of others by their positions.
fn counts_entries(entry: &Entry) -> bool {
    matches!(entry, Entry::ContextChange(ContextChange::Compact { .. }))
}

/// A result with pictures.
fn pictured(id: &str, count: usize) -> Entry {
    let mut entry = result(id, "", Vec::new());
    if let Entry::ToolResult(result) = &mut entry {
        let picture = |number| ToolImage {
            media_type: "image/png".to_owned(),
            width: 1_280,
            height: 800,
            content: ImageContent::Stored(ImageId(format!("img_{id}{number}"))),
        };
        result.outcome.images = (0..count).map(picture).collect();
    }
    entry
}

fn gone(path: &str, version: u32) -> Entry {
    let mut entry = view(path, version);
    if let Entry::View(view) = &mut entry {
        view.file.content = slipway_protocol::view::RenderedContent::Missing;
    }
    entry
}

fn collapse_facts<'a>(mode: ContextMode, prompt: &'a PromptFacts) -> CollapseFacts<'a> {
    CollapseFacts {
        projection: facts("zai", mode, prompt),
        model: "",
        window: Some(10_000),
        remaining_steps: 30,
        now_ms: 0,
        tuning: Tuning::default(),
    }
}

fn bytes<T: serde::Serialize>(messages: &T) -> String {
    serde_json::to_string(messages).expect("JSON")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_kept_context_gives_what_a_fresh_one_gives(
        pieces in prop::collection::vec(prop::collection::vec(any_entry(), 0..6), 1..12),
        profile_name in prop_oneof![Just("deepseek"), Just("gemini"), Just("custom")],
        mode in prop::sample::select(&MODES[..]),
    ) {
        let prompt = PromptFacts::default();
        let facts = facts(profile_name, mode, &prompt);
        let mut kept = KeptContext::default();
        let mut transcript = Vec::new();
        for piece in pieces {
            transcript.extend(piece);
            let again = kept.projection(&transcript, &facts);
            let fresh = KeptContext::default().projection(&transcript, &facts);
            prop_assert_eq!(bytes(&again.messages), bytes(&project(&transcript, &facts)));
            prop_assert_eq!(again, fresh);
        }
    }

    #[test]
    fn pins_change_nothing_of_what_is_sent(
        pieces in prop::collection::vec(
            (any_entry().prop_filter("by position", |entry| !counts_entries(entry)), prop::option::of(any_pin())),
            0..30,
        ),
        mode in prop::sample::select(&MODES[..]),
    ) {
        let prompt = PromptFacts::default();
        let facts = facts("deepseek", mode, &prompt);
        let (entries, pins): (Vec<Entry>, Vec<Option<Entry>>) = pieces.into_iter().unzip();
        let pinned: Vec<Entry> =
            entries.iter().cloned().zip(pins).flat_map(|(entry, pin)| [Some(entry), pin]).flatten().collect();
        prop_assert_eq!(bytes(&project(&pinned, &facts)), bytes(&project(&entries, &facts)));
    }

    #[test]
    fn a_kept_context_decides_as_a_fresh_one_does(
        pieces in prop::collection::vec(prop::collection::vec(any_entry(), 0..6), 1..10),
    ) {
        let prompt = PromptFacts::default();
        let facts = collapse_facts(ContextMode::Auto, &prompt);
        let mut kept = KeptContext::default();
        let mut transcript = Vec::new();
        for piece in pieces {
            transcript.extend(piece);
            let views = kept.collapse(&transcript, &facts);
            prop_assert_eq!(&views, &collapse(&transcript, &facts));
            transcript.push(Entry::ContextChange(ContextChange::Collapse { views }));
            prop_assert_eq!(
                kept.projection(&transcript, &facts.projection),
                KeptContext::default().projection(&transcript, &facts.projection)
            );
        }
    }
}

#[test]
fn a_transcript_that_is_shorter_than_before_is_begun_anew() {
    let prompt = PromptFacts::default();
    let facts = facts("custom", ContextMode::PerFile, &prompt);
    let mut kept = KeptContext::default();
    let transcript = [user("one"), answer("two", &[]), user("three")];
    for length in [3, 1, 2] {
        let seen = kept.projection(&transcript[..length], &facts);
        assert_eq!(bytes(&seen.messages), bytes(&project(&transcript[..length], &facts)));
    }
}

#[test]
fn messages_that_stay_are_not_written_again() {
    let prompt = PromptFacts::default();
    let facts = facts("deepseek", ContextMode::ByProfile, &prompt);
    let mut kept = KeptContext::default();
    let mut transcript = vec![user("go")];
    for step in 0..20_u32 {
        let before = kept.projection(&transcript, &facts).messages;
        let id = step.to_string();
        transcript.extend([
            answer("", &[(&id, "{}")]),
            result(&id, "ok", vec![open("x")]),
            view("x", step + 1),
        ]);
        let after = kept.projection(&transcript, &facts).messages;
        assert!(before.iter().zip(&after).all(|(before, after)| Arc::ptr_eq(before, after)), "{step}");
    }
}
