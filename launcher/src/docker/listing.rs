//! Which instances there are.

use std::collections::HashSet;

use bollard::query_parameters::ListVolumesOptions;

use super::connection::Engine;
use super::error::InstanceError;
use super::found::{containers, listing_ports};
use super::{INSTANCE_LABEL, PART_LABEL};

/// A container of some instance.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The instance's number as labelled.
    pub(crate) instance: String,
    /// The part that the container plays.
    pub(crate) part: String,
    /// Its state in Docker's words, for example `Up 2 minutes`.
    pub(crate) status: String,
    /// The UI's address, for a control container that runs.
    pub(crate) address: Option<String>,
}

/// All of this Docker's Slipway containers, by instance and part.
pub(crate) async fn list(engine: &Engine) -> Result<Vec<Listed>, InstanceError> {
    let found = containers(engine, &[INSTANCE_LABEL.to_owned()]).await?;
    let mut listed: Vec<Listed> = found
        .into_iter()
        .map(|found| {
            let label = |name| found.labels.as_ref().and_then(|labels| labels.get(name)).cloned();
            Listed {
                instance: label(INSTANCE_LABEL).unwrap_or_default(),
                part: label(PART_LABEL).unwrap_or_default(),
                address: listing_ports(&found).map(|ports| format!("http://localhost:{}", ports.ui)),
                status: found.status.unwrap_or_default(),
            }
        })
        .collect();
    listed.sort_by_key(|container| (container.instance.parse::<u32>().ok(), container.part.clone()));
    Ok(listed)
}

/// Numbers of instances that have anything in this Docker: containers, or volumes with their data.
pub(crate) async fn numbers_in_use(engine: &Engine) -> Result<HashSet<u32>, InstanceError> {
    let failed = |source| InstanceError::Docker { action: "list volumes", source };
    let volumes = engine.docker.list_volumes(None::<ListVolumesOptions>).await.map_err(failed)?;
    let of_volumes = volumes.volumes.into_iter().flatten().filter_map(|volume| {
        let rest = volume.name.strip_prefix("slipway-")?;
        rest.split_once('-')?.0.parse().ok()
    });
    let of_containers = list(engine).await?.into_iter().filter_map(|found| found.instance.parse().ok());
    Ok(of_volumes.chain(of_containers).collect())
}
