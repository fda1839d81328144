//! Output of every kind and size: the model gets it readable and bounded, the person as it came, the disk some.

use futures::StreamExt as _;
use serde_json::json;
use slipway_protocol::tool::ToolStreamItem;

use super::harness::{Torture, cases, printed};
use crate::scene::invocation;

cases! {
    nothing: ("true" => 0, "");
    no_newline_at_the_end: ("printf abc" => 0, "abc\n");
    only_a_newline: ("echo" => 0, "\n");
    both_outputs_in_order: ("echo 1; echo 2 >&2; echo 3; echo 4 >&2" => 0, "1\n2\n3\n4\n");
    a_progress_bar_leaves_its_end: ("for i in 10 50 100; do printf '\\r%3d%%' $i; done; echo" => 0, "100%\n");
    a_progress_bar_that_gets_shorter: ("printf 'downloading 100 files\\rdone\\e[K\\n'" => 0, "done\n");
    bars_on_two_lines: ("printf 'a 1\\nb 1\\n\\e[2Aa 2\\nb 2\\n'" => 0, "a 2\nb 2\n");
    colours_and_links: ("printf '\\e[1;31mred\\e[0m \\e]8;;http://x\\e\\\\link\\e]8;;\\e\\\\\\n'" => 0, "red link\n");
    a_title_and_a_clipboard_theft: ("printf '\\e]0;owned\\a\\e]52;c;ZXZpbA==\\asafe\\n'" => 0, "safe\n");
    questions_to_the_terminal_stay_unanswered: ("printf '\\e[6n\\e[c'; read -t 0.3 -n 1 x; echo \"[$x]\"" => 0, "[]\n");
    a_sequence_that_never_ends: ("printf '\\e]0;forever'; echo; echo next" => 0, "next\n");
    eight_bit_controls: ("printf '\\xc2\\x9b31mred\\xc2\\x9d0;t\\x07\\n' | wc -c" => 0, "15\n");
    cut_characters: ("printf '\\xf0\\x9f'; sleep 0.1; printf '\\xa6\\x80\\n'" => 0, "🦀\n");
    wide_lines: ("head -c 500 /dev/zero | tr '\\0' w; echo" => 0, format!("{}\n", "w".repeat(500)).as_str());
    a_full_pipe_that_is_closed_early: ("yes | head -1; echo ${PIPESTATUS[0]}" => 0, "y\n141\n");
    bells_and_backspaces: ("printf 'ab\\a\\b\\bXY\\n'" => 0, "XY\n");
    form_feeds_and_vertical_tabs: ("printf 'a\\fb\\vc\\n'" => 0, "abc\n");
}

