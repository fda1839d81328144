//! Another key for the secrets at rest: every kind is read with it afterwards, and none with the old one.

use std::path::Path;

use http::{HeaderMap, Method};
use secrecy::SecretString;
use serde_json::json;
use slipway_gateway::app::{Gateway, StartError};
use slipway_gateway::config::Config;
use slipway_gateway::secrets::{RotationError, Secrets};
use slipway_gateway::store::sealed;
use tokio::sync::mpsc;

use crate::harness::{TestGateway, json as body_of, usual_config};

/// A provider's server that tells what it is asked with.
struct Asked {
    url: String,
    keys: mpsc::UnboundedReceiver<String>,
}

impl Asked {
    async fn start() -> Self {
        let (sender, keys) = mpsc::unbounded_channel();
        let answer = move |headers: HeaderMap| {
            let key = headers["authorization"].to_str().unwrap().to_owned();
            sender.send(key).unwrap();
            std::future::ready(axum::Json(json!({ "data": [{ "id": "m" }] })))
        };
        let router = axum::Router::new().fallback(answer);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, keys }
    }
}

const NAME: &str = "a request";

/// Saves one secret of each kind; gives the answer of the request that is kept.
async fn save_secrets(gateway: &TestGateway, provider: &Asked) -> serde_json::Value {
    let custom = json!({
        "profile": "custom", "name": "Mine", "base_url": provider.url, "models": ["m"], "api_key": "sk-very-secret",
    });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/providers/mine", &custom).await.0, 200);
    let search = json!({ "engine": "brave", "api_key": "brave-secret" });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/settings/search", &search).await.0, 200);
    let key = json!({ "api_key": "sk-own-secret" });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/account/keys/mine", &key).await.0, 204);
    let kept = repeat(gateway).await;
    let path = format!("/api/v1/webhooks/{}/secret", kept["webhook"]["id"].as_str().unwrap());
    assert_eq!(gateway.send(Method::POST, &path, &json!({})).await.0, 200);
    kept
}

/// Makes a webhook, or is told again how it was made.
async fn repeat(gateway: &TestGateway) -> serde_json::Value {
    let webhook = json!({ "url": "https://example.com/hook" });
    let request = gateway.launcher(Method::POST, "/api/v1/webhooks").header("Idempotency-Key", NAME);
    let answer = request.json(&webhook).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    body_of(answer).await
}

/// Every secret can be read, by the gateway alone and by those who need it; none with `old`.
async fn check(gateway: &TestGateway, provider: &mut Asked, kept: &serde_json::Value, old: &Secrets) {
    let app = gateway.app();
    let mut moment = app.store.read().await.unwrap();
    let all = sealed::all(&mut moment).await.unwrap();
    drop(moment);
    assert_eq!(
        all.len(),
        6,
        "keys of a provider, a person and a search engine, two secrets of a webhook, an answer"
    );
    for secret in &all {
        assert!(app.secrets.decrypt(&secret.owner, &secret.value).is_ok(), "{}", secret.owner);
        assert!(old.decrypt(&secret.owner, &secret.value).is_err(), "{}", secret.owner);
    }
    gateway.get("/api/v1/providers/mine/models?refresh=true").await;
    assert_eq!(provider.keys.recv().await.unwrap(), "Bearer sk-very-secret");
    assert_eq!(gateway.get("/api/v1/settings/search").await["has_key"], true);
    assert_eq!(repeat(gateway).await, *kept, "answered as before");
}

fn key_in(directory: &Path) -> String {
    std::fs::read_to_string(directory.join("secret.key")).unwrap()
}

fn secrets(key: &str) -> Secrets {
    Secrets::with_key(&SecretString::from(key.to_owned()), "a test").unwrap()
}

