//! The three ways of laying views out.

use proptest::prelude::*;
use slipway_protocol::run::PromptFacts;
use slipway_protocol::transcript::{ContextChange, Notice, View, ViewId};
use slipway_protocol::view::{RenderedContent, RenderedFile, ViewChange};

use super::collapse::{CollapseFacts, Tuning, collapse};
use super::test_entries::{PATHS, answer, close, contents, happenings, open, play, result, user, view};
use super::*;
use crate::provider::estimate;
use crate::provider::profile::profile;

const MODES: [ContextMode; 3] = [ContextMode::PerFile, ContextMode::Auto, ContextMode::Consolidated];

fn facts<'a>(profile_name: &str, mode: ContextMode, prompt: &'a PromptFacts) -> ProjectionFacts<'a> {
    ProjectionFacts { profile: profile(profile_name), reasoning_off: false, mode, prompt }
}

fn messages(mode: ContextMode, transcript: &[Entry]) -> Vec<WireMessage> {
    project(transcript, &facts("deepseek", mode, &PromptFacts::default()))
}

fn collapsed(views: &[(&str, u32)]) -> Entry {
    let views = views.iter().map(|(path, version)| ViewId { path: (*path).to_owned(), version: *version });
    Entry::ContextChange(ContextChange::Collapse { views: views.collect() })
}

fn file(path: &str, version: u32) -> String {
    format!("<file path=\"{path}\" version=\"{version}\" lines=\"1\">\n1\t{path} v{version}\n</file>")
}

/// A file is opened, and changed in the next step, while another one stays as it is.
fn changed_once() -> Vec<Entry> {
    vec![
        user("go"),
        answer("", &[("a", "{}")]),
        result("a", "A", vec![open("x"), open("y")]),
        view("x", 1),
        view("y", 1),
        answer("", &[("b", "{}")]),
        result("b", "B", vec![]),
        view("x", 2),
    ]
}

#[test]
fn auto_keeps_what_has_ended_until_a_recorded_decision_names_it() {
    let mut transcript = changed_once();
    let first = format!("A\n\n{}\n\n{}", file("x", 1), file("y", 1));
    let second = format!("B\n\n{}", file("x", 2));
    let before = messages(ContextMode::Auto, &transcript);
    assert_eq!(contents(&before)[3..], [first.as_str(), "", second.as_str()]);

    // A view that shows the file as it is stays, whatever is recorded; so does one that does not exist.
    transcript.push(collapsed(&[("x", 2), ("y", 1), ("z", 1)]));
    assert_eq!(messages(ContextMode::Auto, &transcript), before);

    transcript.push(collapsed(&[("x", 1)]));
    let stub = first.replace(&file("x", 1), "[A newer version is below]");
    let after = messages(ContextMode::Auto, &transcript);
    assert_eq!(contents(&after)[3..], [stub.as_str(), "", second.as_str()]);
    assert_eq!(after, messages(ContextMode::PerFile, &transcript), "now every file is visible once");
}

#[test]
fn consolidated_shows_all_open_files_where_one_last_changed() {
    let mut transcript = changed_once();
    let moved = "A\n\n[The open files are shown again below]";
    let block = format!("B\n\n{}\n\n{}", file("x", 2), file("y", 1));
    assert_eq!(contents(&messages(ContextMode::Consolidated, &transcript))[3..], [moved, "", block.as_str()]);
    // Nothing changes, so it stays where it is.
    transcript.extend([answer("", &[("c", "{}")]), result("c", "C", vec![])]);
    let seen = messages(ContextMode::Consolidated, &transcript);
    assert_eq!(contents(&seen)[3..], [moved, "", block.as_str(), "", "C"]);
    transcript.extend([answer("", &[("d", "{}")]), result("d", "D", vec![close("x"), close("y")])]);
    let seen = messages(ContextMode::Consolidated, &transcript);
    assert_eq!(contents(&seen)[5], "B\n\n[The open files were closed]");
    assert_eq!(contents(&seen)[9], "D");
}

#[test]
fn the_mode_is_the_profiles_where_the_person_leaves_it_open() {
    let transcript = changed_once();
    for (name, same_as) in [
        ("deepseek", ContextMode::Auto),
        ("openai", ContextMode::Auto),
        ("nvidia", ContextMode::PerFile),
        ("ollama", ContextMode::PerFile),
        ("custom", ContextMode::PerFile),
    ] {
        let prompt = PromptFacts::default();
        let seen = project(&transcript, &facts(name, ContextMode::ByProfile, &prompt));
        assert_eq!(seen, project(&transcript, &facts(name, same_as, &prompt)), "{name}");
    }
}

