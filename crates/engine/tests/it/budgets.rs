//! Budgets: what the scripted model is asked, and that it is asked nothing more once they are used up.

use slipway_protocol::budget::{Budget, Spending};
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::run::{EngineEvent, RunOutcome, RunRequest};
use slipway_protocol::usage::UsageSource;

use crate::harness::{Events, World, quick};

/// Steps that each write a file and report these figures, for ever.
fn busy(prompt: u64, completion: u64) -> String {
    let step = |number: u32| {
        format!(
            "      - {{tool_calls: [{{name: write_file, arguments: {{path: f{number}}}}}], usage: {{prompt: \
             {prompt}, completion: {completion}}}}}\n"
        )
    };
    format!("  - steps:\n{}", (0..40).map(step).collect::<String>())
}

async fn run(script: &str, change: impl FnOnce(&mut RunRequest)) -> (World, Events) {
    let world = World::new(script).await;
    let mut request = world.request();
    change(&mut request);
    let events = world.run_with(request).await;
    (world, events)
}

/// What the events say was consumed, in all.
fn spent(events: &Events) -> Spending {
    let settled = events.0.iter().filter_map(|event| match event {
        EngineEvent::Settled { spent, .. } => Some(*spent),
        _ => None,
    });
    settled.fold(Spending::default(), Spending::plus)
}

/// What the person was told.
fn notices(events: &Events) -> Vec<&str> {
    let notices = events.0.iter().filter_map(|event| match event {
        EngineEvent::Notice { level: NoticeLevel::Warning, text } => Some(text.as_str()),
        _ => None,
    });
    notices.collect()
}

fn limit_reached(events: &Events) -> bool {
    matches!(events.outcome(), RunOutcome::LimitReached { .. })
}

/// Every call is reserved, and settled once, in this order.
fn check_pairs(world: &World, events: &Events) {
    let reserved = events.positions(|event| matches!(event, EngineEvent::Reserved { .. }));
    let settled = events.positions(|event| matches!(event, EngineEvent::Settled { .. }));
    assert_eq!(reserved.len(), world.model.requests().len());
    assert_eq!(reserved.len(), settled.len());
    assert!(reserved.iter().zip(&settled).all(|(reserved, settled)| reserved < settled));
}

#[tokio::test]
async fn no_call_is_made_once_the_tokens_are_used_up() {
    let (world, events) = run(&busy(9_000, 1_000), |request| {
        request.limits.max_total_tokens = Some(50_000);
    })
    .await;
    assert!(limit_reached(&events));
    assert_eq!(events.code(), "token_limit");
    // A fifth call could take 9 900 tokens of input and 4 096 of output, and 10 000 are left.
    assert_eq!(world.model.requests().len(), 4);
    assert_eq!(world.tools.names().len(), 4);
    assert!(events.detail().starts_with("40000 of 50000 tokens are used; the next model call may take"));
    assert_eq!(spent(&events), Spending { steps: 4, tokens: 40_000, ..Spending::default() });
    check_pairs(&world, &events);
}

#[tokio::test]
async fn calls_near_the_limit_ask_for_less_output() {
    let (world, events) = run(&busy(9_000, 1_000), |request| {
        request.limits.max_total_tokens = Some(30_000);
    })
    .await;
    assert_eq!(events.code(), "token_limit");
    let asked: Vec<u64> = world
        .model
        .requests()
        .iter()
        .map(|request| request.body["max_tokens"].as_u64().expect("a number"))
        .collect();
    assert_eq!(asked.len(), 2);
    assert!((20_000..30_000).contains(&asked[0]), "{asked:?}");
    // 20 000 are left, of which 9 000 and a margin are for the input.
    assert!((4_096..=10_100).contains(&asked[1]), "{asked:?}");
}

#[tokio::test]
async fn an_answer_that_the_budget_cuts_off_ends_the_run_by_its_name() {
    let script = "  - steps: [{text: half an ans, finish: length, usage: {prompt: 100, completion: 9000}}]";
    let (_, events) = run(script, |request| request.limits.max_total_tokens = Some(10_000)).await;
    assert_eq!(events.code(), "token_limit");
    assert!(events.detail().starts_with("9100 of 10000 tokens are used; the last answer was cut off"));
    let (_, events) = run(script, |request| request.limits.max_total_tokens = Some(100_000)).await;
    assert_eq!(events.code(), "output_limit");
}

