//! How much of the model's window may be used for what.

use slipway_protocol::transcript::{Entry, Notice};

use crate::context::masking::compacted;

/// Share of the window from which old tool output is masked.
pub(crate) const MASK_FROM: f64 = 0.5;

/// Share from which the model is asked to hand over, and may.
pub(crate) const HAND_OVER_FROM: f64 = 0.8;

/// Share that is never planned with, because estimates are estimates.
const RESERVE: f64 = 0.05;

/// Most of the window that is kept free for the answer: this part of it.
const ANSWER_PART: u64 = 10;

/// Tokens kept free for the answer where no limit is set.
const ANSWER: u64 = 32_768;

/// A model's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    /// All its tokens.
    pub(crate) tokens: u64,
    /// Most tokens of an answer.
    pub(crate) answer: Option<u32>,
}

impl Window {
    /// How much of it so many tokens fill, from 0.
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    pub(crate) fn fullness(self, used: u64) -> f64 {
        used as f64 / self.tokens.max(1) as f64
    }

    /// Most tokens of a request that leaves enough for an answer.
    pub(crate) fn budget(self) -> u64 {
        let answer = self.answer.map_or(ANSWER, u64::from).min(self.tokens / ANSWER_PART);
        self.planned().saturating_sub(answer)
    }

    /// What is left for the answer to a request of so many tokens.
    pub(crate) fn room(self, used: u64) -> u64 {
        self.planned().saturating_sub(used).max(self.tokens / (2 * ANSWER_PART)).max(1)
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "token counts are far below 2^52"
    )]
    fn planned(self) -> u64 {
        (self.tokens as f64 * (1.0 - RESERVE)) as u64
    }
}

/// How the notice begins that asks the model to hand over.
const NOTICE: &str = "Your window is almost full";

/// The notice that asks the model to hand over.
pub(crate) fn hand_over_notice(fullness: f64) -> String {
    format!(
        "{NOTICE} ({:.0} %). Finish the step that you are at, then call continue_as_new_chat, alone, with a \
         prompt that holds everything the new conversation must know. If the task is almost done, finish it \
         here instead. If you do neither, the older part of this conversation is soon replaced by a summary.",
        100.0 * fullness
    )
}

/// Whether the model has been asked since the last summary.
pub(crate) fn was_asked(transcript: &[Entry]) -> bool {
    let since = transcript.iter().rev().take_while(|entry| compacted(entry).is_none());
    since.into_iter().any(|entry| matches!(entry, Entry::Notice(Notice { text }) if text.starts_with(NOTICE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_has_room_and_the_notice_comes_before_the_summary() {
        for (tokens, answer) in
            [(8_192, None), (32_768, Some(32_768)), (100_000, Some(32_768)), (1 << 20, Some(4_096))]
        {
            let window = Window { tokens, answer };
            assert!(window.fullness(window.budget()) > HAND_OVER_FROM + 0.02, "{tokens}");
            assert!(window.room(window.budget()) + window.budget() <= tokens, "{tokens}");
            assert!(window.room(tokens) > 0, "{tokens}");
        }
        assert_eq!(Window { tokens: 100_000, answer: Some(4_096) }.room(50_000), 45_000);
    }
}
