//! The person's own shells: real ones, through the host and its client.

mod limits;
mod reader;

use std::os::unix::fs::{PermissionsExt as _, chown};
use std::time::Duration;

use slipway_protocol::id::{ConversationId, TerminalId};
use slipway_protocol::terminal::{OpenTerminal, RenameTerminal, Terminal, TerminalRequest, TerminalStatus};
use slipway_tools::client::{ClientError, ToolHostClient};
use slipway_tools::workspace::{Owner, Workspace};

use self::reader::Reader;
use crate::scene::{Scene, conversation};

/// How long anything may take on a machine that does much else.
const LIMIT: Duration = Duration::from_secs(60);

fn wanted() -> OpenTerminal {
    OpenTerminal { name: None, columns: 80, rows: 24 }
}

pub(crate) async fn open(client: &ToolHostClient) -> Terminal {
    client.open_terminal(&conversation(), &wanted()).await.expect("a shell")
}

pub(crate) async fn attach(client: &ToolHostClient, id: &TerminalId, from: Option<u64>) -> Reader {
    Reader::new(client.terminal(&conversation(), id, from).await.expect("a stream")).await
}

fn refusal(error: ClientError) -> (u16, String) {
    let ClientError::Refused { problem, .. } = error else { panic!("{error}") };
    (problem.status, problem.code.clone())
}

async fn gone(pid: &str) {
    let running = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.starts_with(" Z"))
    };
    let wait = async {
        while running() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, wait).await.expect("it ends");
}

#[tokio::test]
async fn what_is_typed_is_carried_out_in_the_workspace() {
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    assert_eq!((terminal.number, terminal.status), (1, TerminalStatus::Running));
    let mut reader = attach(&scene.client, &terminal.id, None).await;
    assert_eq!(reader.attached, terminal);
    reader.types("pwd; echo \"home:$HOME;\" hist:${HISTFILE-none}; tty\n").await;
    let said = reader.until("hist:none").await;
    assert!(said.contains(&format!("{}\r\n", scene.root.display())), "{said}");
    reader.until("/dev/pts/").await;
    // Keys that edit the line, as in any terminal.
    reader.types("echo wrong\x15echo r\"\"ight\n").await;
    reader.until("right\r\n").await;
    let list = scene.client.terminals(&conversation()).await.expect("a list");
    assert_eq!((list.items, list.limit), (vec![terminal], 8));
}

#[tokio::test]
async fn a_burst_loses_no_byte_for_a_reader_that_reads() {
    const LAST: u32 = 1_400_000;
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    let mut reader = attach(&scene.client, &terminal.id, None).await;
    reader.types(&format!("stty -echo; echo beg\"\"in; seq 1 {LAST}; echo e\"\"nd\n")).await;
    reader.until("begin\r\n").await;
    let mut all = reader.rest();
    while !all.ends_with("end\r\n") && !all.contains("\r\nend\r\n") {
        all.push_str(&reader.next().await);
    }
    assert!(all.len() > 10_000_000, "{}", all.len());
    let mut lines = all.split("\r\n");
    for number in 1..=LAST {
        let line = lines.next().expect("a line");
        assert!(line.parse() == Ok(number), "{line} instead of {number}");
    }
    assert_eq!(lines.next(), Some("end"));
}

