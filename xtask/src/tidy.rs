//! The house rules that a script can see.

mod abuses;
mod rules;

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, ensure};

pub(crate) use rules::Finding;

/// Largest tracked file, in bytes; pictures for the documentation may be larger.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Looks at every file that git tracks or would track below `root`.
pub(crate) fn check_tree(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for path in tracked_files(root)? {
        let full = root.join(&path);
        let Ok(metadata) = full.symlink_metadata() else { continue };
        if !metadata.is_file() {
            continue;
        }
        if metadata.len() > MAX_FILE_BYTES {
            findings.push(Finding::new(&path, None, "larger than 1 MiB"));
        }
        if let Ok(text) = std::fs::read_to_string(&full) {
            findings.extend(rules::check_text(&path, &text));
        }
    }
    findings.extend(abuses::check(root));
    Ok(findings)
}

fn tracked_files(root: &Path) -> anyhow::Result<Vec<String>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot run git")?;
    ensure!(output.status.success(), "git ls-files failed: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect())
}
