//! The end of a command is told by the shell alone, whatever the command prints or redefines.

use super::harness::{Torture, cases, printed, process_id};

cases! {
    the_end_marks_of_other_terminals_are_text:
        ("printf '\\e]133;A\\a\\e]133;D;0\\a'; echo after" => 0, "after\n");
    a_begin_mark_in_the_middle_restarts_nothing:
        ("echo before; printf '\\e]133;C;0123456789abcdef0123456789abcdef\\a'; echo after" => 0, "before\nafter\n");
    a_record_on_the_terminal_ends_nothing: ("printf 'F 1 0 1 0 /\\0'; echo; echo after" => 0, "F 1 0 1 0 /\nafter\n");
    the_shells_descriptors_are_closed_to_programs:
        ("sh -c 'for fd in 60 61; do (: >&$fd) 2>/dev/null || echo closed; done'" => 0, "closed\nclosed\n");
    a_program_finds_the_terminal_on_all_three_descriptors:
        ("sh -c 'for fd in 0 1 2; do test -t $fd && echo $fd; done'" => 0, "0\n1\n2\n");
    comments_at_the_end: ("echo hi # not the end" => 0, "hi\n"), ("true #" => 0, ""), ("#" => 0, "");
    an_empty_command: ("(exit 3)" => 3, ""), ("" => 0, "");
    only_blanks: ("  \n\t\n" => 0, "");
    several_commands_end_with_the_last_code: ("false; (exit 4); true; (exit 5)" => 5, "");
    a_return_ends_the_text: ("echo a; return 9; echo b" => 9, "a\n");
    an_exit_in_a_subshell_ends_only_that: ("(exit 7); echo $?" => 0, "7\n");
    a_trap_on_debug_that_prints_is_not_in_the_way:
        ("trap 'echo dbg' DEBUG; trap - DEBUG" => 0, "dbg\n");
    a_trap_on_debug_that_fails: ("trap false DEBUG; echo a" => 0, "a\n"), ("echo b" => 0, "b\n"), ("trap - DEBUG" => 0, "");
    a_read_only_prompt_command: ("readonly PROMPT_COMMAND=true" => 0, ""), ("echo a" => 0, "a\n");
    a_prompt_command_with_several_parts:
        ("PROMPT_COMMAND=('echo one' 'echo two')" => 0, ""), ("echo a" => 0, "a\n");
    read_only_names_that_the_shell_could_use:
        ("readonly PS1=x PS2=y token=z list=1 option=2" => 0, ""), ("echo a" => 0, "a\n");
    without_a_random_source: ("unset SRANDOM; SRANDOM=42" => 0, ""), ("echo a" => 0, "a\n");
    without_a_path: ("PATH=" => 0, ""), ("echo a; PATH=/usr/bin:/bin" => 0, "a\n");
    locale_switches:
        ("export LC_ALL=C; printf '\\xc3\\xa4\\n'" => 0, "ä\n"),
        ("export LC_ALL=C.UTF-8 LC_NUMERIC=de_DE.UTF-8 2>/dev/null; echo ä" => 0, "ä\n");
    posix_mode: ("set -o posix" => 0, ""), ("echo a" => 0, "a\n"), ("set +o posix" => 0, "");
    restricted_variables_of_the_shell_itself:
        ("BASH_ENV=/no/such ENV=/no/such HISTFILE=/no/such TMOUT= IGNOREEOF=1; echo a" => 0, "a\n");
    a_function_called_like_a_builtin:
        ("echo() { builtin echo mine; }; jobs() { builtin echo mine; }" => 0, ""), ("echo x" => 0, "mine\n"),
        ("unset -f echo jobs" => 0, "");
    an_alias_called_like_a_builtin:
        ("alias exec='echo no' builtin='echo no' printf='echo no'" => 0, ""), ("true" => 0, ""), ("unalias -a" => 0, "");
}

#[tokio::test]
async fn a_shell_that_may_open_nothing_is_given_up_and_replaced() {
    let torture = Torture::start().await;
    torture.check("cd /tmp; kept=1", 0, "").await;
    let outcome = torture.run_for(1, "ulimit -n 20").await;
    // It cannot reach the host any more, and reads the terminal instead.
    assert_ne!(outcome.data["status"], "exited", "{outcome:#?}");
    torture.check("echo $kept $PWD", 0, "1 /tmp\n").await;
    torture.act("kill", process_id(&outcome)).await;
}

#[tokio::test]
async fn a_shell_without_its_own_words_is_given_up_and_replaced() {
    let torture = Torture::start().await;
    let outcome = torture.run_for(1, "builtin() { :; }").await;
    assert_eq!(outcome.data["status"], "running", "{outcome:#?}");
    torture.check("builtin echo replaced", 0, "replaced\n").await;
}

#[tokio::test]
async fn a_clock_that_jumps_does_not_matter() {
    let torture = Torture::start().await;
    // The shell's own clocks, set forth and back; the host counts time with one that nobody can set.
    let outcome = torture.run("SECONDS=999999999; EPOCHSECONDS=0; TZ=Pacific/Kiritimati; echo a").await;
    assert_eq!(printed(&outcome), "a\n");
    assert!(outcome.data["duration_ms"].as_u64().expect("a time") < 120_000, "{outcome:#?}");
    torture.check("SECONDS=-5; echo b", 0, "b\n").await;
}
