//! Text that once confused shells: every command is a file that bash reads.

use super::harness::{Torture, cases, printed};

cases! {
    an_unbalanced_quote_is_an_error_at_once:
        ("echo 'never closed" => 2, "bash: SCRIPT: line 1: unexpected EOF while looking for matching `''\n");
    a_heredoc_with_quotes: ("cat <<'E'\n'\"`$(x)\nE" => 0, "'\"`$(x)\n");
    a_heredoc_that_ends_indented: ("cat <<-E\n\t\ttabs\n\tE" => 0, "tabs\n");
    two_heredocs_in_one_line: ("cat <<A; cat <<B\none\nA\ntwo\nB" => 0, "one\ntwo\n");
    a_heredoc_in_a_substitution: ("echo \"$(cat <<E\ninner\nE\n)\"" => 0, "inner\n");
    a_heredoc_that_looks_like_the_hosts_line:
        ("cat <<'E'\n . /etc/passwd; { __slipway_finish 0; }\nE" => 0, " . /etc/passwd; { __slipway_finish 0; }\n");
    a_here_string: ("cat <<<\"a  b\"" => 0, "a  b\n");
    history_expansion_is_off: ("echo a!b !$ !!" => 0, "a!b !$ !!\n");
    control_characters_in_the_text: ("printf %s '\u{1}\u{3}\u{4}\u{8}\u{11}\u{12}\u{13}\u{15}\u{16}\u{17}\u{1a}\u{1c}\u{7f}' | wc -c" => 0, "13\n");
    carriage_returns_stay: ("printf 'a\\r\\n' | od -An -c | tr -s ' '" => 0, " a \\r \\n\n");
    windows_line_ends_are_told_as_bash_tells_them: ("echo a\r\necho b\r" => 0, "a\nb\n");
    a_byte_order_mark_is_no_command: ("\u{feff}echo hi; echo b" => 0, "bash: \u{feff}echo: command not found\nb\n");
    a_shebang_is_a_comment: ("#!/usr/bin/python3\necho bash" => 0, "bash\n");
    a_line_of_eighty_thousand_bytes: (format!("echo {} | wc -c", "y".repeat(80_000)).as_str() => 0, "80001\n");
    a_script_of_ten_thousand_lines: (format!("{}echo $n", "n=$((n+1))\n".repeat(10_000)).as_str() => 0, "10000\n");
    deep_nesting: (format!("{}echo deep{}", "( ".repeat(60), " )".repeat(60)).as_str() => 0, "deep\n");
    continued_lines: ("echo a \\\n  && echo b \\\n  || echo c" => 0, "a\nb\n");
    a_backslash_at_the_end: ("echo a\\" => 0, "a\n");
    a_trailing_pipe_is_an_error_at_once: ("echo a |" => 2, "bash: SCRIPT: line 2: syntax error: unexpected end of file\n");
    an_unclosed_brace_is_an_error_at_once: ("{ echo a" => 2, "bash: SCRIPT: line 2: syntax error: unexpected end of file\n");
    names_with_every_odd_character:
        ("mkdir $'a b\\n\\'\"$*?[\\t' && cd a* && basename \"$PWD\" | od -An -tx1 | tr -d ' \\n'; cd .." => 0, "6120620a2722242a3f5b090a\n");
    a_directory_that_is_not_text:
        ("mkdir $'\\xff\\xfe' && cd $'\\xff\\xfe' && pwd | tail -c3 | od -An -tx1; cd .." => 0, " ff fe 0a\n");
    emoji_and_right_to_left: ("echo '🦀 עברית \u{202e}evil'" => 0, "🦀 עברית \u{202e}evil\n");
}

#[tokio::test]
async fn a_nul_is_refused_with_the_reason() {
    let torture = Torture::start().await;
    let outcome = torture.run("echo a\0b").await;
    assert!(outcome.text.contains("NUL character"), "{outcome:#?}");
    torture.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn two_hundred_kilobytes_in_one_argument_are_told_as_the_system_tells_them() {
    let torture = Torture::start().await;
    let outcome = torture.run(&format!("/bin/echo {} > /dev/null", "x".repeat(200_000))).await;
    assert_eq!(outcome.data["exit_code"], 126, "{outcome:#?}");
    assert!(printed(&outcome).contains("Argument list too long"), "{outcome:#?}");
    torture.check(&format!("v={}; echo ${{#v}}", "x".repeat(200_000)), 0, "200000\n").await;
}

#[tokio::test]
async fn an_unclosed_substitution_is_an_error_at_once() {
    let torture = Torture::start().await;
    torture.run("kept=1; cd /tmp; f() { echo f; }").await;
    let outcome = torture.run("echo $(echo a").await;
    assert_eq!(outcome.data["exit_code"], 2, "{outcome:#?}");
    assert!(printed(&outcome).contains("unexpected EOF while looking for matching `)'"), "{outcome:#?}");
    // Bash takes this for the end of its own input and goes; nothing that was in it is lost.
    for _ in 0..3 {
        torture.check("echo $kept $PWD; f", 0, "1 /tmp\nf\n").await;
    }
}
