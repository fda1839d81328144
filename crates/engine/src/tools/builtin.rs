//! Tools that the engine answers itself, from the transcript alone. They are in every request, whether they
//! can be used yet or not: a tools array that changes costs the provider's whole cache.

mod ask_user;
mod continue_as_new_chat;
mod recall_output;
mod subagent;
mod update_plan;
pub(crate) mod web_browser;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use slipway_protocol::CallId;
use slipway_protocol::question::Question;
use slipway_protocol::tool::{ToolAccess, ToolOutcome, ToolSpec, ToolStatus};
use slipway_protocol::tool_schema::parameters_of;
use slipway_protocol::transcript::Entry;

pub(crate) use continue_as_new_chat::accepted as handed_over;
pub(crate) use subagent::Task;
pub(crate) use update_plan::plan_of;

use crate::tools::arguments;

/// One of the engine's own tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builtin {
    /// Shows output that is masked or summarised.
    RecallOutput,
    /// Hands over to a new conversation.
    ContinueAsNewChat,
    /// Keeps the list of what is to be done.
    UpdatePlan,
    /// Asks the person.
    AskUser,
    /// Delegates to a child run.
    Subagent,
}

/// What a call is answered from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    /// All entries so far.
    pub(crate) transcript: &'a [Entry],
    /// How much of the model's window is in use, from 0 to 1; `None` when the window is not known.
    pub(crate) fullness: Option<f64>,
    /// Whether the answer makes no other call.
    pub(crate) alone: bool,
}

impl Builtin {
    /// All of them, in the order in which the model is told of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::RecallOutput, Self::ContinueAsNewChat, Self::UpdatePlan, Self::AskUser, Self::Subagent];

    /// The tool of that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|builtin| builtin.name() == name)
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RecallOutput => "recall_output",
            Self::ContinueAsNewChat => "continue_as_new_chat",
            Self::UpdatePlan => "update_plan",
            Self::AskUser => "ask_user",
            Self::Subagent => "subagent",
        }
    }

    /// What the model is told of it.
    pub(crate) fn spec(self) -> ToolSpec {
        let (description, parameters) = match self {
            Self::RecallOutput => {
                (recall_output::DESCRIPTION, parameters_of::<recall_output::RecallOutput>())
            }
            Self::ContinueAsNewChat => (
                continue_as_new_chat::DESCRIPTION,
                parameters_of::<continue_as_new_chat::ContinueAsNewChat>(),
            ),
            Self::UpdatePlan => (update_plan::DESCRIPTION, parameters_of::<update_plan::UpdatePlan>()),
            Self::AskUser => (ask_user::DESCRIPTION, parameters_of::<ask_user::AskUser>()),
            Self::Subagent => (subagent::DESCRIPTION, parameters_of::<subagent::Subagent>()),
        };
        ToolSpec {
            name: self.name().to_owned(),
            description: description.to_owned(),
            parameters,
            access: ToolAccess::ReadOnly,
        }
    }

    /// What is to be done about a call.
    ///
    /// # Errors
    /// Nothing can be done; why, for the model.
    pub(crate) fn take(
        self,
        call_id: &CallId,
        arguments: Map<String, Value>,
        scene: &Scene<'_>,
    ) -> Result<Taken, String> {
        Ok(match self {
            Self::RecallOutput => Taken::Answered(recall_output::answer(&read(arguments)?, scene)),
            Self::ContinueAsNewChat => {
                Taken::Answered(continue_as_new_chat::answer(&read(arguments)?, scene))
            }
            Self::UpdatePlan => Taken::Answered(update_plan::answer(read(arguments)?)),
            Self::AskUser => Taken::Asked(ask_user::question(read(arguments)?, call_id)?),
            Self::Subagent => Taken::Delegated(subagent::task(&read(arguments)?)?),
        })
    }
}

/// What is to be done about a call.
#[derive(Debug)]
pub(crate) enum Taken {
    /// Nothing more: this came of it.
    Answered(ToolOutcome),
    /// The person is to answer.
    Asked(Question),
    /// A sub-agent is to do it.
    Delegated(Task),
}

fn read<A: DeserializeOwned + JsonSchema>(arguments: Map<String, Value>) -> Result<A, String> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|error| format!("The arguments are wrong: {error}."))
}

/// The arguments of a call that was made and went well.
fn succeeded<A: DeserializeOwned>(transcript: &[Entry], id: &CallId) -> Option<A> {
    let went_well = transcript.iter().any(|entry| {
        matches!(entry, Entry::ToolResult(result)
            if result.call_id == *id && result.outcome.status == ToolStatus::Ok)
    });
    let call = transcript.iter().rev().find_map(|entry| match entry {
        Entry::Assistant(step) => step.tool_calls.iter().find(|call| call.id == *id),
        _ => None,
    })?;
    let arguments = arguments::parse(&call.arguments).ok().filter(|_| went_well)?;
    serde_json::from_value(Value::Object(arguments.object)).ok()
}
