//! An instance's volumes: made when missing, removed on demand, and never another instance's.

use std::collections::HashMap;

use bollard::errors::Error as DockerError;
use bollard::models::VolumeCreateRequest;
use bollard::query_parameters::RemoveVolumeOptions;

use super::STATE_LABEL;
use super::connection::Engine;

/// Why a volume cannot be used or removed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VolumeError {
    /// Its name is in use by an instance with another directory on the host.
    #[error(
        "the volume {name} belongs to the Slipway data in {state}, not to yours; \
         choose another instance with -n, or, if nobody needs that data any more, \
         remove it with `docker volume rm {name}`"
    )]
    Foreign {
        /// The volume.
        name: String,
        /// The other instance's directory.
        state: String,
    },
    /// Docker refused.
    #[error("Docker could not {action} the volume {name}: {source}")]
    Docker {
        /// What was tried.
        action: &'static str,
        /// With what.
        name: String,
        /// Why not.
        source: DockerError,
    },
}

/// Makes the volume with these labels, or keeps it when it is there and belongs to the same directory.
pub(super) async fn ensure(
    engine: &Engine,
    name: String,
    labels: &HashMap<String, String>,
) -> Result<(), VolumeError> {
    let request = VolumeCreateRequest {
        name: Some(name.clone()),
        labels: Some(labels.clone()),
        ..VolumeCreateRequest::default()
    };
    // For a name that exists Docker answers with the volume as it is.
    match engine.docker.create_volume(request).await {
        Ok(volume) => must_be_own(name, &volume.labels, labels.get(STATE_LABEL).map_or("", String::as_str)),
        Err(source) => Err(VolumeError::Docker { action: "create", name, source }),
    }
}

/// Removes the volume if it is there. `state` is the instance's directory.
pub(super) async fn remove(engine: &Engine, name: String, state: &str) -> Result<(), VolumeError> {
    match engine.docker.inspect_volume(&name).await {
        Ok(volume) => must_be_own(name.clone(), &volume.labels, state)?,
        Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => return Ok(()),
        Err(source) => return Err(VolumeError::Docker { action: "inspect", name, source }),
    }
    match engine.docker.remove_volume(&name, None::<RemoveVolumeOptions>).await {
        Ok(()) | Err(DockerError::DockerResponseServerError { status_code: 404, .. }) => Ok(()),
        Err(source) => Err(VolumeError::Docker { action: "remove", name, source }),
    }
}

fn must_be_own(name: String, labels: &HashMap<String, String>, own: &str) -> Result<(), VolumeError> {
    match labels.get(STATE_LABEL) {
        Some(state) if state != own => Err(VolumeError::Foreign { name, state: state.clone() }),
        _ => Ok(()),
    }
}
