//! Cloning from a server on this machine, with the real git.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt as _;
use slipway_protocol::problem::Problem;
use slipway_protocol::workspace::{CloneLine, CloneRepository};
use tokio::task::JoinSet;

use super::{assert_nothing_staged, refusal, tree};
use crate::scene::Scene;

/// What a server of files was asked with.
#[derive(Clone)]
struct Served {
    root: PathBuf,
    authorizations: Arc<Mutex<Vec<String>>>,
}

/// Serves files below a directory, as far as git's plain protocol needs it; `/slow/` never answers, `/locked/` wants a
/// user name.
async fn serve(root: &Path) -> (String, Served, JoinSet<()>) {
    async fn answer(State(served): State<Served>, request: Request) -> Response {
        let path = request.uri().path().to_owned();
        let said = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        served.authorizations.lock().expect("no panic").push(said.unwrap_or_default().to_owned());
        if path.starts_with("/slow/") {
            std::future::pending::<()>().await;
        }
        if path.starts_with("/locked/") && said.is_none() {
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic realm=\"x\"")])
                .into_response();
        }
        let file = path.trim_start_matches("/locked").trim_start_matches('/').to_owned();
        match std::fs::read(served.root.join(file)) {
            Ok(bytes) => bytes.into_response(),
            Err(_) => StatusCode::NOT_FOUND.into_response(),
        }
    }
    let served = Served { root: root.to_owned(), authorizations: Arc::default() };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let router = Router::new().fallback(answer).with_state(served.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    (address.to_string(), served, tasks)
}

fn git(directory: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(directory).args([
        "-c",
        "user.name=x",
        "-c",
        "user.email=x@x",
        "-c",
        "protocol.file.allow=always",
    ]);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").args(arguments);
    let output = command.output().expect("git is installed");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A bare repository at `name.git`, with a file, a program, and a submodule.
fn repository(base: &Path, name: &str) {
    let work = base.join("work");
    std::fs::create_dir(&work).expect("scratch");
    git(&work, &["init", "-q", "-b", "main"]);
    std::fs::write(work.join("README.md"), "hello\n").expect("scratch");
    git(&work, &["add", "."]);
    git(&work, &["commit", "-qm", "first"]);
    let itself = work.display().to_string();
    git(&work, &["submodule", "add", "-q", &itself, "part"]);
    git(&work, &["commit", "-qm", "second"]);
    git(base, &["clone", "-q", "--bare", "work", &format!("{name}.git")]);
    git(&base.join(format!("{name}.git")), &["update-server-info"]);
}

async fn clone(scene: &Scene, url: &str, path: Option<&str>) -> Result<(), Problem> {
    let request = CloneRepository { url: url.to_owned(), path: path.map(str::to_owned) };
    let lines = scene.client.clone_repository(&request).await.expect("it begins");
    let lines: Vec<_> = lines.collect().await;
    match lines.into_iter().next_back().expect("a last line").expect("a line") {
        CloneLine::Done => Ok(()),
        CloneLine::Failed { problem } => Err(problem),
        CloneLine::Progress { .. } => panic!("it ends with how it ended"),
    }
}

#[tokio::test]
async fn a_repository_is_cloned_without_its_submodules_and_without_the_secret() {
    let scene = Scene::new().await;
    let served_from = scene.base.join("served");
    std::fs::create_dir(&served_from).expect("scratch");
    repository(&served_from, "tool");
    let (address, served, _tasks) = serve(&served_from).await;
    clone(&scene, &format!("http://{address}/tool.git"), None).await.expect("it is cloned");
    assert_eq!(scene.read("tool/README.md"), "hello\n");
    assert_eq!(std::fs::read_dir(scene.root.join("tool/part")).expect("it is there").count(), 0);
    assert!(!scene.root.join("tool/.git/hooks").exists(), "nothing but the repository is there");
    assert!(served.authorizations.lock().expect("no panic").iter().all(String::is_empty));

    let url = format!("http://me:s3cret@{address}/locked/tool.git");
    clone(&scene, &url, Some("deep/copy")).await.expect("it is cloned");
    assert!(served.authorizations.lock().expect("no panic").iter().any(|said| said.starts_with("Basic ")));
    for (path, what) in tree(&scene.root) {
        assert!(!what.contains("s3cret") && !what.contains("Authorization"), "{path}");
    }
    assert!(scene.read("deep/copy/.git/config").contains(&format!("http://{address}/locked/tool.git")));
    assert_nothing_staged(&scene);
}

#[tokio::test]
async fn what_cannot_be_cloned_leaves_nothing_and_says_why() {
    let scene = Scene::new().await;
    let (address, _, _tasks) = serve(&scene.base).await;
    scene.put("there/x", "x");
    let before = tree(&scene.root);
    for (url, path, code) in [
        (format!("http://{address}/none.git"), None, "clone_failed"),
        (format!("http://{address}/locked/none.git"), None, "clone_failed"),
        (format!("http://me:s3cret@{address}/locked/none.git"), None, "clone_failed"),
        (format!("http://{address}/none.git"), Some("there"), "already_exists"),
        (format!("http://{address}/none.git"), Some("../out"), "path_refused"),
    ] {
        let problem = clone(&scene, &url, path).await.expect_err("it fails");
        assert_eq!(problem.code, code, "{url}: {problem}");
        assert!(!problem.detail.contains("s3cret"), "{problem}");
        assert_eq!(tree(&scene.root), before, "{url}");
    }
    for url in ["git@host:a/b.git", "file:///etc", "ext::sh -c id", "--upload-pack=id"] {
        let request = CloneRepository { url: url.to_owned(), path: None };
        let problem = refusal(scene.client.clone_repository(&request).await.map(|_| ()));
        assert_eq!(problem.code, "repository_address", "{url}");
    }
}

#[tokio::test]
async fn a_clone_that_nobody_waits_for_ends() {
    let scene = Scene::new().await;
    let (address, _, _tasks) = serve(&scene.base).await;
    let request = CloneRepository { url: format!("http://{address}/slow/x.git"), path: None };
    let lines = scene.client.clone_repository(&request).await.expect("it begins");
    let staging = scene.root.join(".slipway/staging");
    let staged = async |wanted: usize| {
        for _ in 0..500 {
            if std::fs::read_dir(&staging).map_or(0, Iterator::count) == wanted {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("there are not {wanted} directories that are put together");
    };
    staged(1).await;
    drop(lines);
    staged(0).await;
}
