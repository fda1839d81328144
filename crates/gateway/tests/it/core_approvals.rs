//! Calls that the person is to approve: nothing of them begins before that, and they are made once.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::approval::{HeldCall, Risk, RuleAction};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::ToolPartStatus;
use slipway_protocol::question::{Choice, Question};
use slipway_protocol::run::RunOutcome;

use crate::core_client::Setup;
use crate::core_engine::{EngineRun, told};
use crate::core_host::FakeHost;

const SETTINGS: &str = "/api/v1/settings/permissions";
const COMMAND: &str = "run_terminal_command";

fn changes(action: &str) -> Value {
    json!([{ "about": { "type": "changes" }, "action": action }])
}

fn commands(pattern: &str, action: &str) -> Value {
    json!([{ "about": { "type": "command", "pattern": pattern }, "action": action }])
}

async fn rule(setup: &Setup, rules: Value) {
    let (status, report) = setup.gateway.send(Method::PUT, SETTINGS, &json!({ "rules": rules })).await;
    assert_eq!(status, 200, "{report}");
}

fn held(call: &str, asked: bool) -> HeldCall {
    HeldCall { call_id: call.into(), tool: "touch".to_owned(), arguments: json!({}), asked }
}

/// A conversation whose run waits for a decision about the first of these calls, and with it for those behind it.
async fn asking(calls: &[&str]) -> Setup {
    let mut setup = Setup::new().await;
    rule(&setup, changes("ask")).await;
    let mut follower = setup.follow().await;
    setup.say("Build the thing").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "Let me do it.", calls);
    assert_eq!(told(run.call_tool("first", calls[0]).await).await["type"], "held");
    let held = calls.iter().map(|call| held(call, *call == calls[0])).collect();
    run.finish(RunOutcome::Asks { questions: Vec::new(), held });
    follower.until_status(RunStatus::WaitingApproval).await;
    setup
}

async fn decide(setup: &Setup, call: &str, body: &Value) -> (u16, Value) {
    setup.gateway.send(Method::POST, &setup.path(&format!("/approvals/{call}")), body).await
}

fn approve(client_id: &str) -> Value {
    json!({ "client_id": client_id, "decision": "approve_once" })
}

fn deny(client_id: &str, message: &str) -> Value {
    json!({ "client_id": client_id, "decision": "deny", "message": message })
}

fn calls_of(host: &FakeHost) -> Vec<String> {
    host.asked().into_iter().filter(|asked| asked.starts_with("call ")).collect()
}

/// Results of calls in the transcript: id, status and text.
async fn results(setup: &Setup) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = setup.transcript().await;
    let results = entries.iter().filter(|entry| entry["type"] == "tool_result");
    results.map(|entry| (text(&entry["call_id"]), text(&entry["status"]), text(&entry["text"]))).collect()
}

