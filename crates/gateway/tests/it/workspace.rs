//! The person's files over HTTP, with a real tool host behind the gateway.

use std::path::PathBuf;
use std::time::Duration;

use http::{Method, header};
use serde_json::{Value, json};
use slipway_protocol::event::EventBody;
use slipway_protocol::sandbox::{Channel, Confinement};
use slipway_tools::host::{Credentials, Host, HostOptions, attach};
use slipway_tools::workspace::Workspace;
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::core_client::{Follower, create};
use crate::harness::{TestGateway, json};

const LIMIT: Duration = Duration::from_secs(20);

/// A gateway with a tool host of its own on an empty workspace.
pub(crate) struct Setup {
    pub(crate) gateway: TestGateway,
    root: PathBuf,
    _folder: tempfile::TempDir,
    host: JoinSet<()>,
}

impl Setup {
    pub(crate) async fn new() -> Self {
        let gateway = TestGateway::start().await;
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let root = base.join("ws");
        std::fs::create_dir(&root).unwrap();
        let host = Host::new(HostOptions {
            workspace: Workspace::open(&root).unwrap(),
            confinement: Confinement::None,
            state_directory: base,
            environment: slipway_tools::shell::inheritable(std::env::vars_os()),
            display: None,
            fetch: None,
            workspace_limit: None,
            command_patience: Duration::from_secs(120),
            desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
            bounds: slipway_tools::bounds::Bounds::default(),
        })
        .unwrap();
        let stream = UnixStream::connect(&gateway.app().config.sandbox_socket).await.unwrap();
        let credentials =
            Credentials { sandbox_id: "default".into(), token: "sandbox-token-of-the-test".to_owned() };
        let io = attach(stream, &credentials, Channel::Tools).await.unwrap();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let _ = host.serve(io, &CancellationToken::new()).await;
        });
        assert!(gateway.app().sandboxes.wait_for_client(LIMIT).await.is_some());
        Self { gateway, root, _folder: folder, host: tasks }
    }

    /// Where the workspace is.
    pub(crate) fn root(&self) -> &std::path::Path {
        &self.root
    }

    /// Ends the tool host, and waits until the gateway has noticed.
    pub(crate) async fn detach(&mut self) {
        self.host.shutdown().await;
        while self.gateway.app().sandboxes.status().attached {
            tokio::task::yield_now().await;
        }
    }

    fn put(&self, path: &str, content: &str) {
        std::fs::write(self.root.join(path), content).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// Names in the workspace but Slipway's own.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.root).unwrap().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .filter(|name| name != ".slipway")
            .collect();
        names.sort();
        names
    }

    fn staged(&self) -> usize {
        std::fs::read_dir(self.root.join(".slipway/staging")).map_or(0, Iterator::count)
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.gateway.launcher(method, &format!("/api/v1/workspace{path}"))
    }

    async fn upload(&self, path: &str, body: impl Into<reqwest::Body>) -> (u16, Value) {
        let answer = self.request(Method::PUT, path).body(body).send().await.unwrap();
        (answer.status().as_u16(), json(answer).await)
    }
}

#[tokio::test]
async fn a_file_is_listed_read_and_written_with_its_tag() {
    let setup = Setup::new().await;
    setup.put("notes.md", "one\n");
    let page = setup.gateway.get("/api/v1/workspace/entries").await;
    assert_eq!(page["entries"][0]["name"], "notes.md");
    assert_eq!((&page["more"], &page["ignored"]), (&json!(0), &json!(0)));
    let answer = setup.request(Method::GET, "/text?path=notes.md").send().await.unwrap();
    let tag = answer.headers()[header::ETAG].to_str().unwrap().to_owned();
    assert_eq!(json(answer).await["text"], "one\n");
    let write = async |name: &str, value: &str, text: &str| {
        let request = setup.request(Method::PUT, "/text?path=notes.md").header(name, value);
        let answer = request.json(&json!({ "text": text })).send().await.unwrap();
        let kind = answer.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        (answer.status().as_u16(), kind, json(answer).await)
    };
    let (status, _, written) = write("If-Match", &tag, "two\n").await;
    assert_eq!((status, &written["bytes"]), (200, &json!(4)));
    // The same tag again comes too late and gets what is there now.
    let (status, kind, conflict) = write("If-Match", &tag, "three\n").await;
    assert_eq!((status, kind.as_str()), (412, "application/problem+json"));
    assert_eq!((&conflict["code"], &conflict["current"]["text"]), (&json!("file_changed"), &json!("two\n")));
    assert_eq!(setup.read("notes.md"), "two\n");
    assert_eq!(write("If-None-Match", "*", "three\n").await.0, 412);
    assert_eq!(write("X-Nothing", "*", "three\n").await.0, 428);
    assert_eq!(write("If-Match", "*", "three\n").await.0, 200);
    assert_eq!(setup.read("notes.md"), "three\n");
}

