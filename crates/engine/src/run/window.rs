//! Keeps the conversation inside the model's window: old output is masked, the model is asked to hand over,
//! and what would overflow all the same is summarised. Every decision is recorded before it shows.

use std::sync::Arc;

use slipway_fail_points::{Point, reach};
use slipway_protocol::Problem;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::run::EngineEvent;
use slipway_protocol::transcript::{AssistantStep, ContextChange, Entry};
use slipway_protocol::usage::Usage;

use crate::context::Projection;
use crate::context::calibration::{Calibration, Reading};
use crate::context::compaction::{self, boundary, digest};
use crate::context::eviction::{LastResort, last_resort};
use crate::context::masking;
use crate::context::plan;
use crate::context::window::{HAND_OVER_FROM, MASK_FROM, Window, hand_over_notice, was_asked};
use crate::events::EventSink;
use crate::provider::answer::Answer;
use crate::provider::pictures::WirePart;
use crate::provider::ready::ReadyMessage;
use crate::provider::request::WireMessage;
use crate::run::budget::CallKind;
use crate::run::{Halt, Run};
use crate::tools::builtin::Scene;

/// Code of the problem that a provider's overflow error becomes.
const OVERFLOW: &str = "provider_context_overflow";

/// What is known of the window, beside the transcript.
#[derive(Debug)]
pub(super) struct WindowState {
    calibration: Calibration,
    /// The count of what is sent beside messages.
    constant: u64,
    /// Size of the last request that was made ready: by count, and as estimated.
    counted: u64,
    used: u64,
    /// What an overflow has shown the window to be at most.
    overflowed_at: Option<u64>,
    /// Whether the person knows that the provider cuts requests.
    told_of_cut: bool,
}

impl WindowState {
    pub(super) fn new(calibration: Calibration, constant: u64) -> Self {
        Self {
            calibration,
            constant,
            counted: 0,
            used: 0,
            overflowed_at: None,
            told_of_cut: calibration.has_seen_a_cut(),
        }
    }
}

/// Whether a call failed because the request was too long.
pub(super) fn is_overflow(problem: &Problem) -> bool {
    problem.code == OVERFLOW
}