#[tokio::test]
async fn a_reader_that_comes_back_gets_exactly_what_it_missed() {
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    let mut first = attach(&scene.client, &terminal.id, None).await;
    first.types("stty -echo; mkfifo gate; echo o\"\"ne; cat gate; echo tw\"\"o > said; echo two\n").await;
    first.until("one\r\n").await;
    let so_far = first.all().to_owned();
    drop(first);
    // Nobody looks while this is printed.
    std::fs::write(scene.root.join("gate"), "through\n").expect("somebody reads");
    let wait = async {
        while !scene.root.join("said").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, wait).await.expect("it goes on");
    let mut again = attach(&scene.client, &terminal.id, Some(so_far.len() as u64)).await;
    assert_eq!(again.start, so_far.len() as u64);
    again.until("two\r\n").await;
    let mut afresh = attach(&scene.client, &terminal.id, None).await;
    afresh.until("through\r\ntwo\r\n").await;
    assert_eq!(afresh.start, 0);
    assert!(afresh.all().starts_with(&format!("{so_far}through\r\ntwo\r\n")), "{:?}", afresh.all());
    assert!(again.all().starts_with("through\r\ntwo\r\n"), "{:?}", again.all());
    // Beyond what there is: nothing is made up.
    let ahead = attach(&scene.client, &terminal.id, Some(1 << 40)).await;
    assert_eq!(ahead.start, ahead.end);
}

#[tokio::test]
async fn two_windows_share_a_shell_and_its_size() {
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    let mut one = attach(&scene.client, &terminal.id, None).await;
    let mut other = attach(&scene.client, &terminal.id, None).await;
    one.asks(&TerminalRequest::Resize { columns: 101, rows: 33 }).await;
    let changed = other.until_changed(|terminal| terminal.columns == 101).await;
    assert_eq!(changed.rows, 33);
    other.types("stty size\n").await;
    one.until("33 101\r\n").await;
    other.until("33 101\r\n").await;
    // Sizes that make no sense change nothing.
    one.asks(&TerminalRequest::Resize { columns: 0, rows: 9999 }).await;
    one.types("clear; stty size\n").await;
    one.until("33 101\r\n").await;
    let rename = RenameTerminal { name: " Server ".to_owned() };
    scene.client.rename_terminal(&conversation(), &terminal.id, &rename).await.expect("it is renamed");
    let named = other.until_changed(|terminal| terminal.name.is_some()).await;
    assert_eq!(named.name.as_deref(), Some("Server"));
}

#[tokio::test]
async fn a_shell_that_ends_says_how_and_keeps_its_last_words() {
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    let mut reader = attach(&scene.client, &terminal.id, None).await;
    reader.types("echo last w\"\"ords; exit 3\n").await;
    let ended = reader.until_end().await;
    assert_eq!((ended.status, ended.exit_code), (TerminalStatus::Exited, Some(3)));
    assert!(reader.all().contains("last words\r\n"));
    let mut later = attach(&scene.client, &terminal.id, None).await;
    assert_eq!(later.until_end().await, ended);
    assert_eq!(later.all(), reader.all());
    assert_eq!(scene.client.terminals(&conversation()).await.expect("a list").items, [ended]);
}

/// Prints the ids of three programs that try to stay, in each of the ways there are.
const STAYING: &str = "sleep 1000 & a=$!; (trap '' HUP TERM; exec sleep 1001) & b=$!; \
     setsid nohup sh -c 'echo $$ > away; exec sleep 1002' >/dev/null 2>&1 & \
     while ! [ -s away ]; do sleep 0.01; done; echo \"pi\"\"ds: $a $b $(cat away) .\"\n";

async fn stay(reader: &mut Reader) -> Vec<String> {
    reader.types(STAYING).await;
    let said = reader.until(" .\r\n").await;
    let (_, line) = said.rsplit_once("pids: ").expect("their ids");
    let pids: Vec<String> = line.split_whitespace().filter(|word| *word != ".").map(str::to_owned).collect();
    assert_eq!(pids.len(), 3);
    pids
}

#[tokio::test]
async fn closing_ends_all_that_was_started() {
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    let mut reader = attach(&scene.client, &terminal.id, None).await;
    let pids = stay(&mut reader).await;
    scene.client.close_terminal(&conversation(), &terminal.id).await.expect("it is closed");
    for pid in pids {
        gone(&pid).await;
    }
    assert_eq!(reader.until_end().await.status, TerminalStatus::Closed);
    assert!(scene.client.terminals(&conversation()).await.expect("a list").items.is_empty());
    let again = scene.client.close_terminal(&conversation(), &terminal.id).await;
    assert_eq!(refusal(again.expect_err("it is gone")), (404, "terminal_missing".to_owned()));
}

