//! A host that is root gives the shell to another user, who has no privileges and cannot gain any.

use std::time::Duration;

use slipway_tools::registry::OutputSink;
use slipway_tools::shell::{CommandRequest, CommandStatus};
use slipway_tools::workspace::Owner;
use tokio_util::sync::CancellationToken;

use super::harness::{Shells, printed, request};

/// A user that exists nowhere; `None` where only root could do this.
fn shells() -> Option<Shells> {
    let owner = Owner { uid: 54_321, gid: 54_322 };
    nix::unistd::Uid::effective().is_root().then(|| Shells::start_as(Some(owner)))
}

#[tokio::test]
async fn it_is_another_user_without_privileges() {
    let Some(shells) = shells() else { return };
    shells.check("id -u; id -g; id -G", 0, "54321\n54322\n54322\n").await;
    shells
        .check(
            "grep -E '^(CapEff|CapPrm|CapAmb)' /proc/self/status | cut -f2 | sort -u",
            0,
            "0000000000000000\n",
        )
        .await;
    shells.check("grep NoNewPrivs /proc/self/status | cut -f2", 0, "1\n").await;
    shells.check("stat -c %u $(tty)", 0, "54321\n").await;
    shells.check("touch file; stat -c %u:%g file", 0, "54321:54322\n").await;
    shells.check("cd ..; touch intruder 2>/dev/null || echo refused", 0, "refused\n").await;
    shells.check("echo x 2>/dev/null > shells/init.bash || echo refused", 0, "refused\n").await;
    shells.check("[ $HOME = $PWD/workspace ] && echo home", 0, "home\n").await;
}

#[tokio::test]
async fn its_processes_are_watched_and_stopped() {
    let Some(shells) = shells() else { return };
    let report = shells.run("export KEPT=1; cd /tmp; read -p 'Name? ' name; echo $name").await;
    assert_eq!(report.data.status, CommandStatus::WaitingForInput, "{report:#?}");
    let written = shells.write("p1", "Bob", &[]).await;
    assert!(written.text.starts_with("Bob\nBob\n[p1: exited with code 0"), "{written:#?}");

    let cancel = CancellationToken::new();
    let (sink, mut live) = OutputSink::channel(8);
    let command = "sleep 1000 & sh -c 'trap \"\" INT TERM; echo up; while :; do sleep 0.1; done'";
    let running = shells.pool.run(shells.conversation(), request(command), sink, &cancel);
    let (report, ()) = tokio::join!(running, async {
        live.recv().await.expect("output");
        cancel.cancel();
    });
    assert_eq!(report.expect("a report").data.status, CommandStatus::Killed);
    let left = shells.run("ps -o args= -s $$ | grep '^sleep [0-9]'").await;
    assert_eq!(printed(&left), "", "{left:#?}");

    let limit = Duration::from_millis(100);
    shells.request(CommandRequest { timeout: limit, ..request("sleep 1000") }).await;
    let killed = shells.process("kill", "p2").await;
    assert!(killed.text.contains("[p2: killed after"), "{killed:#?}");
    shells.check("exit 3", 3, "").await;
    shells.check("echo restarted", 0, "restarted\n").await;
    shells.pool.shutdown().await;
}
