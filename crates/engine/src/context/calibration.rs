//! What the provider's own token figures teach about estimates.
//!
//! Nothing is remembered outside the transcript: its answers carry usage and model, and what was sent for
//! each is the projection of what stands before it. So a resumed run starts as exact as the last one ended.

use slipway_protocol::transcript::Entry;
use slipway_protocol::usage::{Usage, UsageSource};

use crate::context::{KeptContext, ProjectionFacts};
use crate::provider::model_name::same_model;
use crate::provider::request::WireMessage;
use crate::provider::{estimate, ready};

/// Weight of what is known when something new is learned.
const INERTIA: f64 = 0.8;

/// Tokens by most tokenisers for each that o200k makes, where nothing is known yet: rather too many.
const UNKNOWN_FACTOR: f64 = 1.15;

/// A provider that counts less than this share of what it was sent has cut it.
const CUT_BELOW: f64 = 0.9;

/// The same before anything is known of its tokeniser, or right after most of the context was left out.
const CUT_BELOW_UNKNOWN: f64 = 0.35;

/// No server has a window as small as this, so shorter requests are not cut.
const LEAST_WINDOW: u64 = 2_048;

/// A request is comparable to the last one from this share of its size on.
const COMPARABLE: f64 = 0.7;

/// So many of the newest answers are learned from when a run begins.
const ANSWERS: usize = 3;

/// Turns uncalibrated counts into estimates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    factor: f64,
    last: Option<Sample>,
    has_seen_a_cut: bool,
}

/// A request whose size is known.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    counted: u64,
    reported: u64,
}

/// What a reported figure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// It was learned from.
    Learned,
    /// There is none.
    Unreported,
    /// The provider has cut the request: it counts far less than it was sent.
    Cut {
        /// What it should have counted.
        estimated: u64,
        /// What it counted.
        reported: u64,
    },
}

impl Default for Calibration {
    fn default() -> Self {
        Self { factor: UNKNOWN_FACTOR, last: None, has_seen_a_cut: false }
    }
}

impl Calibration {
    /// What the newest answers of `model` teach. `constant` is the count of what is sent beside messages; `kept`
    /// is what is known of the transcript, to which this adds.
    pub fn of(
        transcript: &[Entry],
        facts: &ProjectionFacts<'_>,
        model: &str,
        constant: u64,
        kept: &mut KeptContext,
    ) -> Self {
        let mut calibration = Self::default();
        let answers = transcript.iter().enumerate().rev().filter_map(|(position, entry)| match entry {
            Entry::Assistant(step) if same_model(facts.profile, model, &step.model) => {
                step.usage.filter(is_reported).map(|usage| (position, usage))
            }
            _ => None,
        });
        let newest: Vec<(usize, Usage)> = answers.take(ANSWERS).collect();
        for (position, usage) in newest.iter().rev() {
            let before = transcript.get(..*position).unwrap_or_default();
            let counted = constant + ready::tokens(&kept.projection(before, facts).messages);
            calibration.learn(counted, usage);
        }
        calibration
    }

    /// Learns from an answer to a request of `counted` tokens.
    pub fn learn(&mut self, counted: u64, usage: &Usage) -> Reading {
        let reported = usage.prompt_tokens();
        if !is_reported(usage) || counted == 0 || reported == 0 {
            return Reading::Unreported;
        }
        let ratio = share(reported, counted);
        let estimated = self.estimate(counted);
        let is_cut = estimated > LEAST_WINDOW
            && match self.comparable(counted) {
                Some(_) => share(reported, estimated) < CUT_BELOW,
                None => ratio < CUT_BELOW_UNKNOWN,
            };
        if is_cut {
            self.has_seen_a_cut = true;
            return Reading::Cut { estimated, reported };
        }
        self.factor = match self.last {
            Some(_) => INERTIA * self.factor + (1.0 - INERTIA) * ratio,
            None => ratio,
        };
        self.last = Some(Sample { counted, reported });
        Reading::Learned
    }

    /// The last known size, unless this request is a much shorter one: then the difference is most of it,
    /// and a small error in the factor a large one in the result.
    fn comparable(&self, counted: u64) -> Option<Sample> {
        self.last.filter(|last| share(counted, last.counted) >= COMPARABLE)
    }

    /// The count that is estimated at so many tokens.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "token counts are far below 2^52, and the factor is positive"
    )]
    pub fn uncalibrated(&self, estimated: u64) -> u64 {
        (estimated as f64 / self.factor.max(0.01)) as u64
    }

    /// Whether the provider has ever cut a request that was learned from.
    pub fn has_seen_a_cut(&self) -> bool {
        self.has_seen_a_cut
    }

    /// The estimate for a request of `counted` tokens: what the provider last counted, and only the
    /// difference estimated.
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "token counts are far below 2^52, and the result is cut at 0"
    )]
    pub fn estimate(&self, counted: u64) -> u64 {
        let estimated = match self.comparable(counted) {
            Some(last) => last.reported as f64 + self.factor * (counted as f64 - last.counted as f64),
            None => self.factor * counted as f64,
        };
        estimated.max(0.0).round() as u64
    }
}

/// The uncalibrated count of messages.
pub fn count(messages: &[WireMessage]) -> u64 {
    messages.iter().map(estimate::message).sum()
}

fn is_reported(usage: &Usage) -> bool {
    usage.source == UsageSource::Reported
}

#[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}