/// Makes a call that was approved to its end, and ends the run.
async fn finish(setup: &mut Setup, run: EngineRun, call: &str) {
    let response = run.call_tool("approved", call).await;
    setup.host.end("approved");
    assert_eq!(told(response).await["text"], "done");
    run.result(call, "done");
    let mut follower = setup.follow().await;
    run.reply("Built.");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn nothing_of_a_call_begins_before_it_is_approved_and_then_it_is_made_once() {
    let mut setup = asking(&["call-1"]).await;
    assert_eq!(calls_of(&setup.host), [] as [&str; 0]);
    let waiting = setup.snapshot().await;
    assert_eq!(waiting.conversation.status, RunStatus::WaitingApproval);
    assert_eq!(waiting.conversation.run_started_at, None, "no time passes for it");
    assert_eq!(setup.gateway.app().runs.count(), 0, "no task");
    let [asked] = waiting.approvals.as_slice() else { panic!("{:?}", waiting.approvals) };
    assert_eq!((asked.call_id.as_str(), asked.tool.as_str()), ("call-1", "touch"));
    assert_eq!(asked.rule.as_ref().unwrap().action, RuleAction::Ask);
    assert_eq!((&asked.risks, asked.expires_at), (&vec![Risk::Changes], None));
    assert_eq!(setup.tools().await[0].status, ToolPartStatus::Proposed);

    let (status, receipt) = decide(&setup, "call-1", &approve("one")).await;
    assert_eq!((status, &receipt["remaining"]), (202, &json!(0)), "{receipt}");
    let run = setup.engine.run().await;
    assert_eq!(json!(run.request.run_id), receipt["run_id"], "the same run goes on");
    assert_eq!(run.request.held, ["call-1".into()]);
    assert!(setup.snapshot().await.approvals.is_empty());
    finish(&mut setup, run, "call-1").await;
    assert_eq!(calls_of(&setup.host), ["call approved"]);
    assert_eq!(setup.host.begun(), ["approved"], "its intent was recorded before");
    assert_eq!(setup.tools().await[0].status, ToolPartStatus::Ok);
    assert!(setup.engine.is_idle());
}

#[tokio::test]
async fn without_rules_calls_are_made_at_once() {
    let mut setup = Setup::new().await;
    let report = setup.gateway.get(SETTINGS).await;
    assert_eq!(report["permissions"], json!({ "rules": [], "answer_minutes": 0 }));
    assert_eq!(report["sources"]["rules"], "default");
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    finish(&mut setup, run, "call-1").await;
    assert_eq!(calls_of(&setup.host), ["call approved"]);
}

#[tokio::test]
async fn a_denied_call_is_not_made_and_the_model_is_told_why() {
    let mut setup = asking(&["call-1"]).await;
    assert_eq!(decide(&setup, "call-1", &deny("one", " Use the other file. ")).await.0, 202);
    let run = setup.engine.run().await;
    assert!(run.request.held.is_empty());
    let results = results(&setup).await;
    assert_eq!((results[0].0.as_str(), results[0].1.as_str()), ("call-1", "denied"));
    assert!(results[0].2.ends_with("They say: Use the other file."), "{}", results[0].2);
    assert_eq!(setup.tools().await[0].status, ToolPartStatus::Denied);
    run.reply("I see.");
    assert_eq!(calls_of(&setup.host), [] as [&str; 0]);
}

#[tokio::test]
async fn a_decision_counts_once_whoever_sends_it_how_often() {
    let mut setup = asking(&["call-1"]).await;
    let mut elsewhere = setup.follow().await;
    let (first, second) = (approve("one"), deny("two", ""));
    let (first, second) = tokio::join!(decide(&setup, "call-1", &first), decide(&setup, "call-1", &second));
    let mut statuses = [first.0, second.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [202, 409], "{first:?} {second:?}");
    let refused = if first.0 == 409 { &first.1 } else { &second.1 };
    assert_eq!(refused["code"], "approval_closed");
    elsewhere
        .until(|body| matches!(body, EventBody::ApprovalsUpdated { approvals } if approvals.is_empty()))
        .await;
    let again = if first.0 == 202 { approve("one") } else { deny("two", "") };
    assert_eq!(decide(&setup, "call-1", &again).await.0, 202);
    setup.engine.run().await.reply("done");
    assert!(setup.engine.is_idle(), "it goes on once");
}

#[tokio::test]
async fn an_approval_outlives_the_gateway() {
    let mut setup = asking(&["call-1"]).await;
    setup = setup.restarted().await;
    let waiting = setup.snapshot().await;
    assert_eq!(waiting.conversation.status, RunStatus::WaitingApproval);
    assert_eq!(waiting.approvals.len(), 1);
    assert_eq!(decide(&setup, "call-1", &approve("one")).await.0, 202);
    let run = setup.engine.run().await;
    finish(&mut setup, run, "call-1").await;
    assert_eq!(calls_of(&setup.host), ["call approved"]);
}

#[tokio::test]
async fn all_calls_of_a_step_are_asked_at_once_and_the_run_goes_on_after_the_last() {
    let mut setup = asking(&["call-1", "call-2", "call-3"]).await;
    let asked = setup.snapshot().await.approvals;
    let ids: Vec<&str> = asked.iter().map(|approval| approval.call_id.as_str()).collect();
    assert_eq!(ids, ["call-1", "call-2", "call-3"]);
    assert_eq!(decide(&setup, "call-2", &deny("two", "no")).await.1["remaining"], 2);
    assert_eq!(decide(&setup, "call-3", &approve("three")).await.1["remaining"], 1);
    let now = setup.snapshot().await;
    assert_eq!((now.conversation.status, now.approvals.len()), (RunStatus::WaitingApproval, 1));
    assert!(setup.engine.is_idle());
    decide(&setup, "call-1", &approve("one")).await;
    let run = setup.engine.run().await;
    assert_eq!(run.request.held, ["call-1".into(), "call-3".into()]);
    run.reply("done");
}

#[tokio::test]
async fn calls_that_only_wait_for_their_turn_are_not_asked_about() {
    let mut setup = Setup::new().await;
    rule(&setup, commands("git push", "ask")).await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1", "call-2"]);
    let arguments = json!({ "command": "cd x && git push" });
    let push = HeldCall { tool: COMMAND.to_owned(), arguments: arguments.clone(), ..held("call-1", true) };
    assert_eq!(told(run.call_tool_with(COMMAND, "1", "call-1", None, arguments).await).await["type"], "held");
    run.finish(RunOutcome::Asks { questions: Vec::new(), held: vec![push, held("call-2", false)] });
    follower.until_status(RunStatus::WaitingApproval).await;
    let asked = setup.snapshot().await.approvals;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].command.as_deref(), Some("cd x && git push"));
    assert_eq!(asked[0].risks, [Risk::Publishes]);
    decide(&setup, "call-1", &deny("one", "")).await;
    let run = setup.engine.run().await;
    assert_eq!(run.request.held, ["call-2".into()]);
    finish(&mut setup, run, "call-2").await;
}

