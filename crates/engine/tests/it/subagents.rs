//! Sub-agents: several at once, their limits, their cost, stopping one, and children that misbehave.

use slipway_protocol::CallId;
use slipway_protocol::budget::{Allowance, Budget};
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest, SubagentLimits};
use slipway_protocol::tool::{ToolOutcome, ToolStatus};
use slipway_protocol::transcript::Entry;

use crate::harness::{Events, World, start};

/// A model whose first turn is the run's and whose others are those of sub-agents, by their tasks.
async fn world(parent: &str, children: &str) -> World {
    World::new(&format!(
        "  - when: {{user_contains: do it}}\n    steps:\n{parent}      - text: The run is done.\n{children}"
    ))
    .await
}

fn delegate(tasks: &[&str]) -> String {
    let calls = tasks.iter().map(|task| format!("{{name: subagent, arguments: {{title: T, task: {task}}}}}"));
    format!("      - tool_calls: [{}]\n", calls.collect::<Vec<_>>().join(", "))
}

fn child(task: &str, steps: &str) -> String {
    format!("  - when: {{user_contains: {task}}}\n    steps: [{steps}]\n")
}

fn outcomes(events: &Events) -> Vec<ToolOutcome> {
    let results = events.results().into_iter().filter(|result| result.name == "subagent");
    results.map(|result| result.outcome).collect()
}

/// What happened in sub-agents, by the calls inside which they worked.
fn nested(events: &Events) -> Vec<(CallId, EngineEvent)> {
    let nested = events.0.iter().filter_map(|event| match event {
        EngineEvent::Nested { call_id, event } => Some((call_id.clone(), (**event).clone())),
        _ => None,
    });
    nested.collect()
}

fn with(world: &World, change: impl FnOnce(&mut RunRequest)) -> RunRequest {
    let mut request = world.request();
    change(&mut request);
    request
}

