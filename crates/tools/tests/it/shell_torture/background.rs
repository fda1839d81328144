//! Jobs in the background: they stay, they can be found, and what they print is not lost.

use serde_json::json;

use super::harness::{Torture, cases, is_alive, printed, until};

cases! {
    a_job_returns_at_once_and_stays: ("sleep 1000 & echo started" => 0, "started\n"), ("jobs -r | grep -c sleep" => 0, "1\n"), ("kill %1; wait %1 2>/dev/null" => 143, "");
    a_job_is_waited_for: ("{ (sleep 0.1; exit 4) & wait $!; } 2>/dev/null" => 4, "");
    a_job_that_ended_long_ago_is_waited_for: ("{ (exit 6) & job=$!; sleep 0.2; } 2>/dev/null" => 0, ""), ("wait $job" => 6, "");
    a_job_is_brought_back: ("cat <<< brought > f; (sleep 0.2; cat f) &" => 0, ""), ("fg > /dev/null" => 0, "brought\n");
    a_hundred_jobs: ("{ for i in $(seq 100); do sleep 0.01 & done; wait; } 2>/dev/null; echo all" => 0, "all\n");
    a_job_in_a_subshell_does_not_hold_the_command: ("(sleep 1000 > /dev/null &); echo at once" => 0, "at once\n");
    nohup_and_disown: ("nohup sleep 1000 > /dev/null 2>&1 & disown; echo ok" => 0, "ok\n");
    a_job_without_descriptors: ("sleep 1000 <&- >&- 2>&- & echo ok" => 0, "ok\n");
    no_zombies_are_left: ("for i in 1 2 3; do (true &); done; sleep 0.3; ps -o stat= --ppid $$ | grep -c Z" => 1, "0\n");
}

#[tokio::test]
async fn what_a_job_prints_between_two_commands_comes_with_the_next() {
    let torture = Torture::start().await;
    torture
        .check(
            "(while [ ! -e go ]; do sleep 0.05; done; echo from the job; touch done) & echo begun",
            0,
            "begun\n",
        )
        .await;
    std::fs::write(torture.scene.root.join("go"), "").expect("the gate");
    until(|| torture.scene.root.join("done").exists()).await;
    let outcome = torture.run("echo mine").await;
    let expected = "[jobs in the background printed since the last command:]\nfrom the job\n[this command printed:]\nmine\n";
    assert_eq!(printed(&outcome), expected, "{outcome:#?}");
    torture.check("echo again", 0, "again\n").await;
}

