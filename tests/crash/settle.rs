//! What a person does until their conversation is done: they continue what was interrupted and answer what is asked.

use anyhow::{Context as _, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::client::{Client, PATIENCE, PAUSE};

/// Most times that somebody presses Continue; far more than there are kills between two looks.
const MOST_CONTINUES: u32 = 500;

/// Goes on until the conversation is done and nothing waits in its queue. Gives its snapshot.
///
/// # Errors
/// It came into a state in which the person can do nothing.
pub(crate) async fn settle(client: &Client, id: &str) -> anyhow::Result<Value> {
    let mut until = Instant::now() + PATIENCE;
    let mut continues = 0;
    loop {
        let snapshot = client.get(&format!("/conversations/{id}?tail=100")).await?;
        let status = snapshot["conversation"]["status"].as_str().context("a status")?;
        match status {
            "done" | "idle" => {
                let Some(first) = snapshot["queue"].get(0) else { return Ok(snapshot) };
                let message = first["message_id"].as_str().context("a waiting message")?;
                let (status, answer) = client
                    .ask(Method::POST, &format!("/conversations/{id}/queue/{message}/send"), None)
                    .await?;
                ensure!(status < 300 || status == 404, "{status} {answer}");
            }
            "stopped" | "error" | "limit_reached" | "paused" => {
                continues += 1;
                ensure!(
                    continues < MOST_CONTINUES,
                    "it never comes to its end: {}",
                    snapshot["conversation"]
                );
                let (status, answer) = client
                    .ask(Method::POST, &format!("/conversations/{id}/continue"), Some(&json!({})))
                    .await?;
                // Somebody else may have been faster: a message that waited.
                ensure!(status < 300 || status == 409, "{status} {answer}");
                until = Instant::now() + PATIENCE;
            }
            "waiting_user" => {
                for question in snapshot["questions"].as_array().into_iter().flatten() {
                    let call = question["call_id"].as_str().context("a call")?;
                    let answer =
                        json!({"client_id": format!("answer {call}"), "answer": {"chosen": ["blue"]}});
                    let path = format!("/conversations/{id}/questions/{call}/answer");
                    let (status, answer) = client.ask(Method::POST, &path, Some(&answer)).await?;
                    ensure!(status < 300 || status == 409, "{status} {answer}");
                }
            }
            "waiting_approval" => {
                for approval in snapshot["approvals"].as_array().into_iter().flatten() {
                    let call = approval["call_id"].as_str().context("a call")?;
                    let decision = json!({"client_id": format!("decide {call}"), "decision": "approve_once"});
                    let path = format!("/conversations/{id}/approvals/{call}");
                    let (status, answer) = client.ask(Method::POST, &path, Some(&decision)).await?;
                    ensure!(status < 300 || status == 409, "{status} {answer}");
                }
            }
            _ => {}
        }
        if Instant::now() > until {
            bail!("it stays {status}: {}", snapshot["conversation"]);
        }
        tokio::time::sleep(PAUSE).await;
    }
}
