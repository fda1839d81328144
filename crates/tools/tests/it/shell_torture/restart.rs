//! What breaks the connection or ends the host, and what is left then.

use serde_json::json;

use super::harness::{Torture, is_alive, printed, until};
use crate::scene::{call, connect};

#[tokio::test]
async fn shells_jobs_and_processes_outlive_a_connection() {
    let torture = Torture::start().await;
    torture.run("own=1; sh -c 'until [ -e go ]; do sleep 0.05; done; echo job' & true").await;
    torture.start_process("until [ -e go ]; do sleep 0.05; done; echo process; sleep 1000").await;
    let (second, _link) = connect(&torture.scene.host).await;
    let outcome =
        call(&second, "run_terminal_command", json!({"command": "echo $own; touch go; wait"})).await;
    assert!(printed(&outcome).contains("1\n") && printed(&outcome).contains("job\n"), "{outcome:#?}");
    let wait = json!({"action": "wait", "process_id": "p1", "until": "process", "seconds": 60});
    let told = call(&second, "process", wait).await;
    assert!(told.text.starts_with("process\n[p1: running"), "{told:#?}");
}

#[tokio::test]
async fn a_host_that_ends_takes_everything_with_it() {
    let torture = Torture::start().await;
    torture.run("sleep 1000 & echo $! >> pids; (setsid sh -c 'echo $$ > daemon; exec sleep 1000' &); echo $$ >> pids").await;
    torture.start_process("echo $$ > process; sleep 1000").await;
    let mut ids: Vec<String> = torture.file("pids").await.lines().map(str::to_owned).collect();
    ids.extend([torture.file("daemon").await, torture.file("process").await]);
    torture.scene.host.shut_down().await;
    for id in &ids {
        until(|| !is_alive(id)).await;
    }
    let shells = std::fs::read_dir(torture.scene.base.join("shells")).expect("the directory");
    assert_eq!(shells.count(), 2, "only the script that sets shells up and the reserve are left");
}

#[tokio::test]
async fn a_conversation_that_ended_begins_anew() {
    let torture = Torture::start().await;
    torture.run("own=1; cd /").await;
    torture.scene.client.end_conversation(&crate::scene::conversation()).await.expect("an answer");
    let root = torture.scene.root.display().to_string();
    torture.check("echo \"[$own]\" $PWD", 0, &format!("[] {root}\n")).await;
}

#[tokio::test]
async fn a_new_shell_is_asked_for_while_processes_go_on() {
    let torture = Torture::start().await;
    torture.run("sleep 1000 & echo $! > job").await;
    torture.start_process("echo $$ > process; sleep 1000").await;
    let (job, process) = (torture.file("job").await, torture.file("process").await);
    torture.shell(json!({"command": "true", "new_shell": true})).await;
    until(|| !is_alive(&job)).await;
    assert!(is_alive(&process), "a process has a terminal of its own");
}
