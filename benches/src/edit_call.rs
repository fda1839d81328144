//! How long `edit_file` takes on a file of 5 000 lines on disk: the whole call as the gateway makes it, the one
//! `fsync` of the new file and its view included.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::json;
use slipway_benches::host::LocalHost;

use crate::figures::Spread;

/// Calls that are made before those that count.
const WARM_UP: usize = 10;

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// How often the file is edited.
    #[arg(default_value_t = 300)]
    times: usize,
    /// Lines of the file.
    #[arg(long, default_value_t = 5_000)]
    lines: usize,
    /// Print a JSON object.
    #[arg(long)]
    json: bool,
}

/// Edits the file and prints how long it took.
///
/// # Errors
/// When a call fails.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let host = LocalHost::start()?;
    let mut text = String::new();
    for line in 1..=options.lines {
        writeln!(text, "    let value_{line} = compute(input, {line}); // what line {line} is about")?;
    }
    let place = options.lines / 2;
    let mut current = text.lines().nth(place).unwrap_or_default().to_owned();
    std::fs::write(host.workspace().join("big.rs"), text)?;
    host.call("read_file", &json!({"file": "big.rs"}))?;
    let mut durations = Vec::with_capacity(options.times);
    for count in 0..options.times + WARM_UP {
        let next = format!("    let value = computed_again({count});");
        let edit = json!({"remove_line_number": (place + 1).to_string(), "content_to_remove": current,
            "replace_content": next});
        let arguments = json!({"file": "big.rs", "edits": [edit]});
        let started = Instant::now();
        host.call("edit_file", &arguments)?;
        if count >= WARM_UP {
            durations.push(started.elapsed());
        }
        current = next;
    }
    let spread = Spread::of(&durations);
    if options.json {
        println!("{}", json!({"lines": options.lines, "edit_file": spread}));
    } else {
        println!("edit_file on {} lines, {} times: {spread}", options.lines, spread.count);
        println!("  99 % within     {:.2} ms", spread.p99);
    }
    Ok(())
}
