//! Tests of the profiles that are compiled in, and of files that change them.

use serde_json::json;

use super::*;

#[test]
fn every_profile_can_be_read_and_all_providers_are_there() {
    let names: Vec<&str> = profiles().iter().map(|profile| profile.name.as_str()).collect();
    for wanted in [
        "deepseek",
        "zai",
        "gemini",
        "vertex",
        "openai",
        "openrouter",
        "nvidia",
        "anthropic",
        "moonshot",
        "ollama",
        "llamacpp",
        "vllm",
        "sglang",
        "lmstudio",
        "scripted",
        "custom",
    ] {
        assert!(names.contains(&wanted), "{wanted}");
    }
    assert_eq!(profile("no such provider").name, "custom");
    assert_eq!(profile("deepseek").reasoning_replay, ReasoningReplay::Required);
}

#[test]
fn profiles_that_need_a_key_say_where_to_get_one() {
    for profile in profiles().iter().filter(|profile| profile.needs_key && profile.name != "custom") {
        assert!(profile.key_url.starts_with("https://"), "{}", profile.name);
        assert!(profile.base_url.starts_with("https://"), "{}", profile.name);
        assert!(!profile.models.is_empty(), "{}", profile.name);
    }
}

#[test]
fn cache_rules_and_prices_agree() {
    for profile in profiles() {
        for facts in &profile.models {
            let (Some(prices), Some(rule)) = (facts.prices, profile.for_model(&facts.name).cache) else {
                continue;
            };
            if prices.input > 0.0 {
                let ratio = prices.cached / prices.input;
                assert!((ratio - rule.read).abs() < 0.06, "{} {}: {ratio}", profile.name, facts.name);
            }
        }
    }
}

#[test]
fn a_family_and_a_model_change_what_the_profile_says() {
    let openrouter = profile("openrouter").for_model("anthropic/claude-sonnet-5");
    assert!(openrouter.cache_marks && openrouter.drops_unsigned_reasoning);
    assert_eq!(openrouter.extras["provider"]["only"], json!(["anthropic"]));
    assert_eq!(openrouter.extras["provider"]["require_parameters"], true);
    assert!(!profile("openrouter").for_model("qwen/qwen3-coder").cache_marks);
    let flash = profile("deepseek").for_model("deepseek-v4-flash");
    assert!(flash.cache.is_some_and(|rule| (rule.read - 0.02).abs() < 1e-9));
}

fn parsed(text: &str, name: &str) -> Profile {
    let profiles = parse(text).unwrap_or_else(|error| panic!("{error}"));
    profiles.into_iter().find(|profile| profile.name == name).expect("the profile")
}

#[test]
fn a_file_changes_what_it_states_and_nothing_else() {
    let changed = parsed(
        r#"
        [[profile]]
        name = "deepseek"
        title = "Ours"
        [[profile.model]]
        name = "deepseek-v4-pro"
        window = 1000
        [[profile.model]]
        name = "new"
        "#,
        "deepseek",
    );
    let before = profile("deepseek");
    assert_eq!((changed.title.as_str(), &changed.base_url), ("Ours", &before.base_url));
    assert_eq!(changed.models[0].name, "new");
    let facts = changed.model("deepseek-v4-pro").expect("known");
    assert_eq!(facts.window, Some(1000));
    assert_eq!(facts.prices, before.model("deepseek-v4-pro").expect("known").prices);
    assert_eq!(changed.models.len(), before.models.len() + 1);
}

#[test]
fn a_file_adds_profiles_from_nothing_or_based_on_another() {
    let text = r#"
        [[profile]]
        name = "house"
        title = "House"
        base_url = "https://models.house.test/v1"
        key_env = "HOUSE_API_KEY"
        [[profile]]
        name = "mirror"
        based_on = "zai"
        title = "Mirror"
        [[profile]]
        name = "openai"
        based_on = ""
        title = "Bare"
        base_url = ""
        key_env = ""
    "#;
    assert_eq!(parsed(text, "house").reasoning_replay, ReasoningReplay::Never);
    assert_eq!(parsed(text, "mirror").extras, profile("zai").extras);
    assert!(parsed(text, "openai").models.is_empty());
    assert_eq!(parse(text).map(|profiles| profiles.len()).ok(), Some(profiles().len() + 2));
}

#[test]
fn a_flat_plan_is_stated_by_a_profile_and_by_an_endpoint() {
    let plan = parsed("[[profile]]\nname = \"deepseek\"\npayment = \"flat_plan\"", "deepseek");
    let endpoint = |payment| ModelEndpoint {
        profile: "deepseek".to_owned(),
        base_url: String::new(),
        api_key: "a-key".to_owned(),
        model: "deepseek-v4-pro".to_owned(),
        extra_body: Map::new(),
        context_window: None,
        sees: None,
        payment,
    };
    let usual = profile("deepseek");
    let known = usual.price(&endpoint(None));
    assert!(matches!(known, Price::Known(_)), "{known:?}");
    assert_eq!(plan.price(&endpoint(None)), Price::Included);
    assert_eq!(usual.price(&endpoint(Some(Payment::FlatPlan))), Price::Included);
    assert_eq!(plan.price(&endpoint(Some(Payment::ByUse))), known);
    // What a provider states as a cost is none where a plan includes it.
    let source = UsageSource::Reported;
    let stated = Usage { input: 7, output: 3, cost_micros: Some(9), source, ..Usage::default() };
    assert_eq!(usual.priced(&endpoint(None), stated), stated);
    let included = Usage { cost_micros: None, included: 10, ..stated };
    assert_eq!(plan.priced(&endpoint(None), stated), included);
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_its_place() {
    let entry = |fields: &str| {
        format!(
            "[[profile]]\nname = \"x\"\ntitle = \"X\"\nbase_url = \"https://x.test/v1\"\nkey_env = \"\"\n{fields}"
        )
    };
    for (text, wanted) in [
        ("[[profile]]\nname = \"x\"\ntitle = ".to_owned(), "line 3"),
        ("[[profile]]\ntitle = \"x\"".to_owned(), "missing field `name`"),
        ("[[profle]]\nname = \"x\"".to_owned(), "profle"),
        ("[[profile]]\nname = \"x\"".to_owned(), "profile `x`: missing field `title`"),
        (entry("needs_kee = true"), "profile `x`: unknown field `needs_kee`"),
        (entry("needs_key = 1"), "profile `x`: invalid type: integer `1`, expected a boolean"),
        (entry("based_on = \"y\""), "based on `y`, which is not known"),
        (entry("cache = { read = -1.0, write = 1.0 }"), "cache: read and write"),
        (
            entry("[[profile.model]]\nname = \"m\"\nprices = { input = -1.0, cached = 0.0, output = 0.0 }"),
            "model `m`: prices",
        ),
        (entry("[[profile.model]]\nname = \"m\"\nwindow = 0"), "model `m`: window"),
        (entry("[[profile.model]]\nname = \"m\"\naliases = [\"M\"]"), "`M` is taken"),
        (entry("").replace("/v1", "/v1/"), "no slash at its end"),
        (entry("").replace("https", "ftp"), "must begin with"),
        (entry("").replace("\"x\"", "\"X y\""), "must be of a-z"),
        (format!("{}{}", entry(""), entry("")), "stated twice"),
    ] {
        let error = parse(&text).expect_err(&text).to_string();
        assert!(error.contains(wanted), "{error}\nlacks {wanted}");
    }
}
