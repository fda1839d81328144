//! What the person and the model are told of budgets.

use slipway_protocol::Problem;
use slipway_protocol::budget::{Budget, Spending};
use slipway_protocol::cost::money_in_words;

use super::{CEILING, Kind, Scope, Warning};

/// The problem of a budget that leaves no room for a further call, which would need `needed` more.
pub(super) fn exhausted(
    scope: Scope,
    kind: Kind,
    limit: &Budget,
    spent: &Spending,
    needed: Option<u64>,
) -> Problem {
    let (limit, used) = match kind {
        Kind::Steps => (limit.steps, spent.steps),
        Kind::Tokens => (limit.tokens, spent.tokens),
        Kind::Money => (limit.cost_micros, spent.cost_micros),
        Kind::Time => (limit.minutes.map(|minutes| minutes.saturating_mul(60_000)), spent.time_ms),
    };
    let limit = limit.unwrap_or_default();
    let mut detail = format!("{} are used", of(kind, used, limit));
    if let Some(needed) = needed.filter(|_| used < limit) {
        detail.push_str(&format!("; the next model call may take {}", amount(kind, needed)));
    }
    let hint = match (scope, kind) {
        (Scope::Run, Kind::Steps) => {
            "Continue to let it make as many again, or raise the limit in the settings."
        }
        (Scope::Run, _) => "Continue to start another run with the same budget, or raise it in the settings.",
        (Scope::Conversation, _) => "Raise the conversation's budget, then continue.",
    };
    let title = match scope {
        Scope::Run => format!("The run reached its {} limit", adjective(kind)),
        Scope::Conversation => format!("The conversation's {} budget is used up", adjective(kind)),
    };
    Problem::new(200, code(scope, kind), title).detail(detail).hint(hint)
}

/// The problem of a budget that has cut an answer off after so many tokens.
pub(super) fn cut_short(mut problem: Problem, output: u64) -> Problem {
    problem
        .detail
        .push_str(&format!("; the last answer was cut off, because only {output} more tokens fitted"));
    problem
}

/// The warning that a budget is nearly used up.
pub(super) fn warning(scope: Scope, kind: Kind, limit: u64, used: u64) -> Warning {
    let whose = match scope {
        Scope::Run => "This run",
        Scope::Conversation => "The conversation",
    };
    let used_up = of(kind, used, limit);
    let said = || format!("{whose} has used {used_up}. At the limit it pauses and nothing is lost.");
    Warning {
        for_person: match kind {
            Kind::Steps | Kind::Time => Some(said()),
            Kind::Tokens | Kind::Money => None,
        },
        for_model: format!(
            "{whose} has used {used_up}, and is stopped at the limit. Finish what you are at, leave the work \
             in a state that can be continued, and say what remains."
        ),
    }
}

/// What the person is told when money is limited but the model's price unknown.
pub(crate) fn price_unknown(model: &str) -> String {
    format!(
        "The price of {model} is not known. Where the provider reports no cost, its tokens count against the \
         money budget at ${} per million of input and ${} per million of output.",
        CEILING.input, CEILING.output
    )
}

fn code(scope: Scope, kind: Kind) -> &'static str {
    match (scope, kind) {
        (Scope::Run, Kind::Steps) => "step_limit",
        (Scope::Run, Kind::Tokens) => "token_limit",
        (Scope::Run, Kind::Money) => "cost_limit",
        (Scope::Run, Kind::Time) => "time_limit",
        (Scope::Conversation, Kind::Steps) => "conversation_step_limit",
        (Scope::Conversation, Kind::Tokens) => "conversation_token_limit",
        (Scope::Conversation, Kind::Money) => "conversation_cost_limit",
        (Scope::Conversation, Kind::Time) => "conversation_time_limit",
    }
}

fn adjective(kind: Kind) -> &'static str {
    match kind {
        Kind::Steps => "step",
        Kind::Tokens => "token",
        Kind::Money => "money",
        Kind::Time => "time",
    }
}

/// `used` of `limit`, with its unit once.
fn of(kind: Kind, used: u64, limit: u64) -> String {
    match kind {
        Kind::Steps => format!("{used} of {limit} steps"),
        Kind::Tokens => format!("{used} of {limit} tokens"),
        Kind::Money => format!("{} of {}", money_in_words(used), money_in_words(limit)),
        Kind::Time => format!("{} of {}", minutes(used), amount(kind, limit)),
    }
}

fn amount(kind: Kind, value: u64) -> String {
    match kind {
        Kind::Steps => format!("{value} steps"),
        Kind::Tokens => format!("{value} tokens"),
        Kind::Money => money_in_words(value),
        Kind::Time => format!("{} minutes", minutes(value)),
    }
}

fn minutes(milliseconds: u64) -> String {
    let tenths = milliseconds / 6_000;
    if tenths.is_multiple_of(10) {
        format!("{}", tenths / 10)
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}
