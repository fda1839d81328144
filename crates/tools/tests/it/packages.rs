//! Package programs run by the tool host for shims in the agent's shell. The programs are stand-ins that
//! tell what they were called with; the shim is the real one.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use slipway_tools::packages::{Broker, BrokerOptions, SOCKET_VARIABLE};
use tempfile::TempDir;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

const APT_GET: &str = r#"#!/bin/sh
case "$*" in *fails*) echo "no such package" >&2; exit 100 ;; esac
case "$*" in *slow*) trap 'echo ended > "$TOLD"; exit 143' TERM; echo began; sleep 60 & wait ;; esac
for word in "$@"; do printf '[%s]' "$word"; done
echo " in $PWD with $FROM_HOST and ${SECRET:-nothing else}"
"#;

struct Scene {
    folder: TempDir,
    _broker: AbortOnDropHandle<()>,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("scratch");
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("programs")).expect("scratch");
        for program in ["apt-get", "apt", "dpkg"] {
            let program = path("programs").join(program);
            std::fs::write(&program, APT_GET).expect("scratch");
            std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("scratch");
        }
        let options = BrokerOptions {
            socket: path("packages.sock"),
            programs: path("programs"),
            environment: vec![("FROM_HOST".into(), "a proxy".into()), ("TOLD".into(), path("told").into())],
            workspaces: vec![path(".")],
        };
        let broker = Broker::listen(options).expect("a socket");
        let broker = AbortOnDropHandle::new(tokio::spawn(broker.serve(CancellationToken::new())));
        Self { folder, _broker: broker }
    }

    fn shim(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slipway-toolhost"));
        command.arg("as-root").args(line.split(' ')).current_dir(self.folder.path());
        command.env(SOCKET_VARIABLE, self.path("packages.sock")).env("SECRET", "of the caller");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        command
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Checks the exit code, and that what is printed contains `said`.
    async fn check(&self, line: &str, code: i32, said: &str) {
        let output = self.shim(line).output().await.expect("it starts");
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{line}: {text}");
        assert!(text.contains(said), "{line}: {text}");
    }
}

#[tokio::test]
async fn package_programs_run_where_they_were_called_and_know_nothing_of_the_caller() {
    let scene = Scene::new();
    let place = scene.folder.path().display().to_string();
    scene.check("apt-get -q update", 0, "[-q][update]").await;
    scene.check("sudo -E apt-get remove -y x", 0, "[remove][-y][x]").await;
    scene
        .check("sudo dpkg -i ./x.deb", 0, &format!("[-i][./x.deb] in {place} with a proxy and nothing else"))
        .await;
    scene.check("sudo /usr/bin/apt-get remove fails", 100, "no such package").await;
}

#[tokio::test]
async fn everything_else_runs_as_the_caller() {
    let scene = Scene::new();
    scene.check("sudo -u root printenv SECRET", 0, "of the caller").await;
    scene.check("sudo GREETING=hello printenv GREETING", 0, "hello").await;
    scene.check("sudo no-such-program", 1, "cannot run no-such-program").await;
    scene.check("sudo -i", 1, "no root shell").await;
}

#[tokio::test]
async fn without_a_broker_the_shim_says_what_to_do() {
    let scene = Scene::new();
    let output =
        scene.shim("apt-get install x").env_remove(SOCKET_VARIABLE).output().await.expect("it starts");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("not allowed in this sandbox") && text.contains("pip"), "{text}");
    std::fs::remove_file(scene.path("packages.sock")).expect("it is there");
    scene.check("apt update", 1, "does not answer").await;
}

#[tokio::test]
async fn a_program_ends_when_its_shim_is_gone() {
    let scene = Scene::new();
    let mut shim = scene.shim("apt-get remove slow").spawn().expect("it starts");
    let mut output = shim.stdout.take().expect("piped");
    let mut began = [0; 5];
    tokio::io::AsyncReadExt::read_exact(&mut output, &mut began).await.expect("it begins");
    shim.kill().await.expect("it runs");
    until_there(&scene.path("told")).await;
}

async fn until_there(path: &Path) {
    let there = async {
        while !path.exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), there).await.expect("the program was not ended");
}
