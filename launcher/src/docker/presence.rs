//! Whether an instance is there, as far as Docker knows.

use super::connection::Engine;
use super::error::InstanceError;
use super::found::{control_container, listing_ports};
use super::names::Names;
use crate::gateway::Gateway;
use crate::state::{InstanceNumber, InstanceState, Ports};

/// A running instance.
#[derive(Debug)]
pub(crate) struct Started {
    /// Its API.
    pub(crate) gateway: Gateway,
    /// Its ports on the host.
    pub(crate) ports: Ports,
}

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
