//! Nobody reaches what is somebody else's: every route, as another person, as one who may only look, and without a
//! session.

mod routes;

use std::collections::BTreeSet;

use futures::StreamExt as _;
use http::{Method, header};
use serde_json::json;
use slipway_protocol::api::Role;

use self::routes::For::{Admins, Anybody, Everybody, ItsOwner, ItsWorkingOwner, Launcher, Members, Owner};
use self::routes::{For, ROUTES, UNLISTED};
use crate::core_client::Setup;
use crate::harness::{TestGateway, events};
use crate::people::Person;

/// At least so many routes are tried.
const AT_LEAST: usize = 78;

/// Stands in what belongs to the first person, and nowhere else.
const MARK: &str = "quokka";

#[test]
fn every_route_is_on_the_list() {
    let document = serde_json::to_value(slipway_gateway::openapi::document()).unwrap();
    let mut there = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        let path = path.strip_prefix("/api/v1").unwrap();
        there.extend(
            methods.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.to_owned())),
        );
    }
    let listed: BTreeSet<_> =
        ROUTES.iter().map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned())).collect();
    let missing: Vec<_> = there.difference(&listed).collect();
    assert!(missing.is_empty(), "say in ROUTES whom these are for: {missing:?}");
    let gone: Vec<_> = listed.difference(&there).collect();
    assert!(gone.is_empty(), "these are no more: {gone:?}");
    assert!(listed.len() >= AT_LEAST, "{} routes", listed.len());
}

/// What one person has, and two others.
struct Scene {
    setup: Setup,
    owner: Person,
    member: Person,
    viewer: Person,
    /// A message of the owner's, and one that waits.
    message: String,
}

impl Scene {
    async fn new() -> Self {
        let setup = Setup::without_host().await;
        let gateway = &setup.gateway;
        let title = json!({ "title": format!("{MARK} hunt") });
        let (status, _) = gateway.send(Method::PATCH, &setup.path(""), &title).await;
        assert_eq!(status, 200);
        let receipt = setup.say(&format!("look for the {MARK}")).await;
        setup.say(&format!("and for another {MARK}")).await;
        let owner = Person::owner(gateway).await;
        let member = Person::new(gateway, "member", Role::Member).await;
        let viewer = Person::new(gateway, "viewer", Role::Viewer).await;
        let message = receipt["message_id"].as_str().unwrap().to_owned();
        Self { setup, owner, member, viewer, message }
    }

    fn gateway(&self) -> &TestGateway {
        &self.setup.gateway
    }

    /// The route with the ids of the owner's things in it.
    fn path(&self, route: &str) -> String {
        let conversation = self.setup.conversation.as_str();
        let id = if route.starts_with("/conversations/") { conversation } else { self.owner.id.as_str() };
        let query = match route {
            "/search" => format!("?q={MARK}"),
            "/events" => format!("?topics=user,conv:{conversation}&after="),
            _ => String::new(),
        };
        let path = route
            .replace("{id}", id)
            .replace("{message_id}", &self.message)
            .replace("{call_id}", "call_1")
            .replace("{image_id}", "img_1")
            .replace("{stream}", "str_1")
            .replace("{delivery_id}", "delivery_1")
            .replace("{terminal_id}", "term_1")
            .replace("{process_id}", "p1")
            .replace("{port}", "5173");
        format!("/api/v1{path}{query}")
    }

