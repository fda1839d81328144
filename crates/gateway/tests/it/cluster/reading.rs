//! Readers of one gateway follow what another one records.

use slipway_protocol::api::ConversationSnapshot;
use slipway_protocol::event::RunStatus;

use super::pair;
use crate::core_client::{Follower, texts};

#[tokio::test]
async fn a_reader_of_one_gateway_follows_a_run_of_another() {
    let (mut first, second) = pair().await;
    let mut near = first.follow().await;
    let mut far = Follower::open(&second, &first.conversation, None).await;
    first.say("go").await;
    let mut run = first.engine.run().await;
    let id = run.step();
    let mut whole = String::new();
    for number in 0..200 {
        let piece = format!("{number} ");
        run.text(&piece);
        whole.push_str(&piece);
    }
    far.until_text("99 ").await;
    // Begun in the middle, with a snapshot of the one gateway and the stream of the other.
    let path = format!("/api/v1/conversations/{}", first.conversation);
    let snapshot: ConversationSnapshot = serde_json::from_value(first.gateway.get(&path).await).unwrap();
    let mut late = Follower::open(&second, &first.conversation, Some(&snapshot.cursor)).await;
    late.messages = snapshot.messages;
    run.answer(&id, &whole, &[]);
    run.finish(slipway_protocol::run::RunOutcome::Completed);
    for reader in [&mut near, &mut far, &mut late] {
        reader.until_status(RunStatus::Done).await;
        assert_eq!(texts(&reader.messages), ["go", &whole]);
        assert!(!reader.kinds.iter().any(|kind| kind == "reset"), "{:?}", reader.kinds);
        let numbers: Vec<_> = reader.events.iter().map(|event| event.seq).collect();
        assert!(numbers.is_sorted_by(|one, next| one < next), "{numbers:?}");
    }
    assert_eq!(near.messages, far.messages);
    let seen_from_the_other =
        serde_json::from_value::<ConversationSnapshot>(second.get(&path).await).unwrap();
    assert_eq!(seen_from_the_other.messages, far.messages);
}

#[tokio::test]
async fn gateways_that_both_write_miss_nothing_of_each_other() {
    let (first, second) = pair().await;
    let mut readers = Vec::new();
    for gateway in [&first.gateway, &second] {
        readers.push(Follower::open(gateway, &first.conversation, None).await);
    }
    let rename = async |gateway: &crate::harness::TestGateway, name: &str| {
        for number in 0..40 {
            let body = serde_json::json!({ "title": format!("{name} {number}") });
            let (status, answer) = gateway.send(http::Method::PATCH, &first.path(""), &body).await;
            assert_eq!(status, 200, "{answer}");
        }
    };
    tokio::join!(rename(&first.gateway, "one"), rename(&second, "two"));
    let (status, _) =
        second.send(http::Method::PATCH, &first.path(""), &serde_json::json!({ "title": "end" })).await;
    assert_eq!(status, 200);
    let mut heard = Vec::new();
    for reader in &mut readers {
        use slipway_protocol::event::EventBody;
        reader
            .until(|body| matches!(body, EventBody::ConversationUpdated { conversation } if conversation.title == "end"))
            .await;
        let titles: Vec<(i64, String)> = reader
            .events
            .iter()
            .filter_map(|event| match &event.body {
                EventBody::ConversationUpdated { conversation } => {
                    Some((event.seq, conversation.title.clone()))
                }
                _ => None,
            })
            .collect();
        assert!(titles.is_sorted_by(|one, next| one.0 < next.0), "{titles:?}");
        heard.push(titles);
    }
    assert_eq!(heard[0].len(), 81);
    assert_eq!(heard[0], heard[1]);
}
