//! A tool host that does what a test tells it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use futures::StreamExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use slipway_protocol::tool::{ToolInvocation, ToolOutcome, ToolStreamItem};
use tokio::sync::{Notify, watch};

use crate::core_engine::LIMIT;
use crate::edge_sandbox::dial;
use crate::harness::TestGateway;

/// A tool host that only writes down what it is asked; calls never end by themselves.
#[derive(Clone)]
pub(crate) struct FakeHost {
    asked: Arc<Mutex<Vec<String>>>,
    /// Lets the answer to a question for views go.
    pub(crate) views: Arc<Notify>,
    /// Calls of which the database knew when the host heard of them.
    begun: Arc<Mutex<Vec<String>>>,
    database: sqlx::AnyPool,
    /// Calls that end, and how.
    ended: watch::Sender<HashMap<String, ToolOutcome>>,
}

impl FakeHost {
    /// One that is not attached to anything.
    pub(crate) fn detached(gateway: &TestGateway) -> Self {
        Self {
            asked: Arc::default(),
            views: Arc::default(),
            begun: Arc::default(),
            database: gateway.app().store.pool().clone(),
            ended: watch::Sender::default(),
        }
    }

    /// Attaches it.
    pub(crate) async fn attach(gateway: &TestGateway) -> Self {
        let host = Self::detached(gateway);
        let (reply, stream) = dial(gateway, "sandbox-token-of-the-test", "tools").await;
        assert_eq!(reply["type"], "accepted", "{reply}");
        let router = Router::new()
            .route("/v1/status", get(status))
            .route("/v1/tools", get(async || Json(json!({ "tools": [] }))))
            .route("/v1/tools/{name}", post(hang))
            .route("/v1/calls/{id}", delete(cancel))
            .route("/v1/views", post(views))
            .route("/v1/checkpoints/scan", post(empty_state))
            .route("/v1/checkpoints/objects", post(empty_tree))
            .route("/v1/conversations/{id}", delete(async || ()))
            .with_state(host.clone());
        tokio::spawn(async move {
            let io = TokioIo::new(stream);
            let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            connection.serve_connection(io, TowerToHyperService::new(router)).await.ok();
        });
        assert!(gateway.app().sandboxes.wait_for_client(LIMIT).await.is_some());
        host
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// Calls of which the database knew when the host heard of them.
    pub(crate) fn begun(&self) -> Vec<String> {
        self.begun.lock().unwrap().clone()
    }

    /// Ends a call with success.
    pub(crate) fn end(&self, invocation: &str) {
        self.end_as(invocation, ToolOutcome::ok("done"));
    }

    /// Ends a call like this.
    pub(crate) fn end_as(&self, invocation: &str, outcome: ToolOutcome) {
        self.ended.send_modify(|ended| ended.extend([(invocation.to_owned(), outcome)]));
    }

    /// Waits until it was asked this so many times.
    pub(crate) async fn was_asked(&self, what: &str, times: usize) {
        let asked = async {
            while self.asked().iter().filter(|asked| *asked == what).count() < times {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LIMIT, asked).await.expect(what);
    }

    fn note(&self, what: String) {
        self.asked.lock().unwrap().push(what);
    }
}

async fn status() -> Json<Value> {
    let status =
        json!({ "version": "0", "workspace": "/workspace", "confinement": "container", "desktop": false });
    Json(status)
}

/// The id of a directory without entries.
const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

async fn empty_state() -> Json<Value> {
    Json(json!({ "root": NOTHING, "files": 0, "unkept": [], "unkept_count": 0 }))
}

async fn empty_tree() -> String {
    json!({ "id": NOTHING, "length": 0 }).to_string() + "\n"
}

async fn hang(State(host): State<FakeHost>, Json(invocation): Json<ToolInvocation>) -> Body {
    let id = invocation.invocation_id.to_string();
    let row = sqlx::query("SELECT 1 FROM calls WHERE invocation_id = $1 AND status IS NULL").bind(id.clone());
    if row.fetch_optional(&host.database).await.unwrap().is_some() {
        host.begun.lock().unwrap().push(id.clone());
    }
    host.note(format!("call {id}"));
    let line = |item: ToolStreamItem| Ok::<_, Infallible>(serde_json::to_string(&item).unwrap() + "\n");
    let first = line(ToolStreamItem::Output { text: "working\n".to_owned() });
    let mut ended = host.ended.subscribe();
    let last = async move {
        let ended = ended.wait_for(|ended| ended.contains_key(&id)).await.unwrap();
        line(ToolStreamItem::Result(Box::new(ended[&id].clone())))
    };
    Body::from_stream(futures::stream::iter([first]).chain(futures::stream::once(last)))
}

async fn views(State(host): State<FakeHost>) -> Json<Value> {
    host.note("views".to_owned());
    host.views.notified().await;
    Json(json!({ "views": [] }))
}

async fn cancel(State(host): State<FakeHost>, Path(id): Path<String>) {
    host.note(format!("cancel {id}"));
}
