//! The image that the launcher builds.

use std::process::Command;

use anyhow::{Context as _, ensure};
use slipway_tests::{docker, program};
use tempfile::TempDir;

use crate::stack::Stack;

/// Keeps the image while its own name is taken from it.
const KEPT: &str = "slipway-e2e-kept:image";

/// The instance that has it built.
const INSTANCE: &str = "12";

/// FE-93: the page that would show a build is served from what is built, so the launcher shows it, step by step.
pub(crate) async fn build_is_told_step_by_step(stack: &Stack) -> anyhow::Result<()> {
    let name = docker(&["inspect", "--format", "{{.Config.Image}}", &stack.instance.control()])?;
    let name = name.trim().to_owned();
    docker(&["tag", &name, KEPT])?;
    docker(&["rmi", &name])?;
    let said = tokio::task::spawn_blocking(start_and_remove).await?;
    // Whatever happened: those after this case need it. The launcher leaves what others called its image alone.
    docker(&["tag", KEPT, &name])?;
    docker(&["rmi", KEPT])?;
    let said = said?;
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let begun = lines.iter().position(|line| line.starts_with("building the image"));
    let built = lines.iter().position(|line| line.starts_with("image built ("));
    let (begun, built) = begun.zip(built).with_context(|| format!("no beginning or no end:\n{said}"))?;
    let steps: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("Step ")).collect();
    ensure!(steps.len() > 5, "the build says little:\n{said}");
    for (number, step) in (1..).zip(&steps) {
        ensure!(step.starts_with(&format!("{number}/{} : ", steps.len())), "step {number} is {step}");
    }
    ensure!((begun..built).len() > steps.len(), "steps before the beginning or after the end:\n{said}");
    Ok(())
}

/// Starts an instance and removes it again; what the launcher said meanwhile to the person.
fn start_and_remove() -> anyhow::Result<String> {
    let state = TempDir::new()?;
    let launcher = |arguments: &[&str]| {
        let mut command = Command::new(program("slipway"));
        command.env("XDG_DATA_HOME", state.path()).args(["-n", INSTANCE]).args(arguments).output()
    };
    let workspace = state.path().join("workspace");
    std::fs::create_dir(&workspace)?;
    let workspace = workspace.to_str().context("a path in UTF-8")?;
    let up = launcher(&["up", "--no-browser", "--workspace", workspace])?;
    let said = String::from_utf8_lossy(&up.stderr).into_owned();
    launcher(&["down", "--volumes"])?;
    ensure!(up.status.success(), "{} {said}", up.status);
    Ok(said)
}