/// What a view that is shown in full begins with.
fn beginning(path: &str, version: u32) -> String {
    file(path, version).trim_end_matches("</file>").to_owned()
}

/// The views of a text that are shown in full, by path.
fn shown(text: &str, path: &str) -> Vec<u32> {
    (1..40).filter(|version| text.contains(&beginning(path, *version))).collect()
}

/// The entry, where it is a view with so many words more that shrinking it may pay.
fn longer(entry: &Entry, words: usize) -> Entry {
    let mut entry = entry.clone();
    if let Entry::View(View { file: RenderedFile { content: RenderedContent::Text { text }, .. }, .. }) =
        &mut entry
    {
        text.push_str(&format!("2\t{}\n", "word ".repeat(words)));
    }
    entry
}

#[test]
fn a_view_that_has_ended_shrinks_when_it_costs_more_to_keep_than_what_is_behind_it() {
    let transcript = |words: usize, behind: usize| {
        let mut entries: Vec<Entry> = changed_once().iter().map(|entry| longer(entry, words)).collect();
        entries.insert(5, Entry::Notice(Notice { text: "word ".repeat(behind) }));
        entries
    };
    let x = [ViewId { path: "x".to_owned(), version: 1 }];
    let soon = 0;
    // A large view with little behind it, and a small one with much behind it.
    let (large, small) = (transcript(2_000, 10), transcript(10, 2_000));
    assert_eq!(decide("zai", soon, &large), x);
    assert_eq!(decide("zai", soon, &small), []);
    // The cheaper cached input is, the longer a view stays.
    assert_eq!(decide("zai", soon, &transcript(1_000, 1_000)), x);
    assert_eq!(decide("deepseek", soon, &transcript(1_000, 1_000)), []);
    // Nothing is paid twice where the provider has forgotten, or has no cache.
    assert_eq!(decide("openai", soon, &transcript(10, 4_000)), []);
    assert_eq!(decide("openai", 601_000, &transcript(10, 4_000)), x);
    assert_eq!(decide("custom", soon, &small), x);
    // Another model than before knows nothing; and where files are closed to make room, room is made.
    let mut by_another = small.clone();
    if let Some(Entry::Assistant(step)) =
        by_another.iter_mut().rfind(|entry| matches!(entry, Entry::Assistant(_)))
    {
        step.model = "another".to_owned();
    }
    assert_eq!(decide("zai", soon, &by_another), x);
    let evicted = Entry::ContextChange(ContextChange::Evict { paths: vec!["z".to_owned()] });
    assert_eq!(decide("zai", soon, &[small, vec![evicted]].concat()), x);
}