#[tokio::test]
async fn a_run_that_could_not_pay_one_call_makes_none() {
    let script = "  - steps: [{text: done}]";
    let (world, events) = run(script, |request| request.limits.max_total_tokens = Some(4_000)).await;
    assert_eq!(events.code(), "token_limit");
    assert_eq!(world.model.requests().len(), 0);
    assert!(events.positions(|event| matches!(event, EngineEvent::StepStarted { .. })).is_empty());
}

#[tokio::test]
async fn the_conversations_budget_counts_what_earlier_runs_have_used() {
    let (world, events) = run(&busy(1_000, 100), |request| {
        request.conversation_budget.limit = Budget { steps: Some(10), ..Budget::default() };
        request.conversation_budget.spent = Spending { steps: 7, ..Spending::default() };
    })
    .await;
    assert_eq!(events.code(), "conversation_step_limit");
    assert_eq!(events.detail(), "10 of 10 steps are used");
    assert_eq!(world.model.requests().len(), 3);
    assert_eq!(spent(&events).steps, 3);

    let (world, events) = run(&busy(1_000, 100), |request| {
        request.conversation_budget.limit = Budget { tokens: Some(50_000), ..Budget::default() };
        request.conversation_budget.spent = Spending { tokens: 50_000, ..Spending::default() };
    })
    .await;
    assert_eq!(events.code(), "conversation_token_limit");
    assert_eq!(world.model.requests().len(), 0);
}

#[tokio::test]
async fn money_of_unknown_price_counts_at_the_ceiling_and_the_person_is_told() {
    let unpriced = |request: &mut RunRequest| {
        request.model.profile = "custom".to_owned();
        request.limits.max_cost_micros = Some(1_000_000);
    };
    let (world, events) = run(&busy(10_000, 1_000), unpriced).await;
    assert_eq!(events.code(), "cost_limit");
    // A call counts 10 000 × $15 and 1 000 × $75 per million: $0.225. After two, $0.55 are left, and a
    // third could take $0.165 and 4 096 × $75 = $0.3072; after three, $0.325 are too little.
    assert_eq!(world.model.requests().len(), 3);
    assert_eq!(spent(&events).cost_micros, 675_000);
    let told = notices(&events);
    assert!(told[0].starts_with("The price of scripted is not known."), "{told:?}");

    // Without a limit of money the price does not matter.
    let unlimited = |request: &mut RunRequest| request.model.profile = "custom".to_owned();
    let (_, events) = run("  - steps: [{text: done, usage: {prompt: 3000, completion: 1}}]", unlimited).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert_eq!((spent(&events).cost_micros, notices(&events).len()), (0, 0));
    // What runs on the person's own machine costs nothing.
    let local = |request: &mut RunRequest| {
        request.model.profile = "ollama".to_owned();
        request.model.api_key = String::new();
        request.limits.max_cost_micros = Some(1);
    };
    let (_, events) = run("  - steps: [{text: done, usage: {prompt: 3000, completion: 1}}]", local).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    assert!(notices(&events).is_empty());
}

#[tokio::test]
async fn attempts_that_fail_are_paid_for_where_the_provider_may_ask_for_it() {
    let failing = |fault: &str| format!("  - steps: [{{text: {}, fault: {fault}}}]", "word ".repeat(400));
    let (world, events) = run(&failing("{end_after_chunks: 60, times: 2}"), |_| {}).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    check_pairs(&world, &events);
    let failed: Vec<_> = events
        .0
        .iter()
        .filter_map(|event| match event {
            EngineEvent::Settled { failed: Some(usage), .. } => Some(*usage),
            _ => None,
        })
        .collect();
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|usage| usage.source == UsageSource::Estimated));
    assert!(failed.iter().all(|usage| usage.input > 0 && (200..300).contains(&usage.output)), "{failed:?}");
    assert_eq!(spent(&events).steps, 1);

    let (world, events) = run(&failing("{status: {code: 503}, times: 2}"), |_| {}).await;
    assert_eq!(*events.outcome(), RunOutcome::Completed);
    check_pairs(&world, &events);
    assert!(!events.0.iter().any(|event| matches!(event, EngineEvent::Settled { failed: Some(_), .. })));
}

