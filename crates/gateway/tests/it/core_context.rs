//! What the model would be sent next, with the real engine, tool host and shell, and a scripted model.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::context::{RequestPreview, ViewState};

use crate::core_views::Whole;

impl Whole {
    async fn context(&self, query: &str) -> RequestPreview {
        let path = format!("/api/v1/conversations/{}/context{query}", self.conversation);
        serde_json::from_value(self.gateway.get(&path).await).unwrap()
    }

    /// The messages of the request of this number, from 0, as they were sent.
    fn messages(&self, number: usize) -> Vec<String> {
        let body = &self.model.requests()[number].body;
        body["messages"].as_array().unwrap().iter().map(Value::to_string).collect()
    }

    async fn close(&self, paths: &[&str]) {
        let path = format!("/api/v1/conversations/{}/context/close", self.conversation);
        let (status, answer) = self.gateway.send(Method::POST, &path, &json!({ "paths": paths })).await;
        assert_eq!(status, 204, "{answer}");
    }
}

fn written(preview: &RequestPreview) -> Vec<String> {
    preview.messages.iter().map(|message| message.message.to_string()).collect()
}

/// The newest of all views of a path that are in the preview, and how many are shown in full.
fn shown(preview: &RequestPreview, path: &str) -> (Option<u32>, usize) {
    let views = preview.messages.iter().flat_map(|message| &message.views).filter(|view| view.path == path);
    let (versions, states): (Vec<_>, Vec<_>) = views.map(|view| (view.version, view.state)).unzip();
    (versions.into_iter().max(), states.into_iter().filter(|state| *state != ViewState::Stub).count())
}

const SCRIPT: &str = "
name: test
models: [scripted-test]
turns:
  - when: {user_contains: first}
    steps:
      - tool_calls: [{name: write_file, arguments: {file: a.txt, content: \"one\\ntwo\\n\"}}]
      - tool_calls: [{name: write_file, arguments: {file: b.txt, content: bee}}]
      - tool_calls: [{name: run_terminal_command, arguments: {command: \"sed -i s/two/zwei/ a.txt\"}}]
      - text: done
  - when: {user_contains: second}
    steps:
      - tool_calls: [{name: edit_file, arguments: {file: a.txt, edits: [{remove_line_number: \"1\", content_to_remove: eins, replace_content: uno}]}}]
      - text: done
  - when: {user_contains: third}
    steps: [{text: well}]
";

#[tokio::test]
async fn what_is_previewed_is_what_the_next_message_sends() {
    let whole = Whole::new(SCRIPT).await;
    whole.run("first").await;
    let sent = whole.model.requests().len();
    std::fs::write(whole.workspace.path().join("a.txt"), "eins\nzwei\n").unwrap();

    let alone = whole.context("").await;
    let preview = whole.context("?text=second").await;
    assert_eq!(whole.model.requests().len(), sent, "the model was asked");
    whole.run("second").await;
    assert_eq!(written(&preview), whole.messages(sent), "byte for byte");
    // Without the words, all but the message that says them.
    let (last, before) =
        whole.messages(sent).split_last().map(|(last, before)| (last.clone(), before.to_vec())).unwrap();
    assert_eq!(written(&alone)[..before.len()], before);
    assert!(last.contains("second") && last.contains("eins"), "{last}");
    assert_ne!(alone.fingerprint, preview.fingerprint);

    let request: Value = whole.model.requests()[sent].body.clone();
    let tools: Vec<&str> = request["tools"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tool| tool["function"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(preview.tools.iter().map(|tool| tool.name.as_str()).collect::<Vec<_>>(), tools);
    assert_eq!(shown(&preview, "a.txt"), (Some(3), 1));
    // After the edit, too.
    let after = whole.context("").await;
    assert_eq!(shown(&after, "a.txt").1, 1);
    assert_eq!(after.files.iter().filter(|file| file.path == "a.txt").count(), 1);
}

/// A look that counted as shown would leave the agent's next edit with line numbers that its model never saw.
#[tokio::test]
async fn looking_changes_nothing_of_what_the_agent_does_next() {
    let whole = Whole::new(SCRIPT).await;
    whole.run("first").await;
    let transcript = format!("/api/v1/conversations/{}/transcript", whole.conversation);
    let before = whole.gateway.get(&transcript).await;
    std::fs::write(whole.workspace.path().join("a.txt"), "eins\nzwei\n").unwrap();
    let looks = [whole.context("").await, whole.context("").await];
    assert_eq!(looks[0], looks[1]);
    assert_eq!(whole.gateway.get(&transcript).await, before);
    let sent = whole.model.requests().len();
    whole.run("second").await;
    assert!(whole.messages(sent).last().unwrap().contains("1\\teins"), "it is shown all the same");
    let text = std::fs::read_to_string(whole.workspace.path().join("a.txt")).unwrap();
    assert_eq!(text, "uno\nzwei\n");
}

#[tokio::test]
async fn a_file_that_the_person_closes_is_not_shown_any_more() {
    let whole = Whole::new(SCRIPT).await;
    whole.run("first").await;
    assert_eq!(whole.context("").await.files.len(), 2);
    whole.close(&["a.txt", "c.txt"]).await;
    let preview = whole.context("?text=third").await;
    assert_eq!(preview.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["b.txt"]);
    assert_eq!(shown(&preview, "a.txt").1, 0);
    let snapshot = whole.gateway.get(&format!("/api/v1/conversations/{}", whole.conversation)).await;
    assert_eq!(snapshot["context_files"].as_array().unwrap().len(), 1);
    let sent = whole.model.requests().len();
    whole.run("third").await;
    assert_eq!(written(&preview), whole.messages(sent));
    assert!(whole.messages(sent).concat().contains("The person has closed these files: a.txt."));
}

#[tokio::test]
async fn without_a_sandbox_it_says_so_at_once() {
    let gateway = crate::harness::TestGateway::start().await;
    let id = gateway.conversation().await;
    let answer = gateway.launcher(Method::GET, &format!("/api/v1/conversations/{id}/context"));
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), 503);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "sandbox_unavailable");
}

#[tokio::test]
async fn each_turn_is_told_with_what_it_took() {
    let whole = Whole::new(SCRIPT).await;
    let path = format!("/api/v1/conversations/{}/turns", whole.conversation);
    assert_eq!(whole.gateway.get(&path).await, json!([]));
    whole.run("first").await;
    whole.run("third").await;
    let turns = whole.gateway.get(&path).await;
    let steps: Vec<_> =
        turns.as_array().unwrap().iter().map(|turn| turn["steps"].as_u64().unwrap()).collect();
    assert_eq!(steps, [4, 1], "{turns}");
    assert!(
        turns[0]["tokens"].as_u64() > turns[1]["tokens"].as_u64() && turns[1]["ended_at"].is_i64(),
        "{turns}"
    );
}
