//! The secret key is not replaced while a gateway runs that would go on with the old one.

use http::Method;
use serde_json::json;
use slipway_gateway::app::{Gateway, StartError};
use slipway_gateway::secrets::RotationError;

use crate::harness::{TestGateway, usual_config};

#[tokio::test]
async fn the_key_is_not_replaced_while_others_run() {
    let [old, new] = ["a1", "b2"].map(|byte| byte.repeat(32));
    let first = TestGateway::start_with(|config| config.secret_key = Some(old.as_str().into())).await;
    let database = first.app().config.database_url.clone();
    assert!(database.is_some(), "several gateways need PostgreSQL: scripts/postgres COMMAND...");
    let search = json!({ "engine": "brave", "api_key": "brave-secret" });
    assert_eq!(first.send(Method::PUT, "/api/v1/settings/search", &search).await.0, 200);
    let directory = tempfile::tempdir().unwrap();
    let config = async || {
        let mut config = usual_config(directory.path()).await;
        config.database_url.clone_from(&database);
        config.secret_key = Some(new.as_str().into());
        config.old_secret_key = Some(old.as_str().into());
        config
    };
    let refused = Gateway::start(config().await).await.err().unwrap();
    assert!(matches!(refused, StartError::Rotation(RotationError::OthersRun)), "{refused}");
    assert_eq!(first.get("/api/v1/settings/search").await["has_key"], true, "nothing has changed");
    first.stop().await;
    let second = Gateway::start(config().await).await.unwrap();
    assert!(second.app().secrets.decrypt("search:Brave", &sealed_key(&second).await).is_ok());
    second.stop().await;
}

async fn sealed_key(gateway: &Gateway) -> String {
    gateway.app().store.search().await.unwrap().unwrap().key.unwrap()
}
