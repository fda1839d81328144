//! From what sources say to the values in force: names of variables, bounds and defaults are only here.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::{EgressMode, SandboxChoices, SandboxProfile, SandboxSettings, SettingSource};

/// Where programs get packages and sources from, and nothing else.
const DEFAULT_HOSTS: [&str; 20] = [
    "pypi.org",
    "files.pythonhosted.org",
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "nodejs.org",
    "crates.io",
    "index.crates.io",
    "static.crates.io",
    "static.rust-lang.org",
    "proxy.golang.org",
    "sum.golang.org",
    "rubygems.org",
    "repo.maven.apache.org",
    "deb.debian.org",
    "security.debian.org",
    "github.com",
    "codeload.github.com",
    "raw.githubusercontent.com",
    "objects.githubusercontent.com",
    "gitlab.com",
];

/// Variables of the environment, by the field that they set.
const VARIABLES: [(&str, &str); 10] = [
    ("profile", "SLIPWAY_SANDBOX_PROFILE"),
    ("egress", "SLIPWAY_EGRESS"),
    ("egress_hosts", "SLIPWAY_EGRESS_HOSTS"),
    ("system_packages", "SLIPWAY_SYSTEM_PACKAGES"),
    ("memory_mib", "SLIPWAY_SANDBOX_MEMORY_MIB"),
    ("cpu_percent", "SLIPWAY_SANDBOX_CPU_PERCENT"),
    ("processes", "SLIPWAY_SANDBOX_PROCESSES"),
    ("workspace_mib", "SLIPWAY_WORKSPACE_MIB"),
    ("command_seconds", "SLIPWAY_COMMAND_SECONDS"),
    ("desktop_idle_minutes", "SLIPWAY_DESKTOP_IDLE_MINUTES"),
];

/// Why a value cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} is `{value}`, but must be {expected}")]
pub struct SettingError {
    /// The field or the variable.
    pub name: String,
    /// What it is.
    pub value: String,
    /// What it should be.
    pub expected: String,
}

impl Default for SandboxSettings {
    fn default() -> Self {
        Self {
            profile: SandboxProfile::Installable,
            egress: EgressMode::Public,
            egress_hosts: DEFAULT_HOSTS.map(str::to_owned).to_vec(),
            system_packages: true,
            memory_mib: 0,
            cpu_percent: 0,
            processes: 512,
            workspace_mib: 20 * 1024,
            command_seconds: 120,
            desktop_idle_minutes: 10,
        }
    }
}

