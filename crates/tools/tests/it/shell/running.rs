//! Commands that do not end: time-outs, prompts, full-screen programs, background, stop.

use std::time::{Duration, Instant};

use slipway_protocol::id::ConversationId;
use slipway_tools::registry::OutputSink;
use slipway_tools::shell::{CommandReport, CommandRequest, CommandStatus};
use tokio_util::sync::CancellationToken;

use super::harness::{Shells, printed, request};

async fn timed(shells: &Shells, command: &str, limit: Duration) -> CommandReport {
    shells.request(CommandRequest { timeout: limit, ..request(command) }).await
}

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_timeout_keeps_the_command_and_its_surroundings() {
    let shells = Shells::start();
    shells.run("mkdir d; cd d; export X=1; mkfifo ../gate").await;
    let report = timed(&shells, "echo begun; cat ../gate; echo done; exit 5", SHORT).await;
    assert_eq!(report.data.status, CommandStatus::Running);
    assert_eq!(report.data.process_id.as_deref(), Some("p1"));
    assert!(
        report.text.starts_with("begun\n[still running after 0.2 s: it goes on as process p1"),
        "{report:#?}"
    );
    let report = shells.run("echo $X ${PWD##*/}").await;
    assert_eq!(printed(&report), "1 d\n");
    let read = shells.process("read", "p1").await;
    assert!(read.text.starts_with("[p1: running for"), "{read:#?}");
    shells.check("echo through > ../gate", 0, "").await;
    let waited = shells.process("wait", "p1").await;
    assert!(waited.text.starts_with("through\ndone\n[p1: exited with code 5 after"), "{waited:#?}");
    let again = shells.process("read", "p1").await;
    assert!(again.text.starts_with("[p1: exited"), "{again:#?}");
}

#[tokio::test]
async fn background_commands_run_beside_the_shell() {
    let shells = Shells::start();
    shells.run("cd /tmp; export Y=2; mkfifo $HOME/gate 2>/dev/null; alias a=b").await;
    // It runs until it is stopped: an answer that waits for its end would never come.
    let report =
        shells.request(CommandRequest { background: true, ..request("echo $Y $PWD; sleep infinity") }).await;
    assert_eq!((report.data.status, printed(&report)), (CommandStatus::Running, "2 /tmp\n"));
    let quick = shells.request(CommandRequest { background: true, ..request("no_such_server") }).await;
    assert_eq!((quick.data.exit_code, quick.data.process_id), (Some(127), None));
    // The conversation's own shell is the same as before.
    shells.check("type a | head -1", 0, "a is aliased to `b'\n").await;
    let list = shells.process("list", "").await;
    assert!(list.text.starts_with("p1: running for"), "{list:#?}");
    let killed = shells.process("kill", "p1").await;
    assert!(killed.text.contains("[p1: killed after"), "{killed:#?}");
}

