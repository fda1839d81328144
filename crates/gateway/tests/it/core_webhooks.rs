//! Webhooks: what is told, signed, tried again, and kept over restarts.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use http::{HeaderMap, Method, StatusCode};
use serde_json::{Value, json};
use slipway_gateway::webhooks::Secret;
use slipway_protocol::approval::HeldCall;
use slipway_protocol::event::RunStatus;
use slipway_protocol::question::{Choice, Question, QuestionOption};
use slipway_protocol::run::RunOutcome;
use slipway_protocol::{ConversationId, Problem};
use tokio::sync::mpsc;

use crate::core_client::{Follower, create, remote};
use crate::core_engine::{FakeEngine, LIMIT};
use crate::core_host::FakeHost;
use crate::harness::TestGateway;

/// A message as the other side gets it.
pub(crate) struct Message {
    headers: HeaderMap,
    body: String,
}

impl Message {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// How the other side answers: with a status, or never.
type Answers = Arc<Mutex<Vec<Option<u16>>>>;

/// The other side. Answers with 204 when it was not told how.
pub(crate) struct Receiver {
    pub(crate) url: String,
    answers: Answers,
    messages: mpsc::UnboundedReceiver<Message>,
}

impl Receiver {
    pub(crate) async fn start(answers: &[Option<u16>]) -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        let answers: Answers = Arc::new(Mutex::new(answers.to_vec()));
        let state = (sender, Arc::clone(&answers));
        let router = axum::Router::new().fallback(receive).with_state(state);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, answers, messages }
    }

    pub(crate) async fn next(&mut self) -> Message {
        tokio::time::timeout(LIMIT, self.messages.recv()).await.expect("a message comes").unwrap()
    }
}

async fn receive(
    State((sender, answers)): State<(mpsc::UnboundedSender<Message>, Answers)>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let answer = {
        let mut answers = answers.lock().unwrap();
        if answers.is_empty() { Some(204) } else { answers.remove(0) }
    };
    sender.send(Message { headers, body: String::from_utf8(body.to_vec()).unwrap() }).ok();
    match answer {
        Some(status) => StatusCode::from_u16(status).unwrap(),
        None => std::future::pending().await,
    }
}

/// A gateway with a played engine and a conversation, which tries again at once as often as this.
struct Scene {
    gateway: TestGateway,
    engine: FakeEngine,
    conversation: ConversationId,
    _host: FakeHost,
}

impl Scene {
    async fn new(tries: usize) -> Self {
        let engine = FakeEngine::start().await;
        let url = engine.url.clone();
        let gateway = TestGateway::start_with(|config| {
            config.engines = remote(&url);
            config.webhook_waits = vec![Duration::ZERO; tries];
        })
        .await;
        let conversation = create(&gateway).await;
        let host = FakeHost::attach(&gateway).await;
        Self { gateway, engine, conversation, _host: host }
    }

    /// Makes a webhook; gives its id and secret.
    async fn webhook(&self, url: &str, events: &[&str]) -> (String, Secret) {
        let body = json!({ "url": url, "events": events, "private_network": true });
        let (status, made) = self.gateway.send(Method::POST, "/api/v1/webhooks", &body).await;
        assert_eq!(status, 201, "{made}");
        let secret = Secret::from_text(made["secret"].as_str().unwrap().into()).unwrap();
        (made["webhook"]["id"].as_str().unwrap().to_owned(), secret)
    }

    /// A run that ends so; gives its id.
    async fn run(&mut self, client_id: &str, outcome: RunOutcome) -> String {
        let path = format!("/api/v1/conversations/{}/messages", self.conversation);
        let body = json!({ "client_id": client_id, "text": "A secret plan" });
        assert_eq!(self.gateway.send(Method::POST, &path, &body).await.0, 202);
        let mut run = self.engine.run().await;
        let run_id = run.request.run_id.to_string();
        let step = run.step();
        let calls: &[&str] = if matches!(outcome, RunOutcome::Asks { .. }) { &["call-1"] } else { &[] };
        run.answer(&step, "My secret answer", calls);
        run.finish(outcome);
        run_id
    }

    async fn deliveries(&self, id: &str) -> Value {
        self.gateway.get(&format!("/api/v1/webhooks/{id}/deliveries")).await["items"].clone()
    }

