//! Questions of the model: the run waits without a task or a connection, and goes on exactly once.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::event::RunStatus;
use slipway_protocol::message::ToolPartStatus;
use slipway_protocol::question::{Choice, Question, QuestionOption};
use slipway_protocol::run::RunOutcome;

use crate::core_client::Setup;

fn question(call: &str) -> Question {
    let option = |label: &str| QuestionOption { label: label.to_owned(), description: String::new() };
    Question {
        call_id: call.into(),
        question: "Which one?".to_owned(),
        options: vec![option("a"), option("b")],
        choice: Choice::One,
    }
}

fn choose(client_id: &str, label: &str) -> Value {
    json!({ "client_id": client_id, "answer": { "chosen": [label] } })
}

/// A conversation whose run waits for answers to these calls.
async fn asking(calls: &[&str]) -> Setup {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("Build the thing").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "Let me ask.", calls);
    run.finish(RunOutcome::Asks {
        questions: calls.iter().map(|call| question(call)).collect(),
        held: Vec::new(),
    });
    follower.until_status(RunStatus::WaitingUser).await;
    setup
}

async fn answer(setup: &Setup, call: &str, body: &Value) -> (u16, Value) {
    setup.gateway.send(Method::POST, &setup.path(&format!("/questions/{call}/answer")), body).await
}

/// Results of calls in the transcript: id and text.
async fn results(setup: &Setup) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = setup.transcript().await;
    let results = entries.iter().filter(|entry| entry["type"] == "tool_result");
    results.map(|entry| (text(&entry["call_id"]), text(&entry["text"]))).collect()
}

#[tokio::test]
async fn a_waiting_run_holds_nothing_and_an_answer_lets_it_go_on() {
    let mut setup = asking(&["call-1"]).await;
    let waiting = setup.snapshot().await;
    assert_eq!(waiting.conversation.status, RunStatus::WaitingUser);
    assert_eq!(waiting.conversation.run_started_at, None, "no time passes for it");
    assert_eq!(waiting.questions, [question("call-1")]);
    assert_eq!(setup.gateway.app().runs.count(), 0, "no task");
    assert!(setup.engine.is_idle());

    let (status, receipt) = answer(&setup, "call-1", &choose("one", "b")).await;
    assert_eq!((status, &receipt["remaining"]), (202, &json!(0)), "{receipt}");
    let run = setup.engine.run().await;
    assert_eq!(json!(run.request.run_id), receipt["run_id"], "the same run goes on");
    assert_eq!(waiting.conversation.run_id, Some(run.request.run_id.clone()));
    assert_eq!(results(&setup).await, [("call-1".to_owned(), "The person chose: b".to_owned())]);
    let now = setup.snapshot().await;
    assert_eq!((now.conversation.status, now.questions.len()), (RunStatus::Running, 0));
    assert_eq!(setup.tools().await[0].status, ToolPartStatus::Ok);
    assert_eq!(setup.tools().await[0].data, json!({ "chosen": ["b"], "text": "" }));
    let mut follower = setup.follow().await;
    run.reply("b it is");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn an_answer_counts_once_whoever_sends_it_how_often() {
    let mut setup = asking(&["call-1"]).await;
    let (first, second) = (choose("one", "a"), choose("two", "b"));
    let (first, second) = tokio::join!(answer(&setup, "call-1", &first), answer(&setup, "call-1", &second));
    let mut statuses = [first.0, second.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409], "{first:?} {second:?}");
    let winner = if first.0 == 202 { "one" } else { "two" };
    let refused = if first.0 == 409 { &first.1 } else { &second.1 };
    assert_eq!(refused["code"], "question_closed");
    // Sent again because the answer to it was lost.
    let (status, again) = answer(&setup, "call-1", &choose(winner, "a")).await;
    assert_eq!((status, &again["remaining"]), (202, &json!(0)));
    let run = setup.engine.run().await;
    assert_eq!(results(&setup).await.len(), 1);
    assert!(setup.engine.is_idle(), "it goes on once");
    run.reply("done");
}

#[tokio::test]
async fn a_question_outlives_the_gateway() {
    let mut setup = asking(&["call-1"]).await;
    setup = setup.restarted().await;
    let waiting = setup.snapshot().await;
    assert_eq!(waiting.conversation.status, RunStatus::WaitingUser);
    assert_eq!(waiting.questions, [question("call-1")]);

    let body = json!({ "client_id": "one", "answer": { "text": " Neither. " } });
    assert_eq!(answer(&setup, "call-1", &body).await.0, 202);
    let run = setup.engine.run().await;
    assert_eq!(results(&setup).await, [("call-1".to_owned(), "The person wrote: Neither.".to_owned())]);
    run.reply("done");
}

