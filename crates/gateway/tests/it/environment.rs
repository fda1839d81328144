//! What the instance stands on, as the first-run screen asks for it.

use http::Method;
use serde_json::{Value, json};
use slipway_protocol::api::{InstanceEnvironment, Role};

use crate::harness::TestGateway;
use crate::people::Person;
use crate::workspace::Setup;

const PATH: &str = "/api/v1/instance/environment";

async fn environment(gateway: &TestGateway) -> InstanceEnvironment {
    serde_json::from_value(gateway.get(PATH).await).unwrap()
}

#[tokio::test]
async fn without_a_sandbox_it_says_since_when_and_what_to_do() {
    let gateway = TestGateway::start_with(|config| {
        config.instance = 3;
        config.public_port = Some(3021);
        config.image = Some("slipway:0123456789ab".to_owned());
    })
    .await;
    let found = environment(&gateway).await;
    assert_eq!((found.number, found.image.as_deref()), (3, Some("slipway:0123456789ab")));
    let ports: Vec<_> = found.ports.iter().map(|port| (port.port, port.usual)).collect();
    let desktop = gateway.app().addresses.desktop.port();
    assert_eq!(ports, [(3021, 3020), (desktop, 6100)]);
    let purposes = |found: &InstanceEnvironment| serde_json::to_value(&found.disks).unwrap();
    let disks = purposes(&found);
    assert_eq!((disks.as_array().unwrap().len(), &disks[0]["purpose"]), (1, &json!("data")));
    assert!(found.disks[0].total_bytes >= found.disks[0].free_bytes && found.disks[0].total_bytes > 0);
    assert!(!found.sandbox.attached && found.sandbox.since > 0);
    let problem = found.sandbox.problem.unwrap();
    assert_eq!(problem.code, "sandbox_not_attached");
    assert!(problem.hint.contains("slipway up"), "{problem}");
}

#[tokio::test]
async fn a_sandbox_that_comes_and_goes_is_noticed_at_the_next_look() {
    let mut setup = Setup::new().await;
    let there = environment(&setup.gateway).await;
    assert!(there.sandbox.attached && there.sandbox.problem.is_none());
    let workspace = &there.disks[1];
    assert_eq!(workspace.path, setup.root().display().to_string());
    assert!(workspace.total_bytes >= workspace.free_bytes && workspace.total_bytes > 0);

    setup.detach().await;
    let gone = environment(&setup.gateway).await;
    assert!(!gone.sandbox.attached && gone.sandbox.since >= there.sandbox.since);
    assert_eq!(gone.disks.len(), 1, "nobody tells how full the sandbox's disk is");
    assert!(gone.sandbox.problem.unwrap().hint.contains("--local"), "it was none in a container");
}

#[tokio::test]
async fn whoever_is_logged_in_may_look_and_nobody_else() {
    let gateway = TestGateway::start().await;
    let viewer = Person::new(&gateway, "viewer", Role::Viewer).await;
    let (status, seen) = viewer.sends(&gateway, Method::GET, PATH, &Value::Null).await;
    assert_eq!((status, &seen["number"]), (200, &json!(1)));
    assert_eq!(gateway.anonymous(Method::GET, PATH).send().await.unwrap().status(), 401);
}
