//! The event stream: replay, topics, slow and many readers.

use http::Method;
use serde_json::json;
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::message::NoticeLevel;
use slipway_protocol::run::RunOutcome;

use crate::core_client::{Follower, Setup, create, texts};
use crate::harness::TestGateway;

#[tokio::test]
async fn a_reload_in_mid_stream_loses_and_doubles_nothing() {
    let mut setup = Setup::new().await;
    let mut steady = setup.follow().await;
    let mut first = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("The beginning, ");
    first.until_text("The beginning, ").await;
    // The connection breaks here; the text goes on meanwhile.
    let (cursor, messages) = (first.cursor.clone(), first.messages.clone());
    drop(first);
    run.text("the middle, ");
    steady.until_text("the middle, ").await;

    // One client comes back with its position, another one reloads the page.
    let mut back = Follower::open(&setup.gateway, &setup.conversation, Some(&cursor)).await;
    back.messages = messages;
    let snapshot = setup.snapshot().await;
    assert_eq!(texts(&snapshot.messages), ["go", "The beginning, the middle, "]);
    let mut reloaded = Follower::open(&setup.gateway, &setup.conversation, Some(&snapshot.cursor)).await;
    reloaded.messages = snapshot.messages;

    run.text("the end.");
    run.answer(&id, "The beginning, the middle, the end.", &["call_1"]);
    run.result("call_1", "ok");
    run.finish(RunOutcome::Completed);
    for follower in [&mut steady, &mut back, &mut reloaded] {
        follower.until_status(RunStatus::Done).await;
        let numbers: Vec<_> = follower.events.iter().map(|event| event.seq).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    }
    assert_eq!(back.messages, steady.messages);
    assert_eq!(reloaded.messages, steady.messages);
    assert_eq!(setup.snapshot().await.messages, steady.messages);

    // Long after, what is left in the log still tells the same.
    let mut late = Follower::open(&setup.gateway, &setup.conversation, Some(&cursor)).await;
    late.messages.clone_from(&back.messages);
    late.until_status(RunStatus::Done).await;
    assert_eq!(late.messages, steady.messages);
}

#[tokio::test]
async fn an_unknown_position_is_told_to_start_over() {
    let setup = Setup::new().await;
    let ahead = |cursor: &str| {
        let (epoch, seq) = cursor.rsplit_once('-').unwrap();
        format!("{epoch}-{}", seq.parse::<i64>().unwrap() + 1)
    };
    for is_ahead in [false, true] {
        let cursor = setup.snapshot().await.cursor;
        let unknown = if is_ahead { ahead(&cursor) } else { "otherepoch-1".to_owned() };
        let mut follower = Follower::open(&setup.gateway, &setup.conversation, Some(&unknown)).await;
        create(&setup.gateway).await;
        follower.until(|body| matches!(body, EventBody::ConversationUpdated { .. })).await;
        // What the sandbox is doing comes when it comes.
        follower.kinds.retain(|kind| kind != "sandbox.updated");
        assert_eq!(follower.kinds, ["hello", "reset", "conversation.updated"], "{unknown}");
    }
    let answer = setup.gateway.launcher(Method::GET, "/api/v1/events?after=nonsense").send().await.unwrap();
    assert_eq!(answer.status(), 422);
}

#[tokio::test]
async fn a_stream_tells_when_its_gateway_was_started() {
    let setup = Setup::new().await;
    let started_at =
        async |setup: &Setup| Follower::open(&setup.gateway, &setup.conversation, None).await.started_at;
    let before = started_at(&setup).await;
    assert_eq!(started_at(&setup).await, before, "the same gateway");
    let setup = setup.restarted().await;
    let after = started_at(&setup).await;
    assert!(after > before, "{before} and then {after}");
}

#[tokio::test]
async fn old_events_are_given_up_and_positions_before_them_are_told_to_start_over() {
    let mut setup = Setup::new().await;
    let old = setup.snapshot().await.cursor;
    for text in ["one", "two", "three"] {
        let mut follower = setup.follow().await;
        setup.say(text).await;
        setup.engine.run().await.reply("done");
        follower.until_status(RunStatus::Done).await;
    }
    let Setup { gateway, conversation, .. } = setup;
    let shown = gateway.get(&format!("/api/v1/conversations/{conversation}")).await["messages"].clone();
    gateway.app().store.give_up_events(5).await.unwrap();
    let count = "SELECT COUNT(*) FROM events";
    let left: i64 =
        sqlx::Row::get(&sqlx::query(count).fetch_one(gateway.app().store.pool()).await.unwrap(), 0);
    assert_eq!(left, 5);
    // Nothing of it is in memory any more.
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    let snapshot = gateway.get(&format!("/api/v1/conversations/{conversation}")).await;
    assert_eq!(snapshot["messages"], shown);
    for (cursor, is_known) in [(old.as_str(), false), (snapshot["cursor"].as_str().unwrap(), true)] {
        let mut follower = Follower::open(&gateway, &conversation, Some(cursor)).await;
        create(&gateway).await;
        follower.until(|body| matches!(body, EventBody::ConversationUpdated { .. })).await;
        assert_eq!(!follower.kinds.contains(&"reset".to_owned()), is_known, "{cursor}: {:?}", follower.kinds);
    }
}

