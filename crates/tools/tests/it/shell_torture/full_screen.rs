//! Programs that take over the screen: shown as they stand, driven by keys, gone without a trace.

use serde_json::json;

use super::harness::{Torture, printed, process_id};

/// A menu that quits with `q`.
fn menu(mode: &str) -> String {
    format!(
        "printf '\\e[?{mode}h\\e[2J\\e[2;3HMENU\\e[4;3Hq to quit'; while read -rsn1 key; [ \"$key\" != q ]; do \
         printf '\\e[6;3Hpressed %s' \"$key\"; done; printf '\\e[?{mode}l'; echo left"
    )
}

async fn check(mode: &str) {
    let torture = Torture::start().await;
    let outcome = torture.run(&menu(mode)).await;
    assert_eq!(outcome.data["status"], "waiting_for_input", "{outcome:#?}");
    assert!(printed(&outcome).contains("\n  MENU\n\n  q to quit\n"), "{outcome:#?}");
    torture.check("echo meanwhile", 0, "meanwhile\n").await;
    let told = torture.press(process_id(&outcome), "x").await;
    assert!(told.text.contains("\n  pressed x\n"), "{told:#?}");
    let told = torture.press(process_id(&outcome), "q").await;
    assert!(told.text.contains("left\n[p1: exited with code 0"), "{told:#?}");
    assert!(!told.text.contains("MENU"), "{told:#?}");
}

#[tokio::test]
async fn the_usual_alternate_screen() {
    check("1049").await;
}

#[tokio::test]
async fn the_older_alternate_screen() {
    check("1047").await;
}

#[tokio::test]
async fn the_oldest_alternate_screen() {
    check("47").await;
}

#[tokio::test]
async fn a_curses_program() {
    let torture = Torture::start().await;
    let program = "python3 -c 'import curses\ndef main(s):\n s.addstr(3, 5, \"curses here\"); s.refresh()\n while s.getch() != ord(\"q\"): pass\ncurses.wrapper(main)\nprint(\"bye\")'";
    let outcome = torture.run(program).await;
    assert!(printed(&outcome).contains("     curses here\n"), "{outcome:#?}");
    let told = torture.press("p1", "q").await;
    assert!(told.text.contains("bye\n[p1: exited with code 0"), "{told:#?}");
    torture.check("stty -a | grep -o ' icanon'", 0, " icanon\n").await;
}

#[tokio::test]
async fn arrow_keys_and_function_keys() {
    let torture = Torture::start().await;
    let outcome = torture.run("python3 -c 'import sys,tty; tty.setraw(0); print(\"raw: \", end=\"\", flush=True); print(repr(sys.stdin.buffer.read1(20)), end=\"\\r\\n\")'").await;
    let told = torture
        .process(json!({"action": "write", "process_id": process_id(&outcome), "keys": ["up", "f5"]}))
        .await;
    assert!(told.text.contains("b'\\x1b[A\\x1b[15~'"), "{told:#?}");
}

#[tokio::test]
async fn a_full_screen_program_that_is_killed_leaves_a_terminal_in_order() {
    let torture = Torture::start().await;
    let outcome = torture.run(&menu("1049")).await;
    torture.act("kill", process_id(&outcome)).await;
    torture.check("stty -a | grep -o ' echo '; echo alive", 0, " echo \nalive\n").await;
}

#[tokio::test]
async fn a_screen_that_is_left_by_itself_is_no_result() {
    let torture = Torture::start().await;
    torture.check("printf 'a\\n\\e[?1049hsplash\\e[?1049lb\\n'", 0, "a\nb\n").await;
}

#[tokio::test]
async fn a_screen_that_is_never_left_does_not_stick_to_the_next_command() {
    let torture = Torture::start().await;
    let outcome = torture.run("printf 'a\\n\\e[?1049hsplash'").await;
    assert_eq!(outcome.data["exit_code"], 0, "{outcome:#?}");
    torture.check("echo b", 0, "b\n").await;
}

#[tokio::test]
async fn the_screen_is_a_hundred_and_twenty_by_thirty() {
    let torture = Torture::start().await;
    torture.check("stty size; tput cols; tput lines", 0, "30 120\n120\n30\n").await;
}