#[tokio::test]
async fn a_job_is_listed_read_and_killed_with_the_process_tool() {
    let torture = Torture::start().await;
    torture
        .run("sh -c 'while [ ! -e go ]; do sleep 0.05; done; echo ready; exec sleep 1234' & echo $! > pid")
        .await;
    let id = format!("j{}", torture.file("pid").await);
    let list = torture.process(json!({"action": "list"})).await;
    assert!(list.text.starts_with(&format!("{id}: running for")), "{list:#?}");
    assert!(list.text.contains("in the background of the shell"), "{list:#?}");
    std::fs::write(torture.scene.root.join("go"), "").expect("the gate");
    let wait = json!({"action": "wait", "process_id": id, "until": "ready", "seconds": 60});
    let told = torture.process(wait).await;
    assert!(told.text.starts_with(&format!("ready\n[{id}: running for")), "{told:#?}");
    let typed = torture.write(&id, "x").await;
    assert!(typed.text.contains("is in the background and cannot read the terminal"), "{typed:#?}");
    let killed = torture.act("kill", &id).await;
    assert!(killed.text.contains("ended"), "{killed:#?}");
    until(|| !is_alive(&id[1..])).await;
    torture.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn a_job_is_signalled_and_waited_for() {
    let torture = Torture::start().await;
    torture.run("sh -c 'trap \"echo reloaded\" HUP; trap \"exit 0\" TERM; echo up > up; while :; do sleep 0.05; done' & echo $! > pid").await;
    torture.file("up").await;
    let id = format!("j{}", torture.file("pid").await);
    let told = torture.process(json!({"action": "signal", "process_id": id, "signal": "hup"})).await;
    if !told.text.contains("reloaded\n") {
        let wait = json!({"action": "wait", "process_id": id, "until": "reloaded", "seconds": 60});
        let waited = torture.process(wait).await;
        assert!(waited.text.contains("reloaded\n"), "{waited:#?}");
    }
    torture.process(json!({"action": "signal", "process_id": id, "signal": "SIGTERM"})).await;
    until(|| !is_alive(&id[1..])).await;
    let wrong = torture.process(json!({"action": "list"})).await;
    assert!(!wrong.text.contains(&id), "{wrong:#?}");
}

#[tokio::test]
async fn an_unknown_signal_or_process_is_told_with_what_there_is() {
    let torture = Torture::start().await;
    torture.start_process("sleep 1000").await;
    let wrong = torture.process(json!({"action": "signal", "process_id": "p1", "signal": "NOPE"})).await;
    assert!(wrong.text.contains("give the name of a `signal`"), "{wrong:#?}");
    let wrong = torture.process(json!({"action": "read", "process_id": "j1"})).await;
    assert!(wrong.text.contains("no process `j1`. There are: p1."), "{wrong:#?}");
}

#[tokio::test]
async fn a_job_that_prints_megabytes_between_commands_is_cut_and_kept() {
    let torture = Torture::start().await;
    torture.run("(while [ ! -e go ]; do sleep 0.05; done; seq 1 300000; touch done) & true").await;
    std::fs::write(torture.scene.root.join("go"), "").expect("the gate");
    until(|| torture.scene.root.join("done").exists()).await;
    let outcome = torture.run("echo mine").await;
    assert!(outcome.text.chars().count() < 6_000, "{}", outcome.text.len());
    assert!(printed(&outcome).ends_with("300000\n[this command printed:]\nmine\n"), "{outcome:#?}");
    let (_, after) = outcome.text.split_once("full output: ").expect("a file");
    let (path, _) = after.split_once(" …]").expect("its end");
    torture.check(&format!("grep -c . {path}"), 0, "300000\n").await;
}

#[tokio::test]
async fn a_job_goes_on_after_a_timeout_and_its_output_is_read_there() {
    let torture = Torture::start().await;
    torture.run("(while [ ! -e go ]; do sleep 0.05; done; echo late) & true").await;
    torture.run_for(1, "echo first; sleep 1.5; echo last").await;
    let ended = torture.wait_for_end("p1").await;
    assert!(ended.text.contains("exited with code 0"), "{ended:#?}");
    std::fs::write(torture.scene.root.join("go"), "").expect("the gate");
    let mut told = String::new();
    for _ in 0..200 {
        told.push_str(&torture.act("read", "p1").await.text);
        if told.contains("late\n") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{told}");
}

#[tokio::test]
async fn a_server_that_takes_the_terminal_cannot_take_commands_away() {
    let torture = Torture::start().await;
    // It left the session, so that nothing keeps it from reading the terminal.
    torture
        .check(
            "{ setsid sh -c 'while read -r line; do echo \"$line\" >> taken; done' & sleep 0.3; } 2>/dev/null; echo up",
            0,
            "up\n",
        )
        .await;
    for _ in 0..5 {
        torture.check("echo mine", 0, "mine\n").await;
    }
    torture.check("cat taken 2>/dev/null", 1, "").await;
}

#[tokio::test]
async fn a_job_that_reads_the_terminal_is_stopped() {
    let torture = Torture::start().await;
    let outcome =
        torture.run("cat & until jobs -s > f; [ -s f ]; do sleep 0.05; done; kill -9 %1; echo noticed").await;
    assert!(printed(&outcome).ends_with("noticed\n"), "{outcome:#?}");
    torture.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn stopped_jobs_go_on() {
    let torture = Torture::start().await;
    let outcome = torture.run("sh -c 'kill -STOP $$; echo resumed' > f; echo \"code $?\"").await;
    assert!(printed(&outcome).ends_with("code 147\n"), "{outcome:#?}");
    torture.check("fg > /dev/null; cat f", 0, "resumed\n").await;
}
