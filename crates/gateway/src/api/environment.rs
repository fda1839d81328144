//! `/instance/environment`: what the instance stands on, and what is wrong with it.

use std::path::Path;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use slipway_protocol::Problem;
use slipway_protocol::api::{
    DiskPurpose, DiskSpace, InstanceEnvironment, InstancePort, PortPurpose, SandboxReach, UsualPorts,
};
use slipway_protocol::sandbox::{Confinement, Space};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::ApiResult;
use crate::app::AppState;

/// How long the sandbox may take to tell how full its disk is.
const LIMIT: Duration = Duration::from_secs(3);

/// The routes of this module.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(read))
}

/// Tells what the instance stands on: ports, disks, the image, and whether the sandbox can be reached. It is looked at
/// anew each time, so a client may ask again until all is well.
#[utoipa::path(get, path = "/instance/environment", tag = "instance", operation_id = "get_instance_environment",
    responses((status = 200, body = InstanceEnvironment),
        (status = "default", body = Problem, content_type = "application/problem+json")))]
async fn read(State(app): State<AppState>) -> ApiResult<Json<InstanceEnvironment>> {
    let sandbox = reach(&app);
    Ok(Json(InstanceEnvironment {
        number: app.config.instance,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        image: app.config.image.clone(),
        ports: ports(&app),
        disks: disks(&app).await,
        sandbox,
    }))
}

fn ports(app: &AppState) -> Vec<InstancePort> {
    let usual = UsualPorts::of_instance(app.config.instance);
    vec![
        InstancePort { purpose: PortPurpose::Ui, port: app.public_port(), usual: usual.ui },
        InstancePort { purpose: PortPurpose::Desktop, port: app.public_desktop_port(), usual: usual.desktop },
    ]
}

/// Those that tell; a sandbox of an earlier version does not.
async fn disks(app: &AppState) -> Vec<DiskSpace> {
    let data = app.config.data_dir.clone();
    let own = tokio::task::spawn_blocking(move || Some((space(&data)?, data))).await.ok().flatten();
    let own = own.map(|(space, path)| disk(DiskPurpose::Data, path.display().to_string(), space));
    let workspace = match app.sandboxes.client() {
        Some(client) => match tokio::time::timeout(LIMIT, client.space()).await {
            Ok(Ok(space)) => Some(disk(DiskPurpose::Workspace, app.sandboxes.status().workspace, space)),
            answer => {
                tracing::debug!(?answer, "the sandbox does not tell how full its disk is");
                None
            }
        },
        None => None,
    };
    own.into_iter().chain(workspace).collect()
}

fn disk(purpose: DiskPurpose, path: String, Space { total_bytes, free_bytes }: Space) -> DiskSpace {
    DiskSpace { purpose, path, total_bytes, free_bytes, is_low: free_bytes < DiskSpace::LOW_BYTES }
}

/// The whole disk that `path` is on.
fn space(path: &Path) -> Option<Space> {
    let system = nix::sys::statvfs::statvfs(path).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(system.fragment_size());
    Some(Space { total_bytes: bytes(system.blocks()), free_bytes: bytes(system.blocks_available()) })
}

fn reach(app: &AppState) -> SandboxReach {
    let status = app.sandboxes.status();
    let launcher = app.sandbox_orders.has_launcher();
    let problem = (!status.attached).then(|| unreachable(status.confinement, launcher));
    SandboxReach {
        attached: status.attached,
        since: app.sandboxes.since(),
        confinement: status.confinement,
        launcher,
        problem,
    }
}

/// Why the sandbox cannot be reached, as far as this side knows, and what to do.
fn unreachable(before: Option<Confinement>, launcher: bool) -> Problem {
    let detail = match before {
        None => "No tool host has attached since this gateway was started.",
        Some(_) => {
            "The tool host was attached and its connection is gone: it is being started anew, or was stopped."
        }
    };
    let hint = match (launcher, before) {
        (true, _) => {
            "It attaches by itself within seconds of its start. If it does not, see whether Docker runs, and look at \
             `slipway logs`."
        }
        (false, Some(Confinement::Landlock | Confinement::None)) => {
            "Run `slipway up --local` once more on the machine that Slipway runs on."
        }
        (false, _) => {
            "See whether Docker runs (`slipway doctor` tells), then run `slipway up` once more on the machine that \
             Slipway runs on. This page notices by itself."
        }
    };
    Problem::new(503, "sandbox_not_attached", "The sandbox cannot be reached").detail(detail).hint(hint)
}
