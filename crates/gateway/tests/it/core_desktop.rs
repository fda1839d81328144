//! Who drives the desktop, and the pictures that come of looking at it.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use base64::Engine as _;
use http::Method;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use slipway_protocol::tool::{
    ImageContent, ToolImage, ToolInvocation, ToolOutcome, ToolStatus, ToolStreamItem,
};
use tokio::sync::Notify;

use crate::core_client::Setup;
use crate::core_engine::{EngineRun, LIMIT};
use crate::database;
use crate::edge_sandbox::dial;
use crate::harness::TestGateway;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nand so on";

/// A tool host with a desktop whose `computer` acts until it is cancelled, and whose `photograph` waits for light.
#[derive(Clone, Default)]
struct Host {
    acts: Arc<Notify>,
    cancelled: Arc<Notify>,
    light: Arc<Notify>,
}

impl Host {
    async fn attach(gateway: &TestGateway) -> Self {
        let host = Self::default();
        let (reply, stream) = dial(gateway, "sandbox-token-of-the-test", "tools").await;
        assert_eq!(reply["type"], "accepted", "{reply}");
        let status =
            json!({"version": "0", "workspace": "/workspace", "confinement": "container", "desktop": true});
        let router = Router::new()
            .route("/v1/status", get(async move || Json(status)))
            .route("/v1/tools", get(async || Json(json!({ "tools": [] }))))
            .route("/v1/tools/{name}", post(call))
            .route("/v1/calls/{id}", delete(cancel))
            .route("/v1/desktop", post(refuse))
            .with_state(host.clone());
        tokio::spawn(async move {
            let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            connection.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await.ok();
        });
        assert!(gateway.app().sandboxes.wait_for_client(LIMIT).await.is_some());
        host
    }
}

async fn call(State(host): State<Host>, Path(name): Path<String>, Json(_): Json<ToolInvocation>) -> Body {
    Body::from_stream(async_stream::stream! {
        let mut outcome = ToolOutcome::ok(format!("{name} done"));
        if name == "computer" {
            host.acts.notify_one();
            host.cancelled.notified().await;
            outcome = ToolOutcome::new(ToolStatus::Stopped, "Stopped. Done: clicked.");
        }
        let image = |media_type: &str, bytes: &[u8]| ToolImage {
            media_type: media_type.to_owned(),
            width: 3,
            height: 2,
            content: ImageContent::Inline(base64::prelude::BASE64_STANDARD.encode(bytes)),
        };
        if name == "photograph" {
            host.light.notified().await;
            outcome.images = vec![image("image/png", &photograph())];
        }
        if name == "screenshot" {
            outcome.images = vec![image("image/png", PNG), image("image/svg+xml", PNG), image("image/png", b"<svg>")];
        }
        let line = serde_json::to_string(&ToolStreamItem::Result(Box::new(outcome))).unwrap();
        yield Ok::<_, Infallible>(format!("{line}\n"));
    })
}

/// A picture for which there is no room in what the database has already.
fn photograph() -> Vec<u8> {
    [PNG, &vec![7; 1 << 20]].concat()
}

async fn cancel(State(host): State<Host>) {
    host.cancelled.notify_one();
}

async fn refuse() -> (StatusCode, Json<Value>) {
    let problem = json!({"type": "about:blank", "title": "there is no desktop here", "status": 503,
        "code": "no_desktop", "detail": "Xtigervnc is not installed"});
    (StatusCode::SERVICE_UNAVAILABLE, Json(problem))
}

/// The result of a call.
async fn result(run: &EngineRun, name: &str, number: u32) -> ToolOutcome {
    let answer = run.call_tool_named(name, &format!("inv_{number}"), &format!("call_{number}")).await;
    let text = answer.text().await.unwrap();
    let last = text.lines().last().expect("a result");
    match serde_json::from_str(last).expect("a line") {
        ToolStreamItem::Result(outcome) => *outcome,
        ToolStreamItem::Output { .. } | ToolStreamItem::Held => panic!("{text}"),
    }
}

