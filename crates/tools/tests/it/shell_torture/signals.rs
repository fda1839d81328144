//! A stop or a kill ends a command with all that it started, and nothing else.

use super::harness::{Torture, is_alive, printed, process_id, until};

/// Stops a command that writes the ids of its processes into `pids`, and checks that all of them are gone.
async fn check(command: &str) {
    let torture = Torture::start().await;
    torture.run("kept=1; cd .").await;
    let outcome = torture.stop(&format!("{command}; echo up; sleep 1000")).await;
    assert_eq!(outcome.data["status"], "killed", "{command}\n{outcome:#?}");
    let ids = std::fs::read_to_string(torture.scene.root.join("pids")).expect("the processes' ids");
    for id in ids.split_whitespace() {
        until(|| !is_alive(id)).await;
    }
    torture.check("echo $kept", 0, "1\n").await;
}

macro_rules! stops {
    ($($name:ident: $command:expr;)+) => {$(
        #[tokio::test]
        async fn $name() {
            check($command).await;
        }
    )+};
}

stops! {
    a_child: "sh -c 'echo $$ > pids; exec sleep 1000' & until [ -s pids ]; do sleep 0.01; done";
    a_pipeline: "sleep 1000 | sleep 1000 & jobs -p > pids";
    a_child_that_ignores_all_it_can: "sh -c 'trap \"\" INT TERM HUP QUIT; echo $$ > pids; while :; do sleep 0.1; done' & until [ -s pids ]; do sleep 0.01; done";
    a_child_in_a_session_of_its_own: "setsid sh -c 'echo $$ > pids; exec sleep 1000' & until [ -s pids ]; do sleep 0.01; done";
    a_daemon_that_forked_twice: "(setsid sh -c 'echo $$ > pids; exec sleep 1000' &) ; until [ -s pids ]; do sleep 0.01; done";
    a_daemon_without_an_environment: "(env -i setsid sh -c 'echo $$ > pids; exec sleep 1000' > /dev/null 2>&1 < /dev/null &) ; until [ -s pids ]; do sleep 0.01; done";
    a_nohup_that_was_disowned: "nohup sh -c 'echo $$ > pids; exec sleep 1000' > /dev/null 2>&1 & disown; until [ -s pids ]; do sleep 0.01; done";
    a_stopped_job: "sh -c 'echo $$ > pids; kill -STOP $$; exec sleep 1000' & until [ -s pids ]; do sleep 0.01; done";
    a_family_of_many: "for i in $(seq 30); do (sh -c 'echo $$ >> pids; exec sleep 1000' &); done; until [ $(wc -l < pids) = 30 ]; do sleep 0.01; done";
    a_substitution: "x=$(sh -c 'echo $$ > pids; exec sleep 1000' & echo) & until [ -s pids ]; do sleep 0.01; done";
}

#[tokio::test]
async fn a_loop_of_the_shell_itself() {
    let torture = Torture::start().await;
    let outcome = torture.stop("kept=1; echo up; while :; do :; done").await;
    assert_eq!(outcome.data["status"], "killed", "{outcome:#?}");
    torture.check("echo $kept", 0, "1\n").await;
}

#[tokio::test]
async fn a_shell_that_stopped_itself() {
    let torture = Torture::start().await;
    torture.run("kept=1").await;
    let outcome = torture.stop("echo up; kill -STOP $$; sleep 1000").await;
    assert_eq!(outcome.data["status"], "killed", "{outcome:#?}");
    torture.check("echo $kept", 0, "1\n").await;
}

#[tokio::test]
async fn a_shell_that_ignores_everything() {
    let torture = Torture::start().await;
    torture.run("kept=1").await;
    let outcome = torture.stop("trap '' INT TERM HUP QUIT; echo up; while :; do sleep 0.05; done").await;
    assert_eq!(outcome.data["status"], "killed", "{outcome:#?}");
    torture.check("echo $kept", 0, "1\n").await;
}

