//! People who are removed: what is theirs goes with them, and conversations where it was said.

use http::Method;
use serde_json::{Value, json};
use slipway_gateway::store::workspaces;
use slipway_protocol::api::{Role, Workspace};
use sqlx::{AssertSqlSafe, Row as _};

use crate::harness::TestGateway;
use crate::people::Person;

/// Somebody with a conversation, a webhook, and a key of their own; and their conversation.
async fn somebody(gateway: &TestGateway, name: &str) -> (Person, Value) {
    let person = Person::new(gateway, name, Role::Member).await;
    let webhook = json!({ "url": "https://example.com/hook" });
    assert_eq!(person.sends(gateway, Method::POST, "/api/v1/webhooks", &webhook).await.0, 201);
    let made = person.sends(gateway, Method::POST, "/api/v1/conversations", &json!({})).await;
    assert_eq!(made.0, 201);
    let provider = json!({
        "profile": "custom", "name": "Mine", "base_url": "http://127.0.0.1:9/v1", "models": ["m"],
    });
    assert_eq!(gateway.send(Method::PUT, "/api/v1/providers/mine", &provider).await.0, 200);
    let key = json!({ "api_key": "sk-own" });
    assert_eq!(person.sends(gateway, Method::PUT, "/api/v1/account/keys/mine", &key).await.0, 204);
    (person, made.1["id"].clone())
}

/// How many rows there are of somebody.
async fn rows(gateway: &TestGateway, person: &Person) -> i64 {
    let mut all = 0;
    for table in ["webhooks", "own_keys", "sessions", "login_links", "answers", "conversations"] {
        let sql = format!("SELECT COUNT(*) AS n FROM {table} WHERE user_id = $1");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(person.id.as_str());
        all += query.fetch_one(gateway.app().store.pool()).await.unwrap().get::<i64, _>("n");
    }
    all
}

async fn remove(gateway: &TestGateway, person: &Person, conversations: &str) -> (u16, Value) {
    let path = format!("/api/v1/people/{}?conversations={conversations}", person.id);
    gateway.send(Method::DELETE, &path, &json!({})).await
}

async fn listed(gateway: &TestGateway) -> Vec<Value> {
    let list = gateway.get("/api/v1/conversations").await;
    list["items"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect()
}

#[tokio::test]
async fn what_is_theirs_goes_and_conversations_go_where_it_was_said() {
    let gateway = TestGateway::start().await;
    let (ada, handed) = somebody(&gateway, "ada").await;
    let (bob, deleted) = somebody(&gateway, "bob").await;
    let (cyd, _) = somebody(&gateway, "cyd").await;
    let undoable = bob.sends(&gateway, Method::POST, "/api/v1/conversations", &json!({})).await.1;
    let path = format!("/api/v1/conversations/{}", undoable["id"].as_str().unwrap());
    assert_eq!(bob.sends(&gateway, Method::DELETE, &path, &json!({})).await.0, 200);
    let workspace =
        Workspace { id: "bobs".into(), name: "Bob's".to_owned(), created_at: 1, deleted_at: None };
    let mut write = gateway.app().store.write().await.unwrap();
    workspaces::insert(&mut write, &bob.id, &workspace).await.unwrap();
    write.commit().await.unwrap();
    let before = rows(&gateway, &cyd).await;
    assert!(rows(&gateway, &ada).await >= 4);
    assert_eq!(remove(&gateway, &ada, "hand_over").await.0, 204);
    assert_eq!(remove(&gateway, &bob, "delete").await.0, 204);
    for person in [&ada, &bob] {
        assert_eq!(rows(&gateway, person).await, 0);
        assert_eq!(person.sends(&gateway, Method::GET, "/api/v1/account", &json!({})).await.0, 401);
        assert_eq!(remove(&gateway, person, "delete").await.0, 404, "once");
    }
    let theirs = gateway.get("/api/v1/workspaces").await;
    assert!(theirs.to_string().contains("Bob's"), "its files are there for whoever stays: {theirs}");
    let own = listed(&gateway).await;
    assert!(own.contains(&handed) && !own.contains(&deleted), "{own:?}");
    assert_eq!(rows(&gateway, &cyd).await, before, "nothing of others'");
    let people = gateway.get("/api/v1/people").await;
    let names: Vec<_> = people.as_array().unwrap().iter().map(|person| person["name"].clone()).collect();
    assert_eq!(names, [json!("owner"), json!("cyd")]);
}

#[tokio::test]
async fn whoever_runs_the_instance_and_whoever_asks_stay() {
    let gateway = TestGateway::start().await;
    let owner = Person::owner(&gateway).await;
    let admin = Person::new(&gateway, "ada", Role::Admin).await;
    for person in [&owner, &admin] {
        let path = format!("/api/v1/people/{}?conversations=delete", person.id);
        let (status, problem) = admin.sends(&gateway, Method::DELETE, &path, &json!({})).await;
        assert_eq!((status, &problem["code"]), (409, &json!("person_stays")));
    }
    let path = format!("/api/v1/people/{}", admin.id);
    let (status, _) = gateway.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!(status, 422, "it must be said what becomes of their conversations");
    assert_eq!(admin.sends(&gateway, Method::GET, "/api/v1/account", &json!({})).await.0, 200);
}
