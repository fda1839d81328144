//! The sandbox container: the tool host and everything that the agent does. It has no network, no key
//! and no way to change the socket that it dials.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use bollard::models::{
    ContainerCreateBody, HostConfig, Mount, MountType, RestartPolicy, RestartPolicyNameEnum, SystemInfo,
};

use super::connection::Engine;
use super::container::{ContainerSpec, SecretFile, part_label, string_map};
use super::control::{SLIPWAY_UID, SOCKET_DIRECTORY};
use super::hardening;
use super::instance::Names;
use crate::cli::PartName;
use crate::state::WorkspaceOwner;

/// What the tool host needs as the container's root: `apt` (the first five), and ending the agent's
/// processes, which run as another user.
const TOOL_HOST_CAPABILITIES: [&str; 6] = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "KILL"];
/// Where the tool host takes requests for the world outside; see `docker/entry/slipway-sandbox`.
const PROXY: &str = "http://127.0.0.1:3128";
/// Who the agent is where the workspace's owner does not decide it.
const DEFAULT_UID: u32 = 1000;
/// Processes and threads in the sandbox.
const PIDS_LIMIT: i64 = 512;
/// Memory of the sandbox in bytes, unless that is more than half of the machine's.
const MEMORY_LIMIT: i64 = 4 << 30;
/// Shared memory in bytes: browsers need more than Docker's default.
const SHARED_MEMORY: i64 = 256 << 20;
/// Share of processor time against 1024 for others, so that a busy sandbox leaves the gateway quick.
const CPU_SHARES: i64 = 512;

/// Who the agent's shell runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShellUser {
    /// The owner of the workspace. The tool host is the container's root with a few capabilities.
    Owner {
        /// User on the host and in the container.
        uid: u32,
        /// Group on the host and in the container.
        gid: u32,
    },
    /// The container's root, like the tool host, neither of them with any capability: for workspaces that
    /// only root can write.
    PowerlessRoot,
}

/// Decides it. A workspace of root's that is Slipway's own or still empty is given to uid 1000.
pub(super) fn shell_user(engine: &Engine, workspace: &Path, owner: WorkspaceOwner) -> io::Result<ShellUser> {
    if engine.is_rootless() {
        return Ok(ShellUser::PowerlessRoot);
    }
    if engine.is_desktop() {
        return Ok(ShellUser::Owner { uid: DEFAULT_UID, gid: DEFAULT_UID });
    }
    let metadata = fs::metadata(workspace)?;
    if metadata.uid() != 0 {
        return Ok(ShellUser::Owner { uid: metadata.uid(), gid: metadata.gid() });
    }
    let is_empty = fs::read_dir(workspace)?.next().is_none();
    if is_empty || owner == WorkspaceOwner::Instance {
        std::os::unix::fs::chown(workspace, Some(DEFAULT_UID), Some(DEFAULT_UID))?;
        return Ok(ShellUser::Owner { uid: DEFAULT_UID, gid: DEFAULT_UID });
    }
    Ok(ShellUser::PowerlessRoot)
}

/// What the sandbox container depends on.
pub(super) struct SandboxInput<'a> {
    /// Names of the instance's things.
    pub(super) names: &'a Names,
    /// The image.
    pub(super) image: &'a str,
    /// Labels that everything of the instance has.
    pub(super) labels: &'a HashMap<String, String>,
    /// Directory on the host, absolute.
    pub(super) workspace: PathBuf,
    /// Who the agent is.
    pub(super) user: ShellUser,
    /// The machine that it will run on.
    pub(super) machine: &'a SystemInfo,
    /// Settings, as `NAME=value`.
    pub(super) environment: &'a [String],
    /// The sandbox's token.
    pub(super) token: String,
}

/// How to create it.
pub(super) fn spec(input: SandboxInput<'_>) -> ContainerSpec {
    let (uid, gid) = match input.user {
        ShellUser::Owner { uid, gid } => (uid, gid),
        ShellUser::PowerlessRoot => (0, 0),
    };
    let host_config = host_config(&input);
    let mut environment =
        vec![format!("SHELL_UID={uid}"), format!("SHELL_GID={gid}"), "NO_COLOR=1".to_owned()];
    environment.extend(
        ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].map(|name| format!("{name}={PROXY}")),
    );
    environment.extend(["no_proxy", "NO_PROXY"].map(|name| format!("{name}=localhost,127.0.0.1,::1")));
    environment.push("NODE_USE_ENV_PROXY=1".to_owned());
    environment.extend_from_slice(input.environment);
    let body = ContainerCreateBody {
        image: Some(input.image.to_owned()),
        user: Some("0:0".to_owned()),
        hostname: Some("sandbox".to_owned()),
        working_dir: Some("/workspace".to_owned()),
        cmd: Some(vec!["slipway-sandbox".to_owned()]),
        env: Some(environment),
        labels: Some(input.labels.clone()),
        host_config: Some(host_config),
        ..ContainerCreateBody::default()
    };
    let token =
        SecretFile { directory: "/etc/slipway", name: "sandbox.token", owner: 0, contents: input.token };
    ContainerSpec {
        name: input.names.container(part_label(PartName::Sandbox)),
        part: PartName::Sandbox,
        body,
        files: vec![token],
    }
}