#[tokio::test]
async fn only_what_was_shown_is_made() {
    let mut setup = asking(&["call-1"]).await;
    decide(&setup, "call-1", &approve("one")).await;
    let run = setup.engine.run().await;
    let other = run.call_tool_with("touch", "other", "call-1", None, json!({ "path": "elsewhere" })).await;
    let told = told(other).await;
    assert_eq!(told["status"], "denied");
    assert!(told["text"].as_str().unwrap().contains("not those that the person approved"), "{told}");
    assert_eq!(calls_of(&setup.host), [] as [&str; 0]);
    run.reply("done");
}

#[tokio::test]
async fn an_approval_for_the_conversation_is_about_the_same_command() {
    let mut setup = Setup::new().await;
    rule(&setup, commands("git push", "ask")).await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    let arguments = json!({ "command": "git push origin a" });
    let push = HeldCall { tool: COMMAND.to_owned(), arguments: arguments.clone(), ..held("call-1", true) };
    run.finish(RunOutcome::Asks { questions: Vec::new(), held: vec![push] });
    follower.until_status(RunStatus::WaitingApproval).await;
    let body = json!({ "client_id": "one", "decision": "approve_for_conversation" });
    assert_eq!(decide(&setup, "call-1", &body).await.0, 202);
    let mut run = setup.engine.run().await;
    run.result("call-1", "pushed");
    let id = run.step();
    run.answer(&id, "", &["call-2", "call-3"]);
    let same = run.call_tool_with(COMMAND, "same", "call-2", None, arguments).await;
    setup.host.end("same");
    assert_eq!(told(same).await["status"], "ok");
    let other = json!({ "command": "git push origin b" });
    assert_eq!(told(run.call_tool_with(COMMAND, "2", "call-3", None, other).await).await["type"], "held");
    run.reply("done");
}

#[tokio::test]
async fn what_a_rule_forbids_is_not_made_and_nobody_is_asked() {
    let mut setup = Setup::new().await;
    rule(&setup, commands("rm -r", "deny")).await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    let arguments = json!({ "command": "sudo rm -rf /" });
    let told = told(run.call_tool_with(COMMAND, "1", "call-1", None, arguments).await).await;
    assert_eq!(told["status"], "denied");
    assert!(told["text"].as_str().unwrap().contains("commands like `rm -r`"), "{told}");
    assert_eq!(calls_of(&setup.host), [] as [&str; 0]);
    run.reply("done");
}

#[tokio::test]
async fn a_subagent_is_refused_what_would_have_to_be_asked() {
    let mut setup = Setup::new().await;
    rule(&setup, changes("ask")).await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1"]);
    let told = told(run.call_tool_for("touch", "1", "call-1", Some("call-1")).await).await;
    assert_eq!(told["status"], "denied");
    assert!(told["text"].as_str().unwrap().contains("a sub-agent cannot wait"), "{told}");
    run.reply("done");
}