#[tokio::test]
async fn waiting_takes_no_time_from_the_budgets_but_the_run_keeps_what_it_spent() {
    let mut setup = asking(&["call-1"]).await;
    // Long enough to tell from the time that the run took.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    answer(&setup, "call-1", &choose("one", "a")).await;
    let run = setup.engine.run().await;
    let before = run.request.spent.time_ms;
    let mut follower = setup.follow().await;
    run.reply("done");
    follower.until_status(RunStatus::Done).await;
    let spent = setup.gateway.get(&setup.path("/budget")).await["conversation"]["spent"]["time_ms"].clone();
    assert!(before < 1_000 && spent.as_u64().unwrap() < 1_400, "{before} {spent}");
}

#[tokio::test]
async fn the_run_goes_on_when_the_last_of_several_questions_is_answered() {
    let mut setup = asking(&["call-1", "call-2"]).await;
    let (_, receipt) = answer(&setup, "call-2", &choose("two", "b")).await;
    assert_eq!(receipt["remaining"], 1);
    let now = setup.snapshot().await;
    assert_eq!((now.conversation.status, now.questions.len()), (RunStatus::WaitingUser, 1));
    assert!(setup.engine.is_idle());
    answer(&setup, "call-1", &choose("one", "a")).await;
    let run = setup.engine.run().await;
    assert_eq!(results(&setup).await.len(), 2);
    run.reply("done");
}

#[tokio::test]
async fn stopping_while_it_waits_ends_the_question_and_the_run() {
    let mut setup = asking(&["call-1"]).await;
    let mut follower = setup.follow().await;
    assert_eq!(setup.post("/stop").await.0, 202);
    follower.until_status(RunStatus::Stopped).await;
    let now = setup.snapshot().await;
    assert_eq!((now.conversation.status, now.questions.len()), (RunStatus::Stopped, 0));
    assert_eq!(setup.tools().await[0].status, ToolPartStatus::Stopped);
    let (status, problem) = answer(&setup, "call-1", &choose("one", "a")).await;
    assert_eq!((status, &problem["code"]), (409, &json!("question_closed")), "{problem}");
    // It can be continued, with every call answered.
    assert_eq!(setup.post("/continue").await.0, 202);
    let run = setup.engine.run().await;
    assert_eq!(results(&setup).await.len(), 1);
    run.reply("done");
}

#[tokio::test]
async fn a_message_instead_of_an_answer_ends_the_question_and_is_said() {
    let mut setup = asking(&["call-1"]).await;
    let mut follower = setup.follow().await;
    assert_eq!(setup.post("/continue").await.1["code"], "run_waits");
    let (status, receipt) = setup.try_say("m", "Do something else", "queue").await;
    assert_eq!(status, 202, "{receipt}");
    follower.until_status(RunStatus::Done).await;
    let run = setup.engine.run().await;
    assert_eq!(json!(run.request.run_id), receipt["run_id"]);
    assert_eq!(run.said(), ["Build the thing", "Do something else"]);
    let results = results(&setup).await;
    assert!(results[0].1.contains("sent a message instead"), "{results:?}");
    let kinds: Vec<String> = setup.transcript().await.iter().map(|entry| entry["type"].to_string()).collect();
    assert_eq!(kinds[kinds.len() - 2..], ["\"tool_result\"", "\"user\""]);
    assert!(setup.snapshot().await.questions.is_empty());
    run.reply("done");
}

#[tokio::test]
async fn a_message_that_waited_before_the_question_is_no_answer_but_can_be_sent_as_one() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let waiting = setup.say("later").await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    run.finish(RunOutcome::Asks { questions: vec![question("call-1")], held: Vec::new() });
    follower.until_status(RunStatus::WaitingUser).await;
    assert!(setup.engine.is_idle());
    assert_eq!(setup.snapshot().await.queue.len(), 1);
    let path = format!("/queue/{}/send", waiting["message_id"].as_str().unwrap());
    assert_eq!(setup.post(&path).await.0, 202);
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["go", "later"]);
    run.reply("done");
}

#[tokio::test]
async fn answers_that_do_not_fit_are_refused_and_change_nothing() {
    let mut setup = asking(&["call-1"]).await;
    for (call, body, wanted) in [
        ("call-1", json!({ "client_id": "x", "answer": {} }), 422),
        ("call-1", choose("x", "c"), 422),
        ("call-1", json!({ "client_id": "x", "answer": { "chosen": ["a", "b"] } }), 422),
        ("call-1", json!({ "client_id": "", "answer": { "text": "a" } }), 422),
        ("call-9", choose("x", "a"), 404),
    ] {
        let (status, problem) = answer(&setup, call, &body).await;
        assert_eq!(status, wanted, "{body} {problem}");
    }
    assert_eq!(setup.snapshot().await.questions.len(), 1);
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn stopping_wins_over_asking() {
    let mut setup = Setup::new().await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    setup.post("/stop").await;
    follower.until_status(RunStatus::Stopped).await;
    drop(run);
    let now = setup.snapshot().await;
    assert_eq!((now.conversation.status, now.questions.len()), (RunStatus::Stopped, 0));
    assert_eq!(setup.tools().await[0].status, ToolPartStatus::Stopped);
}
