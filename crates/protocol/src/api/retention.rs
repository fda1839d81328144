//! How long things are kept that nobody looks at any more.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::setting::{SettingEntry, SettingError, SettingScope, SettingSource, Variables, Zero, within};

const VARIABLES: Variables = Variables(&[
    ("archived_days", "SLIPWAY_KEEP_ARCHIVED_DAYS"),
    ("checkpoint_days", "SLIPWAY_KEEP_CHECKPOINT_DAYS"),
    ("replaced_days", "SLIPWAY_KEEP_REPLACED_DAYS"),
    ("events", "SLIPWAY_KEEP_EVENTS"),
]);

/// Longest time, in days.
const MAX_DAYS: u32 = 3650;

/// How long things are kept; 0 days for as long as there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Retention {
    /// Days after which conversations that were put away (archived) are deleted, unless they are pinned; 0 for never.
    pub archived_days: u32,
    /// Days after which recorded states of the workspace (checkpoints) are given up; 0 leaves it to the room that they
    /// may take.
    pub checkpoint_days: u32,
    /// Days after which what a restored backup has replaced (`before-restore`) is deleted; 0 keeps it until the next.
    pub replaced_days: u32,
    /// Events that are kept for readers that come back.
    pub events: u32,
}

impl Default for Retention {
    fn default() -> Self {
        // Events: some 30 MB, and more than a day of work makes.
        Self { archived_days: 0, checkpoint_days: 0, replaced_days: 0, events: 20_000 }
    }
}

/// What one source says about [`Retention`]; what is absent is left to others. `PUT /settings/retention`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct RetentionChoices {
    /// Days, 1 to 3650, after which archived conversations are deleted; 0 for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived_days: Option<u32>,
    /// Days, 1 to 3650, after which checkpoints are given up; 0 for as long as there is room.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint_days: Option<u32>,
    /// Days, 1 to 3650, after which what a restored backup has replaced is deleted; 0 for at the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_days: Option<u32>,
    /// Events, 1000 to 1000000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<u32>,
}

/// `GET /settings/retention`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RetentionReport {
    /// What is in force.
    pub retention: Retention,
    /// What is saved in this instance.
    pub saved: RetentionChoices,
    /// Where each value comes from, by the name of its field.
    pub sources: BTreeMap<String, SettingSource>,
}

impl RetentionChoices {
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
            archived_days: number("archived_days")?,
            checkpoint_days: number("checkpoint_days")?,
            replaced_days: number("replaced_days")?,
            events: number("events")?,
        };
        choices.check().map_err(|error| VARIABLES.name_variable(error))?;
        Ok(choices)
    }

    /// Whether every value can be used.
    ///
    /// # Errors
    /// For the first that cannot.
    pub fn check(&self) -> Result<(), SettingError> {
        within("archived_days", self.archived_days, 1, MAX_DAYS, Zero::Allowed)?;
        within("checkpoint_days", self.checkpoint_days, 1, MAX_DAYS, Zero::Allowed)?;
        within("replaced_days", self.replaced_days, 1, MAX_DAYS, Zero::Allowed)?;
        within("events", self.events, 1_000, 1_000_000, Zero::Refused)
    }

    /// What is in force: these choices, where they leave something open `other`'s, else the defaults.
    pub fn resolve_over(self, other: Self) -> Retention {
        let default = Retention::default();
        Retention {
            archived_days: self.archived_days.or(other.archived_days).unwrap_or(default.archived_days),
            checkpoint_days: self
                .checkpoint_days
                .or(other.checkpoint_days)
                .unwrap_or(default.checkpoint_days),
            replaced_days: self.replaced_days.or(other.replaced_days).unwrap_or(default.replaced_days),
            events: self.events.or(other.events).unwrap_or(default.events),
        }
    }

    /// Where each value comes from. `in_file` are the variables that a file had set.
    pub fn sources(saved: &Self, environment: &Self, in_file: &[String]) -> BTreeMap<String, SettingSource> {
        VARIABLES.sources(saved, environment, in_file)
    }
}

impl RetentionReport {
    /// Each of its settings by itself.
    pub fn entries(&self) -> Vec<SettingEntry> {
        VARIABLES.entries("retention", SettingScope::Instance, &self.retention, &self.sources)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_wins_and_never_is_a_value_of_its_own() {
        let environment = RetentionChoices::from_environment(|name| match name {
            "SLIPWAY_KEEP_ARCHIVED_DAYS" => Some("90".to_owned()),
            "SLIPWAY_KEEP_EVENTS" => Some(" 5000 ".to_owned()),
            _ => None,
        });
        let environment = environment.unwrap();
        let saved = RetentionChoices { archived_days: Some(0), ..RetentionChoices::default() };
        let retention = saved.resolve_over(environment);
        assert_eq!(retention, Retention { archived_days: 0, events: 5000, ..Retention::default() });
        let sources = RetentionChoices::sources(&saved, &environment, &["SLIPWAY_KEEP_EVENTS".to_owned()]);
        assert_eq!(sources["archived_days"], SettingSource::Instance);
        assert_eq!(sources["events"], SettingSource::File);
        assert_eq!(sources["checkpoint_days"], SettingSource::Default);
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_variable() {
        for (name, value, words) in [
            ("SLIPWAY_KEEP_EVENTS", "0", "1000 to 1000000"),
            ("SLIPWAY_KEEP_ARCHIVED_DAYS", "3651", "1 to 3650, or 0"),
            ("SLIPWAY_KEEP_CHECKPOINT_DAYS", "soon", "a number"),
        ] {
            let read = |known: &str| (known == name).then(|| value.to_owned());
            let error = RetentionChoices::from_environment(read).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(words), "{error}");
        }
    }

    #[test]
    fn each_setting_is_listed_with_its_variable() {
        let report = RetentionReport {
            retention: Retention::default(),
            saved: RetentionChoices::default(),
            sources: RetentionChoices::sources(
                &RetentionChoices::default(),
                &RetentionChoices::default(),
                &[],
            ),
        };
        let entries = report.entries();
        assert_eq!(entries.len(), VARIABLES.names().count());
        assert_eq!(entries[3].name, "retention.events");
        assert_eq!(entries[3].variable.as_deref(), Some("SLIPWAY_KEEP_EVENTS"));
        assert_eq!(entries[3].value, 20_000);
    }
}