#[tokio::test]
async fn stopping_while_it_waits_ends_the_run_and_the_calls() {
    let mut setup = asking(&["call-1", "call-2"]).await;
    let mut follower = setup.follow().await;
    assert_eq!(setup.post("/continue").await.1["code"], "run_waits");
    assert_eq!(setup.post("/stop").await.0, 202);
    follower.until_status(RunStatus::Stopped).await;
    let now = setup.snapshot().await;
    assert_eq!((now.conversation.status, now.approvals.len()), (RunStatus::Stopped, 0));
    let results = results(&setup).await;
    assert_eq!(results.len(), 2);
    assert!(results.iter().all(|(_, status, text)| status == "stopped" && text.contains("was not made")));
    let (status, problem) = decide(&setup, "call-1", &approve("one")).await;
    assert_eq!((status, &problem["code"]), (409, &json!("approval_closed")));
    assert_eq!(setup.post("/continue").await.0, 202);
    let run = setup.engine.run().await;
    assert!(run.request.held.is_empty());
    run.reply("done");
}

#[tokio::test]
async fn a_message_instead_of_a_decision_is_said_and_the_call_is_not_made() {
    let mut setup = asking(&["call-1", "call-2"]).await;
    assert_eq!(setup.try_say("m", "Do something else", "queue").await.0, 202);
    let run = setup.engine.run().await;
    assert_eq!(run.said(), ["Build the thing", "Do something else"]);
    assert!(run.request.held.is_empty());
    let results = results(&setup).await;
    assert!(results.iter().all(|(_, status, text)| status == "denied" && text.contains("sent a message")));
    assert_eq!(results.len(), 2);
    assert!(setup.snapshot().await.approvals.is_empty());
    run.reply("done");
}

#[tokio::test]
async fn a_question_beside_a_held_call_is_waited_for_too() {
    let mut setup = Setup::new().await;
    rule(&setup, changes("ask")).await;
    let mut follower = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-1", "call-2"]);
    let question = Question {
        call_id: "call-2".into(),
        question: "Why?".to_owned(),
        options: Vec::new(),
        choice: Choice::One,
    };
    run.finish(RunOutcome::Asks { questions: vec![question], held: vec![held("call-1", true)] });
    follower.until_status(RunStatus::WaitingApproval).await;
    assert_eq!(decide(&setup, "call-1", &approve("one")).await.1["remaining"], 1);
    follower.until_status(RunStatus::WaitingUser).await;
    assert!(setup.engine.is_idle());
    let answer = json!({ "client_id": "two", "answer": { "text": "So." } });
    let (status, _) =
        setup.gateway.send(Method::POST, &setup.path("/questions/call-2/answer"), &answer).await;
    assert_eq!(status, 202);
    let run = setup.engine.run().await;
    assert_eq!(run.request.held, ["call-1".into()]);
    run.reply("done");
}

#[tokio::test]
async fn a_call_that_nobody_decides_about_in_time_counts_as_denied() {
    let mut setup = asking(&["call-1"]).await;
    let pool = setup.gateway.app().store.pool().clone();
    sqlx::query("UPDATE approvals SET expires_at = 1").execute(&pool).await.unwrap();
    let run = setup.engine.run().await;
    let results = results(&setup).await;
    assert!(results[0].2.contains("Nobody decided about it in time."), "{results:?}");
    run.reply("done");

    let limit = json!({ "rules": changes("ask"), "answer_minutes": 5 });
    assert_eq!(setup.gateway.send(Method::PUT, SETTINGS, &limit).await.0, 200);
    let mut follower = setup.follow().await;
    setup.say("again").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call-2"]);
    run.finish(RunOutcome::Asks { questions: Vec::new(), held: vec![held("call-2", true)] });
    follower.until_status(RunStatus::WaitingApproval).await;
    let asked = setup.snapshot().await.approvals;
    assert_eq!(asked[0].expires_at, Some(asked[0].asked_at + 300_000));
}

#[tokio::test]
async fn rules_that_make_no_sense_are_refused_and_change_nothing() {
    let setup = Setup::new().await;
    for (body, wanted) in [
        (json!({ "rules": commands("a; b", "ask") }), 422),
        (json!({ "rules": changes("sometimes") }), 422),
        (json!({ "rules": [{ "about": { "type": "tool", "name": "ask_user" }, "action": "deny" }] }), 422),
        (json!({ "answer_minutes": 50_000 }), 422),
    ] {
        let (status, problem) = setup.gateway.send(Method::PUT, SETTINGS, &body).await;
        assert_eq!(status, wanted, "{body} {problem}");
    }
    assert_eq!(setup.gateway.get(SETTINGS).await["saved"], json!({}));
    let (status, problem) = decide(&setup, "call-9", &approve("x")).await;
    assert_eq!(status, 404, "{problem}");
}
