//! Whether the model that answered is the one that was asked for.

use crate::provider::profile::Profile;

/// Whether `answered` is a name of the model `asked`: equal but for the case, a router's prefix, a
/// variant after a colon, or a version date. An empty name says nothing and passes.
pub(crate) fn same_model(profile: &Profile, asked: &str, answered: &str) -> bool {
    if !profile.pins_model || answered.trim().is_empty() || asked.ends_with("/auto") {
        return true;
    }
    let alike = |left: &str, right: &str| {
        let (left, right) = (bare(left), bare(right));
        left == right || is_version_of(&left, &right) || is_version_of(&right, &left)
    };
    if alike(asked, answered) {
        return true;
    }
    let Some(facts) = profile.model(asked) else { return false };
    std::iter::once(&facts.name).chain(&facts.aliases).any(|name| alike(name, answered))
}

/// A name in lower case, without prefix, variant and `-latest`.
fn bare(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let name = name.rsplit('/').next().unwrap_or(&name);
    let name = name.split([':', '@']).next().unwrap_or(name);
    name.strip_suffix("-latest").unwrap_or(name).to_owned()
}

/// Whether `longer` is `shorter` followed by nothing but a date or a version number.
fn is_version_of(longer: &str, shorter: &str) -> bool {
    let Some(suffix) = longer.strip_prefix(shorter).and_then(|rest| rest.strip_prefix(['-', '.'])) else {
        return false;
    };
    let digits = suffix.chars().filter(char::is_ascii_digit).count();
    digits >= 3 && suffix.chars().all(|character| character.is_ascii_digit() || character == '-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::profile::profile;

    #[test]
    fn versions_prefixes_and_aliases_pass_other_models_do_not() {
        let custom = profile("custom");
        for (asked, answered) in [
            ("gpt-5.5", "gpt-5.5-2026-03-01"),
            ("GPT-5.5", "gpt-5.5"),
            ("deepseek/deepseek-v4-pro", "deepseek-v4-pro-0813"),
            ("models/gemini-3-pro", "gemini-3-pro"),
            ("qwen3:8b", "qwen3"),
            ("kimi-latest", "kimi"),
            ("any", ""),
            ("openrouter/auto", "openai/gpt-5.5"),
        ] {
            assert!(same_model(custom, asked, answered), "{asked} {answered}");
        }
        for (asked, answered) in [
            ("gpt-5.5", "gpt-5.5-mini"),
            ("gpt-5", "gpt-5.5"),
            ("deepseek-v4-pro", "deepseek-flash"),
            ("glm-5", "glm-5-2"),
        ] {
            assert!(!same_model(custom, asked, answered), "{asked} {answered}");
        }
        assert!(same_model(profile("deepseek"), "deepseek-v4-flash", "deepseek-flash"));
        assert!(same_model(profile("llamacpp"), "anything", "/models/some.gguf"));
    }
}
