//! Model calls as they are paid for: granted before, settled after, however they end. There is no other way
//! to the model.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use slipway_protocol::Problem;
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::run::EngineEvent;
use slipway_protocol::usage::{Usage, UsageSource};

use crate::context::Projection;
use crate::events::EventSink;
use crate::provider::answer::Answer;
use crate::provider::cache_marks::Landmarks;
use crate::provider::estimate;
use crate::provider::failure::{Billing, CallFailure};
use crate::provider::model::Attempt;
use crate::run::budget::{self, CallKind, Grant, Plan};
use crate::run::{Halt, Run};

/// A call that goes on, and what has come of its answer.
#[derive(Debug)]
pub(super) struct OpenCall {
    grant: Grant,
    /// In bytes.
    received: Arc<AtomicUsize>,
}

/// Why a call gave no answer.
pub(super) enum CallEnd {
    /// A budget is used up; no further call is to be made.
    Limit(Problem),
    /// The call failed.
    Failed(CallFailure),
}

impl Run<'_> {
    /// Makes one attempt at a call if the budgets allow it, and counts it. What streams goes to `shown`. The
    /// answer's usage is priced, and estimated where the provider reports none.
    pub(super) async fn pay_for_call(
        &mut self,
        request: &Projection,
        kind: CallKind,
        shown: &EventSink,
    ) -> Result<Answer, CallEnd> {
        let grant = self.permit(request, kind).map_err(CallEnd::Limit)?;
        self.purse.hold(&grant);
        let received = Arc::new(AtomicUsize::new(0));
        // First of all: a call that is given up from here on is settled.
        self.open_call = Some(OpenCall { grant, received: Arc::clone(&received) });
        self.events.send(EngineEvent::Reserved { call: grant.reservation }).await;
        let room = if kind == CallKind::Aside { None } else { self.room() };
        let asked = self.model.ask(Attempt {
            messages: &request.messages,
            landmarks: Landmarks { same: request.same, live: &request.live },
            taken: Arc::clone(&self.call_ids),
            output: grant.output.into_iter().chain(room).min(),
            events: shown,
            received: &received,
        });
        let outcome = match grant.deadline {
            Some(deadline) => tokio::time::timeout_at(deadline.into(), asked).await,
            None => Ok(asked.await),
        };
        let received = received.load(Ordering::Relaxed);
        self.open_call = None;
        match outcome {
            Ok(Ok(mut answer)) => {
                let estimated = || estimate::usage(grant.plan.input, &answer);
                let usage = answer.usage.unwrap_or_else(estimated);
                let usage = self.model.profile.priced(&self.model.endpoint, usage);
                answer.usage = Some(usage);
                let spent = self.purse.settle(&grant, &usage);
                self.cut_short = self.purse.cut_short(&grant);
                self.events.send(EngineEvent::Settled { spent, failed: None }).await;
                Ok(answer)
            }
            Ok(Err(failure)) => {
                let billed = failure.billing == Billing::Possible || received > 0;
                self.settle_failed(&grant, billed.then_some(received)).await;
                Err(CallEnd::Failed(failure))
            }
            Err(_elapsed) => {
                self.settle_failed(&grant, Some(received)).await;
                Err(CallEnd::Limit(self.purse.out_of_time(Instant::now()).unwrap_or_else(out_of_time)))
            }
        }
    }

    /// Whether this call could be made now.
    pub(super) fn grant(&self, request: &Projection, kind: CallKind) -> Result<(), Halt> {
        self.permit(request, kind).map(drop).map_err(Halt::Limit)
    }

    /// Of a wait as much as is left of the budgets of time.
    pub(super) fn within_time(&self, wait: Duration) -> Duration {
        let left = self.purse.deadline().map(|end| end.saturating_duration_since(Instant::now()));
        left.map_or(wait, |left| wait.min(left))
    }

    /// Tells the person, and the model along with what it is shown next, of budgets that are nearly used up.
    pub(super) async fn warn_of_budgets(&mut self) {
        for warning in self.purse.warnings(Instant::now()) {
            if let Some(text) = warning.for_person {
                self.events.send(EngineEvent::Notice { level: NoticeLevel::Warning, text }).await;
            }
            self.notice(warning.for_model).await;
        }
    }

    /// Tells the person at the beginning when money is limited but nobody knows what the model costs.
    pub(super) async fn tell_unknown_price(&self) {
        if self.purse.counts_at_ceiling() {
            let text = budget::price_unknown(&self.model.endpoint.model);
            self.events.send(EngineEvent::Notice { level: NoticeLevel::Warning, text }).await;
        }
    }

    /// Settles the call that went on when the run was given up, if one did.
    pub(super) async fn settle_given_up(&mut self) {
        if let Some(OpenCall { grant, received }) = self.open_call.take() {
            self.settle_failed(&grant, Some(received.load(Ordering::Relaxed))).await;
        }
    }

    fn permit(&self, request: &Projection, kind: CallKind) -> Result<Grant, Problem> {
        let input = self.model.request_tokens(&request.messages);
        let plan = Plan { kind, input, output: self.model.output_limit() };
        self.purse.grant(plan, Instant::now())
    }

    /// Counts a call without an answer: its input and what had come of the answer, where the provider may
    /// ask for that.
    async fn settle_failed(&mut self, grant: &Grant, received: Option<usize>) {
        let consumed = received.map(|bytes| {
            let usage = Usage {
                input: grant.plan.input,
                output: estimate::tokens(bytes),
                source: UsageSource::Estimated,
                ..Usage::default()
            };
            self.model.profile.priced(&self.model.endpoint, usage)
        });
        let spent = self.purse.settle(grant, &consumed.unwrap_or_default());
        self.events.send(EngineEvent::Settled { spent, failed: consumed }).await;
    }
}

fn out_of_time() -> Problem {
    Problem::new(200, "time_limit", "The run reached its time limit").hint("Continue to start another run.")
}
