//! System packages: `apt`, `apt-get`, `dpkg` and `sudo` of the agent's shell are shims that ask the tool
//! host, which runs package programs as the container's root. The agent itself stays without any power.
//!
//! This is a convenience and no wall: installing a package runs its scripts as root. The wall is the
//! container, where neither a key nor anybody else's data is.

mod broker;
mod give_back;
mod message;
mod shim;
mod sudo;

pub use self::broker::{Broker, BrokerOptions};
pub use self::shim::as_root;

/// Variable in the agent's shell with the socket of the broker; absent when the person allows no packages.
pub const SOCKET_VARIABLE: &str = "SLIPWAY_PACKAGES";

/// Variable in the agent's shell that names a profile of the sandbox in which there is no root at all.
pub const PROFILE_VARIABLE: &str = "SLIPWAY_SANDBOX_PROFILE";

/// What the broker runs. Nothing else of `sudo` runs as root: files that the agent makes stay the agent's.
const PROGRAMS: [&str; 4] = ["apt", "apt-get", "apt-mark", "dpkg"];

/// Whether the broker runs this program, which may be named with its directory.
fn is_package_program(program: &str) -> bool {
    let name = program.strip_prefix("/usr/bin/").or_else(|| program.strip_prefix("/usr/local/bin/"));
    PROGRAMS.contains(&name.unwrap_or(program))
}