async fn drive(setup: &Setup, driver: &str) {
    let change = json!({ "driver": driver });
    let (status, answer) = setup.gateway.send(Method::PUT, "/api/v1/desktop/control", &change).await;
    assert_eq!((status, &answer), (200, &change));
    let drives = setup.gateway.get("/api/v1/instance").await["sandbox"]["person_drives"].clone();
    assert_eq!(drives == json!(true), driver == "person");
}

#[tokio::test]
async fn the_model_is_refused_while_the_person_drives_and_sees_what_they_left() {
    let mut setup = Setup::without_host().await;
    let host = Host::attach(&setup.gateway).await;
    setup.say("click").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    let calls: Vec<String> = (1..=5).map(|number| format!("call_{number}")).collect();
    run.answer(&id, "", &calls.iter().map(String::as_str).collect::<Vec<_>>());

    // The person takes over in the middle of a call.
    let (outcome, ()) = tokio::join!(result(&run, "computer", 1), async {
        host.acts.notified().await;
        drive(&setup, "person").await;
    });
    assert_eq!(outcome.status, ToolStatus::Denied);
    assert!(outcome.text.starts_with("The person took control of the desktop"), "{}", outcome.text);
    assert!(outcome.text.ends_with("Stopped. Done: clicked."), "{}", outcome.text);
    let outcome = result(&run, "computer", 2).await;
    assert_eq!(outcome.status, ToolStatus::Denied);
    assert!(outcome.text.starts_with("Nothing was done: the person has taken control"), "{}", outcome.text);
    // Anything else goes on, and nothing is shown before its time.
    assert_eq!(result(&run, "touch", 3).await.text, "touch done");

    drive(&setup, "agent").await;
    let outcome = result(&run, "touch", 4).await;
    assert!(outcome.text.contains("has given it back to you. This is what it shows now.\nscreenshot done"));
    assert_eq!(outcome.images.len(), 1, "what is no PNG is left out: {:?}", outcome.images);
    let id = outcome.images[0].id().expect("kept").clone();
    assert_eq!(result(&run, "touch", 5).await.text, "touch done", "once only");

    let path = format!("/api/v1/conversations/{}/images/{id}", run.request.conversation_id);
    let answer = setup.gateway.launcher(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    assert_eq!(answer.bytes().await.unwrap(), PNG);
    let other = format!("/api/v1/conversations/conv_other/images/{id}");
    let answer = setup.gateway.launcher(Method::GET, &other).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let answer = setup.gateway.anonymous(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn a_picture_waits_until_there_is_space_for_it() {
    let mut setup = Setup::without_host().await;
    let host = Host::attach(&setup.gateway).await;
    setup.say("look").await;
    let mut run = setup.engine.run().await;
    let id = run.step();
    run.answer(&id, "", &["call_1"]);
    // What has to be saved before the call is saved by now, so that only the picture waits.
    let call = run.call_tool_named("photograph", "inv_1", "call_1").await;
    database::set_full(&setup.gateway, true).await;
    host.light.notify_one();
    let freed = async {
        while setup.gateway.get("/api/v1/instance").await["storage"].is_null() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        database::set_full(&setup.gateway, false).await;
    };
    let (text, ()) = tokio::join!(call.text(), freed);
    let text = text.unwrap();
    let ToolStreamItem::Result(outcome) = serde_json::from_str(text.lines().last().unwrap()).unwrap() else {
        panic!("{text}")
    };
    let id = outcome.images.first().and_then(|image| image.id()).expect("it is kept");
    let path = format!("/api/v1/conversations/{}/images/{id}", run.request.conversation_id);
    let answer = setup.gateway.launcher(Method::GET, &path).send().await.unwrap();
    assert!(answer.bytes().await.unwrap() == photograph(), "it is another one");
}

#[tokio::test]
async fn why_there_is_no_desktop_is_told() {
    let setup = Setup::without_host().await;
    Host::attach(&setup.gateway).await;
    let (status, problem) = setup.gateway.send(Method::POST, "/api/v1/desktop/start", &json!({})).await;
    assert_eq!(status, 502);
    assert_eq!(problem["code"], "desktop_failed");
    assert_eq!(problem["detail"], "Xtigervnc is not installed");
}
