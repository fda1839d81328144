//! Conversations beside each other, and commands of one conversation after each other.

use futures::future::join_all;
use serde_json::json;

use super::harness::{Torture, is_alive, printed, until};

/// Eight conversations at once.
fn conversations() -> impl Iterator<Item = String> {
    (0..8).map(|number| format!("conv_{number}"))
}

#[tokio::test]
async fn eight_conversations_have_eight_shells() {
    let torture = Torture::start().await;
    let all = conversations().map(|name| {
        let torture = &torture;
        async move {
            torture.run_in(&name, &format!("me={name}; mkdir {name}; cd {name}")).await;
            for _ in 0..5 {
                let outcome = torture.run_in(&name, "echo $me ${PWD##*/}").await;
                assert_eq!(printed(&outcome), format!("{name} {name}\n"), "{outcome:#?}");
            }
        }
    });
    join_all(all).await;
}

#[tokio::test]
async fn eight_floods_at_once_keep_apart() {
    let torture = Torture::start().await;
    let all = conversations().map(|name| {
        let torture = &torture;
        async move {
            let outcome = torture.run_in(&name, &format!("yes {name} | head -100000 | uniq -c")).await;
            assert_eq!(printed(&outcome).trim(), format!("100000 {name}"), "{outcome:#?}");
            let outcome = torture.run_in(&name, &format!("yes {name} | head -20000")).await;
            assert!(outcome.truncated, "{outcome:#?}");
            for other in conversations().filter(|other| *other != name) {
                assert!(!printed(&outcome).contains(&other), "{name} has output of {other}");
            }
        }
    });
    join_all(all).await;
}

#[tokio::test]
async fn eight_stops_at_once_hit_their_own() {
    let torture = Torture::start().await;
    let names: Vec<String> = conversations().collect();
    let jobs = join_all(names.iter().map(|name| torture.run_in(name, "sleep 1000 & echo $!"))).await;
    join_all(names.iter().map(|name| torture.stop_in(name, "echo up; sleep 1000"))).await;
    for job in &jobs {
        assert!(is_alive(printed(job).trim()), "{job:#?}");
    }
    for name in &names {
        let outcome = torture.run_in(name, "jobs -r | grep -c sleep").await;
        assert_eq!(printed(&outcome), "1\n", "{outcome:#?}");
    }
}

#[tokio::test]
async fn one_ends_and_the_others_go_on() {
    let torture = Torture::start().await;
    let names: Vec<String> = conversations().collect();
    let jobs = join_all(names.iter().map(|name| torture.run_in(name, "kept=1; sleep 1000 & echo $!"))).await;
    let first = names.first().expect("eight");
    torture.scene.client.end_conversation(&first.as_str().into()).await.expect("an answer");
    until(|| !is_alive(printed(&jobs[0]).trim())).await;
    for (name, job) in names.iter().zip(&jobs).skip(1) {
        assert!(is_alive(printed(job).trim()));
        assert_eq!(printed(&torture.run_in(name, "echo $kept").await), "1\n");
    }
}

#[tokio::test]
async fn processes_of_others_cannot_be_seen_or_touched() {
    let torture = Torture::start().await;
    torture.start_process("sleep 1000").await;
    torture.run("sleep 1000 &").await;
    let list = torture.call_in("conv_2", "process", json!({"action": "list"})).await;
    assert!(list.text.starts_with("No processes"), "{list:#?}");
    let kill = torture.call_in("conv_2", "process", json!({"action": "kill", "process_id": "p1"})).await;
    assert!(kill.text.contains("There is no process `p1`"), "{kill:#?}");
}

#[tokio::test]
async fn ten_commands_of_one_conversation_run_in_their_order() {
    let torture = Torture::start().await;
    let commands = (0..10).map(|number| format!("echo {number}a >> log; sleep 0.02; echo {number}b >> log"));
    let commands: Vec<String> = commands.collect();
    join_all(commands.iter().map(|command| torture.run(command))).await;
    let log = torture.run("cat log").await;
    let lines: Vec<&str> = printed(&log).lines().collect();
    assert_eq!(lines.len(), 20);
    for pair in lines.chunks(2) {
        assert_eq!(pair[0].trim_end_matches('a'), pair[1].trim_end_matches('b'), "{lines:?}");
    }
}

#[tokio::test]
async fn five_timeouts_of_one_conversation_go_on_beside_each_other() {
    let torture = Torture::start().await;
    torture.run("own=1").await;
    for number in 1..=5 {
        let outcome = torture
            .run_for(1, &format!("own=$((own + 1)); until [ -e go ]; do sleep 0.05; done; exit {number}"))
            .await;
        assert_eq!(outcome.data["process_id"], format!("p{number}"), "{outcome:#?}");
    }
    // What a command changes before its time-out is not in the state that the next one gets.
    torture.check("echo $own", 0, "1\n").await;
    std::fs::write(torture.scene.root.join("go"), "").expect("the gate");
    for number in 1..=5 {
        let ended = torture.wait_for_end(&format!("p{number}")).await;
        assert!(ended.text.contains(&format!("exited with code {number}")), "{ended:#?}");
    }
}
