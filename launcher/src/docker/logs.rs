//! What containers have printed.

use bollard::query_parameters::LogsOptionsBuilder;
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};

use super::connection::Engine;
use super::container::part_label;
use super::names::Names;
use crate::cli::{LogsArgs, PartName};
use crate::state::InstanceNumber;
use crate::{plain, terminal};

/// Lines of a log that go into an error message.
const EXCERPT_LINES: &str = "20";

/// Prints an instance's logs, to the end or as they come. Answers whether there are any containers.
pub(crate) async fn show(engine: &Engine, instance: InstanceNumber, arguments: &LogsArgs) -> bool {
    let parts = match arguments.part {
        Some(part) => vec![part],
        None => vec![PartName::Control, PartName::Sandbox],
    };
    let names = Names { instance };
    let mut lines = Vec::new();
    for part in parts {
        let label = part_label(part);
        let name = names.container(label);
        if engine.docker.inspect_container(&name, None).await.is_ok() {
            lines.push(follow(engine, &name, label, arguments));
        }
    }
    let any = !lines.is_empty();
    let mut all = stream::select_all(lines);
    while let Some(line) = all.next().await {
        terminal::partial(&line);
    }
    any
}

/// The end of a container's log, indented, for an error message.
pub(super) async fn tail(engine: &Engine, name: &str) -> String {
    let options = LogsOptionsBuilder::default().stdout(true).stderr(true).tail(EXCERPT_LINES).build();
    let mut output = std::pin::pin!(engine.docker.logs(name, Some(options)));
    let mut text = String::new();
    while let Some(Ok(chunk)) = output.next().await {
        for line in String::from_utf8_lossy(&chunk.into_bytes()).lines() {
            text.push_str("  | ");
            text.push_str(&plain::line(line));
        }
    }
    if text.is_empty() { "  (nothing)".to_owned() } else { text }
}

fn follow<'a>(
    engine: &'a Engine,
    name: &str,
    label: &'static str,
    arguments: &LogsArgs,
) -> BoxStream<'a, String> {
    let options = LogsOptionsBuilder::default()
        .stdout(true)
        .stderr(true)
        .follow(arguments.follow)
        .tail(&arguments.tail.to_string())
        .build();
    engine
        .docker
        .logs(name, Some(options))
        .filter_map(async |chunk| chunk.ok())
        // What programs log may hold what programs have read, down to sequences that steer a terminal.
        .map(move |chunk| {
            format!("{label:>7} | {}", plain::line(&String::from_utf8_lossy(&chunk.into_bytes())))
        })
        .boxed()
}
