//! Bounds of the person's shells.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use slipway_protocol::terminal::{OpenTerminal, RenameTerminal, TerminalStatus, UNREAD_BYTES};
use slipway_tools::terminals::{
    Message, TerminalError, TerminalLimits, TerminalOptions, Terminals, messages,
};
use slipway_tools::workspace::Workspace;

use super::{LIMIT, Reader, attach, open, refusal, wanted};
use crate::scene::{Scene, conversation};

/// Shells with bounds of their own, in a workspace of their own.
struct Shells {
    folder: tempfile::TempDir,
    terminals: Terminals,
}

impl Shells {
    fn new(limits: TerminalLimits) -> Self {
        let folder = tempfile::tempdir().expect("a scratch directory");
        let options = TerminalOptions {
            workspace: Arc::new(Workspace::open(folder.path()).expect("it exists")),
            state_directory: folder.path().to_owned(),
            environment: vec![("HTTP_PROXY".into(), "http://127.0.0.1:9".into())],
            display: Some(7),
            limits,
        };
        Self { terminals: Terminals::new(options).expect("a writable directory"), folder }
    }

    /// The stream of the only shell; serves it on a task of its own.
    fn stream(&self) -> tokio::io::DuplexStream {
        let list = self.terminals.list(&conversation());
        let terminal = list.items.first().expect("a shell");
        let (here, there) = tokio::io::duplex(64 * 1024);
        let served = self.terminals.attend(&conversation(), &terminal.id, None, there);
        tokio::spawn(served.expect("it is there"));
        here
    }

    async fn reader(&self) -> Reader {
        Reader::new(messages(self.stream())).await
    }

    async fn until(&self, status: TerminalStatus) {
        let is_so =
            || self.terminals.list(&conversation()).items.first().map(|one| one.status) == Some(status);
        let wait = async {
            while !is_so() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(LIMIT, wait).await.expect("it comes to that");
    }
}

#[tokio::test]
async fn there_are_only_so_many_and_ended_ones_make_room() {
    let scene = Scene::new().await;
    let mut first = None;
    for number in 1..=8 {
        let terminal = open(&scene.client).await;
        assert_eq!(terminal.number, number);
        first.get_or_insert(terminal);
    }
    let refused = scene.client.open_terminal(&conversation(), &wanted()).await;
    assert_eq!(refusal(refused.expect_err("there are 8")), (409, "too_many_terminals".to_owned()));
    let first = first.expect("the first of them");
    let mut reader = attach(&scene.client, &first.id, None).await;
    reader.types("exit\n").await;
    reader.until_end().await;
    let terminal = open(&scene.client).await;
    assert_eq!(terminal.number, 9);
    let list = scene.client.terminals(&conversation()).await.expect("a list").items;
    assert_eq!(list.len(), 8);
    assert!(list.iter().all(|one| one.id != first.id));
}

#[tokio::test]
async fn all_conversations_together_have_only_so_many() {
    let shells = Shells::new(TerminalLimits { running: 2, ..TerminalLimits::default() });
    for name in ["conv_1", "conv_2"] {
        shells.terminals.open(&name.into(), &wanted()).expect("there is room");
    }
    let refused = shells.terminals.open(&"conv_3".into(), &wanted());
    assert!(matches!(refused, Err(TerminalError::TooMany(2))), "{refused:?}");
}

#[tokio::test]
async fn sizes_and_names_that_make_no_sense_are_refused() {
    let scene = Scene::new().await;
    for (columns, rows, name) in [
        (1, 24, ""),
        (1001, 24, ""),
        (80, 0, ""),
        (80, 501, ""),
        (80, 24, "a\nb"),
        (80, 24, &*"x".repeat(61)),
    ] {
        let wanted = OpenTerminal { name: Some(name.to_owned()), columns, rows };
        let refused = scene.client.open_terminal(&conversation(), &wanted).await;
        let refused = refusal(refused.expect_err("it makes no sense"));
        assert_eq!(refused, (422, "invalid_terminal".to_owned()), "{wanted:?}");
    }
    let terminal = open(&scene.client).await;
    let rename = RenameTerminal { name: "\x1b[31m".to_owned() };
    let refused = scene.client.rename_terminal(&conversation(), &terminal.id, &rename).await;
    assert_eq!(refusal(refused.expect_err("it cannot be seen")).1, "invalid_terminal");
}

#[tokio::test]
async fn the_environment_is_the_agent_s() {
    let shells = Shells::new(TerminalLimits::default());
    shells.terminals.open(&conversation(), &wanted()).expect("a shell");
    let mut reader = shells.reader().await;
    reader.types("echo \"$HTTP_PROXY $DISPLAY $TERM\"; env | grep -c CARGO_; echo do\"\"ne\n").await;
    let said = reader.until("done\r\n").await;
    assert!(said.contains("http://127.0.0.1:9 :7 xterm-256color\r\n0\r\n"), "{said}");
}

#[tokio::test]
async fn nobody_reading_costs_no_memory_and_holds_nothing_up() {
    let shells = Shells::new(TerminalLimits { kept_bytes: 1000, ..TerminalLimits::default() });
    shells.terminals.open(&conversation(), &wanted()).expect("a shell");
    let mut reader = shells.reader().await;
    reader.types("seq 1 200000; echo do\"\"ne > said\n").await;
    // The line's echo: it has arrived.
    reader.until("said\r\n").await;
    drop(reader);
    let wait = async {
        while !shells.folder.path().join("said").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, wait).await.expect("it goes on without readers");
    let mut reader = shells.reader().await;
    reader.until("200000\r\n").await;
    assert!(reader.start > 1_000_000 && reader.end - reader.start <= 1000, "{} {}", reader.start, reader.end);
    let first = reader.all().split("\r\n").next().unwrap_or_default();
    assert_eq!(first.len(), 6, "it begins at a line: {first:?}");
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_sent_away_and_others_lose_nothing() {
    let patience = Duration::from_secs(2);
    let shells = Shells::new(TerminalLimits { patience, ..TerminalLimits::default() });
    shells.terminals.open(&conversation(), &wanted()).expect("a shell");
    // It is sent no more than it may leave unread, and then an end.
    let mut idle = messages(shells.stream());
    let idle = tokio::spawn(async move {
        let mut sent = 0;
        while let Some(Ok(message)) = idle.next().await {
            if let Message::Binary(bytes) = message {
                sent += bytes.len() as u64 - 8;
            }
        }
        sent
    });
    // This one does not even take what it is sent.
    let stuck = shells.stream();
    let mut lively = shells.reader().await;
    lively.types("stty -echo; echo beg\"\"in; seq 1 300000; echo e\"\"nd\n").await;
    lively.until("begin\r\n").await;
    let said = lively.until("end\r\n").await;
    assert_eq!(said.lines().count(), 300_001);
    let sent = tokio::time::timeout(LIMIT, idle).await.expect("it is sent away").expect("it does not fail");
    assert!(sent > 0 && sent <= UNREAD_BYTES, "{sent}");
    drop(stuck);
}

#[tokio::test]
async fn a_shell_that_nobody_uses_is_ended() {
    let idle = Duration::from_millis(50);
    let shells = Shells::new(TerminalLimits { idle, ..TerminalLimits::default() });
    shells.terminals.open(&conversation(), &wanted()).expect("a shell");
    shells.until(TerminalStatus::Idle).await;
    let mut reader = shells.reader().await;
    assert_eq!(reader.until_end().await.status, TerminalStatus::Idle);
}
