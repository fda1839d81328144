//! Token estimates: how near they come to real tokenisers, before and after one reported figure.

use slipway_engine::context::calibration::{Calibration, count};
use slipway_engine::context::{KeptContext, ProjectionFacts, project};
use slipway_protocol::MessageId;
use slipway_protocol::run::{ContextMode, PromptFacts};
use slipway_protocol::transcript::{AssistantStep, Entry, Finish};
use slipway_protocol::usage::{Usage, UsageSource};

use crate::harness::user;

/// A text and what o200k_base, cl100k_base and p50k_base make of it, counted with tiktoken-rs 0.12.1.
struct Sample {
    name: &'static str,
    text: &'static str,
    tokens: [u64; 3],
}

const SAMPLES: [Sample; 8] = [
    Sample { name: "json", text: include_str!("samples/json.txt"), tokens: [475, 475, 618] },
    Sample { name: "log", text: include_str!("samples/log.txt"), tokens: [1111, 1110, 1154] },
    Sample { name: "prose", text: include_str!("samples/prose.txt"), tokens: [251, 251, 273] },
    Sample { name: "rust", text: include_str!("samples/rust.txt"), tokens: [606, 613, 806] },
    Sample { name: "numbered", text: include_str!("samples/rust_numbered.txt"), tokens: [684, 682, 866] },
    Sample { name: "shell", text: include_str!("samples/shell.txt"), tokens: [338, 333, 408] },
    Sample { name: "typescript", text: include_str!("samples/typescript.txt"), tokens: [645, 635, 812] },
    Sample { name: "yaml", text: include_str!("samples/yaml.txt"), tokens: [486, 483, 587] },
];

/// What a provider adds that nobody sees: tools, its template.
const HIDDEN: u64 = 900;

fn facts(prompt: &PromptFacts) -> ProjectionFacts<'_> {
    let profile = slipway_engine::profile("custom");
    ProjectionFacts { profile, reasoning_off: false, mode: ContextMode::PerFile, prompt }
}

fn answer(input: u64) -> Entry {
    Entry::Assistant(AssistantStep {
        id: MessageId::generate(),
        step: 1,
        text: "I see.".to_owned(),
        reasoning: String::new(),
        opaque: serde_json::Map::new(),
        tool_calls: Vec::new(),
        finish: Finish::Stop,
        usage: Some(Usage { input, output: 3, source: UsageSource::Reported, ..Usage::default() }),
        model: "m".to_owned(),
        created_at: 0,
    })
}

/// By how much an estimate differs from the truth, as a share of it.
#[expect(clippy::cast_precision_loss, reason = "small numbers")]
fn error(estimated: u64, truth: u64) -> f64 {
    (estimated as f64 - truth as f64).abs() / truth as f64
}

#[test]
fn uncalibrated_estimates_are_within_an_eighth_of_what_modern_tokenisers_count() {
    for sample in &SAMPLES {
        for (tokeniser, truth) in sample.tokens.iter().take(2).enumerate() {
            let prompt = PromptFacts::default();
            let messages = project(&[user(sample.text)], &facts(&prompt));
            let estimated = count(&messages[1..]);
            let error = error(estimated, *truth);
            assert!(error < 0.125, "{} by {tokeniser}: {estimated} instead of {truth}", sample.name);
        }
    }
}

#[test]
fn after_one_answer_the_next_estimate_is_within_5_percent_whatever_the_tokeniser() {
    // The tokenisers as they are, and as others come out that differ by a factor.
    let tokenisers = [(0, 1.0), (0, 1.043), (1, 1.0), (2, 1.0), (0, 0.5), (2, 2.0)];
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small numbers"
    )]
    let scaled = |tokens: u64, factor: f64| (tokens as f64 * factor).round() as u64;
    let mut worst = 0.0_f64;
    for (tokeniser, factor) in tokenisers {
        for (first, sample) in SAMPLES.iter().enumerate() {
            for new in &SAMPLES {
                // A few texts are known; another one, of any kind, is new.
                let known: Vec<&Sample> = (0..4).map(|offset| &SAMPLES[(first + offset) % 8]).collect();
                let truth = |samples: &[&Sample]| {
                    let tokens = samples.iter().map(|sample| sample.tokens[tokeniser]).sum::<u64>();
                    scaled(HIDDEN + tokens, factor)
                };
                let mut transcript: Vec<Entry> = known.iter().map(|sample| user(sample.text)).collect();
                transcript.push(answer(truth(&known)));
                transcript.push(user(new.text));
                let prompt = PromptFacts::default();
                let facts = facts(&prompt);
                let calibration = Calibration::of(&transcript, &facts, "m", 500, &mut KeptContext::default());
                let estimated = calibration.estimate(500 + count(&project(&transcript, &facts)));
                let real = truth(&[known.as_slice(), &[new]].concat());
                let error = error(estimated, real);
                worst = worst.max(error);
                assert!(
                    error <= 0.05,
                    "{} after {} with tokeniser {tokeniser} × {factor}: {estimated} instead of {real}",
                    new.name,
                    sample.name
                );
            }
        }
    }
    assert!(worst > 0.001, "the truth was not simply read back");
}

#[test]
fn a_model_that_never_answered_is_not_judged_by_another_one() {
    let transcript = [user("hello"), answer(100_000), user("more")];
    let prompt = PromptFacts::default();
    let other = Calibration::of(&transcript, &facts(&prompt), "another", 500, &mut KeptContext::default());
    assert_eq!(other, Calibration::default());
    assert_ne!(
        Calibration::of(&transcript, &facts(&prompt), "m", 500, &mut KeptContext::default()),
        Calibration::default()
    );
}
