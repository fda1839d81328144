//! `slipway doctor`: what of this machine Slipway needs, what is there, and what to do about the rest.

use std::path::Path;
use std::process::ExitCode;

use crate::docker::{self, Engine};
use crate::state::{InstanceNumber, InstanceState};
use crate::{browser, environment, local, ports, terminal};

/// Image, build layers and a few packages, in bytes.
const DISK_NEEDED: u64 = 3 << 30;
/// Memory for both containers and their host, in bytes.
const MEMORY_NEEDED: i64 = 2 << 30;

/// What a check found.
enum Finding {
    Good(String),
    Note(String),
    Bad(String),
}

/// Runs all checks and prints them; fails when one of them is bad.
pub(crate) async fn run(instance: InstanceNumber) -> anyhow::Result<ExitCode> {
    let state = InstanceState::open(instance)?;
    let mut findings = Vec::new();
    match docker::connect().await {
        Ok(engine) => {
            findings.extend(about_engine(&engine));
            findings.push(about_ports(&engine, instance, &state).await);
        }
        Err(error) => findings.push(Finding::Bad(error.to_string())),
    }
    findings.push(about_disk(state.root()));
    findings.push(about_landlock(std::fs::read_to_string("/sys/kernel/security/lsm").ok().as_deref()));
    findings.push(about_keys());
    findings.push(match browser::opener() {
        Some(program) => Finding::Good(format!("browser: opened with {program}")),
        None => Finding::Note("browser: none here; addresses are printed".to_owned()),
    });

    let mut healthy = true;
    for finding in findings {
        match finding {
            Finding::Good(text) => terminal::result(format_args!("ok    {text}")),
            Finding::Note(text) => terminal::result(format_args!("note  {text}")),
            Finding::Bad(text) => {
                healthy = false;
                terminal::result(format_args!("BAD   {text}"));
            }
        }
    }
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn about_engine(engine: &Engine) -> Vec<Finding> {
    let info = &engine.info;
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "unknown".to_owned());
    let version = format!(
        "Docker {} on {} (cgroups v{})",
        text(&info.server_version),
        text(&info.operating_system),
        info.cgroup_version.map_or_else(|| "?".to_owned(), |version| version.to_string()),
    );
    let mut findings = vec![Finding::Good(version)];
    if engine.is_rootless() {
        findings
            .push(Finding::Note("Docker is rootless: the agent cannot install system packages".to_owned()));
    }
    match info.mem_total {
        Some(memory) if memory < MEMORY_NEEDED => {
            findings.push(Finding::Note(format!("memory: only {} MB for Docker", memory >> 20)));
        }
        Some(memory) => findings.push(Finding::Good(format!("memory: {} MB for Docker", memory >> 20))),
        None => {}
    }
    findings
}

async fn about_ports(engine: &Engine, instance: InstanceNumber, state: &InstanceState) -> Finding {
    let runs = docker::running(engine, instance, state).await.is_ok_and(|started| started.is_some());
    let usual = ports::usual(instance);
    let free = ![usual.ui, usual.desktop].into_iter().any(ports::is_taken);
    if runs || local::is_running(state).unwrap_or(false) {
        Finding::Good(format!("instance {instance} runs"))
    } else if free {
        Finding::Good(format!("ports {} and {} are free", usual.ui, usual.desktop))
    } else {
        Finding::Note(format!(
            "port {} or {} is in use; the next free ones are taken",
            usual.ui, usual.desktop
        ))
    }
}

fn about_disk(directory: &Path) -> Finding {
    match nix::sys::statvfs::statvfs(directory) {
        Ok(disk) => {
            let free = disk.blocks_available().saturating_mul(disk.fragment_size());
            let text = format!("disk: {} MB free at {}", free >> 20, directory.display());
            if free < DISK_NEEDED {
                Finding::Bad(format!("{text}; {} MB are needed", DISK_NEEDED >> 20))
            } else {
                Finding::Good(text)
            }
        }
        Err(error) => Finding::Bad(format!("disk: cannot look at {}: {error}", directory.display())),
    }
}

/// `modules` are the kernel's security modules, separated by commas; `None` where it does not tell.
fn about_landlock(modules: Option<&str>) -> Finding {
    let Some(modules) = modules else {
        return Finding::Note(
            "Landlock: the kernel does not tell; --local says whether it is there".to_owned(),
        );
    };
    if modules.split(',').any(|module| module.trim() == "landlock") {
        Finding::Good("Landlock: --local can keep the agent from writing elsewhere".to_owned())
    } else {
        Finding::Note(
            "Landlock: not there; with --local nothing but file permissions confines the agent".to_owned(),
        )
    }
}

fn about_keys() -> Finding {
    let names: Vec<String> = environment::for_gateway(environment::of_this_process())
        .into_keys()
        .filter(|name| name.ends_with("_API_KEY"))
        .collect();
    if names.is_empty() {
        Finding::Note("keys: none in the environment; add one in the browser, or try the demo".to_owned())
    } else {
        Finding::Good(format!("keys: {}", names.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_does_not_tell_is_not_claimed() {
        assert!(matches!(about_landlock(Some("capability,landlock\n")), Finding::Good(_)));
        assert!(
            matches!(about_landlock(Some("capability")), Finding::Note(text) if text.contains("not there"))
        );
        assert!(matches!(about_landlock(None), Finding::Note(text) if text.contains("does not tell")));
    }
}