#[tokio::test]
async fn its_report_is_the_result_and_nothing_else_of_it_enters_the_run() {
    let children = child(
        "look at it",
        "{text: Looking., tool_calls: [{name: read_file, arguments: {path: secret-of-the-child}}]}, {text: It is red.}",
    );
    let world = world(&delegate(&["look at it"]), &children).await;
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let [outcome] = outcomes(&events).try_into().expect("one result");
    assert_eq!((outcome.status, outcome.text.as_str()), (ToolStatus::Ok, "It is red."));
    assert_eq!(outcome.data["steps"], 2);
    assert_eq!(world.newest(3), "It is red.");
    assert!(!world.messages(3).iter().any(|message| message.to_string().contains("secret-of-the-child")));
    // The child sees its task, tools that only read, and nothing of the conversation.
    let request = &world.model.requests()[1].body;
    let names: Vec<&str> = request["tools"]
        .as_array()
        .expect("tools")
        .iter()
        .map(|tool| tool["function"]["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, ["read_file", "wait_for_two", "poll", "huge", "web_browser", "look", "recall_output"]);
    assert!(request["messages"][0]["content"].as_str().expect("text").contains("You are a sub-agent"));
    assert!(!request.to_string().contains("do it"));
    // What it does is told under its call, and its tools keep apart what it sees.
    let parent = events.answers()[0].tool_calls[0].id.clone();
    let streamed = nested(&events);
    assert!(streamed.iter().all(|(call_id, _)| *call_id == parent));
    assert!(streamed.iter().any(|(_, event)| matches!(event, EngineEvent::TextDelta { .. })));
    world.tools.seen(|seen| {
        let (name, call) = &seen.invocations[0];
        assert_eq!(name, "read_file");
        assert!(call.call_id.as_str().starts_with(&format!("{parent}~")), "{}", call.call_id);
        assert_eq!(call.conversation_id.as_str(), format!("conv_1~{parent}"));
    });
}

#[tokio::test]
async fn several_work_at_once_but_no_more_than_allowed() {
    let children: String = ["alpha", "beta"]
        .iter()
        .map(|task| {
            child(
                task,
                &format!(
                    "{{tool_calls: [{{name: wait_for_two, arguments: {{}}}}]}}, {{text: {task} is done}}"
                ),
            )
        })
        .collect();
    let world = world(&delegate(&["alpha", "beta"]), &children).await;
    // `wait_for_two` ends only when both run at the same time.
    let events = world.run().await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let texts: Vec<String> = outcomes(&events).into_iter().map(|outcome| outcome.text).collect();
    assert!(
        texts.contains(&"alpha is done".to_owned()) && texts.contains(&"beta is done".to_owned()),
        "{texts:?}"
    );

    let one = child("gamma", "{text: g}") + &child("delta", "{text: d}");
    let world = self::world(&delegate(&["gamma", "delta"]), &one).await;
    let request = with(&world, |request| request.subagents.max_at_once = 1);
    let events = world.run_with(request).await;
    let mut now = None;
    for (call_id, event) in nested(&events) {
        match event {
            EngineEvent::StepStarted { .. } => {
                assert_eq!(now, None, "two at once");
                now = Some(call_id);
            }
            EngineEvent::Entry { .. } => now = None,
            _ => {}
        }
    }
    assert_eq!(outcomes(&events).len(), 2);
}

#[tokio::test]
async fn what_it_consumes_counts_to_the_run_and_is_granted_before() {
    let usage = "usage: {prompt: 20000, completion: 1000}";
    let again = format!("{{tool_calls: [{{name: poll, arguments: {{}}}}], {usage}}}");
    let children = child("spend", &vec![again; 8].join(", "));
    let world = world(&delegate(&["spend"]), &children).await;
    let request = with(&world, |request| {
        request.limits.max_output_tokens = Some(8_000);
        request.conversation_budget =
            Allowance { limit: Budget { tokens: Some(80_000), ..Budget::default() }, ..Allowance::default() };
    });
    let events = world.run_with(request).await;
    let [outcome] = outcomes(&events).try_into().expect("one result");
    assert_eq!(outcome.status, ToolStatus::Error);
    assert!(outcome.text.contains("The sub-agent reached a limit"), "{}", outcome.text);
    assert!(outcome.text.contains("token budget is used up"), "{}", outcome.text);
    let spent: u64 = events
        .0
        .iter()
        .filter_map(|event| match event {
            EngineEvent::Settled { spent, .. } => Some(spent.tokens),
            EngineEvent::Nested { event, .. } => match &**event {
                EngineEvent::Settled { spent, .. } => Some(spent.tokens),
                _ => None,
            },
            _ => None,
        })
        .sum();
    assert!(spent <= 80_000, "{spent} tokens");
    assert!(world.model.requests().len() < 8, "calls were made that could pass the budget");
    assert_eq!(
        *events.outcome(),
        RunOutcome::Completed,
        "what is left is enough for the run's own last word"
    );
}

#[tokio::test]
async fn its_own_limit_of_steps_ends_it_after_a_last_word_and_not_the_run() {
    let poll = "{tool_calls: [{name: poll, arguments: {}}]}";
    let children = child("never end", &[poll; 6].join(", "));
    let world = world(&delegate(&["never end"]), &children).await;
    let request = with(&world, |request| request.subagents.max_steps = 3);
    let events = world.run_with(request).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let [outcome] = outcomes(&events).try_into().expect("one result");
    assert!(outcome.text.contains("3 of 3 steps are used"), "{}", outcome.text);
    assert!(world.newest(3).contains("This is your last step"), "{}", world.newest(3));
    assert_eq!(world.model.requests().len(), 5, "its steps are not the run's");
}

#[tokio::test]
async fn its_own_limits_of_tokens_and_minutes_end_it_and_not_the_run() {
    let usage = "usage: {prompt: 20000, completion: 1000}";
    let again = format!("{{tool_calls: [{{name: poll, arguments: {{}}}}], {usage}}}");
    let children = child("spend", &vec![again; 8].join(", "));
    for (words, limit) in [
        ("tokens", SubagentLimits { max_tokens: 50_000, ..SubagentLimits::default() }),
        ("minutes", SubagentLimits { max_minutes: 0, ..SubagentLimits::default() }),
    ] {
        let world = world(&delegate(&["spend"]), &children).await;
        let request = with(&world, |request| {
            request.limits.max_output_tokens = Some(4_000);
            request.subagents = limit;
        });
        let events = world.run_with(request).await;
        assert_eq!(*events.outcome(), RunOutcome::Completed);
        let [outcome] = outcomes(&events).try_into().expect("one result");
        assert_eq!(outcome.status, ToolStatus::Error);
        assert!(outcome.text.contains("The sub-agent reached a limit"), "{}", outcome.text);
        assert!(outcome.text.contains(words), "{}", outcome.text);
        assert!(world.model.requests().len() < 6, "calls were made that could pass the limit of {words}");
    }
}

#[tokio::test]
async fn it_may_use_another_model() {
    let world = world(&delegate(&["look at it"]), "").await;
    let script = slipway_scripted_model::Script::from_yaml(
        "name: small\nmodels: [small]\nturns: [{steps: [{text: From the small one.}]}]",
    );
    let small = slipway_scripted_model::Server::start(script.expect("a script")).await.expect("a port");
    let request = with(&world, |request| {
        let mut model = request.model.clone();
        model.base_url = small.base_url();
        model.model = "small".to_owned();
        request.secondary = Some(model);
    });
    let events = world.run_with(request).await;
    assert_eq!(outcomes(&events)[0].text, "From the small one.");
    assert_eq!((small.requests().len(), world.model.requests().len()), (1, 2));
}

#[tokio::test]
async fn one_can_be_stopped_by_itself_and_its_run_goes_on() {
    let children =
        child("look long", "{text: A first finding., tool_calls: [{name: wait_for_two, arguments: {}}]}");
    let world = world(&delegate(&["look long"]), &children).await;
    let request = world.request();
    let running = tokio::spawn({
        let (engine, request) = (world.engine.clone(), request.clone());
        async move { crate::harness::run_against(&engine, &request).await }
    });
    world.tools.wait_for_running(1).await;
    let call = {
        let seen = world.tools.seen(|seen| seen.invocations[0].1.call_id.clone());
        seen.as_str().split('~').next().expect("its call").to_owned()
    };
    let url = format!("{}/v1/runs/{}/calls/{call}", world.engine, request.run_id);
    let stop =
        async || reqwest::Client::builder().no_proxy().build().expect("a client").delete(&url).send().await;
    assert_eq!(stop().await.expect("an answer").status(), 204);
    world.tools.wait_for_dropped(1).await;
    let events = running.await.expect("it ends");
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    let [outcome] = outcomes(&events).try_into().expect("one result");
    assert_eq!(outcome.status, ToolStatus::Stopped);
    assert!(outcome.text.contains("A first finding."), "{}", outcome.text);
    assert_eq!(stop().await.expect("an answer").status(), 404, "it is not there any more");
}

#[tokio::test]
async fn a_stopped_call_of_its_model_is_settled() {
    let children =
        child("think long", "{text: Thinking about it for long., chunk_delay_ms: 60, chunk_chars: 2}");
    let world = world(&delegate(&["think long"]), &children).await;
    let request = world.request();
    let mut stream = start(&world.engine, &request).await;
    let mut text = String::new();
    while !text.contains("\"nested\"") || !text.contains("text_delta") {
        let chunk = stream.chunk().await.expect("the stream").expect("goes on");
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let at = text.find("\"type\":\"nested\",\"call_id\":\"").expect("its call");
    let call: String = text[at + 27..].chars().take_while(|letter| *letter != '"').collect();
    let url = format!("{}/v1/runs/{}/calls/{call}", world.engine, request.run_id);
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    assert_eq!(client.delete(&url).send().await.expect("an answer").status(), 204);
    while let Some(chunk) = stream.chunk().await.expect("the stream") {
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let count = |kind: &str| text.matches(&format!("\"type\":\"{kind}\"")).count();
    assert_eq!(count("reserved"), count("settled"), "every call is settled");
    assert!(text.contains("The person stopped the sub-agent"));
    assert!(text.contains("\"type\":\"completed\""));
}

#[tokio::test]
async fn it_ends_with_its_run() {
    let children = child("look long", "{tool_calls: [{name: wait_for_two, arguments: {}}]}");
    let world = world(&delegate(&["look long"]), &children).await;
    let stream = start(&world.engine, &world.request()).await;
    world.tools.wait_for_running(1).await;
    drop(stream);
    world.tools.wait_for_dropped(1).await;
    assert_eq!(world.model.requests().len(), 2);
}

#[tokio::test]
async fn a_child_that_misbehaves_is_a_result_and_no_end_of_the_run() {
    for (steps, wanted) in [
        // What it may not use does not exist for it, and it cannot delegate or ask.
        (
            "{tool_calls: [{name: write_file, arguments: {path: x}}, {name: subagent, arguments: {task: y}}, \
             {name: ask_user, arguments: {question: z}}]}, {text: I could not.}",
            "I could not.",
        ),
        (
            "{tool_calls: [{name: read_file, arguments: '{\"path\": \"a'}]}, {text: Broken call.}",
            "Broken call.",
        ),
        (
            "{text: ''}, {text: ''}, {text: ''}, {text: ''}",
            "The sub-agent failed. The model gave an empty answer",
        ),
    ] {
        let world = world(&delegate(&["misbehave"]), &child("misbehave", steps)).await;
        let events = world.run().await;
        assert_eq!(*events.outcome(), RunOutcome::Completed, "{steps}");
        let [outcome] = outcomes(&events).try_into().expect("one result");
        assert!(outcome.text.contains(wanted), "{}", outcome.text);
        assert!(!world.tools.names().contains(&"write_file".to_owned()));
        let ends =
            nested(&events).into_iter().filter(|(_, event)| matches!(event, EngineEvent::Finished { .. }));
        assert_eq!(ends.count(), 0);
    }
}

#[tokio::test]
async fn a_long_report_is_cut_and_says_so() {
    let children = child("tell all", &format!("{{text: {}}}", "x".repeat(5_000)));
    let world = world(&delegate(&["tell all"]), &children).await;
    let request = with(&world, |request| request.subagents.max_report_chars = 1_000);
    let events = world.run_with(request).await;
    let [outcome] = outcomes(&events).try_into().expect("one result");
    assert!(outcome.truncated && outcome.text.ends_with("[cut after 1000 characters]"));
    let whole = nested(&events).into_iter().any(|(_, event)| {
        matches!(event, EngineEvent::Entry { entry } if matches!(&*entry, Entry::Assistant(step) if step.text.len() == 5_000))
    });
    assert!(whole, "the person sees all of it");
}

#[tokio::test]
async fn a_task_that_says_nothing_is_refused() {
    let world = world(&delegate(&["' '"]), "").await;
    let events = world.run().await;
    assert_eq!(outcomes(&events)[0].status, ToolStatus::Error);
    assert_eq!(world.model.requests().len(), 2);
}
