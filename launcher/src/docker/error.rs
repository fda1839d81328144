//! What can go wrong with an instance in containers.

use std::path::PathBuf;
use std::time::Duration;

use bollard::errors::Error as DockerError;

use super::container::ContainerError;
use super::volume::VolumeError;
use crate::gateway::GatewayError;
use crate::ports::NoFreePort;
use crate::state::{InstanceNumber, StateError};

/// Why an instance did not start or stop.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstanceError {
    /// A container is not as it should be.
    #[error(transparent)]
    Container(#[from] ContainerError),
    /// A volume is somebody else's, or cannot be made or removed.
    #[error(transparent)]
    Volume(#[from] VolumeError),
    /// No port is left.
    #[error(transparent)]
    Port(#[from] NoFreePort),
    /// The instance's directory cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The gateway gave a wrong answer.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The workspace cannot be prepared.
    #[error("cannot prepare the workspace {}: {source}", path.display())]
    Workspace {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// One of the containers ended at once.
    #[error("the {part} container stopped while starting; its last words:\n{log}")]
    Died {
        /// Which.
        part: &'static str,
        /// What it printed.
        log: String,
    },
    /// There is nothing to make anew.
    #[error("instance {instance} does not run in containers; start it with: slipway -n {instance} up")]
    NotRunning {
        /// Which.
        instance: InstanceNumber,
    },
    /// They run but do not work.
    #[error("Slipway was not ready after {} seconds: {missing}; the last words of the {part} container:\n{log}",
        waited.as_secs())]
    NotReady {
        /// How long.
        waited: Duration,
        /// What was waited for.
        missing: String,
        /// Whose log is shown.
        part: &'static str,
        /// What it printed.
        log: String,
    },
    /// Docker refused something else.
    #[error("Docker could not {action}: {source}")]
    Docker {
        /// What was tried.
        action: &'static str,
        /// Why not.
        source: DockerError,
    },
}
