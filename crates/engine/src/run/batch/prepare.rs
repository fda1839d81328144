//! Decides of each call of an answer what is to be done about it, before any is made.

use std::collections::HashMap;

use serde_json::{Map, Value};
use slipway_protocol::approval::HeldCall;
use slipway_protocol::plan::Plan;
use slipway_protocol::question::Question;
use slipway_protocol::tool::{ToolAccess, ToolOutcome};
use slipway_protocol::transcript::{AssistantStep, Finish, ToolCall};

use crate::tools::arguments;
use crate::tools::builtin::web_browser::{self, WebBrowser};
use crate::tools::builtin::{Builtin, Scene, Taken, Task, plan_of};
use crate::tools::catalog::{Answerer, Catalog};
use crate::tools::endpoint::Endpoint;

/// Most calls of one answer that are made.
const MAX_CALLS: usize = 128;

/// Most equal calls of one answer that are made: some have a good reason, for example pressing a key.
const MAX_EQUAL_CALLS: usize = 10;

/// Most questions of one answer that are asked.
const MAX_QUESTIONS: usize = 4;

/// The calls of an answer.
#[derive(Debug, Default)]
pub(super) struct PreparedCalls {
    /// Those that get a result now, in call order.
    pub(super) calls: Vec<PreparedCall>,
    /// Those that the person is to answer.
    pub(super) questions: Vec<Question>,
}

/// A call, ready to be made or refused already.
#[derive(Debug)]
pub(super) struct PreparedCall {
    pub(super) call: ToolCall,
    pub(super) action: Action,
}

/// What is done about a call.
#[derive(Debug)]
pub(super) enum Action {
    /// Make it.
    Invoke { endpoint: Endpoint, access: ToolAccess, arguments: Map<String, Value> },
    /// Have this page fetched and show it.
    Browse { endpoint: Endpoint, browser: WebBrowser },
    /// The engine has it answered already.
    Answered(Box<ToolOutcome>),
    /// A sub-agent is to do it.
    Delegate(Task),
    /// It cannot be made; the model is told why.
    Refuse(String),
}

enum Decision {
    Act(Action),
    Ask(Question),
}

impl PreparedCalls {
    /// The plan that these calls make; of several the last one.
    pub(super) fn new_plan(&self) -> Option<Plan> {
        let name = Builtin::UpdatePlan.name();
        self.calls.iter().rev().filter(|prepared| prepared.call.name == name).find_map(|prepared| {
            match &prepared.action {
                Action::Answered(outcome) => plan_of(outcome),
                Action::Invoke { .. } | Action::Browse { .. } | Action::Delegate(_) | Action::Refuse(_) => {
                    None
                }
            }
        })
    }

    fn add(&mut self, call: &ToolCall, decision: Decision) {
        let action = match decision {
            Decision::Ask(question) if self.questions.len() < MAX_QUESTIONS => {
                self.questions.push(question);
                return;
            }
            Decision::Ask(_) => Action::Refuse(format!(
                "The question was not asked: at most {MAX_QUESTIONS} can be asked at once. Wait for their \
                 answers first."
            )),
            // What is asked may well be whether to make it.
            Decision::Act(Action::Invoke { access: ToolAccess::Writing, .. })
                if !self.questions.is_empty() =>
            {
                Action::Refuse(
                    "The call was not made, because it follows a question to the person in the same answer. \
                     Make it after the answer, if it is still right then."
                        .to_owned(),
                )
            }
            Decision::Act(action) => action,
        };
        self.calls.push(PreparedCall { call: call.clone(), action });
    }
}

impl PreparedCall {
    /// Whether nothing more is done about it than telling the model.
    pub(super) fn is_settled(&self) -> bool {
        match &self.action {
            Action::Answered(_) | Action::Refuse(_) => true,
            Action::Invoke { .. } | Action::Browse { .. } | Action::Delegate(_) => false,
        }
    }

    /// The call at its endpoint as one that is left for later; `None` when it is made at none.
    pub(super) fn held(&self) -> Option<HeldCall> {
        let (tool, arguments) = match &self.action {
            Action::Invoke { arguments, .. } => (self.call.name.clone(), Value::Object(arguments.clone())),
            Action::Browse { browser, .. } => {
                let (name, arguments) = browser.fetch();
                (name.to_owned(), arguments)
            }
            Action::Answered(_) | Action::Delegate(_) | Action::Refuse(_) => return None,
        };
        Some(HeldCall { call_id: self.call.id.clone(), tool, arguments, asked: false })
    }

    /// Whether it may run together with its neighbours.
    fn is_concurrent(&self) -> bool {
        match &self.action {
            Action::Invoke { access, .. } => *access == ToolAccess::ReadOnly,
            Action::Browse { .. } | Action::Answered(_) | Action::Delegate(_) | Action::Refuse(_) => true,
        }
    }
}

