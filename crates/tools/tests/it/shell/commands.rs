//! What commands print and how they end: tables of commands that run one after the other in one shell.
//! After each of them the shell must still answer.

use super::harness::{Shells, printed};

async fn check(cases: &[(&str, i32, &str)]) {
    let shells = Shells::start();
    for (command, exit_code, output) in cases {
        shells.check(command, *exit_code, output).await;
        shells.check("echo alive", 0, "alive\n").await;
    }
}

#[tokio::test]
async fn output_and_exit_codes() {
    check(&[
        ("echo hello", 0, "hello\n"),
        ("true", 0, ""),
        ("false", 1, ""),
        ("(exit 7)", 7, ""),
        ("return 5", 5, ""),
        ("printf 'no newline'", 0, "no newline\n"),
        ("echo one; echo two >&2; echo three", 0, "one\ntwo\nthree\n"),
        ("no_such_program_here", 127, "bash: no_such_program_here: command not found\n"),
        ("/etc/passwd 2>/dev/null", 126, ""),
        ("", 0, ""),
        ("\n\n", 0, ""),
        ("sh -c 'kill -9 $$'", 137, "Killed\n"),
        ("printf '\\e[31mred\\e[0m\\n'", 0, "red\n"),
        ("for i in 10 50 100; do printf '\\r%s%%' $i; done; echo", 0, "100%\n"),
        ("printf '\\xff\\xfe\\n'", 0, "\u{fffd}\u{fffd}\n"),
        ("echo 'ünïcödé 日本 🦀'", 0, "ünïcödé 日本 🦀\n"),
    ])
    .await;
}

#[tokio::test]
async fn text_that_confuses_shells() {
    check(&[
        ("echo hi # a comment at the end", 0, "hi\n"),
        ("# nothing but a comment", 0, ""),
        ("cat <<'END'\n$HOME 'quoted' \"text\" `x`\nEND", 0, "$HOME 'quoted' \"text\" `x`\n"),
        ("cat <<END\n$((6 * 7))\nEND\necho after", 0, "42\nafter\n"),
        ("cat <<-END\n\tindented\n\tEND", 0, "indented\n"),
        ("echo 'single \"double\" inside'", 0, "single \"double\" inside\n"),
        ("echo \"it's\" $'a\\tb'", 0, "it's a\tb\n"),
        ("echo a \\\n  b", 0, "a b\n"),
        ("echo \"two\nlines\"", 0, "two\nlines\n"),
        ("echo !! !x", 0, "!! !x\n"),
        ("echo '\u{3}\u{4}\u{15}\u{1a}' | wc -c", 0, "5\n"),
        ("echo ';' '&' '&&' '}' ')' '(' '{'", 0, "; & && } ) ( {\n"),
        ("{ echo a; echo b; }", 0, "a\nb\n"),
        ("if true; then\n  echo yes\nfi", 0, "yes\n"),
        ("f() {\n  local x=1\n  echo $x\n}\nf", 0, "1\n"),
        ("echo \"$(echo \"$(echo nested)\")\"", 0, "nested\n"),
        ("printf '%s\\n' *", 0, "*\n"),
    ])
    .await;
}

#[tokio::test]
async fn syntax_errors_answer_at_once() {
    let shells = Shells::start();
    for (command, needle) in [
        ("echo 'unterminated", "line 1: unexpected EOF"),
        ("echo \"unterminated", "line 1: unexpected EOF"),
        ("echo $(", "unexpected EOF"),
        ("echo ok\nif true; then echo x", "syntax error: unexpected end of file"),
        ("echo )", "line 1: syntax error near unexpected token `)'"),
        ("cat <<END\nnever ended", "here-document"),
        ("}", "syntax error near unexpected token `}'"),
    ] {
        let report = shells.run(command).await;
        assert!(printed(&report).contains(needle), "{command}\n{report:#?}");
        let alive = shells.run("echo alive").await;
        assert_eq!(printed(&alive), "alive\n", "{command}\n{report:#?}\n{alive:#?}");
    }
}

