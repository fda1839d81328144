//! What the governor takes for circles, and what not.
#![expect(clippy::needless_pass_by_value, reason = "what is written in a test is short")]

use proptest::prelude::*;
use slipway_protocol::tool::ToolOutcome;
use slipway_protocol::transcript::{Finish, ToolCall, View};
use slipway_protocol::view::{RenderedContent, RenderedFile};
use slipway_protocol::{CallId, MessageId};

use super::*;

/// A call as a test writes it: tool, argument, status, result.
type Made = (&'static str, String, ToolStatus, String);

/// A run as the governor sees it.
struct Played {
    governor: Governor,
    transcript: Vec<Entry>,
    verdicts: Vec<Verdict>,
}

impl Played {
    fn new() -> Self {
        Self { governor: Governor::new(&[]), transcript: Vec::new(), verdicts: Vec::new() }
    }

    fn step(&mut self, calls: &[Made], duration_ms: u64) -> &Verdict {
        let mut answer = AssistantStep {
            id: MessageId::generate(),
            step: 1,
            text: String::new(),
            reasoning: String::new(),
            opaque: serde_json::Map::new(),
            tool_calls: Vec::new(),
            finish: Finish::ToolCalls,
            usage: None,
            model: String::new(),
            created_at: 0,
        };
        let mut results = Vec::new();
        for (name, argument, status, text) in calls {
            let id = CallId::generate();
            answer.tool_calls.push(ToolCall {
                id: id.clone(),
                name: (*name).to_owned(),
                arguments: serde_json::json!({ "argument": argument }).to_string(),
                opaque: serde_json::Map::new(),
            });
            results.push(Entry::ToolResult(ToolResult {
                call_id: id,
                name: (*name).to_owned(),
                outcome: ToolOutcome::new(*status, text.as_str()),
                duration_ms,
                created_at: 0,
            }));
        }
        self.transcript.push(Entry::Assistant(answer.clone()));
        self.transcript.extend(results);
        let verdict = self.governor.observe(&answer, &self.transcript);
        self.verdicts.push(verdict);
        self.verdicts.last().expect("pushed")
    }

    fn ok(&mut self, name: &'static str, argument: impl ToString, result: impl ToString) -> &Verdict {
        self.step(&[(name, argument.to_string(), ToolStatus::Ok, result.to_string())], 3)
    }

    fn view(&mut self, path: &str, content: impl ToString) {
        self.transcript.push(Entry::View(View {
            version: 1,
            file: RenderedFile {
                path: path.to_owned(),
                content_hash: content.to_string(),
                lines: 1,
                bytes: 1,
                content: RenderedContent::Text { text: String::new() },
                ranges: None,
            },
        }));
    }

    /// Levels that were told, with the number of the step, from 1.
    fn told(&self) -> Vec<(usize, &'static str)> {
        let told = self.verdicts.iter().enumerate().filter_map(|(number, verdict)| match verdict {
            Verdict::GoOn => None,
            Verdict::Tell(text) if text.contains("the run will be ended") => Some((number + 1, "warning")),
            Verdict::Tell(_) => Some((number + 1, "note")),
            Verdict::Stop(_) => Some((number + 1, "stop")),
        });
        told.collect()
    }
}

fn failing(name: &'static str, argument: impl ToString, text: &str) -> Made {
    (name, argument.to_string(), ToolStatus::Error, text.to_owned())
}

#[test]
fn the_same_call_is_told_twice_then_ends_the_run() {
    let mut run = Played::new();
    for _ in 0..4 {
        run.ok("read", "a", "same");
    }
    assert_eq!(run.told(), [(2, "note"), (3, "warning"), (4, "stop")]);
    let Verdict::Stop(problem) = &run.verdicts[3] else { panic!("{:?}", run.verdicts) };
    assert_eq!(problem.code, "model_loops");
    assert!(problem.detail.contains("the same calls 4 times in a row"), "{}", problem.detail);
}

#[test]
fn cycles_of_up_to_four_steps_are_found_whatever_came_before() {
    for length in 1..=4 {
        for before in 0..5 {
            let mut run = Played::new();
            for number in 0..before {
                run.ok("look", number, number);
            }
            for number in 0..4 * length {
                run.ok("step", number % length, "same");
            }
            let at = |round: usize| before + round * length;
            let wanted = [(at(2), "note"), (at(3), "warning"), (at(4), "stop")];
            assert_eq!(run.told(), wanted, "length {length} after {before}");
        }
    }
}

#[test]
fn a_standstill_in_any_order_ends_the_run() {
    let mut run = Played::new();
    let order = [0, 1, 2, 3, 4, 5, 2, 0, 4, 1, 5, 3, 0, 2, 5, 4, 1, 3, 3, 0, 5];
    for number in order {
        run.ok("read", number, "same");
    }
    assert_eq!(run.told()[..3], [(12, "note"), (15, "warning"), (18, "stop")]);
}

#[test]
fn the_same_error_over_and_over_ends_the_run_whatever_the_arguments() {
    let mut run = Played::new();
    for number in 0..12 {
        let text = format!("the anchor `line {number}` was not found near line {number}");
        run.step(&[failing("edit", number, &text)], 3);
        // Looking around in between does not make it better.
        run.ok("read", number, number);
    }
    assert_eq!(run.told()[..3], [(11, "note"), (17, "warning"), (23, "stop")]);
    let Verdict::Stop(problem) = &run.verdicts[22] else { panic!("{:?}", run.verdicts) };
    assert_eq!(problem.code, "model_keeps_failing");
    assert!(problem.detail.contains("`edit` failed in the same way in 12 steps"), "{}", problem.detail);
}

#[test]
fn many_tools_that_do_not_exist_are_one_kind_of_failure() {
    let mut run = Played::new();
    for name in ["aa", "bb", "cc", "dd", "ee", "ff"] {
        run.step(&[failing(name, name, &format!("There is no tool `{name}`. The tools are: `read`."))], 3);
    }
    assert_eq!(run.told(), [(6, "note")]);
}

#[test]
fn fifty_failures_in_one_step_count_once() {
    let mut run = Played::new();
    let calls: Vec<Made> = (0..50).map(|number| failing("edit", number, "no such file")).collect();
    run.step(&calls, 3);
    assert_eq!(run.told(), []);
}

#[test]
fn a_success_ends_a_streak_of_failures() {
    let mut run = Played::new();
    for number in 0..40 {
        match number % 5 {
            4 => run.ok("edit", number, "done"),
            _ => run.step(&[failing("edit", number, "no such file")], 3),
        };
    }
    assert_eq!(run.told(), []);
}

#[test]
fn failures_far_apart_are_no_streak() {
    let mut run = Played::new();
    for number in 0..200 {
        match number % 8 {
            0 => run.step(&[failing("browse", number, "refused by the policy")], 3),
            _ => run.ok("read", number, number),
        };
    }
    assert_eq!(run.told(), []);
}

#[test]
fn polling_what_changes_is_progress() {
    let mut run = Played::new();
    for number in 0..50 {
        run.ok("process", "read 7", format!("{number} % built"));
    }
    assert_eq!(run.told(), []);
}

#[test]
fn the_same_test_after_edits_is_progress() {
    let mut run = Played::new();
    for number in 0..30 {
        run.ok("edit", number, "edited");
        run.ok("shell", "cargo test", "1 failed");
    }
    assert_eq!(run.told(), []);
}

#[test]
fn a_file_that_changes_meanwhile_is_progress() {
    let mut run = Played::new();
    for number in 0..30 {
        run.ok("shell", "make step", "ok");
        run.view("log.txt", number);
    }
    assert_eq!(run.told(), []);
}

#[test]
fn a_file_that_goes_to_and_fro_is_not() {
    let mut run = Played::new();
    for number in 0..12 {
        run.ok("write", number % 2, "written");
        run.view("a.txt", number % 2);
    }
    assert_eq!(run.told()[..3], [(6, "note"), (8, "warning"), (10, "stop")]);
}

#[test]
fn waiting_for_a_silent_build_has_four_times_the_patience() {
    let mut run = Played::new();
    for _ in 0..13 {
        run.step(&[("process", "wait 7".to_owned(), ToolStatus::Ok, "still running".to_owned())], 30_000);
    }
    assert_eq!(run.told(), [(5, "note"), (9, "warning"), (13, "stop")]);
}

#[test]
fn after_progress_a_new_circle_is_told_from_the_beginning() {
    let mut run = Played::new();
    for result in ["a", "a", "a", "b", "c", "c", "c"] {
        run.ok("read", "x", result);
    }
    assert_eq!(run.told(), [(2, "note"), (3, "warning"), (6, "note"), (7, "warning")]);
}

proptest! {
    #[test]
    fn a_run_in_which_each_step_brings_something_new_is_never_disturbed(
        steps in prop::collection::vec((0_u8..3, prop::collection::vec(0_u8..3, 0..3)), 1..80),
    ) {
        let mut run = Played::new();
        for (number, (kind, old)) in steps.iter().enumerate() {
            let mut calls: Vec<Made> =
                old.iter().map(|old| ("old", old.to_string(), ToolStatus::Ok, "same".to_owned())).collect();
            match kind {
                0 => calls.push(("new", number.to_string(), ToolStatus::Ok, "same".to_owned())),
                1 => calls.push(("poll", String::new(), ToolStatus::Ok, format!("line {number}"))),
                _ => {}
            }
            run.step(&calls, 3);
            if *kind == 2 {
                run.view("file", number);
            }
        }
        prop_assert_eq!(run.told(), []);
    }

    #[test]
    fn a_run_that_only_repeats_ends_within_sixteen_steps_of_its_last_news(
        // Each of five letters may come for the first time just before the run would end for the lack of it: that takes
        // 49 steps, and some must be left to end it.
        news in 0_usize..10, alphabet in 1_usize..6, order in prop::collection::vec(0_usize..6, 80),
    ) {
        let mut run = Played::new();
        for number in 0..news {
            run.ok("look", number, number);
        }
        let letters: Vec<usize> = order.iter().map(|letter| letter % alphabet).collect();
        let mut seen = std::collections::BTreeSet::new();
        let mut last_news = 0;
        for (position, letter) in letters.iter().enumerate() {
            if seen.insert(*letter) {
                last_news = news + position + 1;
            }
            run.ok("step", letter, "same");
        }
        let stop = run.told().iter().find(|(_, level)| *level == "stop").map(|(number, _)| *number);
        prop_assert!(stop.is_some_and(|stop| stop <= last_news + 16), "{stop:?} after {last_news}");
        // It is never ended without having been told before.
        let first: Vec<&str> = run.told().iter().map(|(_, level)| *level).take_while(|level| *level != "stop").collect();
        prop_assert!(first.contains(&"warning"), "{:?}", run.told());
    }
}