#[tokio::test]
async fn the_key_of_the_data_directory_is_replaced_at_the_next_start() {
    let mut provider = Asked::start().await;
    let gateway = TestGateway::start().await;
    let kept = save_secrets(&gateway, &provider).await;
    let old = key_in(gateway.directory.path());
    let fresh = json!({ "place": "data_directory", "rotation_pending": false });
    assert_eq!(gateway.get("/api/v1/secret-key").await, fresh);
    for _ in 0..2 {
        let (status, told) = gateway.send(Method::POST, "/api/v1/secret-key/rotation", &json!({})).await;
        assert_eq!((status, &told["rotation_pending"]), (202, &json!(true)));
    }
    assert_eq!(key_in(gateway.directory.path()), old, "nothing changes before the next start");

    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    assert_eq!(gateway.get("/api/v1/secret-key").await, fresh);
    let new = key_in(gateway.directory.path());
    assert_ne!(new, old);
    check(&gateway, &mut provider, &kept, &secrets(&old)).await;
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    assert_eq!(key_in(gateway.directory.path()), new, "once");
    check(&gateway, &mut provider, &kept, &secrets(&old)).await;
}

/// What a crash may leave: everything encrypted anew, and the new key not in its place.
#[tokio::test]
async fn a_replacement_that_was_broken_off_is_finished() {
    let mut provider = Asked::start().await;
    let gateway = TestGateway::start().await;
    let kept = save_secrets(&gateway, &provider).await;
    let old = key_in(gateway.directory.path());
    gateway.send(Method::POST, "/api/v1/secret-key/rotation", &json!({})).await;
    let directory = TestGateway::start_in(gateway.stop().await, |_| {}).await.stop().await;
    let file = directory.path().join("secret.key");
    let new = key_in(directory.path());
    std::fs::rename(&file, directory.path().join("secret.key.next")).unwrap();
    std::fs::write(&file, &old).unwrap();
    // And half of another one that was being made.
    std::fs::write(directory.path().join("secret.key.draft"), "0123").unwrap();

    let gateway = TestGateway::start_in(directory, |_| {}).await;
    assert_eq!(key_in(gateway.directory.path()), new);
    check(&gateway, &mut provider, &kept, &secrets(&old)).await;
    let (status, _) = gateway.send(Method::POST, "/api/v1/secret-key/rotation", &json!({})).await;
    assert_eq!(status, 202);
    let gateway = TestGateway::start_in(gateway.stop().await, |_| {}).await;
    check(&gateway, &mut provider, &kept, &secrets(&new)).await;
}

#[tokio::test]
async fn a_key_of_the_environment_is_replaced_by_giving_both() {
    let [first, second, third] = ["a1", "b2", "c3"].map(|byte| byte.repeat(32));
    let given = |key: &str, old: Option<&str>| {
        let [key, old] = [Some(key), old].map(|key| key.map(|key| SecretString::from(key.to_owned())));
        move |config: &mut Config| (config.secret_key, config.old_secret_key) = (key, old)
    };
    let mut provider = Asked::start().await;
    let gateway = TestGateway::start_with(given(&first, None)).await;
    let kept = save_secrets(&gateway, &provider).await;
    let (status, problem) = gateway.send(Method::POST, "/api/v1/secret-key/rotation", &json!({})).await;
    assert_eq!((status, &problem["code"]), (409, &json!("secret_key_in_environment")));

    let directory = gateway.stop().await;
    // With a wrong old key nothing changes, and nothing starts that could not read what is there.
    let mut config = usual_config(directory.path()).await;
    given(&second, Some(&third))(&mut config);
    let refused = Gateway::start(config).await.err().unwrap();
    assert!(matches!(refused, StartError::Rotation(RotationError::WrongKey { count: 6 })), "{refused}");
    assert!(refused.to_string().contains("SLIPWAY_OLD_SECRET_KEY"), "{refused}");
    let mut directory = directory;
    // As often as somebody starts with both, and with the new one alone.
    for old in [Some(first.as_str()), Some(&first), None] {
        let gateway = TestGateway::start_in(directory, given(&second, old)).await;
        assert_eq!(gateway.get("/api/v1/secret-key").await["place"], "environment");
        check(&gateway, &mut provider, &kept, &secrets(&first)).await;
        directory = gateway.stop().await;
    }
}
