//! Which calls of tools are made without asking, and deciding about those that are not.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::setting::{SettingEntry, SettingError, SettingScope, SettingSource, Variables, Zero, within};
use crate::approval::{ApprovalDecision, PermissionRule, RuleAction, RuleSubject};
use crate::id::RunId;

const VARIABLES: Variables =
    Variables(&[("rules", "SLIPWAY_ASK_BEFORE"), ("answer_minutes", "SLIPWAY_ASK_MINUTES")]);

/// Most rules.
const MAX_RULES: usize = 200;
/// Longest pattern and longest name of a tool, in characters.
const MAX_PATTERN: usize = 200;
/// Longest time to decide, in minutes: 30 days.
const MAX_MINUTES: u32 = 43_200;

/// Tools that only the model and the person are concerned with: no rule can be about them alone.
const UNRULED: [&str; 5] = ["ask_user", "continue_as_new_chat", "recall_output", "subagent", "update_plan"];

/// Commands that publish by what their programs are, in this order also among those that are risky.
pub const PUBLISHING: [&str; 13] = [
    "gh",
    "glab",
    "npm publish",
    "pnpm publish",
    "yarn publish",
    "yarn npm publish",
    "cargo publish",
    "twine upload",
    "gem push",
    "docker push",
    "podman push",
    "kubectl",
    "terraform apply",
];

/// Commands that delete, or publish by what they are told.
const DELETING: [&str; 12] = [
    "rm -r",
    "rm -R",
    "rm --recursive",
    "find -delete",
    "shred",
    "truncate",
    "dd",
    "mkfs*",
    "git clean",
    "git reset --hard",
    "git push",
    "git branch -D",
];

/// Commands that end what runs elsewhere, reach other machines, or change the system of the sandbox.
const REACHING: [&str; 7] = ["terraform destroy", "ssh", "scp", "rsync", "sudo", "apt", "apt-get"];

/// Which calls are made without asking.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Permissions {
    /// The first that is about a call holds; what none is about is made.
    pub rules: Vec<PermissionRule>,
    /// Minutes in which the person has to decide before a call counts as denied; 0 for as long as it takes.
    pub answer_minutes: u32,
}

/// What one source says about [`Permissions`]; what is absent is left to others. `PUT /settings/permissions`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct PermissionChoices {
    /// At most 200 rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<Vec<PermissionRule>>,
    /// Minutes, 1 to 43200, in which the person has to decide; 0 for as long as it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_minutes: Option<u32>,
}

/// `GET /settings/permissions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PermissionReport {
    /// What is in force.
    pub permissions: Permissions,
    /// What is saved in this instance.
    pub saved: PermissionChoices,
    /// Where each value comes from, by the name of its field.
    pub sources: BTreeMap<String, SettingSource>,
    /// Lists of rules to start from.
    pub presets: Vec<PermissionPresetRules>,
}

/// A list of rules to start from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PermissionPresetRules {
    /// Which.
    pub name: PermissionPreset,
    /// Its rules.
    pub rules: Vec<PermissionRule>,
}

/// Lists of rules to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermissionPreset {
    /// Nothing is asked: the sandbox is the boundary.
    Nothing,
    /// Commands that delete or publish, or change the system of the sandbox.
    Risky,
    /// Whatever may change something.
    Changes,
}

/// `POST /conversations/{id}/approvals/{call_id}`, answered by 202 and an [`ApprovalReceipt`]. Sending the same
/// `client_id` again changes nothing and answers the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideApproval {
    /// Idempotency key chosen by the client, at most 64 characters.
    pub client_id: String,
    /// The decision.
    pub decision: ApprovalDecision,
    /// What the model is told with a denial; may be empty.
    #[serde(default)]
    pub message: String,
}

/// What became of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApprovalReceipt {
    /// The run that waited.
    pub run_id: RunId,
    /// Approvals and questions that remain; the run goes on once there is none.
    pub remaining: u32,
}

impl PermissionPreset {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Risky, Self::Changes];

    /// Its rules.
    pub fn rules(self) -> Vec<PermissionRule> {
        let ask = |about| PermissionRule { about, action: RuleAction::Ask };
        match self {
            Self::Nothing => Vec::new(),
            Self::Risky => [&DELETING[..], &PUBLISHING, &REACHING]
                .concat()
                .iter()
                .map(|pattern| ask(RuleSubject::Command { pattern: (*pattern).to_owned() }))
                .collect(),
            Self::Changes => vec![ask(RuleSubject::Changes)],
        }
    }
}

impl FromStr for PermissionPreset {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "nothing" => Ok(Self::Nothing),
            "risky" => Ok(Self::Risky),
            "changes" => Ok(Self::Changes),
            _ => Err(()),
        }
    }
}