    /// Status and body of what `person` is answered.
    async fn ask(&self, person: Option<&Person>, method: &str, route: &str) -> (u16, String) {
        let method: Method = method.parse().unwrap();
        let path = self.path(route);
        let mut request = match person {
            // In a browser of its own: some routes log out.
            Some(person) => {
                person.elsewhere(self.gateway()).await.asks(self.gateway(), method.clone(), &path)
            }
            None => self.gateway().anonymous(method.clone(), &path),
        };
        if method != Method::GET {
            request = request.json(&json!({}));
        }
        if route.ends_with("/desktop") || route.ends_with("/stream") {
            let own = format!("http://{}", self.gateway().app().addresses.ui);
            request = request
                .header(header::ORIGIN, own)
                .header(header::CONNECTION, "upgrade")
                .header(header::UPGRADE, "websocket")
                .header(header::SEC_WEBSOCKET_VERSION, "13")
                .header(header::SEC_WEBSOCKET_KEY, "dGhlIHNhbXBsZSBub25jZQ==");
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        // A stream has no end.
        let body =
            if route == "/events" && status == 200 { String::new() } else { answer.text().await.unwrap() };
        (status, body)
    }
}

fn all_routes() -> impl Iterator<Item = (&'static str, &'static str, For)> {
    let unlisted = UNLISTED.iter().map(|(path, whom)| ("GET", *path, *whom));
    ROUTES.iter().copied().chain(unlisted)
}

#[tokio::test]
async fn without_a_session_no_route_answers() {
    let scene = Scene::new().await;
    for (method, route, whom) in all_routes() {
        let (status, body) = scene.ask(None, method, route).await;
        let expected = match (whom, method) {
            (Anybody, "POST") => 422,
            (Anybody, _) => 204,
            _ => 401,
        };
        assert_eq!(status, expected, "{method} {route}: {body}");
        assert!(!body.contains(MARK), "{method} {route}: {body}");
    }
}

#[tokio::test]
async fn another_person_reaches_nothing_of_the_first() {
    let scene = Scene::new().await;
    for (method, route, whom) in all_routes() {
        let (status, body) = scene.ask(Some(&scene.member), method, route).await;
        let what = format!("{method} {route}: {status} {body}");
        match whom {
            ItsOwner | ItsWorkingOwner => {
                assert_eq!(status, 404, "{what}");
                assert!(body.contains("There is no such conversation"), "{what}");
            }
            Admins | Owner | Launcher => assert_eq!(status, 403, "{what}"),
            Everybody | Members | Anybody => assert!(!matches!(status, 401 | 403), "{what}"),
        }
        assert!(!body.contains(MARK), "{what}");
        let is_theirs = matches!(whom, ItsOwner | ItsWorkingOwner);
        let told = if is_theirs { "No conversation has the id" } else { scene.setup.conversation.as_str() };
        assert!(is_theirs || !body.contains(told), "{what}");
    }
}

#[tokio::test]
async fn who_may_only_look_changes_nothing() {
    let scene = Scene::new().await;
    for (method, route, whom) in all_routes() {
        let (status, body) = scene.ask(Some(&scene.viewer), method, route).await;
        let what = format!("{method} {route}: {status} {body}");
        match whom {
            ItsOwner if method == "GET" => assert_eq!(status, 404, "{what}"),
            ItsOwner | ItsWorkingOwner | Members | Admins | Owner | Launcher => {
                assert_eq!(status, 403, "{what}");
            }
            Everybody | Anybody => assert!(!matches!(status, 401 | 403), "{what}"),
        }
        assert!(!body.contains(MARK), "{what}");
    }
}

/// Else the others would be refused for a mistake of this test.
#[tokio::test]
async fn the_owner_reaches_all_of_it() {
    let scene = Scene::new().await;
    let (last, first): (Vec<_>, Vec<_>) =
        all_routes().partition(|(method, route, _)| *method == "DELETE" && *route == "/conversations/{id}");
    for (method, route, whom) in first.into_iter().chain(last) {
        let (status, body) = scene.ask(Some(&scene.owner), method, route).await;
        let what = format!("{method} {route}: {status} {body}");
        if whom == Launcher {
            assert_eq!(status, 403, "{what}");
            continue;
        }
        assert!(!matches!(status, 401 | 500), "{what}");
        assert!(!body.contains("There is no such conversation"), "{what}");
        assert!(status != 403 || route == "/people/{id}/password", "{what}");
    }
}

#[tokio::test]
async fn a_stream_tells_each_person_only_of_their_own() {
    let scene = Scene::new().await;
    let conversation = scene.setup.conversation.as_str();
    let follow = async |gateway: &TestGateway, after: &str| {
        let path = format!("/api/v1/events?topics=user,conv:{conversation}&after={after}");
        let answer = scene.member.asks(gateway, Method::GET, &path).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer
    };
    let gateway = scene.gateway();
    let beginning = format!("{}-0", gateway.app().store.epoch());
    let live = follow(gateway, "").await;
    // Something of the first person's, then something of the second's: were the first told, it would come first.
    let renamed = json!({ "title": format!("{MARK} again") });
    assert_eq!(gateway.send(Method::PATCH, &scene.setup.path(""), &renamed).await.0, 200);
    let other = gateway.conversation().await;
    assert_eq!(
        gateway.send(Method::DELETE, &format!("/api/v1/conversations/{other}"), &json!({})).await.0,
        200
    );
    let (status, own) = scene.member.sends(gateway, Method::POST, "/api/v1/conversations", &json!({})).await;
    assert_eq!(status, 201);
    let told = events(live, 1).await;
    assert_eq!(told[0]["conversation_id"], own["id"], "{told:?}");
    let replayed = events(follow(gateway, &beginning).await, 1).await;
    assert_eq!(replayed[0]["conversation_id"], own["id"], "from memory: {replayed:?}");
    // After a start there is nothing in memory.
    let Scene { setup, member, .. } = scene;
    let conversation = setup.conversation.clone();
    let gateway = TestGateway::start_in(setup.gateway.stop().await, |_| {}).await;
    let path = format!("/api/v1/events?topics=user,conv:{conversation}&after={beginning}");
    let answer = member.asks(&gateway, Method::GET, &path).send().await.unwrap();
    let replayed = events(answer, 1).await;
    assert_eq!(replayed[0]["conversation_id"], own["id"], "from the database: {replayed:?}");
}

#[tokio::test]
async fn nobody_changes_what_anothers_stream_follows() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let open = scene.owner.asks(gateway, Method::GET, "/api/v1/events?topics=user").send().await.unwrap();
    let mut bytes = open.bytes_stream();
    let hello = bytes.next().await.unwrap().unwrap();
    let hello = String::from_utf8_lossy(&hello).into_owned();
    let start = hello.find("str_").unwrap();
    let stream: String = hello[start..].chars().take_while(|c| *c != '"').collect();
    let path = format!("/api/v1/events/{stream}/topics");
    let topics = json!({ "topics": ["user"] });
    assert_eq!(scene.member.sends(gateway, Method::POST, &path, &topics).await.0, 404);
    assert_eq!(scene.owner.sends(gateway, Method::POST, &path, &topics).await.0, 204);
}

#[tokio::test]
async fn a_search_finds_only_ones_own() {
    let scene = Scene::new().await;
    let gateway = scene.gateway();
    let path = format!("/api/v1/search?q={MARK}");
    let found = async |person: &Person| person.sends(gateway, Method::GET, &path, &json!({})).await.1;
    let own = found(&scene.owner).await;
    assert_eq!(own["conversations"].as_array().unwrap().len(), 1, "{own}");
    assert!(!own["hits"].as_array().unwrap().is_empty(), "{own}");
    let others = found(&scene.member).await;
    assert_eq!((&others["conversations"], &others["hits"]), (&json!([]), &json!([])));
}
