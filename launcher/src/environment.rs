//! What of the person's environment each program gets. Nothing is handed on that is not named here.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use slipway_protocol::api::{
    PermissionChoices, RetentionChoices, SandboxChoices, SettingError, SubagentChoices,
};

/// Settings that the gateway understands.
const GATEWAY_NAMES: [&str; 34] = [
    "DATABASE_URL",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "SLIPWAY_CHECKPOINT_MIB",
    "SLIPWAY_CONVERSATION_MAX_COST",
    "SLIPWAY_CONVERSATION_MAX_MINUTES",
    "SLIPWAY_CONVERSATION_MAX_STEPS",
    "SLIPWAY_CONVERSATION_MAX_TOKENS",
    "SLIPWAY_EGRESS_EXEMPT",
    "SLIPWAY_ENGINE_URLS",
    "SLIPWAY_GOOGLE_SEARCH_CX",
    "SLIPWAY_HOSTS",
    "SLIPWAY_LEASE_SECONDS",
    "SLIPWAY_LOG",
    "SLIPWAY_MAX_UPLOAD_MIB",
    "SLIPWAY_METRICS_TOKEN",
    "SLIPWAY_OLD_SECRET_KEY",
    PROFILES_FILE,
    PROFILES_TEXT,
    "SLIPWAY_RUN_MAX_COST",
    "SLIPWAY_RUN_MAX_MINUTES",
    "SLIPWAY_RUN_MAX_STEPS",
    "SLIPWAY_RUN_MAX_TOKENS",
    "SLIPWAY_SEARXNG_URL",
    "SLIPWAY_SECRET_KEY",
    "SLIPWAY_WEBHOOK_WAITS",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];
/// Names a file with provider profiles.
const PROFILES_FILE: &str = "SLIPWAY_PROFILES";
/// Holds what that file does: the gateway's container cannot see files of this machine.
const PROFILES_TEXT: &str = "SLIPWAY_PROFILES_TOML";
/// Names the settings of the sandbox that come from a file, for whoever wonders where they come from.
const SET_IN_FILE: &str = "SLIPWAY_SET_IN_FILE";
/// What ends like this is a model provider's key.
const KEY_SUFFIX: &str = "_API_KEY";
/// What leads to the person's own data and services.
const OWN_NAMES: [&str; 7] = [
    "DATABASE_URL",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_EXPORTER_OTLP_HEADERS",
    "SLIPWAY_ENGINE_URLS",
    "SLIPWAY_METRICS_TOKEN",
    "SLIPWAY_OLD_SECRET_KEY",
    "SLIPWAY_SECRET_KEY",
];
/// What programs on this machine need to find their way.
const HOST_NAMES: [&str; 12] = [
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LOGNAME",
    "PATH",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "SHELL",
    "TMPDIR",
    "TZ",
    "USER",
];
/// Where programs on this machine find certificate authorities.
const CERTIFICATE_NAMES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// Settings and provider keys, for the gateway only.
pub(crate) fn for_gateway(all: impl IntoIterator<Item = (String, String)>) -> BTreeMap<String, String> {
    all.into_iter()
        .filter(|(name, value)| {
            !value.is_empty()
                && (name.ends_with(KEY_SUFFIX)
                    || name == SET_IN_FILE
                    || GATEWAY_NAMES.contains(&name.as_str())
                    || is_setting(name))
        })
        .collect()
}

/// Whether a variable is a setting of which the gateway tells where it comes from.
fn is_setting(name: &str) -> bool {
    let chosen = SandboxChoices::variables().chain(SubagentChoices::variables());
    let chosen = chosen.chain(PermissionChoices::variables());
    chosen.chain(RetentionChoices::variables()).any(|known| known == name)
}

/// What it says about the sandbox.
pub(crate) fn for_sandbox(all: &BTreeMap<String, String>) -> Result<SandboxChoices, SettingError> {
    SandboxChoices::from_environment(|name| all.get(name).cloned())
}

/// Address of this machine at which people are to reach Slipway: `SLIPWAY_BIND`, else the loopback address.
pub(crate) fn bind(all: &BTreeMap<String, String>) -> Result<IpAddr, BindError> {
    match all.get("SLIPWAY_BIND").map(|address| address.trim()).filter(|address| !address.is_empty()) {
        Some(address) => address.parse().map_err(|_| BindError { address: address.to_owned() }),
        None => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    }
}

/// Why `SLIPWAY_BIND` cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("SLIPWAY_BIND is {address}, which is no address; 127.0.0.1 is this machine only, 0.0.0.0 everybody")]
pub(crate) struct BindError {
    address: String,
}

