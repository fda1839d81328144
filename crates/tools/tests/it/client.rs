//! The client against a host that does not keep to the protocol.

use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use axum::routing::{any, post};
use futures::StreamExt;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use slipway_protocol::tool::ToolStreamItem;
use slipway_tools::client::{ClientError, ToolHostClient};
use tokio::net::UnixStream;

use crate::scene::invocation;

const OUTPUT: &str = "{\"type\":\"output\",\"text\":\"hello\"}\n";
const RESULT: &str = "{\"type\":\"result\",\"status\":\"ok\",\"text\":\"done\"}\n";

/// A client to a host whose every call answers with these pieces, and everything else with an error.
async fn client(pieces: Vec<String>) -> (ToolHostClient, tokio::task::JoinSet<()>) {
    let (gateway_end, host_end) = UnixStream::pair().expect("a socket pair");
    let answer = move || {
        let pieces = pieces.clone().into_iter().map(Ok::<_, std::io::Error>);
        async { Body::from_stream(futures::stream::iter(pieces)) }
    };
    let router = Router::new()
        .route("/v1/tools/{name}", post(answer))
        .fallback(any(|| async { (StatusCode::IM_A_TEAPOT, "no problem document") }));
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(async move {
        let service = TowerToHyperService::new(router);
        let connection = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
        let _ = connection.serve_connection(TokioIo::new(host_end), service).await;
    });
    let (client, connection) = ToolHostClient::connect(gateway_end).await.expect("HTTP/2");
    tasks.spawn(async move {
        let _ = connection.await;
    });
    (client, tasks)
}

async fn items(pieces: &[&str]) -> Vec<Result<ToolStreamItem, ClientError>> {
    let (client, _tasks) = client(pieces.iter().map(|&piece| piece.to_owned()).collect()).await;
    client.invoke("any", &invocation(json!({}))).collect().await
}

#[tokio::test]
async fn lines_may_come_in_any_pieces() {
    let all = format!("{OUTPUT}{OUTPUT}{RESULT}");
    let middle = all.len() / 2;
    let cases = [
        vec![all.as_str()],
        vec![&all[..middle], &all[middle..]],
        all.split_inclusive(',').collect(),
        vec![&all, "whatever comes after the result"],
    ];
    for pieces in cases {
        let items = items(&pieces).await;
        let [Ok(ToolStreamItem::Output { text }), Ok(_), Ok(ToolStreamItem::Result(outcome))] =
            items.as_slice()
        else {
            panic!("{pieces:?}: {items:?}")
        };
        assert_eq!((text.as_str(), outcome.text.as_str()), ("hello", "done"));
    }
}

#[tokio::test]
async fn a_broken_answer_ends_with_one_error() {
    let endless = "x".repeat(1024 * 1024);
    let cases = [
        (vec![OUTPUT], "ended the answer before the result"),
        (vec![OUTPUT, &RESULT[..20]], "ended the answer before the result"),
        (vec![OUTPUT, "garbage\n"], "makes no sense"),
        (vec![OUTPUT, "{\"type\":\"surprise\"}\n"], "makes no sense"),
        ([vec![OUTPUT], vec![endless.as_str(); 9]].concat(), "a line is longer than"),
    ];
    for (pieces, reason) in cases {
        let items = items(&pieces).await;
        let [Ok(_), Err(error)] = items.as_slice() else { panic!("{reason}: {} items", items.len()) };
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn refusals_without_a_problem_document_are_understood() {
    let (client, _tasks) = client(Vec::new()).await;
    let Err(ClientError::Refused { status, problem, .. }) = client.status().await else {
        panic!("not refused")
    };
    assert_eq!((status, problem.code.as_str()), (StatusCode::IM_A_TEAPOT, "tool_host_error"));
}
