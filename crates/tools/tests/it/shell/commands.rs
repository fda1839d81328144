//! What commands print and how they end, one after the other in the same shell.

use super::harness::Shells;

/// Runs the commands in one shell; after each, the shell must still answer.
async fn check(cases: &[(&str, i32, &str)]) {
    let shells = Shells::start();
    for (command, exit_code, output) in cases {
        shells.check(command, *exit_code, output).await;
        shells.check("echo alive", 0, "alive\n").await;
    }
}

#[tokio::test]
async fn basics() {
    check(&[
        ("echo hello", 0, "hello\n"),
        ("true", 0, ""),
        ("false", 1, ""),
        ("(exit 7)", 7, ""),
        ("printf 'no newline'", 0, "no newline\n"),
        ("echo one; echo two >&2; echo three", 0, "one\ntwo\nthree\n"),
        ("no_such_program_here", 127, "bash: no_such_program_here: command not found\n"),
        ("", 0, ""),
        ("\n\n", 0, ""),
    ])
    .await;
}