impl Run<'_> {
    /// What the engine's own tools are answered from.
    pub(super) fn scene(&self, answer: &AssistantStep) -> Scene<'_> {
        Scene {
            transcript: &self.request.transcript,
            fullness: self.window().map(|window| window.fullness(self.window.used)),
            alone: answer.tool_calls.len() == 1,
        }
    }

    /// What the window leaves for the answer to the request that was last made ready, where that is less
    /// than it asks for.
    pub(super) fn room(&self) -> Option<u64> {
        let room = self.window()?.room(self.window.used);
        self.model.output_limit().filter(|asked| *asked > room).map(|_| room)
    }

    /// The next request, after everything that must be done so that it fits.
    pub(super) async fn fitting(&mut self) -> Projection {
        let request = self.lightened().await;
        match self.overfull() {
            Some(budget) => {
                self.compact(budget).await;
                self.measured()
            }
            None => request,
        }
    }

    /// What the request that was last measured should come down to; `None` when it fits.
    pub(super) fn overfull(&self) -> Option<u64> {
        self.window().map(Window::budget).filter(|budget| self.window.used > *budget)
    }

    /// The next request, after everything that can be done without the model so that it fits.
    pub(super) async fn lightened(&mut self) -> Projection {
        let mut request = self.measured();
        let Some(window) = self.window() else { return request };
        if window.fullness(self.window.used) > MASK_FROM {
            let calls = masking::mask(&self.request.transcript, window.tokens, self.model.profile.sees);
            if !calls.is_empty() {
                tracing::info!(calls = calls.len(), used = self.window.used, "old tool output is masked");
                self.record(Entry::ContextChange(ContextChange::Mask { calls })).await;
                request = self.measured();
            }
        }
        let fullness = window.fullness(self.window.used);
        if self.overfull().is_some() || fullness < HAND_OVER_FROM || was_asked(&self.request.transcript) {
            return request;
        }
        self.notice(hand_over_notice(fullness)).await;
        self.measured()
    }

    /// Size of the request that was last measured, as estimated.
    pub(super) fn used(&self) -> u64 {
        self.window.used
    }

    /// Makes room after the provider has said that the request was too long.
    ///
    /// # Errors
    /// There is nothing that could be left out; what to do then.
    pub(super) async fn fitting_after(&mut self, overflow: Problem) -> Result<Projection, Problem> {
        let before = self.window.used;
        tracing::warn!(used = before, "the provider says that the request is too long");
        self.window.overflowed_at = Some(before);
        let target = self.window().map_or(before, Window::budget).min(before * 6 / 10);
        self.compact(target).await;
        let request = self.measured();
        if self.window.used >= before * 95 / 100 {
            return Err(self.too_long(overflow));
        }
        self.events.send(EngineEvent::Retrying { attempt: 2, wait_ms: 0, problem: overflow }).await;
        Ok(request)
    }

    /// Learns from what the provider says that the last request was.
    pub(super) async fn learn(&mut self, usage: Option<&Usage>) {
        let Some(usage) = usage else { return };
        let estimated = self.window.used;
        let reading = self.window.calibration.learn(self.window.counted, usage);
        tracing::debug!(estimated, reported = usage.prompt_tokens(), ?reading, "tokens of the request");
        if let Reading::Cut { estimated, reported } = reading
            && !self.window.told_of_cut
        {
            self.window.told_of_cut = true;
            let text = format!(
                "The model has seen only {reported} of about {estimated} tokens that it was sent: the server \
                 cuts what does not fit into its window, without saying so. Set a larger context in the \
                 server (for Ollama: num_ctx), or say in the provider's settings how large its window is."
            );
            self.tell(NoticeLevel::Warning, text).await;
        }
    }

    /// Tells what a call beside the conversation took; the window is as full as before.
    pub(super) async fn tell_side_usage(&self, answer: &Answer) {
        let Some(usage) = answer.usage else { return };
        let context_limit = self.window().map(|window| window.tokens);
        let context_used = self.window.used;
        self.events
            .send(EngineEvent::Usage { usage, context_used, context_limit, predicted_cached: None })
            .await;
    }

    /// The problem of an overflow that nothing can be done about.
    pub(super) fn too_long(&self, overflow: Problem) -> Problem {
        let files: u64 = self.open_files.listed().iter().map(|file| file.shown_chars).sum();
        let detail = format!(
            "{} Everything that can be left out is left out; about {} tokens remain, {} of them instructions \
             and tools, and {files} characters of open files.",
            overflow.detail, self.window.used, self.window.constant
        );
        Problem { detail, ..overflow }.hint(
            "Use a model with a larger window, or begin a new conversation with a shorter message. If the \
             window is larger than the provider says, check the server's settings.",
        )
    }

    /// The model's window, as far as it is known.
    pub(super) fn window(&self) -> Option<Window> {
        let known = self.model.profile.window(&self.request.model);
        let tokens = match (known, self.window.overflowed_at) {
            (Some(known), Some(overflowed_at)) => known.min(overflowed_at),
            (known, overflowed_at) => known.or(overflowed_at)?,
        };
        Some(Window { tokens, answer: self.request.limits.max_output_tokens })
    }

    /// The request as the transcript is now, with its size noted.
    fn measured(&mut self) -> Projection {
        let request = self.projection();
        self.window.counted = self.model.request_tokens(&request.messages);
        self.window.used = self.window.calibration.estimate(self.window.counted);
        request
    }

    /// Whether the request that was last measured fits into the window with a short answer.
    fn could_be_sent(&self) -> bool {
        self.window().is_none_or(|window| self.window.used + window.room(u64::MAX) <= window.tokens)
    }

    /// Lets a summary stand for the older part, and leaves out more if that is not enough.
    async fn compact(&mut self, target: u64) {
        // Too long even to be summarised; often that is one giant result, and enough is gained already.
        if !self.could_be_sent() && self.mask_all().await && self.window.used <= target {
            return;
        }
        let before = self.window.used;
        self.tell(
            NoticeLevel::Info,
            format!(
                "The conversation fills the model's window (about {before} tokens). Its older part is being \
                 summarised for the model; you keep all of it here."
            ),
        )
        .await;
        let keep = self.window.calibration.uncalibrated(target / 4);
        if let Some(entries) = boundary(&self.request.transcript, keep) {
            let summary = self.summary().await;
            reach(Point::SummaryMade);
            self.summarise(entries, summary).await;
        }
        self.squeeze(target).await;
        let after = self.window.used;
        tracing::info!(before, after, target, "the context was compacted");
        self.tell(NoticeLevel::Info, format!("The model goes on with about {after} tokens.")).await;
    }

    /// The model's own summary, if it can be had: with everything that it sees now, or else with all tool
    /// output masked.
    async fn summary(&mut self) -> Option<String> {
        for masked in [false, true] {
            if masked && !self.mask_all().await {
                return None;
            }
            let mut request = self.measured();
            ask_for_summary(&mut request.messages);
            if !self.could_be_sent() {
                continue;
            }
            match self.call_model(&request, CallKind::Further, &EventSink::nowhere()).await {
                Ok(answer) => {
                    self.tell_usage(&answer, None).await;
                    let text = answer.text.trim();
                    return (!text.is_empty()).then(|| text.to_owned());
                }
                Err(Halt::Failed(problem)) if is_overflow(&problem) => {}
                Err(Halt::Failed(problem) | Halt::Limit(problem)) => {
                    tracing::warn!(code = problem.code, "the model could not be asked for a summary");
                    return None;
                }
            }
        }
        None
    }

    async fn summarise(&mut self, entries: u32, summary: Option<String>) {
        let summary = summary.unwrap_or_else(|| digest(&self.request.transcript, entries));
        self.record(Entry::ContextChange(ContextChange::Compact { entries, summary })).await;
        let plan = self.request.transcript.iter().rev().find_map(|entry| match entry {
            Entry::Plan(update) => Some(&update.plan),
            _ => None,
        });
        if let Some(text) = plan.filter(|plan| plan.is_open()).map(plan::kept) {
            self.notice(text).await;
        }
        self.measured();
    }

    /// Leaves out, rung by rung, what is still too much: all tool output, everything but the newest step,
    /// open files, and of those the pinned ones last.
    async fn squeeze(&mut self, target: u64) {
        if self.window.used > target {
            self.mask_all().await;
        }
        if self.window.used > target
            && let Some(entries) = boundary(&self.request.transcript, 0)
        {
            self.summarise(entries, None).await;
        }
        if self.window.used > target {
            self.close_files(self.window.used - target).await;
        }
    }

    /// Masks all tool output; whether there was any.
    async fn mask_all(&mut self) -> bool {
        let calls = masking::mask_all(&self.request.transcript, self.model.profile.sees);
        let any = !calls.is_empty();
        if any {
            self.record(Entry::ContextChange(ContextChange::Mask { calls })).await;
            self.measured();
        }
        any
    }

    /// Closes open files until about so many tokens are saved, pinned ones last. The person is told when it comes to
    /// those: they have asked for another thing.
    async fn close_files(&mut self, tokens: u64) {
        let LastResort { paths, pinned } = last_resort(&self.open_files, tokens);
        if paths.is_empty() {
            return;
        }
        if !pinned.is_empty() {
            let names = pinned.join(", ");
            tracing::warn!(files = pinned.len(), "pinned files are closed, because nothing else is left");
            let text = format!(
                "Nothing else was left that could make room in the model's window, so these pinned files were \
                 closed: {names}. Their pins are gone. Use a model with a larger window to keep them open."
            );
            self.tell(NoticeLevel::Warning, text).await;
        }
        let names = paths.join(", ");
        self.record(Entry::ContextChange(ContextChange::Evict { paths })).await;
        let text = format!(
            "These files were closed, because there was no room for them any more: {names}. Read them again \
             when you need them, in parts if they are long."
        );
        self.notice(text).await;
        self.measured();
    }

    async fn tell(&self, level: NoticeLevel, text: String) {
        self.events.send(EngineEvent::Notice { level, text }).await;
    }
}

/// Puts the instruction behind everything else. Strict templates accept no two messages of the person in a row.
fn ask_for_summary(messages: &mut Vec<Arc<ReadyMessage>>) {
    let asked = |content| WireMessage::User { content };
    let last = messages.last().map(|message| message.message());
    let (joined, message) = match last {
        Some(WireMessage::User { content }) => {
            (true, asked(format!("{content}\n\n{}", compaction::INSTRUCTION)))
        }
        Some(WireMessage::Pictures { content }) => {
            let mut content = content.clone();
            content.push(WirePart::Text { text: compaction::INSTRUCTION.to_owned() });
            (true, WireMessage::Pictures { content })
        }
        _ => (false, asked(compaction::INSTRUCTION.to_owned())),
    };
    if joined {
        messages.pop();
    }
    messages.push(Arc::new(ReadyMessage::new(message)));
}