#[tokio::test]
async fn a_connected_reader_that_falls_behind_the_log_starts_over_and_has_everything() {
    let mut setup = Setup::new().await;
    let mut slow = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.text("The beginning, ");
    slow.until_text("The beginning, ").await;
    // It does not read while far more happens than sockets hold.
    let text = "x".repeat(1 << 20);
    for _ in 0..48 {
        let mut write = setup.gateway.app().store.write().await.unwrap();
        write.record(None, EventBody::Notice { level: NoticeLevel::Info, text: text.clone() }).await.unwrap();
        write.commit().await.unwrap();
    }
    setup.gateway.app().store.give_up_events(2).await.unwrap();
    while !slow.kinds.contains(&"reset".to_owned()) {
        slow.any().await;
    }
    assert!(slow.events.len() < 48, "it has missed some: {}", slow.events.len());
    // As the UI does: a snapshot, and events behind it on the same stream.
    let snapshot = setup.snapshot().await;
    slow.messages = snapshot.messages;
    slow.kinds.clear();
    run.text("the end.");
    run.answer(&id, "The beginning, the end.", &[]);
    run.finish(RunOutcome::Completed);
    slow.until_status(RunStatus::Done).await;
    assert_eq!(slow.messages, setup.snapshot().await.messages);
    assert_eq!(texts(&slow.messages), ["go", "The beginning, the end."]);
    assert!(!slow.kinds.contains(&"reset".to_owned()), "once: {:?}", slow.kinds);
}

#[tokio::test]
async fn topics_decide_what_comes_and_can_change() {
    let mut setup = Setup::new().await;
    let other = create(&setup.gateway).await;
    let mut follower = Follower::open(&setup.gateway, &other, None).await;
    setup.say("one").await;
    setup.engine.run().await.reply("1");
    let done = |body: &EventBody| matches!(body, EventBody::ConversationUpdated { conversation } if conversation.status == RunStatus::Done);
    follower.until(done).await;
    assert!(follower.events.iter().all(|event| matches!(event.body, EventBody::ConversationUpdated { .. })));

    let path = format!("/api/v1/events/{}/topics", follower.stream);
    let topics = json!({ "topics": [format!("conv:{}", setup.conversation)] });
    let (status, _) = setup.gateway.send(Method::POST, &path, &topics).await;
    assert_eq!(status, 204);
    setup.say("two").await;
    setup.engine.run().await.reply("2");
    follower.until_status(RunStatus::Done).await;
    assert!(texts(&follower.messages).contains(&"2".to_owned()));

    let (status, problem) = setup.gateway.send(Method::POST, "/api/v1/events/str_x/topics", &topics).await;
    assert_eq!((status, problem["code"].as_str()), (404, Some("not_found")));
    let (status, problem) = setup.gateway.send(Method::POST, &path, &json!({ "topics": ["x"] })).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("unknown_topic")));
}

#[tokio::test]
async fn fifty_readers_see_the_same() {
    let mut setup = Setup::new().await;
    let mut followers = Vec::new();
    for _ in 0..50 {
        followers.push(setup.follow().await);
    }
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    let words: Vec<String> = (0..2000).map(|n| format!("word{n} ")).collect();
    words.iter().for_each(|word| run.text(word));
    run.answer(&id, &words.concat(), &[]);
    run.finish(RunOutcome::Completed);
    let reading = followers.into_iter().map(|mut follower| async move {
        follower.until_status(RunStatus::Done).await;
        follower.messages
    });
    let seen = futures::future::join_all(reading).await;
    let expected = setup.snapshot().await.messages;
    assert_eq!(texts(&expected), ["go".to_owned(), words.concat()]);
    assert!(seen.iter().all(|messages| *messages == expected));
}

/// A reader that does not read holds up nobody, and has everything once it reads.
#[tokio::test]
async fn a_slow_reader_slows_only_itself() {
    let mut setup = Setup::new().await;
    let mut slow = setup.follow().await;
    let mut quick = setup.follow().await;
    setup.say("go").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    // More than all buffers between the two sides hold, and than the log keeps in memory.
    let big = "x".repeat(300_000);
    for number in 0..30 {
        let id = run.step();
        let text = format!("{number} {big}");
        run.answer(&id, &text, &[]);
    }
    run.finish(RunOutcome::Completed);
    quick.until_status(RunStatus::Done).await;
    slow.until_status(RunStatus::Done).await;
    assert_eq!(slow.messages, quick.messages);
    assert_eq!(slow.messages.len(), 32);
}