/// Variables as `NAME=value`.
pub(crate) fn written(variables: BTreeMap<String, String>) -> Vec<String> {
    variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// What a gateway that runs on this machine gets.
pub(crate) fn for_local_gateway(all: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut chosen = for_local_tool_host(all);
    chosen.extend(for_gateway(all.clone()));
    chosen.extend(named(all, &CERTIFICATE_NAMES));
    chosen
}

/// What a tool host that runs on this machine gets: no key, no setting that could hold one.
pub(crate) fn for_local_tool_host(all: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    named(all, &HOST_NAMES).collect()
}

/// Those of the choices that the tool host itself follows, as variables.
pub(crate) fn tool_host_choices(choices: &SandboxChoices) -> Vec<(String, String)> {
    let own = SandboxChoices {
        workspace_mib: choices.workspace_mib,
        command_seconds: choices.command_seconds,
        desktop_idle_minutes: choices.desktop_idle_minutes,
        output_chars: choices.output_chars,
        output_mib: choices.output_mib,
        file_chars: choices.file_chars,
        ..SandboxChoices::default()
    };
    own.to_environment()
}

/// The environment of this process, and what the file that `SLIPWAY_ENV_FILE` names (or `.env` here) adds
/// to it for gateway and sandbox. What is not Unicode is left out.
pub(crate) fn of_this_process() -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let path = all.get("SLIPWAY_ENV_FILE").map_or_else(|| PathBuf::from(".env"), PathBuf::from);
    // The file is optional.
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let file: BTreeMap<String, String> = assignments(&text).collect();
    let mut set_in_file = Vec::new();
    for (name, value) in for_gateway(file) {
        if let Entry::Vacant(vacant) = all.entry(name) {
            set_in_file.push(vacant.key().clone());
            vacant.insert(value);
        }
    }
    set_in_file.retain(|name| is_setting(name));
    if !set_in_file.is_empty() {
        all.insert(SET_IN_FILE.to_owned(), set_in_file.join(","));
    }
    hand_over_profiles(&mut all);
    all
}

/// Replaces the profile file's name by what it holds. One that cannot be read keeps its name, of which the
/// gateway then complains.
fn hand_over_profiles(all: &mut BTreeMap<String, String>) {
    let text = all.get(PROFILES_FILE).and_then(|path| std::fs::read_to_string(path).ok());
    if let Some(text) = text {
        all.remove(PROFILES_FILE);
        all.insert(PROFILES_TEXT.to_owned(), text);
    }
}

/// What a throw-away instance gets of it: no key, no other database, no engine elsewhere.
pub(crate) fn without_the_persons_own(mut all: BTreeMap<String, String>) -> BTreeMap<String, String> {
    all.retain(|name, _| !name.ends_with(KEY_SUFFIX) && !OWN_NAMES.contains(&name.as_str()));
    all
}

/// The lines `NAME=value` of a file, where `value` may be quoted.
fn assignments(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=').filter(|_| !line.starts_with('#'))?;
        let value = value.trim();
        let quoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
        Some((name.trim().to_owned(), quoted.unwrap_or(value).to_owned()))
    })
}

fn named<'a>(
    all: &'a BTreeMap<String, String>,
    names: &'a [&str],
) -> impl Iterator<Item = (String, String)> + 'a {
    names.iter().filter_map(|name| Some(((*name).to_owned(), all.get(*name)?.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment() -> BTreeMap<String, String> {
        [
            ("DEEPSEEK_API_KEY", "sk-1"),
            ("EMPTY_API_KEY", ""),
            ("SLIPWAY_EGRESS", "none"),
            ("SLIPWAY_LISTEN", "0.0.0.0:1"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("PATH", "/bin"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }

    #[test]
    fn the_gateway_gets_keys_and_settings_and_nothing_else() {
        let names: Vec<String> = for_gateway(environment()).into_keys().collect();
        assert_eq!(names, ["DEEPSEEK_API_KEY", "SLIPWAY_EGRESS"]);
    }

    #[test]
    fn a_file_of_assignments_is_read_as_a_shell_would() {
        let text =
            "# comment\n#OFF_API_KEY=x\nA_API_KEY=sk-1\n export B_API_KEY = \"sk 2\" \nC='3'\nnonsense\n";
        let found: Vec<(String, String)> = assignments(text).collect();
        let expected = [("A_API_KEY", "sk-1"), ("B_API_KEY", "sk 2"), ("C", "3")];
        assert_eq!(found, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }

    #[test]
    fn profiles_are_handed_over_as_text() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "[[profile]]").expect("written");
        let mut all = environment();
        all.insert(PROFILES_FILE.to_owned(), file.path().display().to_string());
        hand_over_profiles(&mut all);
        let given = for_gateway(all);
        assert_eq!(given.get(PROFILES_TEXT).map(String::as_str), Some("[[profile]]"));
        assert!(!given.contains_key(PROFILES_FILE));
        let mut absent = BTreeMap::from([(PROFILES_FILE.to_owned(), "/no/such/file".to_owned())]);
        hand_over_profiles(&mut absent);
        assert_eq!(for_gateway(absent).into_keys().collect::<Vec<_>>(), [PROFILES_FILE]);
    }

    #[test]
    fn a_throw_away_instance_reaches_nothing_of_the_persons() {
        let mut all = environment();
        all.insert("DATABASE_URL".to_owned(), "postgres://person".to_owned());
        let names: Vec<String> = for_gateway(without_the_persons_own(all)).into_keys().collect();
        assert_eq!(names, ["SLIPWAY_EGRESS"]);
    }

    #[test]
    fn the_tool_host_gets_no_key() {
        let names: Vec<String> = for_local_tool_host(&environment()).into_keys().collect();
        assert_eq!(names, ["PATH"]);
        let choices = for_sandbox(&environment()).expect("all can be used");
        assert_eq!(choices.to_environment(), [("SLIPWAY_EGRESS".to_owned(), "none".to_owned())]);
    }
}
