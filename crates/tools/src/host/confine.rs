//! Landlock: on a host without a container, tools and all their children read everything but write only
//! where they should.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus,
};
use slipway_protocol::sandbox::Confinement;

/// Newest interface that the rules below were written for; older kernels enforce what they know.
const INTERFACE: ABI = ABI::V5;

/// Confines this thread and everything that it starts from now on: write access only below `writable`, to
/// the terminal devices, `/dev/shm`, `/dev/null` and its like. To be called before the process has other
/// threads.
///
/// Returns what is in force, which is [`Confinement::None`] where the kernel lacks Landlock.
///
/// # Errors
/// When the kernel refuses rules that it should know.
pub fn confine(writable: &[PathBuf]) -> Result<Confinement, RulesetError> {
    let reading = AccessFs::from_read(INTERFACE);
    let everything = AccessFs::from_all(INTERFACE);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(everything)?
        .create()?
        .set_compatibility(CompatLevel::BestEffort);
    if let Ok(root) = PathFd::new("/") {
        ruleset = ruleset.add_rule(PathBeneath::new(root, reading))?;
    }
    let devices = ["/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts", "/dev/shm"];
    for path in writable.iter().map(PathBuf::as_path).chain(devices.iter().map(Path::new)) {
        let Ok(opened) = PathFd::new(path) else { continue };
        let allowed = if path.is_dir() { everything } else { AccessFs::from_file(INTERFACE) };
        ruleset = ruleset.add_rule(PathBeneath::new(opened, allowed))?;
    }
    Ok(match ruleset.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => Confinement::Landlock,
        RulesetStatus::NotEnforced => Confinement::None,
    })
}
