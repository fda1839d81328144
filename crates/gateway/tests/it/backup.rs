//! Backups while things go on, and going back to them.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::atomic::{AtomicBool, Ordering};

use http::Method;
use serde_json::json;
use slipway_gateway::store::Backend;

use crate::core_client::{Follower, create};
use crate::harness::{TestGateway, json as body_of};

/// A gateway with SQLite, whatever the other tests use.
async fn start() -> TestGateway {
    TestGateway::start_with(|config| config.database_url = None).await
}

async fn download(gateway: &TestGateway, query: &str) -> Vec<u8> {
    let answer = gateway.launcher(Method::GET, &format!("/api/v1/backup{query}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.bytes().await.unwrap().to_vec()
}

async fn hand_in(gateway: &TestGateway, file: Vec<u8>) -> (u16, serde_json::Value) {
    let answer = gateway.launcher(Method::PUT, "/api/v1/backup").body(file).send().await.unwrap();
    (answer.status().as_u16(), body_of(answer).await)
}

/// Stops a gateway and starts it again on what is left.
async fn again(gateway: TestGateway) -> TestGateway {
    TestGateway::start_in(gateway.stop().await, |config| config.database_url = None).await
}

async fn ids(gateway: &TestGateway) -> BTreeSet<String> {
    let list = gateway.get("/api/v1/conversations?limit=100").await;
    let items = list["items"].as_array().unwrap().iter();
    items.map(|conversation| conversation["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_backup_is_of_one_moment_while_everything_goes_on() {
    let gateway = start().await;
    let before = create(&gateway).await;
    let over = AtomicBool::new(false);
    let writing = async {
        let mut made = vec![before.to_string()];
        while !over.load(Ordering::Relaxed) || made.len() < 3 {
            made.push(create(&gateway).await.to_string());
        }
        made
    };
    let saving = async {
        let file = download(&gateway, "").await;
        over.store(true, Ordering::Relaxed);
        file
    };
    let (made, file) = tokio::join!(writing, saving);

    let other = start().await;
    create(&other).await;
    let cursor =
        other.get(&format!("/api/v1/conversations/{}", create(&other).await)).await["cursor"].clone();
    assert_eq!(hand_in(&other, file).await.0, 202);
    assert_eq!(ids(&other).await.len(), 2, "nothing changes before the next start");
    let other = again(other).await;
    // Those that were made first, and no other: a moment, not a mixture.
    let restored = ids(&other).await;
    let first: BTreeSet<String> = made.iter().take(restored.len()).cloned().collect();
    assert!(restored.contains(before.as_str()) && restored == first, "{restored:?} of {made:?}");
    assert!(other.directory.path().join("before-restore/slipway.db").exists(), "what was there is kept");
    // Positions of before mean nothing any more.
    let mut follower = Follower::open(&other, &before, cursor.as_str()).await;
    create(&other).await;
    follower.until(|_| true).await;
    assert_eq!(follower.kinds.get(1).map(String::as_str), Some("reset"), "{:?}", follower.kinds);
}

#[tokio::test]
async fn keys_of_providers_come_back_where_the_key_is() {
    let gateway = start().await;
    let provider = json!({
        "profile": "custom", "name": "Mine", "base_url": "http://127.0.0.1:9/v1", "models": ["m"],
        "api_key": "sk-very-secret",
    });
    let (status, answer) = gateway.send(Method::PUT, "/api/v1/providers/mine", &provider).await;
    assert_eq!(status, 200, "{answer}");
    let key = std::fs::read(gateway.directory.path().join("secret.key")).unwrap();
    for (query, has_key) in [("", false), ("?key=true", true)] {
        let file = download(&gateway, query).await;
        let other = start().await;
        assert_eq!(hand_in(&other, file).await.0, 202);
        let other = again(other).await;
        let there = std::fs::read(other.directory.path().join("secret.key")).unwrap();
        assert_eq!(there == key, has_key);
        let providers = other.get("/api/v1/providers").await;
        assert!(providers.to_string().contains("Mine"), "{providers}");
    }
}

/// The database of a backup, with pages that are not what they were.
fn damaged(backup: &[u8]) -> Vec<u8> {
    let unpacked = zstd::decode_all(backup).unwrap();
    let mut archive = tar::Archive::new(unpacked.as_slice());
    let mut database = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap().ends_with("slipway.db") {
            entry.read_to_end(&mut database).unwrap();
        }
    }
    // The schema, by which it opens, lies in the first half.
    let pages = database.len() / 4096;
    for page in database.chunks_mut(4096).skip(pages / 2) {
        page.fill(0x5a);
    }
    database
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_changes_nothing() {
    let gateway = start().await;
    let kept = ids(&gateway).await;
    let manifest = br#"{"format":1,"version":"0.1.0","created_at":0}"#.to_vec();
    let packed = |entries: &[(&str, &[u8])]| {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o600);
            // As an attacker writes it: the library refuses such names.
            header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_cksum();
            archive.append(&header, *content).unwrap();
        }
        zstd::encode_all(archive.into_inner().unwrap().as_slice(), 1).unwrap()
    };
    let whole = download(&gateway, "").await;
    let damaged = damaged(&whole);
    let cases = [
        ("nonsense", b"nonsense".to_vec()),
        ("half of one", whole[..whole.len() / 2].to_vec()),
        ("nothing", Vec::new()),
        ("a way out", packed(&[("manifest.json", &manifest), ("../outside", b"x")])),
        ("another file", packed(&[("manifest.json", &manifest), ("launcher.token", b"x")])),
        ("no database", packed(&[("manifest.json", &manifest)])),
        ("a damaged database", packed(&[("manifest.json", &manifest), ("slipway.db", &damaged)])),
        ("no manifest", packed(&[("slipway.db", b"")])),
        ("another format", packed(&[("manifest.json", br#"{"format":2,"version":"9","created_at":0}"#)])),
        (
            "something else as the database",
            packed(&[("manifest.json", &manifest), ("slipway.db", b"not a database at all")]),
        ),
    ];
    for (name, file) in cases {
        let (status, problem) = hand_in(&gateway, file).await;
        assert_eq!((status, problem["code"].as_str()), (422, Some("backup_unusable")), "{name}: {problem}");
    }
    let directory = gateway.directory.path().to_owned();
    assert!(!directory.parent().unwrap().join("outside").exists());
    let left = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("restore")).collect();
    assert!(left.is_empty(), "{left:?}");
    let gateway = again(gateway).await;
    assert_eq!(ids(&gateway).await, kept);
}

#[tokio::test]
async fn a_servers_database_is_saved_with_its_own_tools() {
    let gateway = TestGateway::start().await;
    if gateway.app().store.backend() == Backend::Sqlite {
        return;
    }
    let answer = gateway.launcher(Method::GET, "/api/v1/backup").send().await.unwrap();
    assert_eq!(answer.status(), 409);
    assert!(body_of(answer).await["hint"].as_str().unwrap().contains("pg_dump"));
}