#[tokio::test]
async fn state_persists() {
    let shells = Shells::start();
    let root = shells.workspace.root().display().to_string();
    let inside = format!("{root}/a b\n");
    shells.check("mkdir 'a b' && cd 'a b'", 0, "").await;
    shells.check("pwd", 0, &inside).await;
    shells.check("cd - >/dev/null; cd 'a b'; x=1; declare y=2; export z=3; arr=(p q)", 0, "").await;
    shells.check("echo $x $y $z ${arr[1]}; env | grep ^z=", 0, "1 2 3 q\nz=3\n").await;
    shells.check("f() { echo \"f $1\"; }; alias hey='echo hey'", 0, "").await;
    shells.check("f 1\nhey", 0, "f 1\nhey\n").await;
    shells.check("(exit 9)", 9, "").await;
    shells.check("echo $?", 0, "9\n").await;
    shells.check("shopt -s nullglob; set -f; umask 027", 0, "").await;
    shells.check("shopt -q nullglob && echo $- | grep -c f; umask", 0, "1\n0027\n").await;
    shells.check("set +f; trap 'echo trapped' USR1; kill -USR1 $$; true", 0, "trapped\n").await;
}

#[tokio::test]
async fn directory_changes_are_told() {
    let shells = Shells::start();
    let report = shells.run("cd /").await;
    assert_eq!(report.data.cwd, "/");
    assert!(report.text.ends_with(", directory now /]"), "{report:#?}");
    let report = shells.run("pwd").await;
    assert!(!report.text.contains("directory now"), "{report:#?}");
    shells.run("mkdir -p /tmp/slipway-gone-$$ && cd /tmp/slipway-gone-$$ && rmdir $PWD").await;
    shells.check("echo still here", 0, "still here\n").await;
}

#[tokio::test]
async fn what_a_command_does_to_its_terminal_is_undone() {
    let shells = Shells::start();
    for (command, exit_code, output) in [
        ("exec > captured; echo to the file", 0, ""),
        ("cat captured", 0, "to the file\n"),
        ("exec 2>/dev/null; ls /no/such", 2, ""),
        ("echo err >&2", 0, "err\n"),
        ("exec </dev/null", 0, ""),
        ("stty raw -echo", 0, ""),
        ("echo a; echo b", 0, "a\nb\n"),
        ("stty -a | grep -o ' -\\?echo '", 0, " echo \n"),
        ("exec 60>other 61>another", 0, ""),
        ("PROMPT_COMMAND='echo prompt'; PS1='prompt> '", 0, ""),
        ("printf '\\e[?25l\\e[2J\\e[5;5H'", 0, ""),
        ("set -x; echo traced", 0, "++ echo traced\ntraced\n"),
        ("{ set +x; } 2>/dev/null", 0, "+ . COMMAND\n"),
        ("set -u; echo ${nothing-unset}", 0, "unset\n"),
        ("echo $nothing; echo not reached", 1, "bash: nothing: unbound variable\n"),
        ("set +u; set -o noclobber", 0, ""),
        ("set +o noclobber; IFS=,; set -o posix", 0, ""),
        ("set +o posix; unset IFS; trap 'true' DEBUG", 0, ""),
        ("trap - DEBUG; shopt -s extdebug; shopt -u extdebug", 0, ""),
        ("trap '' INT TERM HUP", 0, ""),
    ] {
        let report = shells.run(command).await;
        let printed = mask_script_path(printed(&report), shells.directory.path());
        assert_eq!(
            (printed.as_str(), report.data.exit_code),
            (output, Some(exit_code)),
            "{command}\n{report:#?}"
        );
        let alive = shells.run("echo alive").await;
        assert!(super::harness::printed(&alive).ends_with("alive\n"), "{command}\n{alive:#?}");
    }
}

