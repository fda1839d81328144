//! Limits of sub-agents: what each may consume, how many work at once, how long a report may be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::setting::{SettingEntry, SettingError, SettingScope, SettingSource, Variables, Zero, within};
use crate::run::SubagentLimits;

const VARIABLES: Variables = Variables(&[
    ("max_steps", "SLIPWAY_SUBAGENT_MAX_STEPS"),
    ("max_tokens", "SLIPWAY_SUBAGENT_MAX_TOKENS"),
    ("max_minutes", "SLIPWAY_SUBAGENT_MAX_MINUTES"),
    ("max_at_once", "SLIPWAY_SUBAGENT_MAX_AT_ONCE"),
    ("max_report_chars", "SLIPWAY_SUBAGENT_MAX_REPORT_CHARS"),
]);

/// What one source says about [`SubagentLimits`]; what is absent is left to others. `PUT /settings/subagents`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SubagentChoices {
    /// Most steps, 1 to 200.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u32>,
    /// Most tokens of all its model calls, 1000 to 1000000000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Most minutes, 1 to 1440.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_minutes: Option<u32>,
    /// Most sub-agents of a run that work at the same time, 1 to 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_at_once: Option<u32>,
    /// Most characters of its report, 1000 to 200000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_report_chars: Option<u32>,
}

/// `GET /settings/subagents`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SubagentSettingsReport {
    /// The limits in force, from each conversation's next run on.
    pub limits: SubagentLimits,
    /// What is saved in this instance.
    pub saved: SubagentChoices,
    /// Where each value comes from, by the name of its field.
    pub sources: BTreeMap<String, SettingSource>,
}

impl SubagentChoices {
    /// The variables that [`Self::from_environment`] reads.
    pub fn variables() -> impl Iterator<Item = &'static str> {
        VARIABLES.names()
    }

    /// What the environment says; `read` gives a variable's value.
    ///
    /// # Errors
    /// For the first value that cannot be used.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let number = |field: &str| VARIABLES.parsed(&read, field, "a number");
        let choices = Self {
            max_steps: number("max_steps")?,
            max_tokens: number("max_tokens")?,
            max_minutes: number("max_minutes")?,
            max_at_once: number("max_at_once")?,
            max_report_chars: number("max_report_chars")?,
        };
        choices.check().map_err(|error| VARIABLES.name_variable(error))?;
        Ok(choices)
    }

    /// Whether every value can be used.
    ///
    /// # Errors
    /// For the first that cannot.
    pub fn check(&self) -> Result<(), SettingError> {
        within("max_steps", self.max_steps, 1, 200, Zero::Refused)?;
        within("max_tokens", self.max_tokens, 1_000, 1_000_000_000, Zero::Refused)?;
        within("max_minutes", self.max_minutes, 1, 24 * 60, Zero::Refused)?;
        within("max_at_once", self.max_at_once, 1, 16, Zero::Refused)?;
        within("max_report_chars", self.max_report_chars, 1_000, 200_000, Zero::Refused)
    }

    /// The limits in force: these choices, where they leave something open `other`'s, else the defaults.
    pub fn resolve_over(self, other: Self) -> SubagentLimits {
        let default = SubagentLimits::default();
        SubagentLimits {
            max_steps: self.max_steps.or(other.max_steps).unwrap_or(default.max_steps),
            max_tokens: self.max_tokens.or(other.max_tokens).map_or(default.max_tokens, u64::from),
            max_minutes: self.max_minutes.or(other.max_minutes).map_or(default.max_minutes, u64::from),
            max_at_once: self.max_at_once.or(other.max_at_once).unwrap_or(default.max_at_once),
            max_report_chars: self
                .max_report_chars
                .or(other.max_report_chars)
                .map_or(default.max_report_chars, u64::from),
        }
    }

    /// Where each value comes from. `in_file` are the variables that a file had set.
    pub fn sources(saved: &Self, environment: &Self, in_file: &[String]) -> BTreeMap<String, SettingSource> {
        VARIABLES.sources(saved, environment, in_file)
    }
}

impl SubagentSettingsReport {
    /// Each of its settings by itself.
    pub fn entries(&self) -> Vec<SettingEntry> {
        VARIABLES.entries("subagents", SettingScope::Instance, &self.limits, &self.sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<SubagentChoices, SettingError> {
        SubagentChoices::from_environment(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_saved_wins_over_the_environment_and_both_over_the_defaults() {
        let saved = SubagentChoices { max_steps: Some(7), ..SubagentChoices::default() };
        let set = environment(&[("SLIPWAY_SUBAGENT_MAX_STEPS", "9"), ("SLIPWAY_SUBAGENT_MAX_AT_ONCE", "2")])
            .unwrap();
        let limits = saved.resolve_over(set);
        let expected = SubagentLimits { max_steps: 7, max_at_once: 2, ..SubagentLimits::default() };
        assert_eq!(limits, expected);
        let sources = SubagentChoices::sources(&saved, &set, &["SLIPWAY_SUBAGENT_MAX_AT_ONCE".to_owned()]);
        assert_eq!(sources["max_steps"], SettingSource::Instance);
        assert_eq!(sources["max_at_once"], SettingSource::File);
        assert_eq!(sources["max_tokens"], SettingSource::Default);
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_variable() {
        for (name, value, words) in [
            ("SLIPWAY_SUBAGENT_MAX_STEPS", "0", "1 to 200"),
            ("SLIPWAY_SUBAGENT_MAX_AT_ONCE", "17", "1 to 16"),
            ("SLIPWAY_SUBAGENT_MAX_TOKENS", "many", "a number"),
        ] {
            let error = environment(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_defaults_are_within_the_bounds() {
        let SubagentLimits { max_steps, max_tokens, max_minutes, max_at_once, max_report_chars } =
            SubagentLimits::default();
        let small = |value: u64| Some(u32::try_from(value).unwrap());
        let choices = SubagentChoices {
            max_steps: Some(max_steps),
            max_tokens: small(max_tokens),
            max_minutes: small(max_minutes),
            max_at_once: Some(max_at_once),
            max_report_chars: small(max_report_chars),
        };
        assert_eq!(choices.check(), Ok(()));
    }
}
