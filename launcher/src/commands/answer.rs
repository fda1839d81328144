//! `slipway answer`: answers a question of a running instance, or shows what is asked.

use std::process::ExitCode;

use anyhow::bail;
use slipway_protocol::api::{AnswerQuestion, DecideApproval};
use slipway_protocol::approval::{Approval, ApprovalDecision};
use slipway_protocol::event::RunStatus;
use slipway_protocol::{ConversationId, MessageId};

use super::Context;
use super::go_on::meant;
use crate::answer::{self, AnswerError};
use crate::cli::AnswerArgs;
use crate::exec::Outcome;
use crate::gateway::Gateway;
use crate::terminal;

/// Exit code for a wrong command line.
const USAGE: u8 = 2;

/// Answers it.
pub(super) async fn answer(context: &Context, arguments: &AnswerArgs) -> anyhow::Result<ExitCode> {
    let state = context.state()?;
    let Some((gateway, _)) = super::running(context.instance, &state).await? else {
        bail!("instance {} does not run; start it with: slipway up", context.instance);
    };
    let waits = |status| matches!(status, RunStatus::WaitingUser | RunStatus::WaitingApproval);
    let named = arguments.conversation.as_deref();
    let Some(conversation) = meant(&gateway, named, waits, "no conversation waits for an answer").await?
    else {
        return Ok(ExitCode::from(USAGE));
    };
    let snapshot = gateway.snapshot(&conversation).await?;
    if arguments.approve || arguments.deny {
        return decide(&gateway, &conversation, &snapshot.approvals, arguments).await;
    }
    let waiting = snapshot.questions;
    if waiting.is_empty() && snapshot.approvals.is_empty() {
        bail!("conversation {conversation} asks nothing at the moment");
    }
    let text = arguments.text.as_deref().unwrap_or_default().trim();
    if text.is_empty() && arguments.chosen.is_empty() {
        for (question, number) in waiting.iter().zip(1..) {
            terminal::result(answer::told(number, question));
        }
        for (approval, number) in snapshot.approvals.iter().zip(1..) {
            terminal::result(format_args!("{number}. {}", answer::to_approve(approval)));
        }
        return Ok(Outcome::NeedsAnswer.into());
    }
    let meant = answer::question(&waiting, arguments.question.as_deref());
    let given = meant.and_then(|question| {
        let answer = answer::answer(question, &arguments.chosen, text)?;
        Ok((question.call_id.clone(), answer))
    });
    let (call, answer) = match given {
        Ok(given) => given,
        Err(error) => return Ok(usage(&error)),
    };
    let answer = AnswerQuestion { client_id: MessageId::generate().to_string(), answer };
    let receipt = gateway.answer(&conversation, &call, &answer).await?;
    if receipt.remaining > 0 {
        terminal::note(format_args!("answered; {} more to answer before it goes on", receipt.remaining));
        return Ok(Outcome::NeedsAnswer.into());
    }
    terminal::note(format_args!("answered; conversation {conversation} goes on"));
    Ok(ExitCode::SUCCESS)
}

/// Decides about a call that waits for approval.
async fn decide(
    gateway: &Gateway,
    conversation: &ConversationId,
    waiting: &[Approval],
    arguments: &AnswerArgs,
) -> anyhow::Result<ExitCode> {
    if waiting.is_empty() {
        bail!("no call of conversation {conversation} waits for approval");
    }
    let approval = match answer::approval(waiting, arguments.question.as_deref()) {
        Ok(approval) => approval,
        Err(error) => return Ok(usage(&error)),
    };
    let decision = if arguments.approve { ApprovalDecision::ApproveOnce } else { ApprovalDecision::Deny };
    let message = arguments.text.clone().unwrap_or_default();
    let decision = DecideApproval { client_id: MessageId::generate().to_string(), decision, message };
    let receipt = gateway.decide(conversation, &approval.call_id, &decision).await?;
    if receipt.remaining > 0 {
        terminal::note(format_args!("decided; {} more to answer before it goes on", receipt.remaining));
        return Ok(Outcome::NeedsAnswer.into());
    }
    terminal::note(format_args!("decided; conversation {conversation} goes on"));
    Ok(ExitCode::SUCCESS)
}

fn usage(error: &AnswerError) -> ExitCode {
    terminal::error(error);
    ExitCode::from(USAGE)
}