    /// The newest delivery, once nothing waits any more.
    async fn settled(&self, id: &str) -> Value {
        let over = async {
            loop {
                let deliveries = self.deliveries(id).await;
                let deliveries = deliveries.as_array().unwrap();
                if !deliveries.is_empty() && deliveries.iter().all(|delivery| delivery["state"] != "pending")
                {
                    return deliveries[0].clone();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(LIMIT, over).await.expect("deliveries come to an end")
    }
}

#[tokio::test]
async fn the_end_of_a_run_is_told_with_a_signature_and_without_words() {
    let mut scene = Scene::new(0).await;
    let mut receiver = Receiver::start(&[]).await;
    let (id, secret) = scene.webhook(&receiver.url, &["run.finished"]).await;
    let run_id = scene.run("1", RunOutcome::Completed).await;
    let message = receiver.next().await;

    let timestamp: i64 = message.header("webhook-timestamp").parse().unwrap();
    let signature = secret.signature(message.header("webhook-id"), timestamp, &message.body);
    assert_eq!(message.header("webhook-signature"), signature);
    assert_eq!(message.header("content-type"), "application/json");
    let body = message.json();
    assert_eq!(body["type"], "run.finished");
    assert_eq!(body["data"]["conversation_id"], scene.conversation.as_str());
    assert_eq!((&body["data"]["run_id"], &body["data"]["status"]), (&json!(run_id), &json!("done")));
    assert!(!message.body.contains("secret"), "{}", message.body);
    assert!(body["data"]["url"].as_str().unwrap().ends_with(&format!("/c/{}", scene.conversation)));

    let delivery = scene.settled(&id).await;
    assert_eq!(delivery["id"], message.header("webhook-id"));
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(1)));
    assert_eq!(delivery["status"], 204);
    let listed = scene.gateway.get("/api/v1/webhooks").await.to_string();
    assert!(!listed.contains("whsec_") && !listed.contains("secret"), "{listed}");
}

#[tokio::test]
async fn after_its_secret_is_replaced_messages_are_signed_with_both_for_a_while() {
    let scene = Scene::new(0).await;
    let mut receiver = Receiver::start(&[]).await;
    let (id, first) = scene.webhook(&receiver.url, &[]).await;
    let replace = async |hours: Value| {
        let path = format!("/api/v1/webhooks/{id}/secret");
        let (status, made) = scene.gateway.send(Method::POST, &path, &hours).await;
        assert_eq!(status, 200, "{made}");
        let until = made["webhook"]["earlier_secret_until"].as_i64();
        (Secret::from_text(made["secret"].as_str().unwrap().into()).unwrap(), until)
    };
    let mut check = async |secrets: &[&Secret]| {
        let path = format!("/api/v1/webhooks/{id}/test");
        assert_eq!(scene.gateway.send(Method::POST, &path, &json!({})).await.0, 202);
        let message = receiver.next().await;
        let timestamp: i64 = message.header("webhook-timestamp").parse().unwrap();
        let signed =
            |secret: &&Secret| secret.signature(message.header("webhook-id"), timestamp, &message.body);
        let expected: Vec<_> = secrets.iter().map(signed).collect();
        assert_eq!(message.header("webhook-signature"), expected.join(" "));
    };
    check(&[&first]).await;
    let (second, until) = replace(json!({})).await;
    assert!(until.is_some());
    check(&[&second, &first]).await;
    let (third, _) = replace(json!({ "keep_hours": 1 })).await;
    check(&[&third, &second]).await;
    // When its time is over.
    let sql = "UPDATE webhooks SET earlier_until = 1";
    sqlx::query(sql).execute(scene.gateway.app().store.pool()).await.unwrap();
    check(&[&third]).await;
    let (fourth, until) = replace(json!({ "keep_hours": 0 })).await;
    assert_eq!(until, None);
    check(&[&fourth]).await;
    let path = format!("/api/v1/webhooks/{id}/secret");
    assert_eq!(scene.gateway.send(Method::POST, &path, &json!({ "keep_hours": 169 })).await.0, 422);
}

#[tokio::test]
async fn each_webhook_is_told_what_it_wants_and_a_stop_is_no_news() {
    let mut scene = Scene::new(0).await;
    let mut all = Receiver::start(&[]).await;
    let mut limits = Receiver::start(&[]).await;
    scene.webhook(&all.url, &[]).await;
    scene.webhook(&limits.url, &["budget.reached"]).await;

    let path = format!("/api/v1/conversations/{}", scene.conversation);
    let message = json!({ "client_id": "0", "text": "Go" });
    scene.gateway.send(Method::POST, &format!("{path}/messages"), &message).await;
    let run = scene.engine.run().await;
    let mut follower = Follower::open(&scene.gateway, &scene.conversation, None).await;
    scene.gateway.send(Method::POST, &format!("{path}/stop"), &json!({})).await;
    run.given_up().await;
    follower.until_status(RunStatus::Stopped).await;
    let problem = Problem::new(429, "limit_reached", "The limit is reached").detail("My secret limit");
    let option = QuestionOption { label: "a".to_owned(), description: String::new() };
    let question = Question {
        call_id: "call-1".into(),
        question: "My secret question".to_owned(),
        options: vec![option],
        choice: Choice::One,
    };
    let held = HeldCall {
        call_id: "call-1".into(),
        tool: "touch".to_owned(),
        arguments: json!({ "path": "my secret file" }),
        asked: true,
    };
    let outcomes = [
        ("run.failed", RunOutcome::Failed { problem: problem.clone() }),
        ("budget.reached", RunOutcome::LimitReached { problem }),
        ("run.finished", RunOutcome::Completed),
        ("run.needs_input", RunOutcome::Asks { questions: vec![question], held: Vec::new() }),
        ("run.needs_input", RunOutcome::Asks { questions: Vec::new(), held: vec![held] }),
    ];
    for ((event, outcome), number) in outcomes.into_iter().zip(1..) {
        let run_id = scene.run(&format!("message {number}"), outcome).await;
        let message = all.next().await;
        let body = message.json();
        assert_eq!((&body["type"], &body["data"]["run_id"]), (&json!(event), &json!(run_id)));
        assert!(!message.body.contains("secret"), "{}", message.body);
    }
    let told = limits.next().await.json();
    assert_eq!(
        (&told["type"], &told["data"]["problem"]["code"]),
        (&json!("budget.reached"), &json!("limit_reached"))
    );
    assert!(limits.messages.try_recv().is_err());
}

#[tokio::test]
async fn what_is_not_accepted_is_tried_again_under_the_same_id() {
    let mut scene = Scene::new(3).await;
    let mut receiver = Receiver::start(&[Some(500), Some(302), Some(204)]).await;
    let (id, secret) = scene.webhook(&receiver.url, &[]).await;
    scene.run("1", RunOutcome::Completed).await;
    let first = receiver.next().await;
    for _ in 0..2 {
        let again = receiver.next().await;
        assert_eq!(again.header("webhook-id"), first.header("webhook-id"));
        assert_eq!(again.body, first.body);
        let timestamp = again.header("webhook-timestamp").parse().unwrap();
        let signature = secret.signature(again.header("webhook-id"), timestamp, &again.body);
        assert_eq!(again.header("webhook-signature"), signature);
    }
    let delivery = scene.settled(&id).await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("delivered"), &json!(3)));
}

