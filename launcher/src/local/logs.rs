//! What local programs have logged.

use std::collections::VecDeque;
use std::io::SeekFrom;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncSeekExt as _, BufReader};

use crate::cli::{LogsArgs, PartName};
use crate::state::InstanceState;
use crate::{plain, terminal};

/// How often a followed log is looked at.
const FOLLOW_INTERVAL: Duration = Duration::from_millis(200);

/// Prints the logs, to the end or as they come.
pub(crate) async fn show(state: &InstanceState, arguments: &LogsArgs) -> anyhow::Result<ExitCode> {
    let all = [(PartName::Control, "control", "gateway.log"), (PartName::Sandbox, "sandbox", "toolhost.log")];
    let mut logs = Vec::new();
    for (part, label, name) in all {
        if arguments.part.is_none_or(|wanted| wanted == part) {
            let path = state.path(name);
            let file = File::open(&path).await.with_context(|| format!("cannot read {}", path.display()))?;
            logs.push((label, BufReader::new(file)));
        }
    }
    for (label, log) in &mut logs {
        let mut last = VecDeque::new();
        while let Some(line) = next_line(log).await? {
            last.push_back(line);
            if last.len() > usize::try_from(arguments.tail).unwrap_or(usize::MAX) {
                last.pop_front();
            }
        }
        for line in last {
            terminal::partial(&format!("{label:>7} | {}", plain::line(&line)));
        }
    }
    if arguments.follow {
        tokio::select! {
            result = follow(&mut logs) => result?,
            _ = tokio::signal::ctrl_c() => {}
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn follow(logs: &mut [(&'static str, BufReader<File>)]) -> anyhow::Result<()> {
    loop {
        for (label, log) in logs.iter_mut() {
            while let Some(line) = next_line(log).await? {
                terminal::partial(&format!("{label:>7} | {}", plain::line(&line)));
            }
        }
        tokio::time::sleep(FOLLOW_INTERVAL).await;
    }
}

/// The next complete line; `None` when there is none yet.
async fn next_line(log: &mut BufReader<File>) -> anyhow::Result<Option<String>> {
    let mut bytes = Vec::new();
    let count = log.read_until(b'\n', &mut bytes).await?;
    if bytes.pop_if(|last| *last == b'\n').is_some() {
        return Ok(Some(String::from_utf8_lossy(&bytes).into_owned()));
    }
    // A line that is still being written is read again later.
    let back = i64::try_from(count).unwrap_or(0);
    log.seek(SeekFrom::Current(-back)).await?;
    Ok(None)
}