#[tokio::test]
async fn retries_and_repeats_end_with_the_budget() {
    // Each answer is cut after it has cost some 3 000 tokens.
    let long = "word ".repeat(2_400);
    let script = format!("  - steps: [{{text: {long}, chunk_chars: 1000, fault: {{end_after_chunks: 12}}}}]");
    let (world, events) = run(&script, |request| request.limits.max_total_tokens = Some(14_000)).await;
    assert!(limit_reached(&events), "{:?}", events.outcome());
    assert_eq!(events.code(), "token_limit");
    let made = world.model.requests().len();
    assert!((1..4).contains(&made), "{made} of the four attempts that are made otherwise");
    assert!(spent(&events).tokens <= 14_000);
    check_pairs(&world, &events);

    let empty = "  - steps: [{text: '', usage: {prompt: 3000, completion: 4000}}, {text: ''}, {text: ''}]";
    let (world, events) = run(empty, |request| request.limits.max_total_tokens = Some(14_000)).await;
    assert_eq!(events.code(), "token_limit");
    assert_eq!(world.model.requests().len(), 1);
    check_pairs(&world, &events);
}

#[tokio::test]
async fn a_model_call_is_given_up_when_the_time_is_over() {
    let mut settings = quick();
    settings.model.first_byte = std::time::Duration::from_secs(60);
    settings.model.idle = std::time::Duration::from_secs(60);
    let world = World::with("  - steps: [{text: done, first_delay_ms: 60000}]", settings).await;
    let mut request = world.request();
    request.conversation_budget.limit = Budget { minutes: Some(1), ..Budget::default() };
    request.conversation_budget.spent = Spending { time_ms: 58_800, ..Spending::default() };
    let events = world.run_with(request).await;
    assert!(limit_reached(&events));
    assert_eq!(events.code(), "conversation_time_limit");
    assert_eq!(world.model.requests().len(), 1);
    check_pairs(&world, &events);
    assert!(spent(&events).tokens > 0, "the provider may ask for the input");
}

#[tokio::test]
async fn a_wait_does_not_outlast_the_time() {
    let script = "  - steps: [{text: done, fault: {status: {code: 429, headers: {retry-after: '50'}}}}]";
    let (world, events) = run(script, |request| {
        request.conversation_budget.limit = Budget { minutes: Some(1), ..Budget::default() };
        request.conversation_budget.spent = Spending { time_ms: 58_800, ..Spending::default() };
    })
    .await;
    assert_eq!(events.code(), "conversation_time_limit");
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test]
async fn a_warning_reaches_the_person_and_the_model_without_touching_the_prefix() {
    let (world, events) = run(&busy(9_000, 1_000), |request| {
        request.limits.max_total_tokens = Some(49_000);
    })
    .await;
    assert_eq!(events.code(), "token_limit");
    // 40 000 of 49 000 are four fifths; no call follows that the model could be told in.
    assert!(notices(&events).is_empty(), "the gateway tells the person of tokens and money");

    let (world_of_steps, events) = run(&busy(900, 100), |request| {
        request.conversation_budget.limit = Budget { steps: Some(10), ..Budget::default() };
    })
    .await;
    assert_eq!(notices(&events).len(), 1);
    assert_eq!(world_of_steps.model.requests().len(), 10);
    for number in 1..10 {
        let (before, after) = (world_of_steps.messages(number - 1), world_of_steps.messages(number));
        assert_eq!(after[..before.len()], before[..], "request {number}");
        let told = world_of_steps.newest(number).contains("has used 8 of 10 steps");
        assert_eq!(told, number == 8, "request {number}");
    }
    drop(world);
}

#[tokio::test]
async fn the_steps_of_a_run_are_no_reason_for_a_warning() {
    let (world, events) = run(&busy(900, 100), |request| request.limits.max_steps = 10).await;
    assert_eq!(events.code(), "step_limit");
    assert_eq!(world.model.requests().len(), 10);
    assert!(notices(&events).is_empty());
}