fn host_config(input: &SandboxInput<'_>) -> HostConfig {
    let memory = memory_limit(input.machine.mem_total);
    let (capabilities, groups) = match input.user {
        ShellUser::Owner { .. } => (TOOL_HOST_CAPABILITIES.map(str::to_owned).to_vec(), Vec::new()),
        // Without capabilities it reaches the socket only as a member of its group.
        ShellUser::PowerlessRoot => (Vec::new(), vec![SLIPWAY_UID.to_string()]),
    };
    HostConfig {
        network_mode: Some("none".to_owned()),
        mounts: Some(vec![
            Mount {
                typ: Some(MountType::BIND),
                source: Some(input.workspace.display().to_string()),
                target: Some("/workspace".to_owned()),
                ..Mount::default()
            },
            Mount {
                typ: Some(MountType::VOLUME),
                source: Some(input.names.socket_volume()),
                target: Some(SOCKET_DIRECTORY.to_owned()),
                read_only: Some(true),
                ..Mount::default()
            },
        ]),
        // Docker's own default would forbid to run what was built there.
        tmpfs: Some(string_map([("/tmp", "rw,nosuid,nodev,exec,size=1g,mode=1777")])),
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(capabilities),
        group_add: Some(groups),
        security_opt: Some(hardening::security_options(input.machine)),
        pids_limit: Some(PIDS_LIMIT),
        memory: Some(memory),
        memory_swap: Some(memory),
        cpu_shares: Some(CPU_SHARES),
        nano_cpus: hardening::processor_time(input.machine),
        shm_size: Some(SHARED_MEMORY),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::ON_FAILURE),
            maximum_retry_count: Some(3),
        }),
        ..HostConfig::default()
    }
}

/// Bytes of memory for the sandbox on a machine with `total` bytes.
fn memory_limit(total: Option<i64>) -> i64 {
    match total {
        Some(total) if total > 0 => MEMORY_LIMIT.min(total / 2),
        _ => MEMORY_LIMIT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sandbox_takes_at_most_half_of_the_memory() {
        assert_eq!(memory_limit(Some(24 << 30)), 4 << 30);
        assert_eq!(memory_limit(Some(2 << 30)), 1 << 30);
        assert_eq!(memory_limit(None), 4 << 30);
    }

    fn sample(user: ShellUser) -> ContainerSpec {
        let names = Names { instance: "1".parse().unwrap() };
        spec(SandboxInput {
            names: &names,
            image: "slipway:test",
            labels: &HashMap::new(),
            workspace: PathBuf::from("/home/person/project"),
            user,
            machine: &SystemInfo::default(),
            environment: &[],
            token: "secret-token".to_owned(),
        })
    }

    #[test]
    fn the_sandbox_has_no_network_and_its_creation_shows_no_token() {
        let spec = sample(ShellUser::Owner { uid: 1234, gid: 1234 });
        let host = spec.body.host_config.clone().unwrap();
        assert_eq!(host.network_mode.as_deref(), Some("none"));
        assert_eq!(host.cap_drop, Some(vec!["ALL".to_owned()]));
        assert!(host.security_opt.unwrap().contains(&"no-new-privileges:true".to_owned()));
        let socket = host.mounts.unwrap().into_iter().find(|mount| mount.typ == Some(MountType::VOLUME));
        assert_eq!(socket.unwrap().read_only, Some(true));
        assert!(!serde_json::to_string(&spec.body).unwrap().contains("secret-token"));
        assert!(!format!("{spec:?}").contains("secret-token"));
    }

    #[test]
    fn root_without_an_owner_has_no_capability() {
        let host = sample(ShellUser::PowerlessRoot).body.host_config.unwrap();
        assert_eq!(host.cap_add, Some(Vec::new()));
        assert_eq!(host.group_add, Some(vec!["999".to_owned()]));
    }
}