/// The file that holds the command's text is named in traces, and differs from run to run.
fn mask_script_path(text: &str, directory: &std::path::Path) -> String {
    let path = directory.join("shells/conversation-1/shell-1/command").display().to_string();
    text.replace(&format!("'{path}'"), "COMMAND").replace(&path, "COMMAND")
}

#[tokio::test]
async fn output_cannot_forge_the_end() {
    check(&[
        ("printf '\\e]133;D;12345\\a'; echo after", 0, "after\n"),
        ("printf '\\e]133;C;12345\\aF 1 0 12345 /\\0'; echo after", 0, "F 1 0 12345 /after\n"),
        ("echo F 1 0 1 / >&61", 1, "bash: 61: Bad file descriptor\n"),
        ("(echo forged >&61) 2>/dev/null; echo $?", 0, "1\n"),
        ("ls /proc/self/fd | tr '\\n' ' '", 0, "0 1 2 3 \n"),
        ("sh -c 'echo x >&60' 2>/dev/null; echo $?", 0, "2\n"),
        ("head -c 300000 /dev/urandom | base64 -w0 | wc -c", 0, "400000\n"),
    ])
    .await;
    let shells = Shells::start();
    // The marks of an earlier command, taken from the terminal itself by a program that reads it raw.
    let noise =
        "for i in $(seq 2000); do printf '\\e]133;D;%d\\a\\e]133;C;%d\\a' $RANDOM $RANDOM; done; echo end";
    let report = shells.run(noise).await;
    assert_eq!(printed(&report), "end\n");
    let report = shells.run("head -c 300000 /dev/urandom").await;
    assert_eq!((report.data.exit_code, report.data.total_bytes > 299_000), (Some(0), true));
    shells.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn pipelines_and_signals_work_as_in_a_terminal() {
    check(&[
        ("yes | head -2", 0, "y\ny\n"),
        ("set -o pipefail; yes | head -1; set +o pipefail", 0, "y\n"),
        ("false | true; echo ${PIPESTATUS[0]}", 0, "1\n"),
        ("test -t 0 && test -t 1 && test -t 2 && echo tty", 0, "tty\n"),
        ("echo $TERM $PAGER $LANG", 0, "xterm-256color cat C.UTF-8\n"),
        ("stty size", 0, "30 120\n"),
        ("sh -c 'trap \"\" PIPE; exit 3'", 3, ""),
        ("python3 -c 'import signal; print(signal.getsignal(signal.SIGPIPE).name, signal.getsignal(signal.SIGINT).__name__)'", 0, "SIG_IGN default_int_handler\n"),
        ("[ -z \"$(jobs)\" ] && echo no jobs", 0, "no jobs\n"),
        ("ps -o stat= -p $$ | cut -c1-2", 0, "Ss\n"),
        ("grep NoNewPrivs /proc/self/status | cut -f2", 0, "1\n"),
        ("grep SigIgn /proc/self/status | tail -c 8", 0, "0000000\n"),
    ])
    .await;
}

#[tokio::test]
async fn the_environment_is_built_from_nothing() {
    let shells = Shells::start();
    let report = shells.run("env | cut -d= -f1 | sort | tr '\\n' ' '").await;
    let inherited: Vec<String> = slipway_tools::shell::inheritable(std::env::vars_os())
        .into_iter()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .collect();
    let own = [
        "GIT_PAGER",
        "HOME",
        "LANG",
        "LOGNAME",
        "OLDPWD",
        "PAGER",
        "PWD",
        "SHELL",
        "SHLVL",
        "SLIPWAY_CONVERSATION_TAG",
        "TERM",
        "USER",
        "_",
    ];
    for name in printed(&report).split_whitespace() {
        assert!(own.contains(&name) || inherited.iter().any(|known| known == name), "{name} is set");
    }
    for name in ["HOME", "USER", "LANG", "TERM", "PAGER", "GIT_PAGER", "PATH"] {
        assert!(printed(&report).split_whitespace().any(|word| word == name), "{name} is not set");
    }
}

#[tokio::test]
async fn background_jobs_return_at_once_and_stay() {
    let shells = Shells::start();
    shells.check("sleep 60 & echo started", 0, "started\n").await;
    shells.check("jobs -r | grep -c sleep", 0, "1\n").await;
    shells.check("kill %1; wait %1 2>/dev/null; echo $?", 0, "143\n").await;
    shells.check("jobs | grep -c Running", 1, "0\n").await;
    shells.check("(exit 4) & wait $! 2>/dev/null; echo $?", 0, "4\n").await;
    shells.check("nohup sleep 60 >/dev/null 2>&1 & disown; echo ok", 0, "ok\n").await;
    shells.check("pkill -s 0 -x sleep; echo $?", 0, "0\n").await;
}

#[tokio::test]
async fn long_commands_and_long_output() {
    let shells = Shells::start();
    let long = format!("echo {} | wc -c", "x".repeat(100_000));
    shells.check(&long, 0, "100001\n").await;
    let script: String = (0..5000).map(|number| format!("v{number}={number}\n")).collect();
    shells.check(&format!("{script}echo $v4999"), 0, "4999\n").await;

    let report = shells.run("seq 1 500000").await;
    let all: String = (1..=500_000).map(|number| format!("{number}\r\n")).collect();
    assert_eq!(report.data.total_bytes, all.len() as u64);
    assert!(report.truncated && report.text.chars().count() <= 30_000, "{}", report.text.len());
    assert!(report.text.starts_with("1\n2\n3\n") && printed(&report).contains("\n499999\n500000\n"));
    let file = report.data.full_output.expect("a file with everything");
    assert!(report.text.contains(&file));
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), all);
    shells.check(&format!("tail -n1 {file} | tr -d '\\r'"), 0, "500000\n").await;
}

