//! What the rules say of a call.

use serde_json::Value;
use slipway_protocol::approval::{PermissionRule, RuleAction, RuleSubject};

use super::COMMAND_TOOL;
use super::interpret::{Shown, commands};
use super::pattern::{Fit, fits_loosely, fits_strictly};

/// A call that is about to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The tool's name, as models call it.
    pub(crate) tool: &'a str,
    /// Whether it may change something.
    pub(crate) may_change: bool,
    /// Its arguments.
    pub(crate) arguments: &'a Value,
}

/// What is done about a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict<'a> {
    /// What.
    pub(crate) action: RuleAction,
    /// The rule that says so; `None` when none is about it.
    pub(crate) rule: Option<&'a PermissionRule>,
}

/// A part of a call that is judged by itself.
enum Piece<'a> {
    /// All of a call that is no command.
    Whole,
    /// One command of it.
    Command(&'a Shown),
    /// What could not be read of it.
    Unclear,
}

/// What the rules say of a call. Of each part of a command the first rule that is about it counts, and of those the
/// one that lets the least happen.
pub(crate) fn judge<'a>(rules: &'a [PermissionRule], call: Call<'_>) -> Verdict<'a> {
    let allowed = Verdict { action: RuleAction::Allow, rule: None };
    if rules.is_empty() {
        return allowed;
    }
    if call.tool != COMMAND_TOOL {
        return judge_piece(rules, call, &Piece::Whole);
    }
    let text = call.arguments.get("command").and_then(Value::as_str);
    let found = text.map(commands).unwrap_or_default();
    let pieces = found.commands.iter().map(Piece::Command);
    let is_unclear = found.is_unclear || text.is_none();
    let rest = match (is_unclear, found.commands.is_empty()) {
        (true, _) => Some(Piece::Unclear),
        (false, true) => Some(Piece::Whole),
        (false, false) => None,
    };
    let mut strictest: Option<Verdict<'a>> = None;
    for piece in pieces.chain(rest) {
        let verdict = judge_piece(rules, call, &piece);
        if strictest.is_none_or(|known| known.action < verdict.action) {
            strictest = Some(verdict);
        }
    }
    strictest.unwrap_or(allowed)
}

fn judge_piece<'a>(rules: &'a [PermissionRule], call: Call<'_>, piece: &Piece<'_>) -> Verdict<'a> {
    let holds = rules.iter().find_map(|rule| {
        let action = judge_by(rule, call, piece)?;
        Some(Verdict { action, rule: Some(rule) })
    });
    holds.unwrap_or(Verdict { action: RuleAction::Allow, rule: None })
}

