//! Smoke runs of what must be fast; they print their figures and assert only that the work was done.

use std::time::{Duration, Instant};

use super::harness::{Shells, printed};

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[tokio::test]
async fn round_trips_and_restarts() {
    let shells = Shells::start();
    let (mut builtin, mut program, mut restart) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..50 {
        for (command, times) in [("true", &mut builtin), ("/bin/true", &mut program)] {
            let begun = Instant::now();
            assert_eq!(shells.run(command).await.data.exit_code, Some(0));
            times.push(begun.elapsed());
        }
    }
    for _ in 0..5 {
        assert_eq!(shells.run("exit 4").await.data.exit_code, Some(4));
        let begun = Instant::now();
        assert_eq!(printed(&shells.run("echo up").await), "up\n");
        restart.push(begun.elapsed());
    }
    println!(
        "median of true {:?}, of /bin/true {:?}, of a restart with a command {:?}",
        median(builtin),
        median(program),
        median(restart)
    );
}

#[tokio::test]
async fn much_output() {
    let megabytes: u64 =
        std::env::var("SLIPWAY_TEST_OUTPUT_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let shells = Shells::start();
    let begun = Instant::now();
    let report = shells.run(&format!("yes 0123456789abcde | head -c {}", megabytes * 1_000_000)).await;
    println!("{megabytes} MB of output in {:?}; {}", begun.elapsed(), peak_memory());
    // The terminal turns each line feed into two bytes.
    assert_eq!(report.data.total_bytes, megabytes * 1_000_000 * 17 / 16);
    assert!(report.text.len() <= 31_000);
}

fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().replace('\t', " ")
}
