//! Several workspaces of one instance.

use http::Method;
use serde_json::{Value, json};
use slipway_gateway::store::workspaces;
use slipway_protocol::api::{Role, Workspace};
use slipway_protocol::event::{EventBody, RunStatus};
use slipway_protocol::run::RunOutcome;

use crate::checkpoint_scene::Scene;
use crate::core_client::Follower;
use crate::harness::TestGateway;
use crate::people::Person;

/// Makes a workspace of the owner's; its id.
async fn make(scene: &Scene, name: &str) -> String {
    let (status, made) =
        scene.setup.gateway.send(Method::POST, "/api/v1/workspaces", &json!({ "name": name })).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

/// Lets the scene go on in a new conversation that names this workspace.
async fn converse_in(scene: &mut Scene, workspace: &str) {
    let body = json!({ "workspace_id": workspace });
    let (status, made) = scene.setup.gateway.send(Method::POST, "/api/v1/conversations", &body).await;
    assert_eq!((status, &made["workspace_id"]), (201, &json!(workspace)), "{made}");
    scene.setup.conversation = made["id"].as_str().unwrap().into();
}

fn names(page: &Value) -> Vec<&str> {
    let entries = page["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["name"].as_str().unwrap()).filter(|name| *name != ".slipway").collect()
}

#[tokio::test]
async fn workspaces_are_made_named_and_listed() {
    let scene = Scene::new().await;
    let gateway = &scene.setup.gateway;
    assert_eq!(make(&scene, " My Site ").await, "my-site");
    assert_eq!(make(&scene, "My Site").await, "my-site-2", "ids are never shared");
    assert!(scene.further("my-site").is_dir() && scene.further("my-site-2").is_dir());
    let path = "/api/v1/workspaces/my-site-2";
    let (status, renamed) = gateway.send(Method::PATCH, path, &json!({ "name": "Shop" })).await;
    assert_eq!((status, &renamed["name"], &renamed["id"]), (200, &json!("Shop"), &json!("my-site-2")));
    let list = gateway.get("/api/v1/workspaces").await;
    let found: Vec<_> =
        list["items"].as_array().unwrap().iter().map(|item| (&item["id"], &item["name"])).collect();
    let expected =
        [("default", ""), ("my-site", "My Site"), ("my-site-2", "Shop")].map(|(a, b)| (json!(a), json!(b)));
    assert_eq!(found, expected.iter().map(|(id, name)| (id, name)).collect::<Vec<_>>());
    assert_eq!(list["can_create"], true);
    let viewer = Person::new(gateway, "viewer", Role::Viewer).await;
    let (_, seen) = viewer.sends(gateway, Method::GET, "/api/v1/workspaces", &json!({})).await;
    assert_eq!(seen["can_create"], false, "who may only look is not offered it");
    for name in ["", "  ", "two\nlines", &"x".repeat(61)] {
        let (status, _) = gateway.send(Method::POST, "/api/v1/workspaces", &json!({ "name": name })).await;
        assert_eq!(status, 422, "{name:?}");
    }
    for (method, path) in [(Method::PATCH, "default"), (Method::PATCH, "none")] {
        let path = format!("/api/v1/workspaces/{path}");
        assert_eq!(gateway.send(method, &path, &json!({ "name": "x" })).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn runs_work_in_the_workspaces_that_their_conversations_name_at_the_same_time() {
    let mut scene = Scene::new().await;
    let site = make(&scene, "site").await;
    let first = scene.setup.conversation.clone();
    let (mut at_first, _) = scene.begin().await;
    converse_in(&mut scene, &site).await;
    let second = scene.setup.conversation.clone();
    let (mut at_site, _) = scene.begin().await;
    assert_eq!(at_site.request.prompt.workspace, scene.further(&site).display().to_string());
    scene.call(&mut at_first, "echo first > first.txt").await;
    scene.call(&mut at_site, "echo site > site.txt").await;
    // The next call waits until what the step before has left is recorded.
    scene.call(&mut at_first, "true").await;
    scene.call(&mut at_site, "true").await;
    assert_eq!(std::fs::read_to_string(scene.further(&site).join("site.txt")).unwrap(), "site\n");
    assert!(!scene.root().join("site.txt").exists());
    let changed = async |id: &slipway_protocol::ConversationId| {
        let list = scene.setup.gateway.get(&format!("/api/v1/conversations/{id}/changes")).await;
        let files = list["files"].as_array().unwrap().iter();
        (files.map(|file| file["path"].clone()).collect::<Vec<_>>(), list["from"].clone())
    };
    assert_eq!(changed(&first).await.0, ["first.txt"]);
    let (paths, begun) = changed(&second).await;
    assert_eq!(paths, ["site.txt"]);

    // Going back in one waits for its own run only.
    let mut follower = scene.follow().await;
    let wanted = json!({ "checkpoint_id": begun });
    assert_eq!(scene.restore(wanted.clone()).await.1["code"], "run_active");
    scene.end(&mut at_site).await;
    at_site.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;
    let (status, receipt) = scene.restore(wanted).await;
    assert_eq!((status, &receipt["restored"]), (200, &json!(1)), "{receipt}");
    assert!(!scene.further(&site).join("site.txt").exists());
    assert_eq!(scene.read("first.txt"), "first\n");
}

#[tokio::test]
async fn the_person_s_files_are_those_of_the_workspace_that_is_named() {
    let scene = Scene::new().await;
    let site = make(&scene, "site").await;
    scene.put("here.txt", "default\n");
    let gateway = &scene.setup.gateway;
    let path = format!("/api/v1/workspace/file?path=up.txt&workspace={site}");
    let uploaded = gateway.launcher(Method::PUT, &path).body("site\n").send().await.unwrap();
    assert_eq!(uploaded.status(), 200, "{}", uploaded.text().await.unwrap());
    let list = async |query: &str| gateway.get(&format!("/api/v1/workspace/entries{query}")).await;
    assert_eq!(names(&list(&format!("?workspace={site}")).await), ["up.txt"]);
    assert_eq!(names(&list("").await), ["here.txt"]);
    assert_eq!(names(&list("?workspace=default").await), ["here.txt"]);
    let (status, _) = gateway.send(Method::GET, "/api/v1/workspace/entries?workspace=none", &json!({})).await;
    assert_eq!(status, 404);

    let trash = json!({ "path": "up.txt" });
    let path = |rest: &str| format!("/api/v1/workspace/trash{rest}?workspace={site}");
    let (_, trashed) = gateway.send(Method::POST, &path(""), &trash).await;
    let id = format!("/{}/restore", trashed["id"].as_str().unwrap());
    let elsewhere = format!("/api/v1/workspace/trash{id}");
    assert_eq!(gateway.send(Method::POST, &elsewhere, &json!({})).await.0, 404, "another trash");
    assert_eq!(gateway.send(Method::POST, &path(&id), &json!({})).await.0, 200);
    assert_eq!(names(&list(&format!("?workspace={site}")).await), ["up.txt"]);
}

#[tokio::test]
async fn a_workspace_is_not_deleted_while_it_is_used_and_comes_back_with_its_files() {
    let mut scene = Scene::new().await;
    let site = make(&scene, "site").await;
    converse_in(&mut scene, &site).await;
    let path = format!("/api/v1/workspaces/{site}");
    let mut follower = scene.follow().await;
    let (mut run, _) = scene.begin().await;
    scene.call(&mut run, "echo kept > kept.txt").await;
    let (status, refused) = scene.setup.gateway.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!((status, &refused["code"]), (409, &json!("workspace_in_use")));
    scene.end(&mut run).await;
    run.finish(RunOutcome::Completed);
    follower.until_status(RunStatus::Done).await;

    let gateway = &scene.setup.gateway;
    let (status, deleted) = gateway.send(Method::DELETE, &path, &json!({})).await;
    assert_eq!((status, deleted["deleted_at"].is_i64()), (200, true), "{deleted}");
    assert!(!scene.further(&site).exists());
    let list = gateway.get("/api/v1/workspaces").await;
    assert_eq!(
        (&list["items"][1]["id"], &list["items"][1]["deleted_at"]),
        (&json!(site), &deleted["deleted_at"])
    );
    let gone = [
        gateway.send(Method::DELETE, &path, &json!({})).await,
        gateway.send(Method::POST, "/api/v1/conversations", &json!({ "workspace_id": site })).await,
        gateway.send(Method::GET, &format!("/api/v1/workspace/entries?workspace={site}"), &json!({})).await,
    ];
    for (status, body) in gone {
        assert_eq!((status, &body["code"]), (409, &json!("workspace_gone")), "{body}");
    }
    // What was said stays; what is said now is not worked on somewhere else.
    scene.setup.say("go on").await;
    follower.until_status(RunStatus::Error).await;
    let snapshot = scene.setup.snapshot().await;
    assert_eq!(snapshot.conversation.problem.map(|problem| problem.code).as_deref(), Some("workspace_gone"));

    let (status, back) = gateway.send(Method::POST, &format!("{path}/restore"), &json!({})).await;
    assert_eq!((status, &back["deleted_at"]), (200, &Value::Null), "{back}");
    assert_eq!(std::fs::read_to_string(scene.further(&site).join("kept.txt")).unwrap(), "kept\n");
}

#[tokio::test]
async fn changes_in_a_workspace_are_told_to_its_owner_alone() {
    let scene = Scene::new().await;
    let gateway = &scene.setup.gateway;
    let site = make(&scene, "site").await;
    let member = Person::new(gateway, "member", Role::Member).await;
    let stream = "/api/v1/events?topics=user";
    let mut own = Follower::of(gateway.launcher(Method::GET, stream), None).await;
    let mut others = Follower::of(member.asks(gateway, Method::GET, stream), None).await;
    gateway.get(&format!("/api/v1/workspace/entries?workspace={site}")).await;
    std::fs::write(scene.further(&site).join("secret.txt"), "x").unwrap();
    let is_told = |body: &EventBody| matches!(body, EventBody::FilesChanged { .. });
    own.until(|body| is_told(body)).await;
    // Events come in order: had the other been told, that would have come before this.
    let (status, _) = member.sends(gateway, Method::POST, "/api/v1/conversations", &json!({})).await;
    assert_eq!(status, 201);
    others.until(|body| matches!(body, EventBody::ConversationUpdated { .. })).await;
    assert!(!others.events.iter().any(|event| is_told(&event.body)), "{:?}", others.events);
}

#[tokio::test]
async fn another_person_s_workspace_is_not_there() {
    const MARK: &str = "quokka";
    let gateway = TestGateway::start().await;
    let owner = Person::owner(&gateway).await;
    let member = Person::new(&gateway, "member", Role::Member).await;
    let workspace =
        Workspace { id: MARK.into(), name: format!("{MARK} den"), created_at: 1, deleted_at: None };
    let mut write = gateway.app().store.write().await.unwrap();
    workspaces::insert(&mut write, &owner.id, &workspace).await.unwrap();
    write.commit().await.unwrap();

    // Every route to files, by somebody who may use it in workspaces of their own.
    let document = serde_json::to_value(slipway_gateway::openapi::document()).unwrap();
    let body = json!({ "path": "x", "from": "x", "to": "y", "text": "z", "url": "https://x/y" });
    let mut tried = 0;
    for (route, methods) in document["paths"].as_object().unwrap() {
        if !route.starts_with("/api/v1/workspace/") {
            continue;
        }
        let path = format!("{}?workspace={MARK}&path=x&kind=zip", route.replace("{id}", "1"));
        for method in methods.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let answer = member.asks(&gateway, method.clone(), &path).json(&body).send().await.unwrap();
            let (status, told) = (answer.status(), answer.text().await.unwrap());
            assert_eq!(status, 404, "{method} {route}: {told}");
            assert!(told.contains("There is no such workspace"), "{method} {route}: {told}");
            tried += 1;
        }
    }
    assert!(tried >= 14, "{tried}");
    for (method, rest) in [(Method::PATCH, ""), (Method::DELETE, ""), (Method::POST, "/restore")] {
        let path = format!("/api/v1/workspaces/{MARK}{rest}");
        let (status, told) = member.sends(&gateway, method, &path, &json!({ "name": "mine" })).await;
        assert_eq!(status, 404, "{path}: {told}");
    }
    let wanted = json!({ "workspace_id": MARK });
    let (status, told) = member.sends(&gateway, Method::POST, "/api/v1/conversations", &wanted).await;
    assert_eq!(status, 404, "{told}");
    for (person, is_told) in [(&member, false), (&owner, true)] {
        let (_, list) = person.sends(&gateway, Method::GET, "/api/v1/workspaces", &json!({})).await;
        assert_eq!(list.to_string().contains(MARK), is_told, "{list}");
    }
}

#[tokio::test]
async fn what_each_workspace_takes_up_is_told_to_whose_it_is_and_the_sum_to_everybody() {
    let scene = Scene::new().await;
    let gateway = &scene.setup.gateway;
    let site = make(&scene, "site").await;
    std::fs::write(scene.further(&site).join("big"), vec![1; 1 << 20]).unwrap();
    scene.put("small", "x");
    let usage = gateway.get("/api/v1/sandbox/usage").await;
    let further = usage["further_workspaces"].as_array().unwrap();
    assert_eq!((further.len(), &further[0]["id"]), (1, &json!(site)));
    let (own, bytes) = (usage["workspace_bytes"].as_u64().unwrap(), further[0]["bytes"].as_u64().unwrap());
    assert!(bytes > 1 << 20 && own < 1 << 20, "{usage}");
    assert_eq!(usage["all_workspaces_bytes"].as_u64(), Some(own + bytes));
    let other = Person::new(gateway, "other", Role::Member).await;
    let (_, seen) = other.sends(gateway, Method::GET, "/api/v1/sandbox/usage", &json!({})).await;
    assert_eq!(seen["further_workspaces"], json!(null), "it is not told that there is one");
    assert!(seen["all_workspaces_bytes"].as_u64().unwrap() > 1 << 20);
}
