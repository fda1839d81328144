//! Lists come in parts, each of which leads to the next, and no list is longer than it may be.

use http::{Method, header};
use serde_json::{Value, json};
use slipway_protocol::api::Role;
use slipway_protocol::event::RunStatus;
use slipway_protocol::transcript::Entry;

use crate::core_client::Setup;
use crate::harness::{TestGateway, json as body_of};
use crate::people::Person;

/// All items of a list and how many were in each part, by following `Link`.
async fn follow(gateway: &TestGateway, path: &str, query: &str) -> (Vec<Value>, Vec<usize>) {
    let (mut items, mut sizes, mut query) = (Vec::new(), Vec::new(), query.to_owned());
    loop {
        let answer = gateway.launcher(Method::GET, &format!("{path}{query}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}{query}");
        let next = answer.headers().get(header::LINK).map(|link| {
            let link = link.to_str().unwrap();
            link.strip_prefix('<').unwrap().strip_suffix(">; rel=\"next\"").unwrap().to_owned()
        });
        let Value::Array(part) = body_of(answer).await else { panic!("{path} is no list") };
        sizes.push(part.len());
        items.extend(part);
        match next {
            Some(next) => query = next,
            None => return (items, sizes),
        }
    }
}

async fn turn(setup: &mut Setup, text: &str) {
    let mut follower = setup.follow().await;
    setup.say(text).await;
    setup.engine.run().await.reply("done");
    follower.until_status(RunStatus::Done).await;
}

#[tokio::test]
async fn transcript_and_outline_come_in_parts() {
    let mut setup = Setup::new().await;
    for text in ["one", "two", "three"] {
        turn(&mut setup, text).await;
    }
    let gateway = &setup.gateway;
    for (rest, all) in [("/transcript", 6), ("/outline", 3)] {
        let path = setup.path(rest);
        let (whole, sizes) = follow(gateway, &path, "").await;
        assert_eq!(sizes, [all], "{path}");
        let (parts, sizes) = follow(gateway, &path, "?limit=2").await;
        assert_eq!(parts, whole);
        assert!(sizes.len() >= 2 && sizes.iter().all(|size| *size <= 2), "{path}: {sizes:?}");
    }
    let (outline, _) = follow(gateway, &setup.path("/outline"), "").await;
    let texts: Vec<_> = outline.iter().map(|item| item["text"].as_str().unwrap()).collect();
    assert_eq!(texts, ["one", "two", "three"]);
}

#[tokio::test]
async fn a_part_of_a_transcript_is_bounded_in_bytes_too() {
    let mut setup = Setup::new().await;
    turn(&mut setup, "small").await;
    let (entries, _) = follow(&setup.gateway, &setup.path("/transcript"), "").await;
    let large = entries[0].to_string().replace("small", &"x".repeat(3 << 20));
    let large: Entry = serde_json::from_str(&large).unwrap();
    let store = &setup.gateway.app().store;
    let mut write = store.write().await.unwrap();
    let all = [&large, &large, &large];
    slipway_gateway::store::transcript::append(&mut write, &setup.conversation, &all).await.unwrap();
    write.commit().await.unwrap();
    let (entries, sizes) = follow(&setup.gateway, &setup.path("/transcript"), "").await;
    assert_eq!((entries.len(), sizes), (5, vec![4, 1]));
}

#[tokio::test]
async fn people_and_providers_come_in_parts() {
    let gateway = TestGateway::start().await;
    for name in ["ada", "bob", "cyd"] {
        Person::new(&gateway, name, Role::Viewer).await;
    }
    let (people, sizes) = follow(&gateway, "/api/v1/people", "?limit=3").await;
    let names: Vec<_> = people.iter().map(|person| person["name"].as_str().unwrap()).collect();
    assert_eq!((names, sizes), (vec!["owner", "ada", "bob", "cyd"], vec![3, 1]));

    for name in ["a", "b"] {
        let provider = json!({
            "profile": "custom", "name": name, "base_url": "http://127.0.0.1:9/v1", "models": ["m"],
        });
        let path = format!("/api/v1/providers/{name}");
        assert_eq!(gateway.send(Method::PUT, &path, &provider).await.0, 200);
    }
    let first = gateway.get("/api/v1/providers?limit=2").await;
    assert_eq!((&first["providers"][1]["id"], &first["next"]), (&json!("b"), &json!("b")));
    let second = gateway.get("/api/v1/providers?limit=2&after=b").await;
    assert_eq!((&second["providers"][0]["id"], &second["next"]), (&json!("demo"), &Value::Null));
}

#[tokio::test]
async fn a_limit_that_makes_no_sense_is_refused_everywhere() {
    let setup = Setup::without_host().await;
    let gateway = &setup.gateway;
    let webhook = json!({ "url": "https://example.com/hook" });
    let made = gateway.send(Method::POST, "/api/v1/webhooks", &webhook).await.1;
    let deliveries = format!("/api/v1/webhooks/{}/deliveries", made["webhook"]["id"].as_str().unwrap());
    let conversation = setup.path("");
    for (path, most) in [
        (setup.path("/transcript"), 1000),
        (setup.path("/outline"), 1000),
        ("/api/v1/conversations".to_owned(), 100),
        ("/api/v1/people".to_owned(), 1000),
        ("/api/v1/providers".to_owned(), 1000),
        ("/api/v1/workspace/clones".to_owned(), 1000),
        (deliveries, 100),
    ] {
        for (limit, expected) in
            [("0".to_owned(), 422), ((most + 1).to_string(), 422), ("-1".to_owned(), 422)]
                .into_iter()
                .chain([("1".to_owned(), 200), (most.to_string(), 200)])
        {
            let path = format!("{path}?limit={limit}");
            let answer = gateway.launcher(Method::GET, &path).send().await.unwrap();
            assert_eq!(answer.status(), expected, "{path}");
        }
    }
    for tail in ["0", "101"] {
        let (status, _) = gateway.send(Method::GET, &format!("{conversation}?tail={tail}"), &json!({})).await;
        assert_eq!(status, 422);
    }
}

#[tokio::test]
async fn messages_come_in_pages_before_behind_and_around_one() {
    let mut setup = Setup::new().await;
    for text in ["one", "two", "three"] {
        turn(&mut setup, text).await;
    }
    let gateway = &setup.gateway;
    let of = |snapshot: &Value| -> Vec<String> {
        let messages = snapshot["messages"].as_array().unwrap().iter();
        messages.map(|message| message["id"].as_str().unwrap().to_owned()).collect()
    };
    let whole = gateway.get(&setup.path("")).await;
    let all = of(&whole);
    assert_eq!(all.len(), 6);
    let part = whole["messages"][2]["parts"][0]["id"].as_str().unwrap();
    for (query, expected, has_more) in [
        (format!("?before={}&tail=2", all[3]), 1..3, true),
        (format!("?after={}&tail=2", all[1]), 2..4, true),
        (format!("?after={}&tail=9", all[3]), 4..6, true),
        (format!("?after={}", all[5]), 6..6, true),
        (format!("?around={}&tail=3", all[2]), 1..4, true),
        (format!("?around={part}&tail=3"), 1..4, true),
        (format!("?around={}&tail=4", all[5]), 2..6, true),
        (format!("?around={}&tail=4", all[1]), 0..4, false),
        ("?around=msg_none".to_owned(), 0..0, false),
        ("?after=msg_none".to_owned(), 0..0, false),
        ("?before=msg_none".to_owned(), 0..0, false),
    ] {
        let page = gateway.get(&setup.path(&query)).await;
        assert_eq!(of(&page), all[expected], "{query}");
        assert_eq!(page["has_more"], json!(has_more), "{query}");
    }
    let query = setup.path(&format!("?after={}&around={}", all[0], all[0]));
    let (status, problem) = gateway.send(Method::GET, &query, &json!({})).await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("invalid_value")), "{problem}");
}