#[tokio::test]
async fn prompts_are_noticed_and_answered() {
    let shells = Shells::start();
    for (number, (command, prompt, answer, rest)) in [
        ("read -p 'Name? ' name; echo \"hello $name\"", "Name? \n", "Bob", "Bob\nhello Bob\n"),
        ("cat", "", "typed", "typed\ntyped\n"),
        (
            "python3 -c 'import getpass; print(len(getpass.getpass(\"Secret: \")))'",
            "Secret: \n",
            "hunter2",
            "\n7\n",
        ),
        ("python3 -c 'x = input(\"> \"); print(x * 2)'", "> \n", "ab", "ab\nabab\n"),
        ("sh -c 'printf \"[y/N] \"; read a </dev/tty; echo $a'", "[y/N] \n", "y", "y\ny\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let report = shells.run(command).await;
        assert_eq!(report.data.status, CommandStatus::WaitingForInput, "{command}\n{report:#?}");
        assert!(report.text.starts_with(&format!("{prompt}[waiting for input")), "{command}\n{report:#?}");
        let id = format!("p{}", number + 1);
        assert_eq!(report.data.process_id.as_deref(), Some(id.as_str()));
        let written = shells.write(&id, answer, &[]).await;
        assert!(written.text.starts_with(rest), "{command}\n{written:#?}");
        shells.check("echo alive", 0, "alive\n").await;
        shells.process("kill", &id).await;
    }
}

#[tokio::test]
async fn a_quiet_command_is_not_taken_for_a_prompt() {
    let shells = Shells::start();
    shells.check("printf working; sleep 1.2; echo ' done'", 0, "working done\n").await;
}

#[tokio::test]
async fn full_screen_programs_show_their_screen() {
    let shells = Shells::start();
    let program = "printf '\\e[?1049h\\e[2J\\e[2;3HMENU\\e[4;3Hq to quit'; read -rsn1 key; \
                   printf '\\e[?1049l'; echo \"got $key\"";
    let report = shells.run(program).await;
    assert_eq!(report.data.status, CommandStatus::WaitingForInput);
    assert!(report.text.starts_with("\n  MENU\n\n  q to quit\n[a full-screen program"), "{report:#?}");
    let after = shells.write("p1", "", &["q"]).await;
    assert!(after.text.contains("got q\n[p1: exited with code 0"), "{after:#?}");
}

#[tokio::test]
async fn keys_reach_the_program() {
    let shells = Shells::start();
    shells.run("python3 -q -i -c ''").await;
    let answer = shells.write("p1", "6 * 7", &[]).await;
    assert!(answer.text.contains("42\n"), "{answer:#?}");
    let ended = shells.write("p1", "", &["ctrl-d"]).await;
    assert!(ended.text.contains("[p1: exited with code 0"), "{ended:#?}");
    let refused = shells.write("p1", "ls", &[]).await;
    assert!(refused.text.starts_with("Nothing was typed: p1 is not running any more"), "{refused:#?}");
    shells.check("echo alive", 0, "alive\n").await;
}

/// Starts a command, stops it once it has printed `up`, and returns the report and how long stopping took.
async fn stopped(shells: &Shells, command: &str) -> (CommandReport, Duration) {
    let cancel = CancellationToken::new();
    let (sink, mut live) = OutputSink::channel(8);
    let running = shells.pool.run(shells.conversation(), request(command), sink, &cancel);
    let stopping = async {
        let mut seen = String::new();
        while !seen.contains("up") {
            seen.push_str(&live.recv().await.expect("live output"));
        }
        cancel.cancel();
        Instant::now()
    };
    let (report, since) = tokio::join!(running, stopping);
    (report.expect("a report"), since.elapsed())
}

#[tokio::test]
async fn stop_kills_the_whole_command_within_a_second() {
    let shells = Shells::start();
    shells.run("export KEPT=1; cd /tmp").await;
    for command in [
        "echo up; sleep 1000",
        "echo up; while :; do sleep 0.05; done",
        "echo up; while :; do :; done",
        "(sleep 1000 & sleep 1000 & echo up; wait)",
        "sleep 1000 | sleep 1000 | (echo up; sleep 1000)",
        "sleep 1000 & sleep 1000 & echo up; cat",
        "bash -c 'trap \"\" INT TERM HUP; echo up; while :; do sleep 0.1; done'",
        "trap '' INT TERM HUP; echo up; while :; do sleep 0.1; done",
        "trap - INT TERM HUP; python3 -uc 'import time\nprint(\"up\")\nwhile True:\n  try: time.sleep(9)\n  except BaseException: pass'",
        "bash --norc -ic 'echo up; sleep 1000'",
        "echo up; yes > /dev/null",
        "stty raw; echo up; cat",
        "echo up; exec sleep 1000",
    ] {
        let (report, took) = stopped(&shells, command).await;
        assert!(took < Duration::from_millis(1300), "{command} took {took:?}");
        assert_eq!(report.data.status, CommandStatus::Killed, "{command}\n{report:#?}");
        let left = shells
            .run("ps -o pid=,args= -s $$ | grep -v -e 'ps -o' -e grep -e 'bash --noprofile' -e '<defunct>'")
            .await;
        assert_eq!(printed(&left), "", "{command} leaves processes\n{left:#?}");
        shells.check("echo $KEPT $PWD", 0, "1 /tmp\n").await;
    }
}

#[tokio::test]
async fn stop_spares_the_jobs_of_earlier_commands() {
    let shells = Shells::start();
    shells.check("sleep 1000 & echo started", 0, "started\n").await;
    stopped(&shells, "sleep 2000 & echo up; sleep 3000").await;
    shells.check("ps -o args= -s $$ | grep '^sleep [0-9]'", 0, "sleep 1000\n").await;
}

#[tokio::test]
async fn a_dropped_call_is_a_stopped_call() {
    let shells = Shells::start();
    let cancel = CancellationToken::new();
    let (sink, mut live) = OutputSink::channel(8);
    let call = shells.pool.run(shells.conversation(), request("echo $$ up; sleep 1000"), sink, &cancel);
    tokio::select! {
        _ = call => panic!("the command does not end by itself"),
        text = live.recv() => assert!(text.expect("output").contains("up")),
    }
    shells.check("ps -o args= -s $$ | grep -c '^sleep [0-9]'", 1, "0\n").await;
}

#[tokio::test]
async fn a_command_that_waits_for_its_turn_can_be_stopped() {
    let shells = Shells::start();
    let (first, second) = (CancellationToken::new(), CancellationToken::new());
    let (sink, mut live) = OutputSink::channel(8);
    let running = shells.pool.run(shells.conversation(), request("echo up; sleep 1000"), sink, &first);
    tokio::pin!(running);
    tokio::select! {
        _ = &mut running => panic!("the first command goes on"),
        text = live.recv() => assert!(text.is_some()),
    }
    let waiting =
        shells.pool.run(shells.conversation(), request("echo no > file"), OutputSink::discard(), &second);
    second.cancel();
    let stopped = waiting.await;
    assert!(stopped.is_err_and(|error| error.to_string() == "stopped before it began"));
    first.cancel();
    running.await.expect("a report");
    shells.check("ls", 0, "").await;
}

#[tokio::test]
async fn conversations_do_not_disturb_each_other() {
    let shells = Shells::start();
    let one = |number: u32| {
        let pool = &shells.pool;
        async move {
            let conversation = ConversationId::from(format!("conv_{number}"));
            let cancel = CancellationToken::new();
            for command in [
                format!("mkdir -p d{number}; cd d{number}; export N={number}"),
                format!("for i in $(seq 300); do echo {number}-$i; done"),
                "echo $N ${PWD##*/}".to_owned(),
            ] {
                let report = pool
                    .run(&conversation, request(&command), OutputSink::discard(), &cancel)
                    .await
                    .expect("a report");
                let expected = match command.split_whitespace().next() {
                    Some("for") => (1..=300).map(|i| format!("{number}-{i}\n")).collect(),
                    Some("echo") => format!("{number} d{number}\n"),
                    _ => String::new(),
                };
                assert_eq!(printed(&report), expected);
            }
        }
    };
    futures::future::join_all((0..8).map(one)).await;
}

#[tokio::test]
async fn commands_of_one_conversation_queue() {
    let shells = Shells::start();
    let reports = futures::future::join_all((0..5).map(|number| {
        let command = format!("echo {number} begins >> log; sleep 0.02; echo {number} ends >> log");
        async move { command }
    }))
    .await;
    let runs = reports.iter().map(|command| shells.run(command));
    futures::future::join_all(runs).await;
    let log = shells.run("cat log").await;
    let expected: String = (0..5).map(|number| format!("{number} begins\n{number} ends\n")).collect();
    assert_eq!(printed(&log), expected);
}

#[tokio::test]
async fn live_output_arrives_while_the_command_runs_and_is_complete() {
    let shells = Shells::start();
    let (sink, mut live) = OutputSink::channel(4);
    let cancel = CancellationToken::new();
    let running = shells.pool.run(
        shells.conversation(),
        request("mkfifo g; echo first; cat g; echo last"),
        sink,
        &cancel,
    );
    let watching = async {
        let mut seen = live.recv().await.expect("output before the end");
        assert_eq!(seen, "first\r\n");
        std::fs::write(shells.workspace.root().join("g"), "middle\n").expect("the pipe");
        while let Some(more) = live.recv().await {
            seen.push_str(&more);
        }
        seen
    };
    let (report, seen) = tokio::join!(running, watching);
    assert_eq!(report.expect("a report").data.exit_code, Some(0));
    assert_eq!(seen, "first\r\nmiddle\r\nlast\r\n");
}

#[tokio::test]
async fn a_reader_that_does_not_keep_up_holds_nothing_back() {
    let shells = Shells::start();
    let (sink, live) = OutputSink::channel(1);
    let cancel = CancellationToken::new();
    let command = request("seq 1 200000; echo end");
    let report = shells.pool.run(shells.conversation(), command, sink, &cancel).await.expect("a report");
    drop(live);
    assert!(printed(&report).ends_with("200000\nend\n"));
}

#[tokio::test]
async fn the_end_of_a_conversation_ends_its_processes() {
    let shells = Shells::start();
    let report = shells.run("echo $$; sleep 1000 & echo $!").await;
    let ids: Vec<i32> = printed(&report).lines().map(|id| id.parse().expect("a process id")).collect();
    timed(&shells, "sleep 1000", SHORT).await;
    shells.pool.shutdown().await;
    for id in ids {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
    }
    let left = std::fs::read_dir(shells.directory.path().join("shells")).expect("the directory");
    assert_eq!(left.count(), 2, "only the init script and the reserve are left");
}
