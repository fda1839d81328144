//! What is checked out.

use std::path::Path;
use std::process::Command;

use http::Method;
use serde_json::json;
use slipway_protocol::event::EventBody;
use slipway_protocol::git::{GitHead, GitOperation, WorkspaceGit};

use crate::checkpoint_scene::Scene;
use crate::core_client::{Follower, create};
use crate::workspace::Setup;

/// Runs git as the person would, with nobody's configuration.
pub(super) fn git(directory: &Path, arguments: &[&str]) -> bool {
    let done = Command::new("git")
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgSign=false"])
        .args(arguments)
        .current_dir(directory)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([("GIT_AUTHOR_NAME", "T"), ("GIT_AUTHOR_EMAIL", "t@example.com")])
        .envs([("GIT_COMMITTER_NAME", "T"), ("GIT_COMMITTER_EMAIL", "t@example.com")])
        .output()
        .unwrap();
    done.status.success()
}

async fn repositories(setup: &Setup) -> WorkspaceGit {
    serde_json::from_value(setup.gateway.get("/api/v1/workspace/git").await).unwrap()
}

fn branch(name: &str) -> GitHead {
    GitHead::Branch { name: name.to_owned() }
}

#[tokio::test]
async fn branches_commits_and_what_git_has_begun_are_told() {
    let setup = Setup::new().await;
    let root = setup.root();
    assert_eq!(repositories(&setup).await, WorkspaceGit::default(), "no repository is no error");
    assert!(git(root, &["init"]));
    let found = repositories(&setup).await.repositories;
    assert_eq!((found.len(), &found[0].head), (1, &branch("main")), "a branch without a commit is one");
    std::fs::write(root.join("a"), "one\n").unwrap();
    assert!(git(root, &["add", "a"]) && git(root, &["commit", "-m", "one"]));
    assert!(git(root, &["checkout", "-b", "feature/x"]));
    assert_eq!(repositories(&setup).await.repositories[0].head, branch("feature/x"));
    assert!(git(root, &["checkout", "--detach"]));
    let detached = repositories(&setup).await.repositories.remove(0).head;
    assert!(matches!(&detached, GitHead::Detached { commit } if commit.len() == 40), "{detached:?}");

    std::fs::write(root.join("a"), "two\n").unwrap();
    assert!(git(root, &["commit", "-am", "two"]) && git(root, &["tag", "two"]));
    assert!(git(root, &["checkout", "main"]));
    std::fs::write(root.join("a"), "three\n").unwrap();
    assert!(git(root, &["commit", "-am", "three"]));
    assert!(!git(root, &["merge", "two"]), "both have changed the line");
    assert_eq!(repositories(&setup).await.repositories[0].operation, Some(GitOperation::Merge));
}

#[tokio::test]
async fn a_checkout_and_a_commit_are_told_as_events_to_whose_workspace_it_is() {
    let setup = Setup::new().await;
    let root = setup.root();
    let conversation = create(&setup.gateway).await;
    let mut follower = Follower::open(&setup.gateway, &conversation, None).await;
    repositories(&setup).await;
    assert!(git(root, &["init"]));
    let heads = |body: &EventBody| match body {
        EventBody::GitChanged { workspace, git } if workspace.is_default() => {
            git.repositories.iter().map(|one| one.head.clone()).collect()
        }
        _ => Vec::new(),
    };
    follower.until(|body| heads(body) == [branch("main")]).await;
    assert!(git(root, &["checkout", "-b", "side"]));
    follower.until(|body| heads(body) == [branch("side")]).await;
    // The same branch with another commit is told too: what is not committed is another list then.
    assert!(git(root, &["commit", "--allow-empty", "-m", "x"]));
    follower.until(|body| heads(body) == [branch("side")]).await;
}

#[tokio::test]
async fn a_further_workspace_has_repositories_of_its_own() {
    let scene = Scene::new().await;
    let gateway = &scene.setup.gateway;
    let (status, made) = gateway.send(Method::POST, "/api/v1/workspaces", &json!({ "name": "site" })).await;
    assert_eq!(status, 201, "{made}");
    let of =
        async |workspace: &str| gateway.get(&format!("/api/v1/workspace/git?workspace={workspace}")).await;
    assert_eq!(of("site").await["repositories"], json!([]));
    let clone = scene.further("site").join("clone");
    std::fs::create_dir(&clone).unwrap();
    assert!(git(&clone, &["init"]));
    assert_eq!(of("site").await["repositories"][0]["path"], "clone");
    assert_eq!(of("default").await["repositories"], json!([]));
    let nobody = gateway.launcher(Method::GET, "/api/v1/workspace/git?workspace=none").send().await.unwrap();
    assert_eq!(nobody.status(), 404);
}
