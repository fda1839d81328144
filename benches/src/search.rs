//! How long `grep_search` and `search_files` take, beside `rg` on the same trees with the same rules: dot files
//! searched, ignore files heeded, `.git` left out. Of each pair the order changes from one time to the next.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde::Serialize;
use serde_json::{Value, json};
use slipway_benches::host::LocalHost;

use crate::figures::Spread;

/// What a search may take, as a multiple of what `rg` takes.
const TARGET: f64 = 1.3;

/// Rules under which `rg` looks at the same files.
const SAME_FILES: [&str; 5] = ["--hidden", "--no-require-git", "--no-ignore-global", "--glob", "!.git"];

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Directories to search, for example checked-out repositories.
    #[arg(required = true)]
    trees: Vec<PathBuf>,
    /// How often each search is made.
    #[arg(long, default_value_t = 15)]
    times: usize,
    /// Print a JSON object per search.
    #[arg(long)]
    json: bool,
}

/// A search in both forms.
struct Search {
    name: &'static str,
    tool: &'static str,
    arguments: Value,
    rg: Vec<&'static str>,
}

#[derive(Serialize)]
struct Compared {
    tree: String,
    search: &'static str,
    slipway: Spread,
    rg: Spread,
    ratio: f64,
}

/// Makes the searches and prints how long they took.
///
/// # Errors
/// When a search fails or `rg` cannot be started.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let has_rg = Command::new("rg").arg("--version").stdout(Stdio::null()).status().is_ok();
    ensure!(has_rg, "there is no `rg` to compare with: install it (on Debian: apt-get install ripgrep)");
    let mut is_kept = true;
    for tree in &options.trees {
        let tree = tree.canonicalize().with_context(|| format!("cannot search {}", tree.display()))?;
        let host = LocalHost::start_in(&tree)?;
        for search in searches() {
            let compared = compare(&host, &tree, &search, options.times)?;
            is_kept &= compared.ratio <= TARGET;
            print(&compared, options.json)?;
        }
    }
    if !is_kept {
        println!("Not kept everywhere: at most {TARGET} times what rg takes.");
    }
    Ok(ExitCode::SUCCESS)
}

fn searches() -> Vec<Search> {
    let grep = |name, pattern: &'static str, insensitive| Search {
        name,
        tool: "grep_search",
        arguments: json!({"pattern": pattern, "case_insensitive": insensitive}),
        rg: if insensitive { vec!["-n", "-i", "-e", pattern] } else { vec!["-n", "-e", pattern] },
    };
    vec![
        grep("grep: a word that is nowhere", "xyzzy_plugh_nowhere", false),
        grep("grep: a word", "Registry", false),
        grep("grep: any case", "timeout", true),
        grep("grep: alternatives", "panic|unwrap|throw", false),
        grep("grep: a regex", r"(async )?(fn|function) \w+_?[a-z]+\(", false),
        grep("grep: no literal", r"\w{12,}\s+=\s+\d+", false),
        Search {
            name: "files: likeness",
            tool: "search_files",
            arguments: json!({"query": "rdme"}),
            rg: vec!["--files"],
        },
        Search {
            name: "files: glob",
            tool: "search_files",
            arguments: json!({"query": "*.ts"}),
            rg: vec!["--files"],
        },
    ]
}

fn compare(host: &LocalHost, tree: &Path, search: &Search, times: usize) -> anyhow::Result<Compared> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // The first time reads the files into memory for both.
    for time in 0..=times {
        let (first, second) = if time % 2 == 0 {
            (by_slipway(host, search)?, by_rg(tree, search)?)
        } else {
            let rg = by_rg(tree, search)?;
            (by_slipway(host, search)?, rg)
        };
        if time > 0 {
            ours.push(first);
            theirs.push(second);
        }
    }
    let (slipway, rg) = (Spread::of(&ours), Spread::of(&theirs));
    let tree = tree.file_name().unwrap_or(tree.as_os_str()).to_string_lossy().into_owned();
    Ok(Compared { tree, search: search.name, ratio: slipway.p50 / rg.p50, slipway, rg })
}

fn by_slipway(host: &LocalHost, search: &Search) -> anyhow::Result<Duration> {
    let started = Instant::now();
    host.call(search.tool, &search.arguments)?;
    Ok(started.elapsed())
}

fn by_rg(tree: &Path, search: &Search) -> anyhow::Result<Duration> {
    let mut command = Command::new("rg");
    command.args(&search.rg).args(SAME_FILES).arg("./").current_dir(tree);
    let started = Instant::now();
    let output = command.stdin(Stdio::null()).output().context("cannot start rg")?;
    let taken = started.elapsed();
    // 1: nothing found.
    ensure!(matches!(output.status.code(), Some(0 | 1)), "rg failed: {:?}", output.status);
    Ok(taken)
}

fn print(compared: &Compared, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        println!("{}", serde_json::to_string(compared)?);
        return Ok(());
    }
    let Compared { tree, search, slipway, rg, ratio } = compared;
    println!(
        "{tree:14} {search:30} slipway {:7.2} ms (p95 {:7.2})   rg {:7.2} ms (p95 {:7.2})   {ratio:.2} times",
        slipway.p50, slipway.p95, rg.p50, rg.p95
    );
    Ok(())
}
