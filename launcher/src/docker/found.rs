//! Which containers there are, by their labels.

use std::collections::HashMap;

use bollard::models::ContainerSummary;
use bollard::query_parameters::ListContainersOptionsBuilder;

use super::connection::Engine;
use super::container::part_label;
use super::error::InstanceError;
use super::names::Names;
use super::{INSTANCE_LABEL, PART_LABEL, STATE_LABEL};
use crate::cli::PartName;
use crate::state::{InstanceState, Ports};

/// All containers that have all these labels, running or not.
pub(super) async fn containers(
    engine: &Engine,
    labels: &[String],
) -> Result<Vec<ContainerSummary>, InstanceError> {
    let filters = HashMap::from([("label".to_owned(), labels.to_vec())]);
    let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
    engine
        .docker
        .list_containers(Some(options))
        .await
        .map_err(|source| InstanceError::Docker { action: "list containers", source })
}

pub(super) fn state_filter(state: &InstanceState) -> String {
    format!("{STATE_LABEL}={}", state.root().display())
}

/// The instance's control container, running or not.
pub(super) async fn control_container(
    engine: &Engine,
    names: Names,
    state: &InstanceState,
) -> Result<Option<ContainerSummary>, InstanceError> {
    let labels = [
        format!("{INSTANCE_LABEL}={}", names.instance),
        format!("{PART_LABEL}={}", part_label(PartName::Control)),
        state_filter(state),
    ];
    Ok(containers(engine, &labels).await?.into_iter().next())
}

/// The host ports of a running control container.
pub(super) fn listing_ports(found: &ContainerSummary) -> Option<Ports> {
    let public = |inside| {
        found
            .ports
            .iter()
            .flatten()
            .find(|port| port.private_port == inside)
            .and_then(|port| port.public_port)
    };
    Some(Ports { ui: public(3000)?, desktop: public(6080)? })
}
