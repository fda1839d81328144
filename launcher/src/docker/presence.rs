//! Whether an instance is there, as far as Docker knows.

use bollard::models::ContainerSummary;

use super::connection::Engine;
use super::container::part_label;
use super::instance::{InstanceError, Names, Started, containers, state_filter};
use super::{INSTANCE_LABEL, PART_LABEL};
use crate::cli::PartName;
use crate::gateway::Gateway;
use crate::state::{InstanceNumber, InstanceState, Ports};

/// Whether an instance is there.
#[derive(Debug)]
pub(crate) enum Presence {
    /// It has no container.
    Gone,
    /// Its container does not run, or is only being started.
    Down,
    /// It runs.
    Up(Started),
}

/// Looks whether an instance is there.
///
/// # Errors
/// When Docker does not answer, or the instance's token cannot be read.
pub(crate) async fn presence(
    engine: &Engine,
    instance: InstanceNumber,
    state: &InstanceState,
) -> Result<Presence, InstanceError> {
    let found = control_container(engine, Names { instance }, state).await?;
    let Some(found) = found else { return Ok(Presence::Gone) };
    let Some(ports) = listing_ports(&found) else { return Ok(Presence::Down) };
    Ok(Presence::Up(Started { gateway: Gateway::new(ports.ui, &state.launcher_token()?)?, ports }))
}

/// The instance's API, when its containers run.
pub(crate) async fn running(
    engine: &Engine,
    instance: InstanceNumber,
    state: &InstanceState,
) -> Result<Option<Started>, InstanceError> {
    Ok(match presence(engine, instance, state).await? {
        Presence::Up(started) => Some(started),
        Presence::Gone | Presence::Down => None,
    })
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
