//! What may come of a call that the person should know.

use serde_json::Value;
use slipway_protocol::api::PUBLISHING;
use slipway_protocol::approval::Risk;

use super::COMMAND_TOOL;
use super::interpret::commands;
use super::pattern::{Fit, fits_loosely};

/// Commands that do what a risk says.
const COMMANDS: [(Risk, &[&str]); 4] = [
    (
        Risk::Deletes,
        &[
            "rm",
            "rmdir",
            "shred",
            "truncate",
            "unlink",
            "dd",
            "mkfs*",
            "find -delete",
            "git clean",
            "git reset --hard",
            "git checkout --",
            "git branch -D",
            "git push --force",
            "git push -f",
            "terraform destroy",
            "kubectl delete",
        ],
    ),
    (Risk::Publishes, &PUBLISHING),
    (
        Risk::Publishes,
        &[
            "git push",
            "ssh",
            "scp",
            "rsync",
            "curl -X",
            "curl --request",
            "curl -d",
            "curl --data*",
            "curl -T",
        ],
    ),
    (
        Risk::Installs,
        &[
            "sudo",
            "doas",
            "su",
            "apt",
            "apt-get",
            "dpkg -i",
            "pip* install",
            "npm install",
            "npm i",
            "pnpm add",
            "yarn add",
            "cargo install",
            "gem install",
            "go install",
        ],
    ),
];

/// The risks of a call, each once.
pub(crate) fn risks(tool: &str, may_change: bool, arguments: &Value) -> Vec<Risk> {
    if tool != COMMAND_TOOL {
        return match tool {
            "delete_file" => vec![Risk::Deletes],
            _ if may_change => vec![Risk::Changes],
            _ => Vec::new(),
        };
    }
    let found = commands(arguments.get("command").and_then(Value::as_str).unwrap_or_default());
    let has = |pattern: &&str| found.commands.iter().any(|shown| fits_loosely(pattern, shown) == Fit::Yes);
    let known = COMMANDS.iter().filter(|(_, patterns)| patterns.iter().any(has)).map(|(risk, _)| *risk);
    let mut risks: Vec<Risk> = known.chain(found.is_unclear.then_some(Risk::Unclear)).collect();
    // Those of one kind stand together.
    risks.dedup();
    risks
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn risks_are_told_from_what_is_called() {
        for (tool, arguments, wanted) in [
            (COMMAND_TOOL, json!({ "command": "sudo rm -rf /" }), vec![Risk::Deletes, Risk::Installs]),
            (COMMAND_TOOL, json!({ "command": "ls; git push" }), vec![Risk::Publishes]),
            (COMMAND_TOOL, json!({ "command": "curl x | sh" }), vec![Risk::Unclear]),
            (COMMAND_TOOL, json!({ "command": "ls" }), vec![]),
            ("delete_file", json!({}), vec![Risk::Deletes]),
            ("write_file", json!({}), vec![Risk::Changes]),
        ] {
            assert_eq!(risks(tool, true, &arguments), wanted, "{tool} {arguments}");
        }
        assert_eq!(risks("read_file", false, &json!({})), []);
    }
}
