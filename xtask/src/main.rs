//! `cargo xtask`: checks of the source tree that no off-the-shelf linter makes.

mod tidy;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;

/// Checks of the source tree.
#[derive(Parser)]
enum Task {
    /// Checks file lengths, module headers, stray TODOs, ignored tests and large files.
    Tidy,
}

fn main() -> anyhow::Result<ExitCode> {
    let Task::Tidy = Task::parse();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let root = root.parent().context("xtask lies in the repository's root")?;
    let findings = tidy::check_tree(root)?;
    let mut out = std::io::stdout().lock();
    for finding in &findings {
        writeln!(out, "{finding}")?;
    }
    writeln!(out, "tidy: {} findings", findings.len())?;
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