fn decide(profile_name: &str, now_ms: i64, transcript: &[Entry]) -> Vec<ViewId> {
    let prompt = PromptFacts::default();
    let facts = CollapseFacts {
        projection: facts(profile_name, ContextMode::Auto, &prompt),
        model: "glm-5.2",
        window: None,
        remaining_steps: 30,
        now_ms,
        tuning: Tuning::default(),
    };
    collapse(transcript, &facts)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_newest_version_of_every_open_file_is_always_visible(
        steps in happenings(),
        profile_name in prop_oneof![Just("deepseek"), Just("openai"), Just("zai"), Just("custom")],
    ) {
        let (entries, states) = play(&steps);
        for mode in MODES {
            let mut transcript = Vec::new();
            for (step, state) in entries.iter().zip(&states) {
                transcript.extend(step.iter().map(|entry| longer(entry, 40)));
                if mode == ContextMode::Auto {
                    let views = decide(profile_name, 0, &transcript);
                    transcript.push(Entry::ContextChange(ContextChange::Collapse { views }));
                }
                let text = contents(&messages(mode, &transcript)).join("\n");
                for (path, newest) in PATHS.iter().zip(state) {
                    let seen = shown(&text, path);
                    match (mode, newest) {
                        (ContextMode::Auto, Some(newest)) => prop_assert_eq!(seen.last(), Some(newest)),
                        (ContextMode::Auto, None) => {}
                        (_, newest) => prop_assert_eq!(&seen, &newest.iter().copied().collect::<Vec<_>>()),
                    }
                    for version in seen {
                        prop_assert_eq!(text.matches(&beginning(path, version)).count(), 1);
                    }
                }
            }
        }
    }

    /// Where nothing is known to be cheaper because it was sent before, each file alone is never dearer than all
    /// together.
    #[test]
    fn without_a_cache_no_mode_is_cheaper_than_each_file_alone(steps in happenings(), words in 0_usize..40) {
        let (entries, _) = play(&steps);
        let mut transcript = Vec::new();
        for step in &entries {
            transcript.extend(step.iter().map(|entry| longer(entry, words)));
            let views = decide("custom", 0, &transcript);
            transcript.push(Entry::ContextChange(ContextChange::Collapse { views }));
            let tokens = |mode| {
                contents(&messages(mode, &transcript)).iter().map(|text| estimate::text(text)).sum::<u64>()
            };
            let (alone, by_policy, together) =
                (tokens(ContextMode::PerFile), tokens(ContextMode::Auto), tokens(ContextMode::Consolidated));
            prop_assert!(alone <= together && by_policy <= together, "{alone}, {by_policy}, {together}");
        }
    }

    #[test]
    fn a_request_begins_as_the_one_before_up_to_what_was_chosen_to_change(
        steps in happenings(),
        profile_name in prop_oneof![Just("deepseek"), Just("openai"), Just("gemini"), Just("custom")],
        pauses in prop::collection::vec(prop_oneof![Just(0_i64), Just(3_600_000)], 8),
        words in prop_oneof![Just(20_usize), Just(1_000)],
    ) {
        let (entries, _) = play(&steps);
        for mode in MODES {
            let mut transcript: Vec<Entry> = Vec::new();
            let mut requests: Vec<Vec<WireMessage>> = vec![Vec::new()];
            for (step, pause) in entries.iter().zip(&pauses) {
                let known = transcript.len();
                transcript.extend(step.iter().map(|entry| longer(entry, words)));
                let views = decide(profile_name, *pause, &transcript);
                transcript.push(Entry::ContextChange(ContextChange::Collapse { views }));
                let prompt = PromptFacts::default();
                let facts = facts(profile_name, mode, &prompt);
                let Projection { same, request_ends, .. } =
                    KeptContext::default().projection(&transcript, &facts);
                let after = project(&transcript, &facts);
                let before = requests.last().expect("not empty");
                prop_assert!(before.is_empty() || before[..same] == after[..same]);
                for end in request_ends {
                    prop_assert!(requests.iter().any(|sent| sent.len() == end && after.starts_with(sent)));
                }
                let marks = chosen(mode, transcript.get(known..).unwrap_or_default());
                let changes = |message: &WireMessage| {
                    let text = contents(std::slice::from_ref(message)).concat();
                    marks.iter().any(|mark| text.contains(mark))
                };
                let stays = before.iter().position(changes).unwrap_or(before.len());
                let (old, new) = (bytes(&before[..stays]), bytes(&after));
                prop_assert!(new.starts_with(old.trim_end_matches(']')), "{old}\nbecame\n{new}");
                for (old, new) in before.iter().zip(&after) {
                    prop_assert!(old == new || changes(old), "{:?} became {:?}", old, new);
                }
                requests.push(after);
            }
        }
    }
}

fn bytes(messages: &[WireMessage]) -> String {
    serde_json::to_string(messages).expect("JSON")
}

/// What marks the messages that a mode may change when these entries come.
fn chosen(mode: ContextMode, entries: &[Entry]) -> Vec<String> {
    let mut marks = Vec::new();
    for entry in entries {
        match (mode, entry) {
            (ContextMode::Auto, Entry::ContextChange(ContextChange::Collapse { views })) => {
                marks.extend(views.iter().map(|id| beginning(&id.path, id.version)));
            }
            (ContextMode::PerFile | ContextMode::Consolidated, Entry::View(view)) => {
                marks.push(format!("<file path=\"{}\"", view.file.path));
            }
            (ContextMode::PerFile | ContextMode::Consolidated, Entry::ToolResult(result)) => {
                for change in &result.outcome.view_changes {
                    if let ViewChange::Close { path } = change {
                        marks.push(format!("<file path=\"{path}\""));
                    }
                }
            }
            (
                ContextMode::PerFile | ContextMode::Consolidated,
                Entry::ContextChange(ContextChange::Evict { paths }),
            ) => marks.extend(paths.iter().map(|path| format!("<file path=\"{path}\""))),
            _ => {}
        }
    }
    if mode == ContextMode::Consolidated && !marks.is_empty() {
        // All files stand together.
        marks = vec!["<file path=".to_owned()];
    }
    marks
}
