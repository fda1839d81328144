//! Limits that hold as long as nobody has saved others in the settings.

use slipway_protocol::budget::{Budget, money_from_text};
use slipway_protocol::run::RunLimits;

/// Budgets on the command line or in the environment.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct BudgetOptions {
    /// Most steps of one run [default: 30]
    #[arg(long, env = "SLIPWAY_RUN_MAX_STEPS", value_parser = clap::value_parser!(u64).range(1..=1000))]
    pub run_max_steps: Option<u64>,
    /// Most tokens of one run, all its model calls together
    #[arg(long, env = "SLIPWAY_RUN_MAX_TOKENS", value_parser = clap::value_parser!(u64).range(1..))]
    pub run_max_tokens: Option<u64>,
    /// Most money for one run, in the currency of the provider's prices, for example 0.50
    #[arg(long, env = "SLIPWAY_RUN_MAX_COST", value_parser = money)]
    pub run_max_cost: Option<u64>,
    /// Most minutes of one run
    #[arg(long, env = "SLIPWAY_RUN_MAX_MINUTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub run_max_minutes: Option<u64>,
    /// Most steps of a conversation, all its runs together
    #[arg(long, env = "SLIPWAY_CONVERSATION_MAX_STEPS", value_parser = clap::value_parser!(u64).range(1..))]
    pub conversation_max_steps: Option<u64>,
    /// Most tokens of a conversation
    #[arg(long, env = "SLIPWAY_CONVERSATION_MAX_TOKENS", value_parser = clap::value_parser!(u64).range(1..))]
    pub conversation_max_tokens: Option<u64>,
    /// Most money for a conversation
    #[arg(long, env = "SLIPWAY_CONVERSATION_MAX_COST", value_parser = money)]
    pub conversation_max_cost: Option<u64>,
    /// Most minutes during which runs of a conversation go on
    #[arg(long, env = "SLIPWAY_CONVERSATION_MAX_MINUTES", value_parser = clap::value_parser!(u64).range(1..))]
    pub conversation_max_minutes: Option<u64>,
}

/// The limits of an instance whose settings name none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DefaultLimits {
    /// When runs end by themselves.
    pub run: RunLimits,
    /// What all runs of a conversation may consume together.
    pub conversation: Budget,
}

impl From<BudgetOptions> for DefaultLimits {
    fn from(options: BudgetOptions) -> Self {
        let run = Budget {
            steps: options.run_max_steps,
            tokens: options.run_max_tokens,
            cost_micros: options.run_max_cost,
            minutes: options.run_max_minutes,
        };
        let conversation = Budget {
            steps: options.conversation_max_steps,
            tokens: options.conversation_max_tokens,
            cost_micros: options.conversation_max_cost,
            minutes: options.conversation_max_minutes,
        };
        Self { run: RunLimits::default().with(run), conversation }
    }
}

fn money(text: &str) -> Result<u64, String> {
    money_from_text(text).ok_or_else(|| "not an amount of money such as 2 or 0.50".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        budgets: BudgetOptions,
    }

    #[test]
    fn what_is_not_given_stays_as_it_is() {
        let given =
            ["gateway", "--run-max-cost", "0.50", "--run-max-steps=5", "--conversation-max-minutes=60"];
        let limits = DefaultLimits::from(Program::parse_from(given).budgets);
        let run = RunLimits { max_steps: 5, max_cost_micros: Some(500_000), ..RunLimits::default() };
        let conversation = Budget { minutes: Some(60), ..Budget::default() };
        assert_eq!(limits, DefaultLimits { run, conversation });
        assert!(Program::try_parse_from(["gateway", "--run-max-cost", "$1"]).is_err());
        assert!(Program::try_parse_from(["gateway", "--run-max-minutes", "0"]).is_err());
    }
}
