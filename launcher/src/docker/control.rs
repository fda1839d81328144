//! The control container: gateway and engine, with the keys, and with nothing that an agent can touch.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};

use bollard::models::{
    ContainerCreateBody, HostConfig, Mount, MountType, PortBinding, RestartPolicy, RestartPolicyNameEnum,
    SystemInfo,
};

use super::container::{ContainerSpec, SecretFile, part_label, string_map};
use super::hardening;
use super::names::Names;
use crate::cli::PartName;
use crate::state::Ports;

/// The user `slipway` in the image, and its group.
pub(super) const SLIPWAY_UID: u64 = 999;
/// Where the socket is that the sandbox dials, in both containers.
pub(super) const SOCKET_DIRECTORY: &str = "/run/slipway";
/// Ports that the gateway listens on in its container.
const UI_PORT: u16 = 3000;
const DESKTOP_PORT: u16 = 6080;
/// Name of a recording in the data directory.
const RECORDING: &str = "recording.json";
/// Processes that gateway and engine may have.
const PIDS_LIMIT: i64 = 256;

/// What the control container depends on.
pub(super) struct ControlInput<'a> {
    /// Names of the instance's things.
    pub(super) names: &'a Names,
    /// The image.
    pub(super) image: &'a str,
    /// Labels that everything of the instance has.
    pub(super) labels: &'a HashMap<String, String>,
    /// The machine that it will run on.
    pub(super) machine: &'a SystemInfo,
    /// Ports on the host.
    pub(super) ports: Ports,
    /// Address of the host to publish them at.
    pub(super) bind: IpAddr,
    /// Settings and provider keys from the person's environment, as `NAME=value`.
    pub(super) environment: &'a [String],
    /// The launcher's token.
    pub(super) launcher_token: String,
    /// The sandbox's token.
    pub(super) sandbox_token: String,
    /// An exported conversation whose answers play the model.
    pub(super) recording: Option<String>,
}

/// How to create it.
pub(super) fn spec(input: ControlInput<'_>) -> ContainerSpec {
    let names = input.names;
    let mut environment = vec![
        format!("SLIPWAY_LISTEN=0.0.0.0:{UI_PORT}"),
        format!("SLIPWAY_DESKTOP_LISTEN=0.0.0.0:{DESKTOP_PORT}"),
        format!("SLIPWAY_PUBLIC_PORT={}", input.ports.ui),
        format!("SLIPWAY_PUBLIC_DESKTOP_PORT={}", input.ports.desktop),
        format!("SLIPWAY_REACH={}", if input.bind.is_loopback() { "loopback" } else { "network" }),
        format!("SLIPWAY_INSTANCE={}", names.instance),
        format!("SLIPWAY_IMAGE={}", input.image),
        "SLIPWAY_DATA_DIR=/data".to_owned(),
        format!("SLIPWAY_SANDBOX_SOCKET={SOCKET_DIRECTORY}/sandbox.sock"),
        "SLIPWAY_SANDBOX_TOKEN_FILE=/data/sandbox.token".to_owned(),
        "SLIPWAY_LAUNCHER_TOKEN_FILE=/data/launcher.token".to_owned(),
    ];
    environment.extend_from_slice(input.environment);
    if input.recording.is_some() {
        environment.push(format!("SLIPWAY_RECORDING=/data/{RECORDING}"));
    }
    let body = ContainerCreateBody {
        image: Some(input.image.to_owned()),
        user: Some(format!("{SLIPWAY_UID}:{SLIPWAY_UID}")),
        hostname: Some("control".to_owned()),
        cmd: Some(vec!["slipway-gateway".to_owned()]),
        env: Some(environment),
        labels: Some(input.labels.clone()),
        exposed_ports: Some(vec![format!("{UI_PORT}/tcp"), format!("{DESKTOP_PORT}/tcp")]),
        host_config: Some(host_config(&input)),
        ..ContainerCreateBody::default()
    };
    // The root file system is read-only, so files can only be put where a volume is mounted.
    let file =
        |name, contents| SecretFile { directory: "/data", name, owner: SLIPWAY_UID, mode: 0o400, contents };
    // For a sandbox whose tool host is not root: it reaches the volume as a member of the group.
    let for_sandbox = SecretFile {
        directory: SOCKET_DIRECTORY,
        name: "sandbox.token",
        owner: SLIPWAY_UID,
        mode: 0o440,
        contents: input.sandbox_token.clone(),
    };
    let mut files = vec![
        file("launcher.token", input.launcher_token),
        file("sandbox.token", input.sandbox_token),
        for_sandbox,
    ];
    files.extend(input.recording.map(|recording| file(RECORDING, recording)));
    ContainerSpec {
        name: names.container(part_label(PartName::Control)),
        part: PartName::Control,
        body,
        files,
    }
}

fn host_config(input: &ControlInput<'_>) -> HostConfig {
    let names = input.names;
    let published = [(UI_PORT, input.ports.ui), (DESKTOP_PORT, input.ports.desktop)]
        .map(|(inside, outside)| (format!("{inside}/tcp"), Some(published(input.bind, outside))));
    HostConfig {
        network_mode: Some(names.network()),
        port_bindings: Some(HashMap::from(published)),
        // So that model servers on the host can be named, for example Ollama.
        extra_hosts: Some(vec!["host.docker.internal:host-gateway".to_owned()]),
        mounts: Some(vec![
            volume(names.data_volume(), "/data"),
            volume(names.socket_volume(), SOCKET_DIRECTORY),
        ]),
        tmpfs: Some(string_map([("/tmp", "rw,nosuid,nodev,noexec,size=256m,mode=1777")])),
        readonly_rootfs: Some(true),
        cap_drop: Some(vec!["ALL".to_owned()]),
        security_opt: Some(hardening::security_options(input.machine)),
        pids_limit: Some(PIDS_LIMIT),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::ON_FAILURE),
            maximum_retry_count: Some(3),
        }),
        ..HostConfig::default()
    }
}

/// Where a port is published: at `address`, and on the loopback address in any case, where the launcher looks.
fn published(address: IpAddr, port: u16) -> Vec<PortBinding> {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let all = [Some(address), (address != loopback && !address.is_unspecified()).then_some(loopback)];
    let at = |address: IpAddr| PortBinding {
        host_ip: Some(address.to_string()),
        host_port: Some(port.to_string()),
    };
    all.into_iter().flatten().map(at).collect()
}

fn volume(name: String, target: &str) -> Mount {
    Mount {
        typ: Some(MountType::VOLUME),
        source: Some(name),
        target: Some(target.to_owned()),
        ..Mount::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_launcher_reaches_it_wherever_it_is_published() {
        for (bind, addresses) in [
            ("127.0.0.1", vec!["127.0.0.1"]),
            ("0.0.0.0", vec!["0.0.0.0"]),
            ("192.168.1.5", vec!["192.168.1.5", "127.0.0.1"]),
        ] {
            let bindings = published(bind.parse().unwrap(), 3000);
            let found: Vec<_> = bindings.iter().filter_map(|binding| binding.host_ip.as_deref()).collect();
            assert_eq!(found, addresses);
        }
    }
}
