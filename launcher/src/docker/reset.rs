//! Making an instance's sandbox anew while the rest of it goes on.

use super::connection::Engine;
use super::container::{self, part_label};
use super::error::InstanceError;
use super::instance::{Request, labels, prepare, workspaces};
use super::names::Names;
use super::presence::running;
use super::ready::wait_ready;
use super::sandbox::{self, SandboxInput};
use crate::cli::PartName;

/// Makes the sandbox container of a running instance anew; returns when tools can be called.
pub(crate) async fn reset(engine: &Engine, request: Request<'_>) -> Result<(), InstanceError> {
    let names = Names { instance: request.instance };
    let Some(running) = running(engine, request.instance, request.state).await? else {
        return Err(InstanceError::NotRunning { instance: request.instance });
    };
    let name = names.container(part_label(PartName::Control));
    let found = engine.docker.inspect_container(&name, None).await;
    let found = found.map_err(|source| InstanceError::Docker { action: "inspect a container", source })?;
    let image = found.config.and_then(|config| config.image).unwrap_or_default();
    let saved = running.gateway.sandbox_settings().await?.saved;
    request.state.save_sandbox_choices(&saved)?;
    let labels = labels(&request);
    let (places, user) = workspaces(engine, &request)?;
    let settings = saved.over(request.sandbox.clone()).resolve();
    prepare(engine, names, &labels, settings.egress).await?;
    let spec = sandbox::spec(SandboxInput {
        names: &names,
        image: &image,
        labels: &labels,
        workspace: places.workspace,
        further: places.further,
        user,
        machine: &engine.info,
        settings: &settings,
        token: request.state.sandbox_token()?,
    });
    container::remove(engine, &names.container(part_label(PartName::Sandbox))).await?;
    container::reconcile(engine, spec).await?;
    wait_ready(engine, names, &running.gateway).await
}