#[tokio::test]
async fn the_jobs_of_earlier_commands_are_spared_wherever_they_are() {
    let torture = Torture::start().await;
    torture.run("sh -c 'echo $$ > a; exec sleep 1001' & (setsid sh -c 'echo $$ > b; exec sleep 1002' &); nohup sh -c 'echo $$ > c; exec sleep 1003' >/dev/null 2>&1 & disown").await;
    let spared = [torture.file("a").await, torture.file("b").await, torture.file("c").await];
    torture.stop("setsid sleep 1004 & echo up; sleep 1000").await;
    for id in &spared {
        assert!(is_alive(id), "{id} was killed");
    }
    torture.scene.client.end_conversation(&crate::scene::conversation()).await.expect("an answer");
    for id in &spared {
        until(|| !is_alive(id)).await;
    }
}

#[tokio::test]
async fn the_end_of_a_conversation_finds_what_a_dead_shell_left_behind() {
    let torture = Torture::start().await;
    torture.run("(setsid sh -c 'echo $$ > a; exec sleep 1000' > /dev/null 2>&1 &); until [ -s a ]; do sleep 0.01; done; exit 1").await;
    let id = torture.file("a").await;
    assert!(is_alive(&id));
    torture.scene.client.end_conversation(&crate::scene::conversation()).await.expect("an answer");
    until(|| !is_alive(&id)).await;
}

#[tokio::test]
async fn a_process_is_killed_with_its_daemons() {
    let torture = Torture::start().await;
    let outcome = torture
        .start_process("(setsid sh -c 'echo $$ > a; exec sleep 1000' &); echo $$ > b; sleep 1000")
        .await;
    let (daemon, shell) = (torture.file("a").await, torture.file("b").await);
    torture.act("kill", process_id(&outcome)).await;
    until(|| !is_alive(&daemon) && !is_alive(&shell)).await;
}

#[tokio::test]
async fn a_process_is_interrupted_by_a_signal() {
    let torture = Torture::start().await;
    let outcome = torture
        .start_process(
            "sh -c 'trap \"echo hup\" HUP; trap \"exit 5\" USR1; echo up > up; while :; do sleep 0.05; done'",
        )
        .await;
    torture.file("up").await;
    let id = process_id(&outcome).to_owned();
    let signal = |name: &str| serde_json::json!({"action": "signal", "process_id": id, "signal": name});
    let told = torture.process(signal("HUP")).await;
    assert!(told.text.contains("[p1: running"), "{told:#?}");
    torture.process(signal("SIGUSR1")).await;
    let ended = torture.wait_for_end(&id).await;
    assert!(format!("{}{}", told.text, ended.text).contains("hup\n"), "{told:#?} {ended:#?}");
    assert!(ended.text.contains("exited with code 5"), "{ended:#?}");
}

#[tokio::test]
async fn a_stop_of_one_call_spares_the_others() {
    let torture = Torture::start().await;
    torture.run("sleep 1000 & echo $! > job").await;
    let other = torture.run_in("conv_2", "sleep 1000 & echo $!").await;
    torture.stop("echo up; sleep 1000").await;
    assert!(is_alive(&torture.file("job").await) && is_alive(printed(&other).trim()));
}

#[tokio::test]
async fn a_stop_that_comes_with_the_end_loses_nothing() {
    let torture = Torture::start().await;
    for round in 0..20 {
        let outcome = torture.stop(&format!("echo up; echo {round} >> log")).await;
        assert!(outcome.data["status"] == "killed" || outcome.data["status"] == "exited", "{outcome:#?}");
        torture.check("echo alive", 0, "alive\n").await;
    }
}

#[tokio::test]
async fn out_of_memory_is_told_and_survived() {
    let torture = Torture::start().await;
    let outcome = torture.run("bash -c 'ulimit -v 50000; head -c 200000000 /dev/zero | tail -c 1 | wc -c; echo ${PIPESTATUS[1]}'").await;
    assert_eq!(outcome.data["exit_code"], 0, "{outcome:#?}");
    torture.check("echo alive", 0, "alive\n").await;
}
