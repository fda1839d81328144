//! The shell itself ends: that is told, and a fresh one goes on where it was.

use super::harness::{Torture, printed};

/// Sets a shell up, has it end, and checks what the next one knows.
async fn check(ending: &str, exit_code: i32, told: &str) {
    let torture = Torture::start().await;
    torture
        .run("cd /tmp; export OUT=1; own=2; list=(a 'b c'); f() { echo \"f $own\"; }; alias hey='echo hey'")
        .await;
    let outcome = torture.run(ending).await;
    assert_eq!(outcome.data["exit_code"], exit_code, "{ending}\n{outcome:#?}");
    assert!(outcome.text.contains(told), "{ending}\n{outcome:#?}");
    torture.check("echo $OUT $own ${list[1]} $PWD; f\nhey", 0, "1 2 b c /tmp\nf 2\nhey\n").await;
    torture.check("echo alive", 0, "alive\n").await;
}

macro_rules! endings {
    ($($name:ident: $ending:expr => $exit:expr, $told:expr;)+) => {$(
        #[tokio::test]
        async fn $name() {
            check($ending, $exit, $told).await;
        }
    )+};
}

endings! {
    exit_with_a_code: "exit 3" => 3, "ended the shell itself with exit code 3";
    exit_in_a_function: "g() { exit 4; }; g; echo not reached" => 4, "exit code 4";
    exit_in_a_sourced_file: "file=$(mktemp); echo 'exit 5' > $file; . $file" => 5, "exit code 5";
    exit_in_an_eval: "eval 'exit 6'" => 6, "exit code 6";
    errexit: "set -e; false; echo not reached" => 1, "exit code 1";
    errexit_with_pipefail: "set -euo pipefail; false | true; echo not reached" => 1, "exit code 1";
    an_unset_variable_under_nounset_and_errexit: "set -eu; echo $no_such_thing" => 1, "exit code 1";
    killed_with_nine: "kill -9 $$" => 137, "killed by signal 9";
    killed_by_a_crash: "kill -SEGV $$" => 139, "killed by signal 11";
    hung_up: "kill -HUP $$; sleep 5" => 129, "killed by signal 1";
    replaced_by_a_program: "exec sh -c 'exit 8'" => 8, "exit code 8";
    replaced_by_nothing: "exec /no/such/program" => 127, "exit code 127";
    an_exit_trap_speaks_last: "trap 'echo bye' EXIT; exit 2" => 2, "bye\n";
    logout_is_no_way_out: "logout; exit 9" => 9, "exit code 9";
}

#[tokio::test]
async fn exec_of_another_shell_waits_for_input_and_the_next_command_has_its_own() {
    let torture = Torture::start().await;
    torture.run("own=1; cd /tmp").await;
    // What `exec zsh` does, with a shell that is everywhere.
    let outcome = torture.run("exec bash --norc -i").await;
    assert_eq!(outcome.data["status"], "waiting_for_input", "{outcome:#?}");
    torture.check("echo $own $PWD", 0, "1 /tmp\n").await;
    let answer = torture.write("p1", "echo inner $((6 * 7))").await;
    assert!(answer.text.contains("inner 42\n"), "{answer:#?}");
    let ended = torture.write("p1", "exit 7").await;
    assert!(ended.text.contains("[p1: exited with code 7"), "{ended:#?}");
}

#[tokio::test]
async fn it_dies_again_and_again() {
    let torture = Torture::start().await;
    torture.run("count=0").await;
    for round in 1..=10 {
        let outcome = torture.run("count=$((count + 1)); exit 1").await;
        assert_eq!(outcome.data["exit_code"], 1, "{outcome:#?}");
        torture.check("echo $count", 0, &format!("{round}\n")).await;
    }
}

#[tokio::test]
async fn its_death_between_two_commands_is_told_and_nothing_runs_twice() {
    let torture = Torture::start().await;
    let outcome = torture.run("own=1; (sleep 0.2; kill -9 $$) & echo $$").await;
    let shell = printed(&outcome).trim().to_owned();
    super::harness::until(|| !super::harness::is_alive(&shell)).await;
    let outcome = torture.run("echo run >> log; echo $own; wc -l < log").await;
    assert!(printed(&outcome).ends_with("1\n1\n"), "{outcome:#?}");
    assert!(outcome.text.contains("the shell had died before this command"), "{outcome:#?}");
}