#[tokio::test]
async fn random_bytes() {
    let torture = Torture::start().await;
    let outcome = torture.run("head -c 1000000 /dev/urandom").await;
    assert_eq!(outcome.data["exit_code"], 0, "{:?}", outcome.data);
    assert!(outcome.text.chars().count() <= 30_000);
    torture.check("printf '\\ec'; stty sane; echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn a_hundred_megabytes() {
    let torture = Torture::start().await;
    let outcome = torture.run("yes 0123456789abcde | head -c 100000000; echo end").await;
    // The terminal makes two bytes of a line feed.
    assert_eq!(outcome.data["total_bytes"], 100_000_000_u64 / 16 * 17 + 5, "{:?}", outcome.data);
    assert!(outcome.text.chars().count() <= 30_000 && printed(&outcome).ends_with("end\n"));
    let path = outcome.data["full_output"].as_str().expect("a file");
    assert_eq!(std::fs::metadata(path).expect("it is there").len(), 64 * 1024 * 1024, "kept up to its limit");
    torture.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn a_thousand_megabytes_that_nobody_watches() {
    let torture = Torture::start().await;
    let call =
        invocation(json!({"command": "head -c 1000000000 /dev/zero | tr '\\0' x; echo end", "timeout": 600}));
    let mut items = Box::pin(torture.scene.client.invoke("run_terminal_command", &call));
    // The first piece is read, then nothing until it has ended.
    assert!(matches!(items.next().await, Some(Ok(ToolStreamItem::Output { .. }))));
    let rest: Vec<_> = items.collect().await;
    let Some(Ok(ToolStreamItem::Result(outcome))) = rest.last() else { panic!("no result") };
    assert_eq!(outcome.data["total_bytes"], 1_000_000_005_u64, "{:?}", outcome.data);
    assert!(outcome.text.chars().count() <= 30_000 && printed(outcome).ends_with("xend\n"));
    let conversation = torture.scene.base.join("shells/conversation-1");
    let kept = std::fs::read_dir(conversation).expect("its files").flatten();
    let kept: u64 = kept.map(|entry| entry.metadata().expect("it is there").len()).sum();
    assert!((64 << 20..65 << 20).contains(&kept), "{kept} bytes on the disk");
    torture.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn a_reader_that_never_reads_holds_nothing_up() {
    let torture = Torture::start().await;
    let call = invocation(json!({"command": "yes 0123456789abcde | head -c 20000000; echo done > done"}));
    let mut items = Box::pin(torture.scene.client.invoke("run_terminal_command", &call));
    // The first piece is read, then nothing for as long as the command runs.
    assert!(matches!(items.next().await, Some(Ok(ToolStreamItem::Output { .. }))));
    assert_eq!(torture.file("done").await, "done");
    let rest: Vec<_> = items.collect().await;
    let Some(Ok(ToolStreamItem::Result(outcome))) = rest.last() else { panic!("no result") };
    assert_eq!(outcome.data["exit_code"], 0, "{:?}", outcome.data);
}

#[tokio::test]
async fn the_person_gets_it_as_it_came() {
    let torture = Torture::start().await;
    let call = invocation(json!({"command": "printf '10%%\\r\\e[32m100%%\\e[0m\\n'"}));
    let mut items = Box::pin(torture.scene.client.invoke("run_terminal_command", &call));
    let (mut live, mut text) = (String::new(), String::new());
    while let Some(item) = items.next().await {
        match item.expect("no failure") {
            ToolStreamItem::Output { text } => live.push_str(&text),
            ToolStreamItem::Result(outcome) => text = printed(&outcome).to_owned(),
            ToolStreamItem::Held => panic!("a tool host holds nothing"),
        }
    }
    assert_eq!((live.as_str(), text.as_str()), ("10%\r\u{1b}[32m100%\u{1b}[0m\r\n", "100%\n"));
}

#[tokio::test]
async fn the_model_reads_a_range_of_it_and_so_does_the_person() {
    let torture = Torture::start().await;
    let outcome = torture.run("seq 1 200000").await;
    assert!(outcome.truncated);
    let path = outcome.data["full_output"].as_str().expect("a file").to_owned();
    let read = json!({"file": path, "start_line": 123_456, "end_line": 123_458});
    let read = torture.scene.call("read_file", read).await;
    let change = read.view_changes.first().unwrap_or_else(|| panic!("{read:#?}"));
    let views = torture.scene.refresh(vec![crate::scene::opened(change)]).await;
    let view = format!("{:?}", views.first().expect("a view").content);
    assert!(view.contains("123456") && view.contains("123458") && !view.contains("150000"), "{view}");
    let (bytes, total) = torture.scene.client.file_range(&path, 3, 9).await.expect("a range");
    assert_eq!(bytes, "2\r\n3\r\n4\r\n".as_bytes());
    assert_eq!(total, outcome.data["total_bytes"].as_u64().expect("a number"));
}

#[tokio::test]
async fn a_disk_that_refuses_to_keep_it_is_told() {
    let torture = Torture::start().await;
    torture.run("true").await;
    // In the place of the next output's file is something else.
    std::fs::create_dir(torture.scene.base.join("shells/conversation-1/output-2.log")).expect("a directory");
    let outcome = torture.run("seq 1 200000").await;
    assert_eq!(outcome.data["exit_code"], 0, "{:?}", outcome.data);
    assert!(outcome.text.contains("the full output could not be kept"), "{outcome:#?}");
    torture.check("echo alive", 0, "alive\n").await;
}

#[tokio::test]
async fn output_that_comes_drop_by_drop() {
    let torture = Torture::start().await;
    let expected: String = (1..=300).map(|number| format!("{number}\n")).collect();
    torture.check("for i in $(seq 300); do echo $i; sleep 0.001; done", 0, &expected).await;
}

#[tokio::test]
async fn without_a_place_for_temporary_files() {
    let torture = Torture::start().await;
    torture.check("export TMPDIR=/proc/none; cat <<E\nsmall\nE", 0, "small\n").await;
    torture.check("x=$(seq 1 1000 | tail -1); echo $x < /dev/null", 0, "1000\n").await;
    torture.check("diff <(echo a) <(echo a); echo same", 0, "same\n").await;
}
