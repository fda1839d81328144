//! Whether the model that answered is the one that was asked for.

use std::collections::BTreeSet;

use crate::provider::profile::Profile;

/// Ends of names by which a router is told how to choose an upstream; the model is the same.
const ROUTES: [&str; 8] = ["free", "nitro", "floor", "online", "exacto", "extended", "beta", "thinking"];

/// Whether `answered` is a name of the model `asked`: equal but for the case, a router's prefix, dots or
/// hyphens, the order of its words, or a version date; or an alias in the profile. An empty name says
/// nothing and passes, as does any name where `asked` stands for no model in particular.
pub(crate) fn same_model(profile: &Profile, asked: &str, answered: &str) -> bool {
    let any = asked.ends_with("/auto") || profile.routers.iter().any(|router| router == asked);
    if !profile.pins_model || answered.trim().is_empty() || any {
        return true;
    }
    if alike(asked, answered) {
        return true;
    }
    let Some(facts) = profile.model(asked) else { return false };
    std::iter::once(&facts.name).chain(&facts.aliases).any(|name| alike(name, answered))
}

fn alike(asked: &str, answered: &str) -> bool {
    let (asked, answered) = (Name::of(asked), Name::of(answered));
    // `qwen3:8b` and `qwen3:32b` are two models, `qwen3` may be either.
    let variants = asked.variant.is_none() || answered.variant.is_none() || asked.variant == answered.variant;
    if !variants {
        return false;
    }
    if asked.floats {
        return asked.words.iter().all(|word| answered.words.contains(word));
    }
    asked.text == answered.text
        || is_version_of(&asked.text, &answered.text)
        || is_version_of(&answered.text, &asked.text)
        || asked.undated() == answered.undated()
}

/// A name taken apart.
struct Name {
    /// In lower case, without prefix and variant, with hyphens for dots.
    text: String,
    /// The words of `text`.
    words: BTreeSet<String>,
    /// What follows a colon, where it tells models apart.
    variant: Option<String>,
    /// Whether it stands for the newest of several models.
    floats: bool,
}

impl Name {
    fn of(name: &str) -> Self {
        let name = name.trim().to_lowercase();
        let name = name.rsplit('/').next().unwrap_or(&name);
        let name = name.split('@').next().unwrap_or(name);
        let (name, variant) = name.split_once(':').unwrap_or((name, ""));
        let variant = (!variant.is_empty() && variant != "latest" && !ROUTES.contains(&variant))
            .then(|| variant.to_owned());
        let stem = name.strip_suffix("-latest");
        let text = stem.unwrap_or(name).replace(['.', '_'], "-");
        let words = text.split('-').map(str::to_owned).collect();
        Self { text, words, variant, floats: stem.is_some() }
    }

    /// The words, each as often as it occurs, without version dates, in order of the alphabet.
    fn undated(&self) -> Vec<&str> {
        let is_date = |word: &str| word.len() >= 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        let mut words: Vec<&str> = self.text.split('-').filter(|word| !is_date(word)).collect();
        words.sort_unstable();
        words
    }
}

/// Whether `longer` is `shorter` followed by nothing but a date or a version number.
fn is_version_of(longer: &str, shorter: &str) -> bool {
    let Some(suffix) = longer.strip_prefix(shorter).and_then(|rest| rest.strip_prefix('-')) else {
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
            ("anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-sonnet-20250929"),
            ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
            ("claude-opus-4-7@default", "claude-opus-4-7"),
            ("qwen3:8b", "qwen3"),
            ("qwen3", "qwen3:8b"),
            ("llama3.2", "llama3.2:latest"),
            ("z-ai/glm-5.1:free", "z-ai/glm-5.1"),
            ("kimi-latest", "kimi"),
            ("gemini-flash-latest", "gemini-3.5-flash"),
            ("~z-ai/glm-latest", "z-ai/glm-5.3"),
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
            ("qwen3:8b", "qwen3:32b"),
            ("qwen3-coder", "qwen3"),
            ("gemini-flash-latest", "gemini-3.1-pro-preview"),
            ("claude-sonnet-4-5", "claude-opus-4-5-20251101"),
        ] {
            assert!(!same_model(custom, asked, answered), "{asked} {answered}");
        }
    }

    #[test]
    fn the_profiles_aliases_and_exemptions_hold() {
        assert!(same_model(profile("deepseek"), "deepseek-v4-flash", "deepseek-flash"));
        assert!(!same_model(profile("deepseek"), "deepseek-flash", "deepseek-v4-pro"));
        assert!(same_model(profile("openai"), "gpt-5.6", "gpt-5.6-sol"));
        assert!(!same_model(profile("openai"), "gpt-5.6", "gpt-5.6-luna"));
        assert!(same_model(profile("openrouter"), "openrouter/free", "openai/gpt-oss-20b"));
        assert!(same_model(profile("llamacpp"), "anything", "/models/some.gguf"));
    }
}