impl SandboxChoices {
    /// The variables that [`Self::from_environment`] reads.
    pub fn variables() -> impl Iterator<Item = &'static str> {
        VARIABLES.iter().map(|(_, variable)| *variable)
    }

    /// What the environment says; `read` gives a variable's value.
    ///
    /// # Errors
    /// For the first value that cannot be used.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let choices = Self {
            profile: parsed(&read, "profile", "installable or strict")?,
            egress: parsed(&read, "egress", "public, allowlist, none or direct")?,
            egress_hosts: text(&read, "egress_hosts").map(|(_, hosts)| {
                hosts.split([',', ' ']).filter(|host| !host.is_empty()).map(str::to_owned).collect()
            }),
            system_packages: parsed::<Allowed>(&read, "system_packages", "allowed or off")?
                .map(|Allowed(yes)| yes),
            memory_mib: parsed(&read, "memory_mib", "a number of MiB")?,
            cpu_percent: parsed(&read, "cpu_percent", "a number of percent")?,
            processes: parsed(&read, "processes", "a number")?,
            workspace_mib: parsed(&read, "workspace_mib", "a number of MiB")?,
            command_seconds: parsed(&read, "command_seconds", "a number of seconds")?,
            desktop_idle_minutes: parsed(&read, "desktop_idle_minutes", "a number of minutes")?,
        };
        choices.check().map_err(|error| SettingError { name: variable(&error.name).to_owned(), ..error })?;
        Ok(choices)
    }

    /// The same as variables of an environment.
    pub fn to_environment(&self) -> Vec<(String, String)> {
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(self) else { return Vec::new() };
        let written = |value: &serde_json::Value| match value {
            serde_json::Value::String(text) => text.clone(),
            serde_json::Value::Bool(yes) => if *yes { "allowed" } else { "off" }.to_owned(),
            serde_json::Value::Array(items) => {
                items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(",")
            }
            other => other.to_string(),
        };
        fields.iter().map(|(name, value)| (variable(name).to_owned(), written(value))).collect()
    }

    /// These choices, and where they leave something open, `other`'s.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        Self {
            profile: self.profile.or(other.profile),
            egress: self.egress.or(other.egress),
            egress_hosts: self.egress_hosts.or(other.egress_hosts),
            system_packages: self.system_packages.or(other.system_packages),
            memory_mib: self.memory_mib.or(other.memory_mib),
            cpu_percent: self.cpu_percent.or(other.cpu_percent),
            processes: self.processes.or(other.processes),
            workspace_mib: self.workspace_mib.or(other.workspace_mib),
            command_seconds: self.command_seconds.or(other.command_seconds),
            desktop_idle_minutes: self.desktop_idle_minutes.or(other.desktop_idle_minutes),
        }
    }

    /// The values in force when there is nothing else.
    pub fn resolve(self) -> SandboxSettings {
        let default = SandboxSettings::default();
        SandboxSettings {
            profile: self.profile.unwrap_or(default.profile),
            egress: self.egress.unwrap_or(default.egress),
            egress_hosts: self.egress_hosts.unwrap_or(default.egress_hosts),
            system_packages: self.system_packages.unwrap_or(default.system_packages),
            memory_mib: self.memory_mib.unwrap_or(default.memory_mib),
            cpu_percent: self.cpu_percent.unwrap_or(default.cpu_percent),
            processes: self.processes.unwrap_or(default.processes),
            workspace_mib: self.workspace_mib.unwrap_or(default.workspace_mib),
            command_seconds: self.command_seconds.unwrap_or(default.command_seconds),
            desktop_idle_minutes: self.desktop_idle_minutes.unwrap_or(default.desktop_idle_minutes),
        }
    }

    /// Whether every value can be used.
    ///
    /// # Errors
    /// For the first that cannot.
    pub fn check(&self) -> Result<(), SettingError> {
        within("memory_mib", self.memory_mib, 128, 1 << 22, Zero::Allowed)?;
        within("cpu_percent", self.cpu_percent, 10, 100_000, Zero::Allowed)?;
        within("processes", self.processes, 64, 1 << 20, Zero::Refused)?;
        within("workspace_mib", self.workspace_mib, 16, u32::MAX, Zero::Allowed)?;
        within("command_seconds", self.command_seconds, 1, 3600, Zero::Refused)?;
        within("desktop_idle_minutes", self.desktop_idle_minutes, 1, 24 * 60, Zero::Refused)?;
        for host in self.egress_hosts.iter().flatten() {
            if !is_host_pattern(host) {
                return Err(SettingError {
                    name: "egress_hosts".to_owned(),
                    value: host.clone(),
                    expected: "host names such as example.com or *.example.com".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Where each value comes from. `in_file` are the variables that a file had set.
    pub fn sources(saved: &Self, environment: &Self, in_file: &[String]) -> BTreeMap<String, SettingSource> {
        let names = |choices: &Self| match serde_json::to_value(choices) {
            Ok(serde_json::Value::Object(fields)) => fields.keys().cloned().collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        let (saved, environment) = (names(saved), names(environment));
        let source = |name: &str, variable: &str| {
            if saved.iter().any(|saved| saved == name) {
                SettingSource::Instance
            } else if !environment.iter().any(|set| set == name) {
                SettingSource::Default
            } else if in_file.iter().any(|file| file == variable) {
                SettingSource::File
            } else {
                SettingSource::Env
            }
        };
        VARIABLES.iter().map(|(name, variable)| ((*name).to_owned(), source(name, variable))).collect()
    }
}

impl FromStr for EgressMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text).ok_or_else(|| "an egress mode is public, allowlist, none or direct".to_owned())
    }
}

impl FromStr for SandboxProfile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        named(text).ok_or_else(|| "a profile is installable or strict".to_owned())
    }
}

/// How a permission is written in the environment.
struct Allowed(bool);

impl FromStr for Allowed {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "allowed" => Ok(Self(true)),
            "off" => Ok(Self(false)),
            _ => Err(()),
        }
    }
}

/// The value that is written so in JSON.
fn named<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(text.to_owned())).ok()
}

