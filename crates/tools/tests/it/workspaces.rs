//! Several workspaces of one host: each with files, shells, open files and states of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use slipway_protocol::id::WorkspaceId;
use slipway_protocol::sandbox::Confinement;
use slipway_protocol::tool::ToolStatus;
use slipway_tools::bounds::Bounds;
use slipway_tools::client::{ClientError, EntriesQuery, ToolHostClient};
use slipway_tools::host::{Host, HostOptions};
use slipway_tools::shell::inheritable;
use slipway_tools::workspace::Workspace;

use crate::scene::{Link, call, connect};

/// A host with a directory for further workspaces.
struct Several {
    host: Arc<Host>,
    further: PathBuf,
    client: ToolHostClient,
    _link: Link,
    _folder: tempfile::TempDir,
}

impl Several {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("scratch");
        let base = folder.path().canonicalize().expect("it exists");
        let (root, further) = (base.join("ws"), base.join("further"));
        for directory in [&root, &further] {
            std::fs::create_dir(directory).expect("scratch");
        }
        let options = HostOptions {
            workspace: Workspace::open(&root).expect("it exists"),
            confinement: Confinement::None,
            state_directory: base,
            environment: inheritable(std::env::vars_os()),
            display: None,
            fetch: None,
            workspace_limit: None,
            command_patience: Duration::from_secs(60),
            desktop_idle: slipway_tools::desktop::IDLE_LIMIT,
            bounds: Bounds::default(),
        };
        let host = Host::with_further(options, Some(further.clone())).expect("a writable directory");
        let (client, link) = connect(&host).await;
        Self { host, further, client, _link: link, _folder: folder }
    }

    /// Makes a workspace, and gives the client for it.
    async fn make(&self, id: &str) -> ToolHostClient {
        let id = WorkspaceId::from(id);
        self.client.create_workspace(&id).await.expect("made");
        self.client.in_workspace(&id)
    }
}

async fn names(client: &ToolHostClient) -> Vec<String> {
    let page = client.entries("", &EntriesQuery::default()).await.expect("a listing");
    page.entries.into_iter().map(|entry| entry.name).collect()
}

fn code(error: &ClientError) -> &str {
    match error {
        ClientError::Refused { problem, .. } => &problem.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn each_workspace_has_files_a_shell_and_states_of_its_own() {
    let several = Several::new().await;
    let (site, other) = (several.make("site").await, several.make("other").await);
    let at = |client: &ToolHostClient| {
        let client = client.clone();
        async move { call(&client, "run_terminal_command", json!({ "command": "pwd; echo $MARK" })).await.text }
    };
    // The same conversation id in each: they have nothing in common all the same.
    call(&site, "run_terminal_command", json!({ "command": "MARK=here; mkdir -p deep; cd deep" })).await;
    assert!(at(&site).await.contains(&format!("{}\nhere", several.further.join("site/deep").display())));
    let elsewhere = at(&other).await;
    assert!(elsewhere.contains(&several.further.join("other").display().to_string()), "{elsewhere}");
    assert!(!elsewhere.contains("here"), "{elsewhere}");

    let write = json!({ "file": "a.txt", "content": "site\n" });
    assert_eq!(call(&site, "write_file", write).await.status, ToolStatus::Ok);
    assert_eq!(names(&site).await, ["deep", "a.txt"]);
    assert!(names(&other).await.is_empty() && names(&several.client).await.is_empty());
    let grep = call(&other, "grep_search", json!({ "query": "site" })).await;
    assert!(!grep.text.contains("a.txt"), "{}", grep.text);
    let (first, second) = (site.scan().await.expect("a scan"), other.scan().await.expect("a scan"));
    assert_eq!((first.files, second.files), (1, 0));
    several.host.shut_down().await;
}

#[tokio::test]
async fn no_path_leads_from_one_workspace_into_another() {
    let several = Several::new().await;
    let (site, other) = (several.make("site").await, several.make("other").await);
    std::fs::write(several.further.join("other/secret.txt"), "secret\n").expect("scratch");
    let absolute = several.further.join("other/secret.txt").display().to_string();
    for path in ["../other/secret.txt", absolute.as_str(), "deep/../../other/secret.txt"] {
        let read = call(&site, "read_file", json!({ "file": path })).await;
        assert_eq!(read.status, ToolStatus::Error, "{path}: {}", read.text);
        assert!(!read.text.contains("secret\n"), "{path}: {}", read.text);
        assert!(site.text(path, None, None).await.is_err(), "{path}");
        let written = call(&site, "write_file", json!({ "file": path, "content": "x" })).await;
        assert_eq!(written.status, ToolStatus::Error, "{path}: {}", written.text);
    }
    assert_eq!(other.text("secret.txt", None, None).await.expect("its own").text, "secret\n");
}

#[tokio::test]
async fn a_workspace_goes_to_the_trash_with_its_shells_and_comes_back() {
    let several = Several::new().await;
    let site = several.make("site").await;
    let id = WorkspaceId::from("site");
    std::fs::write(several.further.join("site/kept.txt"), "kept\n").expect("scratch");
    let started =
        call(&site, "run_terminal_command", json!({ "command": "sleep 600", "background": true })).await;
    assert_eq!(started.status, ToolStatus::Ok, "{}", started.text);
    let again = several.client.create_workspace(&id).await.expect_err("there is one");
    assert_eq!(code(&again), "workspace_taken");

    several.client.trash_workspace(&id).await.expect("trashed");
    assert!(!several.further.join("site").exists());
    assert_eq!(code(&site.scan().await.expect_err("gone")), "workspace_missing");
    let twice = several.client.trash_workspace(&id).await.expect_err("gone");
    assert_eq!(code(&twice), "workspace_missing");

    several.client.restore_workspace(&id).await.expect("back");
    assert_eq!(names(&site).await, ["kept.txt"]);
    let processes = call(&site, "process", json!({ "action": "list" })).await;
    assert!(!processes.text.contains("sleep 600"), "{}", processes.text);
    let twice = several.client.restore_workspace(&id).await.expect_err("it is there");
    assert_eq!(code(&twice), "workspace_taken");
}

#[tokio::test]
async fn only_directories_of_good_names_are_workspaces() {
    let several = Several::new().await;
    std::os::unix::fs::symlink("/", several.further.join("link")).expect("scratch");
    std::fs::write(several.further.join("file"), "").expect("scratch");
    for id in ["link", "file", "never-made", "..", ".trash", "a/b", "UP", "-a", ""] {
        let client = several.client.in_workspace(&WorkspaceId::from(id));
        let refused = client.scan().await.expect_err(id);
        assert_eq!(code(&refused), "workspace_missing", "{id}");
    }
    for id in ["..", ".trash", "UP", "default"] {
        assert!(several.client.create_workspace(&WorkspaceId::from(id)).await.is_err(), "{id}");
    }
    let left: Vec<PathBuf> = entries(&several.further);
    assert_eq!(left, [several.further.join("file"), several.further.join("link")]);
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        std::fs::read_dir(directory).expect("it is there").flatten().map(|entry| entry.path()).collect();
    found.sort();
    found
}