#[tokio::test]
async fn in_the_end_it_is_given_up_and_can_be_sent_again_by_hand() {
    let mut scene = Scene::new(1).await;
    let mut receiver = Receiver::start(&[Some(500), Some(503)]).await;
    let (id, _) = scene.webhook(&receiver.url, &[]).await;
    scene.run("1", RunOutcome::Completed).await;
    let delivery = scene.settled(&id).await;
    assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(2)));
    assert_eq!(delivery["error"], "the other side answered HTTP 503");
    let first = receiver.next().await;
    receiver.next().await;

    let path = format!("/api/v1/webhooks/{id}/deliveries/{}/retry", delivery["id"].as_str().unwrap());
    assert_eq!(scene.gateway.send(Method::POST, &path, &json!({})).await.0, 202);
    assert_eq!(receiver.next().await.header("webhook-id"), first.header("webhook-id"));
    assert_eq!(scene.settled(&id).await["state"], "delivered");
}

#[tokio::test]
async fn what_was_not_sent_before_a_restart_is_sent_after_it() {
    let mut scene = Scene::new(0).await;
    let mut receiver = Receiver::start(&[None]).await;
    let (id, _) = scene.webhook(&receiver.url, &[]).await;
    scene.run("1", RunOutcome::Completed).await;
    let first = receiver.next().await;
    let directory = scene.gateway.stop().await;
    scene.gateway = TestGateway::start_in(directory, |_| {}).await;
    let again = receiver.next().await;
    assert_eq!((again.header("webhook-id"), &again.body), (first.header("webhook-id"), &first.body));
    assert_eq!(scene.settled(&id).await["state"], "delivered");
}