/// Decides of each call whether it can be made.
pub(super) fn prepare(
    answer: &AssistantStep,
    catalog: &Catalog,
    scene: &Scene<'_>,
    output_limit: Option<u32>,
) -> PreparedCalls {
    let last = answer.tool_calls.len().saturating_sub(1);
    let mut equal: HashMap<(&str, String), usize> = HashMap::new();
    let mut prepared = PreparedCalls::default();
    for (position, call) in answer.tool_calls.iter().enumerate() {
        let times = equal.entry((&call.name, arguments::canonical(&call.arguments))).or_default();
        *times += 1;
        let refusal = cut_off(answer, call, position == last, output_limit)
            .or_else(|| one_too_many(position))
            .or_else(|| repeated(*times));
        let decision = match refusal {
            Some(reason) => Decision::Act(Action::Refuse(reason)),
            None => decide(call, catalog, scene),
        };
        prepared.add(call, decision);
    }
    prepared
}

fn one_too_many(position: usize) -> Option<String> {
    (position >= MAX_CALLS).then(|| {
        format!(
            "The call was not made: only the first {MAX_CALLS} calls of an answer are made. Look at what came \
             of them, then make the others if they are still needed."
        )
    })
}

fn repeated(times: usize) -> Option<String> {
    (times > MAX_EQUAL_CALLS).then(|| {
        format!(
            "The call was not made: the same call was made {MAX_EQUAL_CALLS} times already in this answer. \
             Look at what came of it first."
        )
    })
}

fn decide(call: &ToolCall, catalog: &Catalog, scene: &Scene<'_>) -> Decision {
    let Some((spec, answerer)) = catalog.find(&call.name) else {
        return Decision::Act(Action::Refuse(catalog.unknown(&call.name)));
    };
    let arguments = match arguments::parse(&call.arguments) {
        Ok(arguments) => arguments.object,
        Err(error) => {
            return Decision::Act(Action::Refuse(format!(
                "`{}` was not carried out: {error}. Call it again with complete, valid JSON; split large \
                 content into several smaller calls.",
                call.name
            )));
        }
    };
    Decision::Act(match answerer {
        Answerer::Endpoint(endpoint) => {
            Action::Invoke { endpoint: endpoint.clone(), access: spec.access, arguments }
        }
        Answerer::Browser(endpoint) => match web_browser::arguments(arguments) {
            Ok(browser) => Action::Browse { endpoint: endpoint.clone(), browser },
            Err(reason) => Action::Refuse(reason),
        },
        Answerer::Engine(builtin) => match builtin.take(&call.id, arguments, scene) {
            Ok(Taken::Answered(outcome)) => Action::Answered(Box::new(outcome)),
            Ok(Taken::Asked(question)) => return Decision::Ask(question),
            Ok(Taken::Delegated(task)) => Action::Delegate(task),
            Err(reason) => Action::Refuse(reason),
        },
    })
}

/// Why a call cannot be trusted to be complete; `None` when it can. Half a file or half a command must not
/// be acted on.
fn cut_off(
    answer: &AssistantStep,
    call: &ToolCall,
    is_last: bool,
    output_limit: Option<u32>,
) -> Option<String> {
    let is_whole = arguments::parse(&call.arguments).is_ok_and(|arguments| arguments.repaired.is_none());
    let reason = match &answer.finish {
        Finish::Stop | Finish::ToolCalls | Finish::Stopped => return None,
        Finish::Length if is_whole && !is_last => return None,
        Finish::Filtered | Finish::Other(_) if is_whole => return None,
        Finish::Length => {
            let limit = output_limit.map_or_else(String::new, |limit| format!(" of {limit} tokens"));
            format!("your answer reached the output limit{limit}")
        }
        Finish::Filtered => "the provider's content filter ended your answer".to_owned(),
        Finish::Other(reason) => format!("your answer ended for an unknown reason (`{reason}`)"),
    };
    Some(format!(
        "The call was not carried out: {reason}, so its arguments may be incomplete. Call again with less \
         content at once, for example by writing a file in several parts."
    ))
}

/// Groups of calls that run together; a writing call is a group of its own.
pub(super) fn into_groups(calls: Vec<PreparedCall>) -> Vec<Vec<PreparedCall>> {
    let mut groups: Vec<Vec<PreparedCall>> = Vec::new();
    let mut open = false;
    for call in calls {
        let concurrent = call.is_concurrent();
        match groups.last_mut().filter(|_| open && concurrent) {
            Some(group) => group.push(call),
            None => groups.push(vec![call]),
        }
        open = concurrent;
    }
    groups
}