/// What is typed may be on its way when a shell ends.
#[tokio::test]
async fn who_goes_on_typing_into_a_shell_that_has_ended_is_told_each_time() {
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    let mut reader = attach(&scene.client, &terminal.id, None).await;
    reader.types("exit\n").await;
    reader.until_end().await;
    let refused = async {
        while reader.try_to_type("ls\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, refused).await.expect("nobody takes it any more");
    for _ in 0..3 {
        let error = reader.try_to_type("ls\n").await.expect_err("nobody takes it any more");
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "{error}");
    }
}

#[tokio::test]
async fn nothing_outlives_a_shell_that_exits_or_its_conversation_or_the_host() {
    let scene = Scene::new().await;
    let mut left = Vec::new();
    for word in ["exit\n", "kill -9 $$\n"] {
        let terminal = open(&scene.client).await;
        let mut reader = attach(&scene.client, &terminal.id, None).await;
        left.extend(stay(&mut reader).await);
        // An interactive bash asks once more when jobs are stopped, not when they run.
        reader.types(word).await;
        reader.until_end().await;
        std::fs::remove_file(scene.root.join("away")).expect("it was written");
    }
    let terminal = open(&scene.client).await;
    left.extend(stay(&mut attach(&scene.client, &terminal.id, None).await).await);
    scene.client.end_conversation(&conversation()).await.expect("it ends");
    for pid in left {
        gone(&pid).await;
    }
    std::fs::remove_file(scene.root.join("away")).expect("it was written");
    let terminal = open(&scene.client).await;
    let left = stay(&mut attach(&scene.client, &terminal.id, None).await).await;
    scene.host.shut_down().await;
    for pid in left {
        gone(&pid).await;
    }
}

#[tokio::test]
async fn a_shell_belongs_to_its_conversation() {
    let scene = Scene::new().await;
    let terminal = open(&scene.client).await;
    let other = ConversationId::from("conv_2");
    assert!(scene.client.terminals(&other).await.expect("a list").items.is_empty());
    let missing = (404, "terminal_missing".to_owned());
    let stream = scene.client.terminal(&other, &terminal.id, None).await;
    assert_eq!(stream.err().map(refusal), Some(missing.clone()));
    assert_eq!(scene.client.close_terminal(&other, &terminal.id).await.err().map(refusal), Some(missing));
    assert_eq!(scene.client.terminals(&conversation()).await.expect("a list").items, [terminal]);
}

/// As in a container: the host is root, its shells are not, and have no way to become it.
#[tokio::test]
async fn a_shell_of_a_root_host_is_the_owner_s_without_powers() {
    const OWNER: Owner = Owner { uid: 12_345, gid: 23_456 };
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let scene = Scene::with(|root| {
        chown(root, Some(OWNER.uid), Some(OWNER.gid)).expect("root may");
        Workspace::open(root).expect("it exists").with_owner(OWNER).with_outside()
    });
    let scene = scene.await;
    let readable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&scene.base, readable).expect("scratch");
    let terminal = open(&scene.client).await;
    let mut reader = attach(&scene.client, &terminal.id, None).await;
    reader
        .types("id -u; id -g; command grep -E 'CapEff|NoNewPrivs' /proc/self/status; echo do\"\"ne\n")
        .await;
    let said = reader.until("done\r\n").await;
    for line in ["12345\r\n", "23456\r\n", "CapEff:\t0000000000000000\r\n", "NoNewPrivs:\t1\r\n"] {
        assert!(said.contains(line), "{line:?} in {said}");
    }
    // Whose processes the host may not signal itself, in the container.
    let pids = stay(&mut reader).await;
    scene.client.close_terminal(&conversation(), &terminal.id).await.expect("it is closed");
    for pid in pids {
        gone(&pid).await;
    }
}