fn variable(field: &str) -> &str {
    VARIABLES.iter().find(|(name, _)| *name == field).map_or(field, |(_, variable)| variable)
}

fn text(read: &impl Fn(&str) -> Option<String>, field: &str) -> Option<(String, String)> {
    let name = variable(field);
    let value = read(name)?.trim().to_owned();
    (!value.is_empty()).then(|| (name.to_owned(), value))
}

fn parsed<T: FromStr>(
    read: &impl Fn(&str) -> Option<String>,
    field: &str,
    expected: &str,
) -> Result<Option<T>, SettingError> {
    let Some((name, value)) = text(read, field) else { return Ok(None) };
    match value.parse() {
        Ok(parsed) => Ok(Some(parsed)),
        Err(_) => Err(SettingError { name, value, expected: expected.to_owned() }),
    }
}

/// Whether 0 stands for something of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zero {
    Allowed,
    Refused,
}

fn within(name: &str, value: Option<u32>, least: u32, most: u32, zero: Zero) -> Result<(), SettingError> {
    let Some(value) = value else { return Ok(()) };
    if (least..=most).contains(&value) || (value == 0 && zero == Zero::Allowed) {
        return Ok(());
    }
    let or_zero = if zero == Zero::Allowed { ", or 0" } else { "" };
    let expected = format!("{least} to {most}{or_zero}");
    Err(SettingError { name: name.to_owned(), value: value.to_string(), expected })
}

/// Whether it is a host name, perhaps with `*.` in front. A bare `*` would make the list pointless.
fn is_host_pattern(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    name.len() <= 253 && name.contains('.') && name.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<SandboxChoices, SettingError> {
        SandboxChoices::from_environment(|name| {
            pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn choices_survive_the_way_through_an_environment() {
        let choices = SandboxChoices {
            profile: Some(SandboxProfile::Strict),
            egress: Some(EgressMode::Allowlist),
            egress_hosts: Some(vec!["example.com".to_owned(), "*.example.org".to_owned()]),
            system_packages: Some(false),
            memory_mib: Some(512),
            workspace_mib: Some(0),
            ..SandboxChoices::default()
        };
        let written = choices.to_environment();
        let pairs: Vec<_> = written.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(environment(&pairs), Ok(choices));
    }

    #[test]
    fn what_makes_no_sense_is_named_with_its_variable() {
        for (name, value, words) in [
            ("SLIPWAY_SANDBOX_PROFILE", "loose", "installable or strict"),
            ("SLIPWAY_EGRESS", "some", "public, allowlist"),
            ("SLIPWAY_EGRESS_HOSTS", "example.com,*", "host names"),
            ("SLIPWAY_EGRESS_HOSTS", "http://example.com/", "host names"),
            ("SLIPWAY_SYSTEM_PACKAGES", "yes", "allowed or off"),
            ("SLIPWAY_SANDBOX_MEMORY_MIB", "64", "128 to"),
            ("SLIPWAY_SANDBOX_PROCESSES", "0", "64 to"),
            ("SLIPWAY_COMMAND_SECONDS", "-1", "a number"),
        ] {
            let error = environment(&[(name, value)]).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(words), "{error}");
        }
    }

    #[test]
    fn what_is_saved_wins_and_says_so() {
        let saved = SandboxChoices { memory_mib: Some(1024), ..SandboxChoices::default() };
        let set = environment(&[("SLIPWAY_SANDBOX_MEMORY_MIB", "512"), ("SLIPWAY_EGRESS", "none")]).unwrap();
        let sources = SandboxChoices::sources(&saved, &set, &["SLIPWAY_EGRESS".to_owned()]);
        assert_eq!(sources["memory_mib"], SettingSource::Instance);
        assert_eq!(sources["egress"], SettingSource::File);
        assert_eq!(sources["processes"], SettingSource::Default);
        assert_eq!(SandboxChoices::sources(&saved, &set, &[])["egress"], SettingSource::Env);
        let settings = saved.over(set).resolve();
        assert_eq!((settings.memory_mib, settings.egress, settings.processes), (1024, EgressMode::None, 512));
    }

    #[test]
    fn the_list_by_default_is_a_list() {
        let default = SandboxSettings::default();
        let hosts = SandboxChoices { egress_hosts: Some(default.egress_hosts), ..SandboxChoices::default() };
        assert_eq!(hosts.check(), Ok(()));
    }
}