#[tokio::test]
async fn files_are_found_by_characters_of_their_paths() {
    let setup = Setup::new().await;
    for directory in ["tools", "target"] {
        std::fs::create_dir(setup.root.join(directory)).unwrap();
    }
    for (path, text) in [
        (".gitignore", "target/\n"),
        ("tools/registry.rs", ""),
        ("tools/other.rs", ""),
        ("target/registry.rs", ""),
        ("a b.txt", ""),
    ] {
        setup.put(path, text);
    }
    let find = async |query: &str| setup.gateway.get(&format!("/api/v1/workspace/find{query}")).await;
    assert_eq!(find("?query=tlreg").await, json!({ "paths": ["tools/registry.rs"], "more": 0 }));
    assert_eq!(find("?query=a%20b").await["paths"][0], "a b.txt");
    assert_eq!(find("?query=none-of-them").await, json!({ "paths": [], "more": 0 }));
    assert_eq!(find("?limit=2").await, json!({ "paths": [".gitignore", "a b.txt"], "more": 2 }));
}

#[tokio::test]
async fn what_the_tool_host_refuses_reaches_the_person_in_its_words() {
    let setup = Setup::new().await;
    for (path, status, code) in [
        ("/entries?path=../x", 403, "path_refused"),
        ("/text?path=none", 404, "file_missing"),
        ("/file?path=none", 404, "file_missing"),
        ("/zip?path=none", 404, "file_missing"),
        ("/text", 422, "invalid_query"),
    ] {
        let answer = setup.request(Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(json(answer).await["code"], code, "{path}");
    }
    let (status, problem) = setup.upload("/archive?kind=zip", "no archive at all".repeat(50)).await;
    assert_eq!((status, &problem["code"]), (422, &json!("archive_refused")));
    assert!(!problem["hint"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn folders_names_and_the_trash() {
    let setup = Setup::new().await;
    let post = async |path: &str, body: Value| {
        let answer = setup.request(Method::POST, path).json(&body).send().await.unwrap();
        (answer.status().as_u16(), json(answer).await)
    };
    assert_eq!(post("/folders", json!({ "path": "a/b" })).await.0, 204);
    setup.put("a/b/c.txt", "x");
    assert_eq!(post("/rename", json!({ "from": "a/b/c.txt", "to": "c.txt" })).await.0, 204);
    assert_eq!(post("/rename", json!({ "from": "none", "to": "d.txt" })).await.0, 404);
    let (status, trashed) = post("/trash", json!({ "path": "c.txt" })).await;
    assert_eq!((status, setup.names()), (200, vec!["a".to_owned()]));
    let restore = format!("/trash/{}/restore", trashed["id"].as_str().unwrap());
    assert_eq!(post(&restore, json!({})).await.0, 200);
    assert_eq!(setup.read("c.txt"), "x");
    assert_eq!(post("/folders", json!({ "path": "x", "mode": 7 })).await.0, 422);
}

#[tokio::test]
async fn uploads_are_bounded_whether_or_not_they_say_their_length() {
    let setup = Setup::new().await;
    let limit = usize::try_from(setup.gateway.app().config.max_upload_bytes).unwrap();
    let instance = setup.gateway.get("/api/v1/instance").await;
    assert_eq!(instance["max_upload_bytes"], json!(limit));
    let (status, written) = setup.upload("/file?path=full.bin", vec![1; limit]).await;
    assert_eq!((status, &written["bytes"]), (200, &json!(limit)));
    let endless = || {
        let piece = bytes::Bytes::from(vec![1; 1 << 16]);
        let pieces = (0..limit / piece.len() + 1).map(move |_| Ok::<_, std::io::Error>(piece.clone()));
        reqwest::Body::wrap_stream(futures::stream::iter(pieces))
    };
    for path in ["/file?path=big.bin", "/archive?path=big&kind=zip", "/archive?path=big&kind=tar_gz"] {
        let (status, problem) = setup.upload(path, endless()).await;
        // A tar file can be refused for its content before it is too long.
        let is_tar = path.ends_with("tar_gz");
        assert!(status == 413 || is_tar && status == 422, "{path}: {status} {problem}");
    }
    // With its length in the headers.
    let (status, problem) = setup.upload("/file?path=big.bin", vec![1; limit + 1]).await;
    assert_eq!((status, &problem["code"]), (413, &json!("upload_too_large")));
    assert_eq!(setup.names(), ["full.bin"]);
    for _ in 0..200 {
        if setup.staged() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("half an upload stays");
}

#[tokio::test]
async fn no_download_can_become_a_page_of_this_gateway() {
    let setup = Setup::new().await;
    let evil = "a\"; filename=x\r\nX-Evil: 1 \u{e4}.html";
    setup.put(evil, "<script>alert(1)</script>");
    let encoded: String = evil.bytes().map(|byte| format!("%{byte:02X}")).collect();
    for path in [format!("/file?path={encoded}"), "/zip".to_owned()] {
        let request = setup.request(Method::GET, &path).header(header::ACCEPT_ENCODING, "gzip");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let header =
            |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(header("content-disposition").starts_with("attachment; "), "{path}");
        assert!(["application/octet-stream", "application/zip"].contains(&header("content-type")), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-security-policy").starts_with("sandbox; default-src 'none'"), "{path}");
        assert_eq!(header("cache-control"), "no-store");
        assert_ne!(header("content-encoding"), "gzip");
        assert!(answer.headers().get("x-evil").is_none());
        assert!(!answer.bytes().await.unwrap().is_empty());
    }
    // All other answers keep the page's own policy.
    let answer = setup.request(Method::GET, "/entries").send().await.unwrap();
    assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self'"));
}

#[tokio::test]
async fn strangers_and_other_sites_get_nothing() {
    let setup = Setup::new().await;
    setup.put("secret", "x");
    let routes = [
        (Method::GET, "/entries"),
        (Method::GET, "/text?path=secret"),
        (Method::GET, "/file?path=secret"),
        (Method::GET, "/zip"),
        (Method::PUT, "/text?path=secret"),
        (Method::PUT, "/file?path=secret&replace=true"),
        (Method::PUT, "/archive?kind=zip"),
        (Method::POST, "/folders"),
        (Method::POST, "/rename"),
        (Method::POST, "/trash"),
        (Method::POST, "/trash/x/restore"),
        (Method::GET, "/clones"),
        (Method::POST, "/clones"),
        (Method::DELETE, "/clones/x"),
    ];
    let cookie = setup.gateway.cookie().await;
    for (method, path) in routes {
        let path = format!("/api/v1/workspace{path}");
        let anonymous = setup.gateway.anonymous(method.clone(), &path).send().await.unwrap();
        assert_eq!(anonymous.status(), 401, "{method} {path}");
        let foreign = setup.gateway.anonymous(method.clone(), &path).header(header::COOKIE, &cookie);
        let foreign =
            foreign.header(header::ORIGIN, "http://evil.test").header("sec-fetch-site", "cross-site");
        assert_eq!(foreign.send().await.unwrap().status(), 403, "{method} {path}");
        let rebound = setup.gateway.anonymous(method.clone(), &path).header(header::COOKIE, &cookie);
        let rebound = rebound.header(header::HOST, "evil.test").send().await.unwrap();
        assert_eq!(rebound.status(), 421, "{method} {path}");
    }
    assert_eq!((setup.names(), setup.read("secret")), (vec!["secret".to_owned()], "x".to_owned()));
}

#[tokio::test]
async fn without_a_sandbox_it_says_so() {
    let gateway = TestGateway::start().await;
    for path in ["/entries", "/text?path=a", "/file?path=a", "/zip"] {
        let answer = gateway.launcher(Method::GET, &format!("/api/v1/workspace{path}")).send().await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), json(answer).await["code"].clone()),
            (503, json!("sandbox_not_attached"))
        );
    }
}

#[tokio::test]
async fn who_looks_at_a_directory_hears_of_its_changes() {
    let setup = Setup::new().await;
    let conversation = create(&setup.gateway).await;
    let mut follower = Follower::open(&setup.gateway, &conversation, None).await;
    setup.gateway.get("/api/v1/workspace/entries").await;
    setup.put("by-the-agent.txt", "x");
    let changed = follower.until(|body| matches!(body, EventBody::FilesChanged { .. })).await;
    let EventBody::FilesChanged { paths } = changed else { unreachable!("it was waited for") };
    assert_eq!(paths, [""]);
}

#[tokio::test]
async fn a_clone_is_followed_and_stopped_and_its_secret_is_nowhere() {
    let setup = Setup::new().await;
    // It takes connections and says nothing.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    let post = async |body: Value| {
        let answer = setup.request(Method::POST, "/clones").json(&body).send().await.unwrap();
        (answer.status().as_u16(), json(answer).await)
    };
    let (status, clone) = post(json!({ "url": format!("http://me:s3cret@{address}/tool.git") })).await;
    assert_eq!((status, &clone["state"], &clone["path"]), (202, &json!("running"), &json!("tool")));
    assert_eq!(clone["url"], format!("http://{address}/tool.git"));
    let stop = format!("/clones/{}", clone["id"].as_str().unwrap());
    assert_eq!(setup.request(Method::DELETE, &stop).send().await.unwrap().status(), 204);
    let until = async |wanted: &str| {
        for _ in 0..500 {
            let all = setup.gateway.get("/api/v1/workspace/clones").await;
            assert!(!all.to_string().contains("s3cret"));
            if all[0]["state"] == wanted {
                return all[0].clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it is not {wanted}");
    };
    until("cancelled").await;
    // Once more forgets it.
    assert_eq!(setup.request(Method::DELETE, &stop).send().await.unwrap().status(), 204);
    assert_eq!(setup.request(Method::DELETE, &stop).send().await.unwrap().status(), 404);
    drop(silent);
    let (status, _) = post(json!({ "url": format!("http://{address}/tool.git"), "path": "here" })).await;
    assert_eq!(status, 202);
    let failed = until("failed").await;
    assert_eq!(failed["problem"]["code"], "clone_failed");
    let (status, problem) = post(json!({ "url": "ext::sh -c id" })).await;
    assert_eq!((status, &problem["code"]), (422, &json!("repository_address")));
    assert!(setup.names().is_empty());
}