#[tokio::test]
async fn a_test_is_one_attempt_and_a_receiver_that_is_gone_switches_its_webhook_off() {
    let scene = Scene::new(5).await;
    let mut receiver = Receiver::start(&[Some(500), Some(410)]).await;
    let (id, _) = scene.webhook(&receiver.url, &[]).await;
    let test = format!("/api/v1/webhooks/{id}/test");
    for (attempt, enabled) in [(1, true), (2, false)] {
        let (status, begun) = scene.gateway.send(Method::POST, &test, &json!({})).await;
        assert_eq!(status, 202, "{begun}");
        let message = receiver.next().await;
        assert_eq!(
            (&message.json()["type"], message.header("webhook-id")),
            (&json!("webhook.test"), begun["delivery_id"].as_str().unwrap())
        );
        let delivery = scene.settled(&id).await;
        assert_eq!((&delivery["state"], &delivery["attempts"]), (&json!("failed"), &json!(1)), "{attempt}");
        assert_eq!(scene.gateway.get("/api/v1/webhooks").await["items"][0]["enabled"], enabled);
    }
    assert_eq!(receiver.answers.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn addresses_inside_and_what_makes_no_sense_are_refused() {
    let scene = Scene::new(0).await;
    let path = "/api/v1/webhooks";
    for body in [
        json!({ "url": "http://127.0.0.1:1/" }),
        json!({ "url": "https://127.0.0.1:1/" }),
        json!({ "url": "https://localhost/" }),
        json!({ "url": "https://169.254.169.254/", "private_network": true }),
        json!({ "url": "https://a:b@example.com/" }),
        json!({ "url": "" }),
        json!({ "url": "https://example.com/", "events": ["everything"] }),
        json!({ "url": "https://example.com/", "secret": "mine" }),
    ] {
        let (status, problem) = scene.gateway.send(Method::POST, path, &body).await;
        assert_eq!(status, 422, "{body}: {problem}");
    }
    let (id, _) = scene.webhook("http://127.0.0.1:1/", &[]).await;
    let one = format!("{path}/{id}");
    let change = json!({ "private_network": false });
    assert_eq!(scene.gateway.send(Method::PATCH, &one, &change).await.0, 422);
    let change = json!({ "private_network": false, "url": "https://example.com/hook", "events": ["run.failed", "run.failed"] });
    let (status, changed) = scene.gateway.send(Method::PATCH, &one, &change).await;
    assert_eq!((status, &changed["events"]), (200, &json!(["run.failed"])));
    assert_eq!(scene.gateway.get(path).await["items"][0]["url"], "https://example.com/hook");

    for _ in 1..20 {
        scene.webhook("https://example.com/", &[]).await;
    }
    let (status, problem) =
        scene.gateway.send(Method::POST, path, &json!({ "url": "https://example.com/" })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("too_many_webhooks")));
    assert_eq!(scene.gateway.send(Method::DELETE, &one, &json!(null)).await.0, 204);
    for (method, rest) in [
        (Method::DELETE, ""),
        (Method::PATCH, ""),
        (Method::POST, "/test"),
        (Method::GET, "/deliveries"),
        (Method::POST, "/deliveries/dlv_1/retry"),
    ] {
        let (status, problem) = scene.gateway.send(method.clone(), &format!("{one}{rest}"), &json!({})).await;
        assert_eq!((status, &problem["code"]), (404, &json!("not_found")), "{method} {rest}");
    }
}
