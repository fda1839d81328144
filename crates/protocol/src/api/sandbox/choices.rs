//! From what sources say to the values in force: names of variables, bounds and defaults are only here.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::super::setting::{
    SettingEntry, SettingError, SettingScope, SettingSource, Variables, Zero, within,
};
use super::{EgressMode, SandboxChoices, SandboxProfile, SandboxSettings, SandboxSettingsReport};

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

const VARIABLES: Variables = Variables(&[
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
    ("output_chars", "SLIPWAY_OUTPUT_CHARS"),
    ("output_mib", "SLIPWAY_OUTPUT_MIB"),
    ("file_chars", "SLIPWAY_FILE_CHARS"),
    ("page_chars", "SLIPWAY_PAGE_CHARS"),
]);

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
            output_chars: 29_000,
            output_mib: 256,
            file_chars: 100_000,
            page_chars: 20_000,
        }
    }
}

impl SandboxChoices {
    /// The variables that [`Self::from_environment`] reads.
    pub fn variables() -> impl Iterator<Item = &'static str> {
        VARIABLES.names()
    }

    /// What the environment says; `read` gives a variable's value.
    ///
    /// # Errors
    /// For the first value that cannot be used.
    pub fn from_environment(read: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let choices = Self {
            profile: VARIABLES.parsed(&read, "profile", "installable or strict")?,
            egress: VARIABLES.parsed(&read, "egress", "public, allowlist, none or direct")?,
            egress_hosts: VARIABLES.text(&read, "egress_hosts").map(|(_, hosts)| {
                hosts.split([',', ' ']).filter(|host| !host.is_empty()).map(str::to_owned).collect()
            }),
            system_packages: VARIABLES
                .parsed::<Allowed>(&read, "system_packages", "allowed or off")?
                .map(|Allowed(yes)| yes),
            memory_mib: VARIABLES.parsed(&read, "memory_mib", "a number of MiB")?,
            cpu_percent: VARIABLES.parsed(&read, "cpu_percent", "a number of percent")?,
            processes: VARIABLES.parsed(&read, "processes", "a number")?,
            workspace_mib: VARIABLES.parsed(&read, "workspace_mib", "a number of MiB")?,
            command_seconds: VARIABLES.parsed(&read, "command_seconds", "a number of seconds")?,
            desktop_idle_minutes: VARIABLES.parsed(&read, "desktop_idle_minutes", "a number of minutes")?,
            output_chars: VARIABLES.parsed(&read, "output_chars", "a number of characters")?,
            output_mib: VARIABLES.parsed(&read, "output_mib", "a number of MiB")?,
            file_chars: VARIABLES.parsed(&read, "file_chars", "a number of characters")?,
            page_chars: VARIABLES.parsed(&read, "page_chars", "a number of characters")?,
        };
        choices.check().map_err(|error| VARIABLES.name_variable(error))?;
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
        fields.iter().map(|(name, value)| (VARIABLES.of(name).to_owned(), written(value))).collect()
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
            output_chars: self.output_chars.or(other.output_chars),
            output_mib: self.output_mib.or(other.output_mib),
            file_chars: self.file_chars.or(other.file_chars),
            page_chars: self.page_chars.or(other.page_chars),
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
            output_chars: self.output_chars.unwrap_or(default.output_chars),
            output_mib: self.output_mib.unwrap_or(default.output_mib),
            file_chars: self.file_chars.unwrap_or(default.file_chars),
            page_chars: self.page_chars.unwrap_or(default.page_chars),
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
        within("output_chars", self.output_chars, 2_000, 200_000, Zero::Refused)?;
        within("output_mib", self.output_mib, 8, 1 << 16, Zero::Refused)?;
        within("file_chars", self.file_chars, 5_000, 1_000_000, Zero::Refused)?;
        within("page_chars", self.page_chars, 2_000, 200_000, Zero::Refused)?;
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
        VARIABLES.sources(saved, environment, in_file)
    }
}

impl SandboxSettingsReport {
    /// Each of its settings by itself.
    pub fn entries(&self) -> Vec<SettingEntry> {
        VARIABLES.entries("sandbox", SettingScope::Instance, &self.settings, &self.sources)
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
            ("SLIPWAY_OUTPUT_CHARS", "1999", "2000 to 200000"),
            ("SLIPWAY_OUTPUT_MIB", "7", "8 to"),
            ("SLIPWAY_FILE_CHARS", "4999", "5000 to"),
            ("SLIPWAY_PAGE_CHARS", "200001", "2000 to 200000"),
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
    fn the_defaults_are_within_the_bounds() {
        let default = serde_json::to_value(SandboxSettings::default()).unwrap();
        let choices: SandboxChoices = serde_json::from_value(default).unwrap();
        assert_eq!(choices.check(), Ok(()));
        assert_eq!(choices.resolve(), SandboxSettings::default());
    }

    #[test]
    fn another_version_may_know_more_settings_or_fewer() {
        let more = serde_json::json!({ "memory_mib": 512, "of_the_future": true });
        let choices: SandboxChoices = serde_json::from_value(more.clone()).unwrap();
        assert_eq!(choices.memory_mib, Some(512));
        let fewer: SandboxSettings = serde_json::from_value(more).unwrap();
        assert_eq!(fewer, SandboxSettings { memory_mib: 512, ..SandboxSettings::default() });
    }
}