impl PermissionChoices {
    /// The variables that [`Self::from_environment`] reads.
    pub fn variables() -> impl Iterator<Item = &'static str> {
        VARIABLES.names()
    }

    /// What the environment says; `read` gives a variable's value.
    ///
    /// # Errors
    /// For the first value that cannot be used.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let preset: Option<PermissionPreset> =
            VARIABLES.parsed(&read, "rules", "nothing, risky or changes")?;
        let choices = Self {
            rules: preset.map(PermissionPreset::rules),
            answer_minutes: VARIABLES.parsed(&read, "answer_minutes", "a number")?,
        };
        choices.check().map_err(|error| VARIABLES.name_variable(error))?;
        Ok(choices)
    }

    /// Whether every value can be used.
    ///
    /// # Errors
    /// For the first that cannot.
    pub fn check(&self) -> Result<(), SettingError> {
        within("answer_minutes", self.answer_minutes, 1, MAX_MINUTES, Zero::Allowed)?;
        let rules = self.rules.as_deref().unwrap_or_default();
        if rules.len() > MAX_RULES {
            let value = format!("a list of {}", rules.len());
            let expected = format!("a list of at most {MAX_RULES} rules");
            return Err(SettingError { name: "rules".to_owned(), value, expected });
        }
        rules.iter().zip(1_usize..).try_for_each(|(rule, number)| check_rule(rule, number))
    }

    /// What is in force: these choices, where they leave something open `other`'s, else the defaults.
    pub fn resolve_over(self, other: Self) -> Permissions {
        Permissions {
            rules: self.rules.or(other.rules).unwrap_or_default(),
            answer_minutes: self.answer_minutes.or(other.answer_minutes).unwrap_or_default(),
        }
    }

    /// Where each value comes from. `in_file` are the variables that a file had set.
    pub fn sources(saved: &Self, environment: &Self, in_file: &[String]) -> BTreeMap<String, SettingSource> {
        VARIABLES.sources(saved, environment, in_file)
    }
}

impl PermissionReport {
    /// Each of its settings by itself.
    pub fn entries(&self) -> Vec<SettingEntry> {
        VARIABLES.entries("permissions", SettingScope::Instance, &self.permissions, &self.sources)
    }
}

fn check_rule(rule: &PermissionRule, number: usize) -> Result<(), SettingError> {
    let (text, expected) = match &rule.about {
        RuleSubject::Any | RuleSubject::Changes => return Ok(()),
        RuleSubject::Tool { name } => {
            let fits = is_line(name) && !name.contains(char::is_whitespace);
            if fits && !UNRULED.contains(&name.as_str()) {
                return Ok(());
            }
            let unruled = UNRULED.join(", ");
            (
                name,
                format!("the name of a tool, but not one of {unruled}, which change nothing by themselves"),
            )
        }
        RuleSubject::Command { pattern } => {
            let is_plain = !pattern.contains(['\'', '"', '\\', '`', '$', '|', '&', ';', '<', '>', '(', ')']);
            if is_line(pattern) && is_plain {
                return Ok(());
            }
            let expected = format!(
                "words of one command on one line of at most {MAX_PATTERN} characters, without quotes, `$`, `|`, \
                 `&`, `;`, `<`, `>` and parentheses"
            );
            (pattern, expected)
        }
    };
    Err(SettingError { name: format!("rule {number}"), value: text.clone(), expected })
}

fn is_line(text: &str) -> bool {
    let length = text.chars().count();
    !text.trim().is_empty() && length <= MAX_PATTERN && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_unless_somebody_says_so() {
        let nobody = PermissionChoices::default();
        assert_eq!(nobody.clone().resolve_over(nobody.clone()), Permissions::default());
        let environment = PermissionChoices::from_environment(|name| match name {
            "SLIPWAY_ASK_BEFORE" => Some("changes".to_owned()),
            _ => None,
        });
        let environment = environment.unwrap();
        let permissions = nobody.resolve_over(environment.clone());
        assert_eq!(permissions.rules, PermissionPreset::Changes.rules());
        let saved = PermissionChoices { rules: Some(Vec::new()), answer_minutes: None };
        assert_eq!(saved.clone().resolve_over(environment.clone()).rules, []);
        let sources = PermissionChoices::sources(&saved, &environment, &[]);
        assert_eq!(sources["rules"], SettingSource::Instance);
        assert_eq!(sources["answer_minutes"], SettingSource::Default);
    }

    #[test]
    fn every_preset_can_be_saved() {
        for preset in PermissionPreset::ALL {
            let choices = PermissionChoices { rules: Some(preset.rules()), answer_minutes: Some(0) };
            assert_eq!(choices.check(), Ok(()));
        }
    }

    #[test]
    fn rules_that_could_not_be_carried_out_are_named() {
        let about_tool = |name: &str| RuleSubject::Tool { name: name.to_owned() };
        let about_command = |pattern: &str| RuleSubject::Command { pattern: pattern.to_owned() };
        for about in [
            about_tool("subagent"),
            about_tool(" "),
            about_tool("two words"),
            about_command(""),
            about_command("a && b"),
            about_command("rm\n-r"),
            about_command(&"x".repeat(201)),
        ] {
            let rules = vec![
                PermissionRule { about: RuleSubject::Any, action: RuleAction::Allow },
                PermissionRule { about, action: RuleAction::Ask },
            ];
            let error = PermissionChoices { rules: Some(rules), answer_minutes: None }.check().unwrap_err();
            assert_eq!(error.name, "rule 2", "{error}");
        }
        let read = |known: &str| (known == "SLIPWAY_ASK_BEFORE").then(|| "sometimes".to_owned());
        let error = PermissionChoices::from_environment(read).unwrap_err().to_string();
        assert!(error.contains("SLIPWAY_ASK_BEFORE") && error.contains("risky"), "{error}");
    }
}
