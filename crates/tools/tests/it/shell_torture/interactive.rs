//! Programs that ask: told as such, with what they ask, and answered through the process tool.

use std::path::Path;

use super::harness::{Torture, printed, process_id};

/// Runs what asks, checks how it asks, answers, and checks what comes then.
async fn ask(command: &str, prompt: &str, answer: &str, rest: &str) {
    let torture = Torture::start().await;
    let outcome = torture.run(command).await;
    assert_eq!(outcome.data["status"], "waiting_for_input", "{command}\n{outcome:#?}");
    assert!(printed(&outcome).ends_with(prompt), "{command}\n{outcome:#?}");
    torture.check("echo meanwhile", 0, "meanwhile\n").await;
    let told = torture.write(process_id(&outcome), answer).await;
    let told = match told.text.contains(rest) {
        true => told,
        false => torture.wait_for_end(process_id(&outcome)).await,
    };
    assert!(told.text.contains(rest), "{command}\n{told:#?}");
    torture.act("kill", process_id(&outcome)).await;
    torture.check("echo alive", 0, "alive\n").await;
}

macro_rules! questions {
    ($($name:ident: $command:expr, $prompt:expr => $answer:expr, $rest:expr;)+) => {$(
        #[tokio::test]
        async fn $name() {
            ask($command, $prompt, $answer, $rest).await;
        }
    )+};
}

questions! {
    read_with_a_prompt: "read -p 'Name? ' name; echo \"hello $name\"", "Name? \n" => "Bob", "hello Bob";
    read_without_a_prompt: "read -r line; echo \"got $line\"", "" => "a line", "got a line";
    read_in_a_program: "sh -c 'printf \"> \"; read x; echo \"<$x>\"'", "> \n" => "y", "<y>";
    a_password_that_is_not_shown: "read -s -p 'Password: ' p; echo; echo ${#p}", "Password: \n" => "hunter2", "\n7\n";
    a_password_from_the_terminal_itself: "sh -c 'stty -echo </dev/tty; printf \"[sudo] password: \" >/dev/tty; read p </dev/tty; stty echo </dev/tty; echo; echo \"$p\" | wc -c' </dev/null", "[sudo] password: \n" => "secret", "\n7\n";
    a_password_asked_by_python: "python3 -c 'import getpass; print(len(getpass.getpass()))'", "Password: \n" => "hunter22", "8\n";
    a_yes_or_no_in_a_loop: "while :; do read -p '[y/n] ' a; [ \"$a\" = y ] && break; done; echo agreed", "[y/n] \n" => "y", "agreed";
    a_menu_of_bash: "select x in apples pears; do echo \"took $x\"; break; done", "#? \n" => "2", "took pears";
    a_prompt_on_the_error_output: "sh -c 'printf \"Sure? \" >&2; read a; echo \"$a!\"'", "Sure? \n" => "yes", "yes!";
    a_repl: "python3 -q -i -c ''", ">>> \n" => "print(6 * 7)", "42\n";
    a_nested_bash: "bash --norc", "" => "echo inner $((6 * 7)); exit", "inner 42";
    a_nested_shell_of_another_kind: "sh -i", "" => "echo in $((6 * 7))", "in 42";
    a_filter_that_waits_for_its_input: "cat", "" => "echoed", "echoed\nechoed";
    a_pipeline_that_reads_the_terminal: "sed -u 's/a/b/' | sed -u 's/b/c/'", "" => "a", "c\n";
    a_program_that_polls_the_terminal: "python3 -c 'import select,sys; sys.stdout.write(\"key: \"); sys.stdout.flush(); select.select([sys.stdin],[],[]); print(sys.stdin.readline().strip()*2)'", "key: \n" => "k", "kk";
}