/// What one rule says; `None` when it is not about this.
fn judge_by(rule: &PermissionRule, call: Call<'_>, piece: &Piece<'_>) -> Option<RuleAction> {
    let pattern = match &rule.about {
        RuleSubject::Any => return Some(rule.action),
        RuleSubject::Changes => return call.may_change.then_some(rule.action),
        RuleSubject::Tool { name } => return (name == call.tool).then_some(rule.action),
        RuleSubject::Command { pattern } => pattern,
    };
    match (piece, rule.action) {
        (Piece::Whole, _) | (Piece::Unclear, RuleAction::Allow) => None,
        (Piece::Command(shown), RuleAction::Allow) => {
            fits_strictly(pattern, shown).then_some(RuleAction::Allow)
        }
        // What is not certain is for the person to look at.
        (Piece::Unclear, RuleAction::Ask | RuleAction::Deny) => Some(RuleAction::Ask),
        (Piece::Command(shown), action) => match fits_loosely(pattern, shown) {
            Fit::No => None,
            Fit::Perhaps => Some(RuleAction::Ask),
            Fit::Yes => Some(action),
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use slipway_protocol::api::PermissionPreset;

    use super::*;

    fn rule(pattern: &str, action: RuleAction) -> PermissionRule {
        let about = match pattern {
            "any" => RuleSubject::Any,
            "changes" => RuleSubject::Changes,
            _ => match pattern.strip_prefix("tool ") {
                Some(name) => RuleSubject::Tool { name: name.to_owned() },
                None => RuleSubject::Command { pattern: pattern.to_owned() },
            },
        };
        PermissionRule { about, action }
    }

    fn command(rules: &[PermissionRule], text: &str) -> RuleAction {
        let arguments = json!({ "command": text });
        judge(rules, Call { tool: COMMAND_TOOL, may_change: true, arguments: &arguments }).action
    }

    fn tool(rules: &[PermissionRule], name: &str, may_change: bool) -> RuleAction {
        judge(rules, Call { tool: name, may_change, arguments: &json!({}) }).action
    }

    use RuleAction::{Allow, Ask, Deny};

    #[test]
    fn the_first_rule_that_is_about_a_call_holds() {
        let rules =
            [rule("git push", Deny), rule("git *", Allow), rule("tool read_file", Allow), rule("any", Ask)];
        assert_eq!(command(&rules, "git push"), Deny);
        assert_eq!(command(&rules, "git log"), Allow);
        assert_eq!(command(&rules, "ls"), Ask);
        assert_eq!(tool(&rules, "read_file", false), Allow);
        assert_eq!(tool(&rules, "write_file", true), Ask);
        let arguments = json!({ "command": "git push" });
        let verdict = judge(&rules, Call { tool: COMMAND_TOOL, may_change: true, arguments: &arguments });
        assert_eq!(verdict.rule, Some(&rules[0]));
    }

    #[test]
    fn the_strictest_part_of_a_command_counts() {
        let rules = [rule("git push", Ask), rule("rm -r", Deny), rule("ls", Allow)];
        assert_eq!(command(&rules, "ls && git push"), Ask);
        assert_eq!(command(&rules, "git push; rm -r x"), Deny);
        assert_eq!(command(&rules, "ls | cat"), Allow);
        assert_eq!(command(&rules, "rm $x"), Ask, "denied only when it is certain");
    }

    #[test]
    fn what_cannot_be_read_is_asked_where_a_command_may_be() {
        let rules = [rule("git *", Allow), rule("rm -r", Deny)];
        for text in ["echo 'x", "curl x | sh", "eval \"$x\"", "git log $(x"] {
            assert_eq!(command(&rules, text), Ask, "{text}");
        }
        assert_eq!(command(&[rule("git *", Allow)], "echo 'x"), Allow);
        assert_eq!(command(&[rule("git *", Allow), rule("any", Ask)], "git log $(x"), Ask);
        let nothing = json!({ "command": 3 });
        let call = Call { tool: COMMAND_TOOL, may_change: true, arguments: &nothing };
        assert_eq!(judge(&rules, call).action, Ask);
    }

    #[test]
    fn presets() {
        let (nothing, risky, changes) = (
            PermissionPreset::Nothing.rules(),
            PermissionPreset::Risky.rules(),
            PermissionPreset::Changes.rules(),
        );
        for text in ["rm -rf x", "cd a && git push -f", "sudo apt install x", "apt-get update", "npm publish"]
        {
            assert_eq!(command(&nothing, text), Allow, "{text}");
            assert_eq!(command(&risky, text), Ask, "{text}");
        }
        for text in
            ["ls -la", "npm test", "git commit -m \"$(cat <<'E'\nit's\nE\n)\"", "cargo build 2>&1 | tail -5"]
        {
            assert_eq!(command(&risky, text), Allow, "{text}");
            assert_eq!(command(&changes, text), Ask, "{text}");
        }
        assert_eq!((tool(&changes, "write_file", true), tool(&changes, "read_file", false)), (Ask, Allow));
    }

    fn any_rule() -> impl Strategy<Value = PermissionRule> {
        let action = prop_oneof![Just(Allow), Just(Ask), Just(Deny)];
        ("(any|changes|tool a|git push|git \\*|rm -r|ls|a)", action)
            .prop_map(|(pattern, action)| rule(&pattern, action))
    }

    proptest! {
        #[test]
        fn more_commands_never_let_more_happen(rules in proptest::collection::vec(any_rule(), 0..5),
            first in "(git push|git log|rm -r x|rm \\$x|ls|a b)", second in "(git push|rm -r x|ls|a|sh)",
            sign in "( && | ; | \\| |\n)") {
            let both = command(&rules, &format!("{first}{sign}{second}"));
            let apart = command(&rules, &first).max(command(&rules, &second));
            prop_assert_eq!(both, apart);
        }

        #[test]
        fn without_rules_everything_is_made(text in ".{0,40}") {
            prop_assert_eq!(command(&[], &text), Allow);
        }

        #[test]
        fn a_rule_before_all_others_that_asks_about_all_asks(rules in proptest::collection::vec(any_rule(), 0..4),
            text in ".{0,40}") {
            let mut all = vec![rule("any", Ask)];
            all.extend(rules);
            prop_assert_eq!(command(&all, &text), Ask);
        }
    }
}
