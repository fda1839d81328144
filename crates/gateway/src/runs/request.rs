//! What an engine is asked to do.

use secrecy::ExposeSecret;
use slipway_protocol::api::{Conversation, ModelChoice};
use slipway_protocol::budget::Budget;
use slipway_protocol::run::{
    AgentRole, ContextMode, ModelEndpoint, PromptFacts, RunLimits, RunRequest, ToolEndpoint,
};
use slipway_protocol::sandbox::Confinement;
use slipway_protocol::{Problem, UserId};

use super::active::ActiveRun;
use super::budget;
use crate::api::{ApiError, settings, subagent_settings};
use crate::app::AppState;
use crate::providers;
use crate::sandbox;
use crate::store::{StoreError, budgets, conversations, ownership, prompts, transcript};
use crate::workspaces;

/// The request for a run of a conversation as it is now.
///
/// # Errors
/// When the conversation is gone, its model cannot be used, its budget is in use, or the database fails.
pub(super) async fn build(app: &AppState, run: &ActiveRun) -> Result<RunRequest, Problem> {
    made(app, run, Purpose::Run).await
}

/// The same for one that somebody only imagines: nothing is kept of it, and it is in nobody's way.
///
/// # Errors
/// As [`build`].
pub(super) async fn imagine(app: &AppState, run: &ActiveRun) -> Result<RunRequest, Problem> {
    made(app, run, Purpose::Look).await
}

/// What a request is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Run,
    Look,
}

async fn made(app: &AppState, run: &ActiveRun, purpose: Purpose) -> Result<RunRequest, Problem> {
    let settings = settings::current(app).await.map_err(ApiError::into_problem)?;
    let id = &run.conversation_id;
    let mut moment = app.store.read().await?;
    let stored = conversations::get(&mut moment, id).await?;
    let purse = budgets::get(&mut moment, id).await?;
    let user = ownership::owner(&mut moment, id).await?;
    let (Some(stored), Some(purse), Some(user)) = (stored, purse, user) else {
        return Err(Problem::new(404, "not_found", "The conversation was deleted"));
    };
    let conversation_budget = budget::allowance(&settings, &purse);
    if purpose == Purpose::Run
        && conversation_budget.limit != Budget::default()
        && budgets::is_in_use(&mut moment, id, run.started_at).await?
    {
        return Err(budget::in_use());
    }
    if let Some(problem) = workspaces::obstacle(&mut moment, &stored.conversation.workspace_id).await? {
        return Err(problem);
    }
    let transcript = transcript::all(&mut moment, id).await?;
    let spent = budgets::spent_by_run(&mut moment, &run.id).await?;
    let kept = prompts::get(&mut moment, id).await?;
    drop(moment);
    let model: ModelEndpoint = providers::resolve(app, &user, &stored.conversation.model).await?;
    let secondary = secondary(app, &user, settings.secondary_model.as_ref()).await;
    let base = app.addresses.tools.as_str().trim_end_matches('/');
    Ok(RunRequest {
        run_id: run.id.clone(),
        conversation_id: id.clone(),
        transcript,
        held: run.held.clone(),
        model,
        secondary,
        limits: budget::run_limits(&settings, &purse),
        subagents: subagent_settings::limits(app).await.map_err(ApiError::into_problem)?,
        spent,
        conversation_budget,
        tools: vec![ToolEndpoint {
            url: format!("{base}/runs/{}", run.id),
            token: run.token().expose_secret().to_owned(),
        }],
        context_mode: settings.context_mode,
        page_chars: sandbox::settings(app).await?.page_chars,
        prompt: match purpose {
            Purpose::Run => prompt_facts(app, &stored.conversation, kept, settings.instructions).await?,
            Purpose::Look => present_facts(app, &stored.conversation, kept.as_ref(), settings.instructions),
        },
    })
}

/// The model for work on the side. Without it a run can do all that it has to do, so one that cannot be used is
/// no reason to do nothing.
async fn secondary(app: &AppState, user: &UserId, choice: Option<&ModelChoice>) -> Option<ModelEndpoint> {
    match providers::resolve(app, user, choice?).await {
        Ok(model) => Some(model),
        Err(problem) => {
            tracing::warn!(%problem, "the secondary model cannot be used");
            None
        }
    }
}

/// What holds for a conversation's runs whichever model is asked.
pub(crate) struct Conditions {
    /// When they end by themselves.
    pub(crate) limits: RunLimits,
    /// How open files are laid out in the context.
    pub(crate) context_mode: ContextMode,
    /// What the system prompt states.
    pub(crate) prompt: PromptFacts,
}

/// The conditions under which a run of the conversation would begin now.
///
/// # Errors
/// When the database fails.
pub(crate) async fn conditions(app: &AppState, conversation: &Conversation) -> Result<Conditions, ApiError> {
    let settings = settings::current(app).await?;
    let mut moment = app.store.read().await?;
    let purse = budgets::get(&mut moment, &conversation.id).await?;
    let kept = prompts::get(&mut moment, &conversation.id).await?;
    let limits = purse.map_or(settings.limits, |purse| budget::run_limits(&settings, &purse));
    let context_mode = settings.context_mode;
    let present = present_facts(app, conversation, kept.as_ref(), settings.instructions);
    // Without a tool host nothing is known of the sandbox but what it once was.
    let prompt = kept.filter(|_| present.workspace.is_empty()).unwrap_or(present);
    Ok(Conditions { limits, context_mode, prompt })
}

/// What the system prompt states: as it was at the conversation's first run, or the provider's cache of the
/// whole prefix is lost. Only the sandbox itself is described as it is now, because a wrong path is worse.
async fn prompt_facts(
    app: &AppState,
    conversation: &Conversation,
    kept: Option<PromptFacts>,
    instructions: String,
) -> Result<PromptFacts, StoreError> {
    let facts = present_facts(app, conversation, kept.as_ref(), instructions);
    if kept.as_ref() != Some(&facts) {
        let mut write = app.store.write().await?;
        prompts::set(&mut write, &conversation.id, &facts).await?;
        write.commit().await?;
    }
    Ok(facts)
}

/// What the system prompt of a run that began now would state.
fn present_facts(
    app: &AppState,
    conversation: &Conversation,
    kept: Option<&PromptFacts>,
    instructions: String,
) -> PromptFacts {
    let sandbox = app.sandboxes.status();
    let (date, instructions) = match kept {
        Some(kept) => (kept.date.clone(), kept.instructions.clone()),
        None => (date_of(conversation.created_at), instructions),
    };
    PromptFacts {
        role: AgentRole::Main,
        date,
        workspace: app.sandboxes.path_of(&conversation.workspace_id),
        desktop: sandbox.desktop,
        container: sandbox.confinement == Some(Confinement::Container),
        instructions,
    }
}

/// The day of a moment in ms since the epoch, in UTC, as `YYYY-MM-DD` (proleptic Gregorian calendar).
pub(crate) fn date_of(at: i64) -> String {
    // Howard Hinnant's days-to-civil: years begin in March, so that leap days come last.
    let days = at.div_euclid(86_400_000) + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (at, date) in [
            (0, "1970-01-01"),
            (951_782_400_000, "2000-02-29"),
            (1_767_225_599_999, "2025-12-31"),
            (1_767_225_600_000, "2026-01-01"),
        ] {
            assert_eq!(date_of(at), date);
        }
    }
}
