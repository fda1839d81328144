//! Waiting until an instance's containers do what they are for.

use std::time::Duration;

use super::connection::Engine;
use super::container::part_label;
use super::error::InstanceError;
use super::logs;
use super::names::Names;
use crate::cli::PartName;
use crate::gateway::{Gateway, GatewayError};

/// How long both containers may take until tools can be called.
const READY_LIMIT: Duration = Duration::from_secs(60);
/// How often a container that ends at once is started again before it is given up.
const MOST_STARTS: i64 = 3;
/// How often readiness is asked for.
const READY_INTERVAL: Duration = Duration::from_millis(50);

/// Waits until the gateway answers and the tool host is attached.
pub(super) async fn wait_ready(
    engine: &Engine,
    names: Names,
    gateway: &Gateway,
) -> Result<(), InstanceError> {
    let deadline = tokio::time::Instant::now() + READY_LIMIT;
    loop {
        let (missing, part) = match gateway.instance().await {
            Ok(instance) if instance.sandbox.attached => return Ok(()),
            Ok(_) => ("the tool host has not attached".to_owned(), PartName::Sandbox),
            Err(GatewayError::Unreachable { .. }) => {
                ("the gateway does not answer".to_owned(), PartName::Control)
            }
            Err(error) => return Err(error.into()),
        };
        for part in [PartName::Control, PartName::Sandbox] {
            let name = names.container(part_label(part));
            let state = engine.docker.inspect_container(&name, None).await;
            let state = state.ok().and_then(|found| Some((found.state?, found.restart_count.unwrap_or(0))));
            let state_and_starts = state.map(|(state, starts)| (state.running, state.restarting, starts));
            if state_and_starts.is_some_and(|(running, restarting, starts)| {
                (running == Some(false) && restarting != Some(true))
                    || (running != Some(true) && starts > MOST_STARTS)
            }) {
                let log = logs::tail(engine, &name).await;
                return Err(InstanceError::Died { part: part_label(part), log });
            }
        }
        if tokio::time::Instant::now() > deadline {
            let part = part_label(part);
            let log = logs::tail(engine, &names.container(part)).await;
            return Err(InstanceError::NotReady { waited: READY_LIMIT, missing, part, log });
        }
        tokio::time::sleep(READY_INTERVAL).await;
    }
}
