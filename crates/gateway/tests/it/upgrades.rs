//! Databases of earlier versions: the gateway starts on each, and everything is there.

use std::path::PathBuf;

use http::Method;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::harness::TestGateway;

/// What earlier versions had written, one file for each step of the schema.
fn dumps() -> Vec<PathBuf> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/schemas");
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// A gateway on a database that a dump describes. SQLite in any case: the dumps are its own.
async fn upgraded(dump: &PathBuf) -> TestGateway {
    let directory = tempfile::tempdir().unwrap();
    sqlx::any::install_default_drivers();
    let url = format!("sqlite://{}?mode=rwc", directory.path().join("slipway.db").display());
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let text = std::fs::read_to_string(dump).unwrap();
    connection.execute(AssertSqlSafe(text)).await.unwrap();
    connection.close().await.unwrap();
    TestGateway::start_in(directory, |config| config.database_url = None).await
}

#[tokio::test]
async fn databases_of_every_earlier_version_are_brought_up_to_date() {
    let dumps = dumps();
    assert_eq!(dumps.len(), 10, "one for each step that an earlier version ended with");
    for dump in dumps {
        let gateway = upgraded(&dump).await;
        let list = gateway.get("/api/v1/conversations").await;
        let titles: Vec<_> = list["items"].as_array().unwrap().iter().map(|c| c["title"].clone()).collect();
        assert_eq!(titles, [json!("Cut off"), json!("An old one")], "{}", dump.display());
        let old = gateway.get("/api/v1/conversations/conv_old").await;
        let texts = old["messages"].as_array().unwrap().iter();
        let texts: Vec<_> = texts.map(|message| message["parts"][0]["body"]["text"].clone()).collect();
        assert_eq!(texts, [json!("Say something old."), json!("Something old.")], "{}", dump.display());
        let transcript = gateway.get("/api/v1/conversations/conv_old/transcript").await;
        assert_eq!(transcript.as_array().unwrap().len(), 2, "{}", dump.display());
        // The run that went on is ended, what waited waits, and a message can be sent.
        let cut = gateway.get("/api/v1/conversations/conv_cut").await;
        assert_eq!(cut["conversation"]["status"], "stopped", "{}", dump.display());
        assert_eq!(cut["conversation"]["problem"]["code"], "gateway_restarted");
        assert_eq!(cut["queue"][0]["text"], "Waits.");
        let again = json!({ "client_id": "c1", "text": "Say something old." });
        let (status, receipt) =
            gateway.send(Method::POST, "/api/v1/conversations/conv_old/messages", &again).await;
        assert_eq!((status, &receipt["message_id"]), (202, &json!("msg_1")), "it was accepted long ago");
        if !dump.ends_with("0001.sql") {
            assert_eq!(gateway.get("/api/v1/settings").await["instructions"], "Be old.");
            let providers = gateway.get("/api/v1/providers").await;
            assert!(providers.to_string().contains("Old model"), "{providers}");
        }
        gateway.stop().await;
    }
}