/// The real thing, where it is installed: it opens /dev/tty itself, whatever its input is.
#[tokio::test]
async fn ssh_and_its_relatives_ask_at_the_terminal_itself() {
    if !["ssh", "ssh-keygen"].iter().all(|program| Path::new("/usr/bin").join(program).exists()) {
        return;
    }
    let torture = Torture::start().await;
    let outcome = torture.run("ssh -p 1 -o ConnectTimeout=5 somebody@127.0.0.1 true < /dev/null").await;
    assert_eq!(outcome.data["exit_code"], 255, "{outcome:#?}");
    assert!(printed(&outcome).contains("Connection refused"), "{outcome:#?}");
    let make = "ssh-keygen -q -t ed25519 -f key < /dev/null > out.txt; echo \"ended with $?\"";
    let outcome = torture.run(make).await;
    assert_eq!(outcome.data["status"], "waiting_for_input", "{outcome:#?}");
    assert!(printed(&outcome).contains("Enter passphrase"), "{outcome:#?}");
    let id = process_id(&outcome);
    let told = torture.write(id, "correct horse").await;
    assert!(!told.text.contains("correct horse"), "it is not shown: {told:#?}");
    torture.write(id, "correct horse").await;
    let told = torture.wait_for_end(id).await;
    assert!(told.text.contains("[p1: exited with code 0"), "{told:#?}");
    // Now a key that asks to be opened, and is not.
    let outcome = torture.run("ssh-keygen -y -f key < /dev/null").await;
    assert!(printed(&outcome).contains("Enter passphrase"), "{outcome:#?}");
    torture.press(process_id(&outcome), "ctrl-c").await;
    torture.wait_for_end(process_id(&outcome)).await;
    torture.check("stty -a | grep -o '[-]*echo '", 0, "echo \n").await;
}

#[tokio::test]
async fn the_end_of_input_reaches_the_program() {
    let torture = Torture::start().await;
    let outcome = torture.run("cat; echo \"cat ended with $?\"").await;
    let told = torture.press(process_id(&outcome), "ctrl-d").await;
    assert!(told.text.contains("cat ended with 0\n[p1: exited with code 0"), "{told:#?}");
}

#[tokio::test]
async fn an_interrupt_reaches_the_program() {
    let torture = Torture::start().await;
    let outcome = torture.run("read -p '> ' x").await;
    let told = torture.press(process_id(&outcome), "ctrl-c").await;
    assert!(told.text.contains("[p1: exited with code 130"), "{told:#?}");
    torture.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn what_stops_a_program_gives_the_terminal_back() {
    let torture = Torture::start().await;
    let outcome = torture.run("cat; echo \"code $?\"").await;
    let told = torture.press(process_id(&outcome), "ctrl-z").await;
    assert!(told.text.contains("Stopped") && told.text.contains("code 148\n"), "{told:#?}");
}

#[tokio::test]
async fn a_quiet_program_is_not_taken_for_one_that_asks() {
    let torture = Torture::start().await;
    torture.check("printf 'thinking '; sleep 1.5; echo done", 0, "thinking done\n").await;
}

#[tokio::test]
async fn input_for_a_command_that_has_ended_is_refused() {
    let torture = Torture::start().await;
    let outcome = torture.run("read x").await;
    torture.write(process_id(&outcome), "end").await;
    torture.wait_for_end(process_id(&outcome)).await;
    let told = torture.write(process_id(&outcome), "rm -rf /").await;
    assert!(told.text.starts_with("Nothing was typed: p1 is not running any more"), "{told:#?}");
}

#[tokio::test]
async fn four_kilobytes_and_more_are_typed_in_pieces() {
    let torture = Torture::start().await;
    let outcome = torture.run("wc -c").await;
    let id = process_id(&outcome).to_owned();
    for _ in 0..3 {
        let told = torture.write(&id, &"x".repeat(3_000)).await;
        assert!(told.text.contains("[p1: running"), "{told:#?}");
    }
    let told = torture.press(&id, "ctrl-d").await;
    assert!(told.text.contains("9003\n"), "{told:#?}");
}

#[tokio::test]
async fn nobody_asks_where_there_is_no_terminal() {
    let torture = Torture::start().await;
    torture.check("read -r x < /dev/null; echo $?", 0, "1\n").await;
    torture.check("cat <&- 2>&1 | tail -c 20", 0, "Bad file descriptor\n").await;
}
