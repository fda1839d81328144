//! A person's own key of a provider: preferred to the instance's in their runs, and nobody else's.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::Role;

use crate::core_client::remote;
use crate::core_engine::FakeEngine;
use crate::core_host::FakeHost;
use crate::harness::TestGateway;
use crate::people::Person;

const PROVIDER: &str = "/api/v1/providers/mine";
const KEY: &str = "/api/v1/account/keys/mine";

struct Scene {
    gateway: TestGateway,
    engine: FakeEngine,
    _host: FakeHost,
    ada: Person,
    bob: Person,
}

impl Scene {
    /// A provider with a key of the instance's, and two people.
    async fn new() -> Self {
        let engine = FakeEngine::start().await;
        let url = engine.url.clone();
        let gateway = TestGateway::start_with(|config| config.engines = remote(&url)).await;
        let host = FakeHost::attach(&gateway).await;
        let provider = provider("http://127.0.0.1:9/v1");
        assert_eq!(gateway.send(Method::PUT, PROVIDER, &provider).await.0, 200);
        let ada = Person::new(&gateway, "ada", Role::Member).await;
        let bob = Person::new(&gateway, "bob", Role::Member).await;
        Self { gateway, engine, _host: host, ada, bob }
    }

    async fn save(&self, person: &Person, key: &str) -> (u16, Value) {
        person.sends(&self.gateway, Method::PUT, KEY, &json!({ "api_key": key })).await
    }

    /// The key with which a new run of this person's is made, or the code of why none is.
    async fn used_by(&mut self, person: &Person) -> Result<String, String> {
        let body = json!({ "model": { "provider_id": "mine", "model": "m" } });
        let path = "/api/v1/conversations";
        let (status, made) = person.sends(&self.gateway, Method::POST, path, &body).await;
        assert_eq!(status, 201, "{made}");
        let path = format!("{path}/{}", made["id"].as_str().unwrap());
        let message = json!({ "client_id": "1", "text": "Go" });
        let sent = format!("{path}/messages");
        assert_eq!(person.sends(&self.gateway, Method::POST, &sent, &message).await.0, 202);
        loop {
            tokio::select! {
                run = self.engine.run() => {
                    let key = run.request.model.api_key.clone();
                    run.reply("done");
                    return Ok(key);
                }
                () = tokio::time::sleep(std::time::Duration::from_millis(50)) => {
                    let told = person.sends(&self.gateway, Method::GET, &path, &json!({})).await.1;
                    if let Some(code) = told["conversation"]["problem"]["code"].as_str() {
                        return Err(code.to_owned());
                    }
                }
            }
        }
    }
}

fn provider(url: &str) -> Value {
    json!({
        "profile": "custom", "name": "Mine", "base_url": url, "models": ["m"], "api_key": "sk-of-the-instance",
    })
}

#[tokio::test]
async fn ones_own_key_is_used_by_ones_own_runs_alone() {
    let mut scene = Scene::new().await;
    let [ada, bob] = [scene.ada.elsewhere(&scene.gateway).await, scene.bob.elsewhere(&scene.gateway).await];
    assert_eq!(scene.save(&ada, " sk-of-ada ").await.0, 204);
    assert_eq!(scene.used_by(&ada).await.as_deref(), Ok("sk-of-ada"));
    assert_eq!(scene.used_by(&bob).await.as_deref(), Ok("sk-of-the-instance"));
    // It is replaced, and removed.
    assert_eq!(scene.save(&ada, "sk-newer").await.0, 204);
    assert_eq!(scene.used_by(&ada).await.as_deref(), Ok("sk-newer"));
    assert_eq!(bob.sends(&scene.gateway, Method::DELETE, KEY, &json!({})).await.0, 404, "bob has none");
    assert_eq!(ada.sends(&scene.gateway, Method::DELETE, KEY, &json!({})).await.0, 204);
    assert_eq!(scene.used_by(&ada).await.as_deref(), Ok("sk-of-the-instance"));
}

#[tokio::test]
async fn nobody_is_told_a_key_or_that_another_has_one() {
    let scene = Scene::new().await;
    assert_eq!(scene.save(&scene.ada, "sk-of-ada").await.0, 204);
    let owner = Person::owner(&scene.gateway).await;
    let mut own = String::new();
    for (person, has_one) in [(&scene.ada, true), (&scene.bob, false), (&owner, false)] {
        let paths = ["/api/v1/account/keys", "/api/v1/settings/all", "/api/v1/account", "/api/v1/providers"];
        for path in paths {
            let (status, told) = person.sends(&scene.gateway, Method::GET, path, &json!({})).await;
            assert_eq!(status, 200);
            let text = told.to_string();
            assert!(!text.contains("sk-of-"), "{path}: {text}");
            if path.ends_with("keys") {
                assert_eq!(told.as_array().unwrap().len(), usize::from(has_one), "{text}");
                own = if has_one { text } else { own };
            } else if path.ends_with("all") {
                assert_eq!(text.contains("own_keys.mine"), has_one, "{text}");
            }
        }
    }
    let own: Value = serde_json::from_str(&own).unwrap();
    assert_eq!((&own[0]["provider_id"], &own[0]["in_use"]), (&json!("mine"), &json!(true)));
    let kept = crate::database::everything_kept(&scene.gateway).await;
    assert!(!String::from_utf8_lossy(&kept).contains("sk-of-ada"), "it is not kept in clear");
}

#[tokio::test]
async fn a_key_is_not_sent_where_its_owner_has_not_seen_it_go() {
    let mut scene = Scene::new().await;
    let ada = scene.ada.elsewhere(&scene.gateway).await;
    assert_eq!(scene.save(&ada, "sk-of-ada").await.0, 204);
    let moved = provider("http://127.0.0.1:10/v1");
    assert_eq!(scene.gateway.send(Method::PUT, PROVIDER, &moved).await.0, 200);
    assert_eq!(scene.used_by(&ada).await, Err("own_key_elsewhere".to_owned()));
    let told = ada.sends(&scene.gateway, Method::GET, "/api/v1/account/keys", &json!({})).await.1;
    assert_eq!(told[0]["in_use"], false);
    assert_eq!(scene.save(&ada, "sk-of-ada").await.0, 204);
    assert_eq!(scene.used_by(&ada).await.as_deref(), Ok("sk-of-ada"));
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let scene = Scene::new().await;
    for (path, key, expected) in [
        (KEY, " ".to_owned(), 422),
        (KEY, "k".repeat(16 * 1024 + 1), 422),
        ("/api/v1/account/keys/demo", "sk-x".to_owned(), 422),
        ("/api/v1/account/keys/nobody", "sk-x".to_owned(), 404),
    ] {
        let body = json!({ "api_key": key });
        let (status, problem) = scene.ada.sends(&scene.gateway, Method::PUT, path, &body).await;
        assert_eq!(status, expected, "{problem}");
    }
    let viewer = Person::new(&scene.gateway, "eve", Role::Viewer).await;
    assert_eq!(scene.save(&viewer, "sk-x").await.0, 403);
}