#[tokio::test]
async fn the_end_of_the_shell_is_told_and_a_fresh_one_carries_on() {
    let shells = Shells::start();
    let root = shells.workspace.root().display().to_string();
    for (command, exit_code) in [
        ("exit 3", 3),
        ("set -e; false; echo not reached", 1),
        ("set -e\ntrue", 0),
        ("exec sh -c 'echo replaced; exit 6'", 6),
        ("kill -9 $$", 137),
        ("trap 'echo bye' EXIT; exit 2", 2),
        ("exec /no/such/program", 127),
    ] {
        shells.run("cd /tmp; export KEPT=yes; lost=1").await;
        let report = shells.run(command).await;
        assert_eq!(report.data.exit_code, Some(exit_code), "{command}\n{report:#?}");
        let report = shells.run("echo $KEPT $PWD; set +e").await;
        assert_eq!(printed(&report), "yes /tmp\n", "{command}\n{report:#?}");
    }
    let report = shells.run("export LATE=1; cd /; exit 0").await;
    assert!(report.text.contains("ended the shell itself with exit code 0"), "{report:#?}");
    shells.check("echo $LATE $PWD", 0, "1 /\n").await;
    let report = shells.request(super::harness::fresh("echo \"[$LATE]\" $PWD")).await;
    assert_eq!(printed(&report), format!("[] {root}\n"));
}

#[tokio::test]
async fn a_shell_that_dies_between_commands_is_replaced() {
    let shells = Shells::start();
    let report = shells.run("export KEPT=2; cd /tmp; echo $$").await;
    let shell = printed(&report).trim().parse().expect("a process id");
    // A command's state is written after its end is told, and before the next command is read.
    shells.run("true").await;
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(shell), nix::sys::signal::Signal::SIGKILL)
        .expect("killed");
    let report = shells.run("echo $KEPT $PWD").await;
    assert_eq!(printed(&report), "2 /tmp\n", "{report:#?}");
    assert!(report.text.contains("the shell had died before this command"), "{report:#?}");
}
