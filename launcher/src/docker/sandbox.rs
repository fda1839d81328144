//! The sandbox container: the tool host and everything that the agent does. It has no network, no key
//! and no way to change the socket that it dials.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use bollard::models::{
    ContainerCreateBody, HostConfig, Mount, MountType, ResourcesUlimits, RestartPolicy,
    RestartPolicyNameEnum, SystemInfo,
};
use slipway_protocol::api::{EgressMode, SandboxChoices, SandboxProfile, SandboxSettings};

use super::connection::Engine;
use super::container::{ContainerSpec, SecretFile, part_label, string_map};
use super::control::{SLIPWAY_UID, SOCKET_DIRECTORY};
use super::hardening;
use super::names::Names;
use crate::cli::PartName;
use crate::state::WorkspaceOwner;

/// What the tool host needs as the container's root: `apt` (the first five), and ending the agent's
/// processes, which run as another user.
const TOOL_HOST_CAPABILITIES: [&str; 6] = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "SETUID", "SETGID", "KILL"];
/// Where the tool host takes requests for the world outside; see `docker/entry/slipway-sandbox`.
const PROXY: &str = "http://127.0.0.1:3128";
/// Who the agent is where the workspace's owner does not decide it.
const DEFAULT_UID: u32 = 1000;
/// Memory of the sandbox in bytes, unless that is more than half of the machine's.
const MEMORY_LIMIT: i64 = 4 << 30;
/// Size of `/tmp` in bytes, unless that is more than a quarter of the memory.
const TEMPORARY_LIMIT: i64 = 1 << 30;
/// Shared memory in bytes, likewise: browsers need more than Docker's default.
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

/// Gives the directory of further workspaces, if it is root's, to whoever the agent is.
pub(super) fn give(directory: &Path, user: ShellUser) -> io::Result<()> {
    match user {
        ShellUser::Owner { uid, gid } if fs::metadata(directory)?.uid() == 0 && uid != 0 => {
            std::os::unix::fs::chown(directory, Some(uid), Some(gid))
        }
        ShellUser::Owner { .. } | ShellUser::PowerlessRoot => Ok(()),
    }
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
    /// Directory on the host that further workspaces are in, absolute.
    pub(super) further: PathBuf,
    /// Who the agent is.
    pub(super) user: ShellUser,
    /// The machine that it will run on.
    pub(super) machine: &'a SystemInfo,
    /// What it may use and do.
    pub(super) settings: &'a SandboxSettings,
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
    if input.settings.egress != EgressMode::Direct {
        environment.extend(
            ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].map(|name| format!("{name}={PROXY}")),
        );
        environment.extend(["no_proxy", "NO_PROXY"].map(|name| format!("{name}=localhost,127.0.0.1,::1")));
        environment.push("NODE_USE_ENV_PROXY=1".to_owned());
    }
    environment.extend(said(input.settings));
    let is_strict = input.settings.profile == SandboxProfile::Strict;
    let body = ContainerCreateBody {
        image: Some(input.image.to_owned()),
        user: Some(if is_strict { format!("{uid}:{gid}") } else { "0:0".to_owned() }),
        hostname: Some("sandbox".to_owned()),
        working_dir: Some("/workspace".to_owned()),
        cmd: Some(vec!["slipway-sandbox".to_owned()]),
        env: Some(environment),
        labels: Some(input.labels.clone()),
        host_config: Some(host_config),
        ..ContainerCreateBody::default()
    };
    let token = SecretFile {
        directory: "/etc/slipway",
        name: "sandbox.token",
        owner: 0,
        mode: 0o400,
        contents: input.token,
    };
    ContainerSpec {
        name: input.names.container(part_label(PartName::Sandbox)),
        part: PartName::Sandbox,
        body,
        // Nothing can be put into a container that cannot be written: the control container brings it.
        files: if is_strict { Vec::new() } else { vec![token] },
    }
}

fn host_config(input: &SandboxInput<'_>) -> HostConfig {
    let settings = input.settings;
    let memory = memory_limit(input.machine.mem_total, settings.memory_mib);
    let is_strict = settings.profile == SandboxProfile::Strict;
    let (capabilities, groups) = match input.user {
        ShellUser::Owner { .. } if !is_strict => {
            (TOOL_HOST_CAPABILITIES.map(str::to_owned).to_vec(), Vec::new())
        }
        // Without capabilities it reaches the socket only as a member of its group.
        ShellUser::Owner { .. } | ShellUser::PowerlessRoot => (Vec::new(), vec![SLIPWAY_UID.to_string()]),
    };
    // Docker's own default for tmpfs would forbid to run what was built there.
    // What lies there takes memory, so that full ones must leave some.
    let size = (memory / 4).min(TEMPORARY_LIMIT);
    let options = format!("rw,nosuid,nodev,exec,size={size}");
    let mut temporary = string_map([("/tmp", format!("{options},mode=1777").as_str())]);
    if is_strict {
        let (uid, gid) = match input.user {
            ShellUser::Owner { uid, gid } => (uid, gid),
            ShellUser::PowerlessRoot => (0, 0),
        };
        temporary.insert("/home/agent".to_owned(), format!("{options},mode=700,uid={uid},gid={gid}"));
    }
    let file_size = i64::from(settings.workspace_mib) << 20;
    let file_size =
        ResourcesUlimits { name: Some("fsize".to_owned()), soft: Some(file_size), hard: Some(file_size) };
    HostConfig {
        network_mode: Some(match settings.egress {
            EgressMode::Direct => input.names.direct_network(),
            EgressMode::Public | EgressMode::Allowlist | EgressMode::None => "none".to_owned(),
        }),
        ulimits: (settings.workspace_mib > 0).then(|| vec![file_size]),
        readonly_rootfs: Some(is_strict),
        mounts: Some(vec![
            Mount {
                typ: Some(MountType::BIND),
                source: Some(input.workspace.display().to_string()),
                target: Some("/workspace".to_owned()),
                ..Mount::default()
            },
            Mount {
                typ: Some(MountType::BIND),
                source: Some(input.further.display().to_string()),
                target: Some("/workspaces".to_owned()),
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
        tmpfs: Some(temporary),
        cap_drop: Some(vec!["ALL".to_owned()]),
        cap_add: Some(capabilities),
        group_add: Some(groups),
        security_opt: Some(hardening::security_options(input.machine)),
        pids_limit: Some(i64::from(settings.processes)),
        memory: Some(memory),
        memory_swap: Some(memory),
        cpu_shares: Some(CPU_SHARES),
        nano_cpus: hardening::processor_time(input.machine, settings.cpu_percent),
        shm_size: Some(SHARED_MEMORY.min(memory / 4)),
        restart_policy: Some(RestartPolicy {
            // Without a limit: a person may restart the sandbox as often as they like.
            name: Some(RestartPolicyNameEnum::ON_FAILURE),
            maximum_retry_count: None,
        }),
        ..HostConfig::default()
    }
}

/// What the container's own programs must know of the settings, as `NAME=value`.
fn said(settings: &SandboxSettings) -> Vec<String> {
    let choices = SandboxChoices {
        profile: Some(settings.profile),
        egress: Some(settings.egress),
        system_packages: Some(settings.system_packages),
        workspace_mib: Some(settings.workspace_mib),
        command_seconds: Some(settings.command_seconds),
        desktop_idle_minutes: Some(settings.desktop_idle_minutes),
        output_chars: Some(settings.output_chars),
        output_mib: Some(settings.output_mib),
        file_chars: Some(settings.file_chars),
        ..SandboxChoices::default()
    };
    // The proxy's modes differ in the proxy only: changing between them needs no other container.
    let choices = match settings.egress {
        EgressMode::Direct => choices,
        _ => SandboxChoices { egress: None, ..choices },
    };
    choices.to_environment().into_iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// Bytes of memory for the sandbox on a machine with `total` bytes: what is wanted, or for 0 the usual.
fn memory_limit(total: Option<i64>, wanted_mib: u32) -> i64 {
    if wanted_mib > 0 {
        return i64::from(wanted_mib) << 20;
    }
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
        assert_eq!(memory_limit(Some(24 << 30), 0), 4 << 30);
        assert_eq!(memory_limit(Some(2 << 30), 0), 1 << 30);
        assert_eq!(memory_limit(None, 0), 4 << 30);
        assert_eq!(memory_limit(Some(2 << 30), 512), 512 << 20);
    }

    fn sample(user: ShellUser) -> ContainerSpec {
        with(user, &SandboxSettings::default())
    }

    fn with(user: ShellUser, settings: &SandboxSettings) -> ContainerSpec {
        let names = Names { instance: "1".parse().unwrap() };
        spec(SandboxInput {
            names: &names,
            image: "slipway:test",
            labels: &HashMap::new(),
            workspace: PathBuf::from("/home/person/project"),
            further: PathBuf::from("/state/workspaces"),
            user,
            machine: &SystemInfo::default(),
            settings,
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
    fn the_strict_profile_has_no_power_and_nothing_to_write() {
        let settings = SandboxSettings { profile: SandboxProfile::Strict, ..SandboxSettings::default() };
        let spec = with(ShellUser::Owner { uid: 1234, gid: 2345 }, &settings);
        assert_eq!(spec.body.user.as_deref(), Some("1234:2345"));
        assert!(spec.files.is_empty());
        let host = spec.body.host_config.unwrap();
        assert_eq!((host.cap_add, host.readonly_rootfs), (Some(Vec::new()), Some(true)));
        assert!(host.tmpfs.unwrap()["/home/agent"].contains("uid=1234,gid=2345"));
    }

    #[test]
    fn changing_between_the_proxys_modes_keeps_the_container() {
        let of = |egress| {
            let settings = SandboxSettings { egress, ..SandboxSettings::default() };
            with(ShellUser::Owner { uid: 1234, gid: 1234 }, &settings).body
        };
        assert_eq!(of(EgressMode::Public), of(EgressMode::Allowlist));
        assert_eq!(of(EgressMode::Public), of(EgressMode::None));
        let direct = of(EgressMode::Direct);
        assert!(!direct.env.unwrap().iter().any(|variable| variable.starts_with("http_proxy")));
        assert_eq!(direct.host_config.unwrap().network_mode.as_deref(), Some("slipway-1-direct"));
    }

    #[test]
    fn root_without_an_owner_has_no_capability() {
        let host = sample(ShellUser::PowerlessRoot).body.host_config.unwrap();
        assert_eq!(host.cap_add, Some(Vec::new()));
        assert_eq!(host.group_add, Some(vec!["999".to_owned()]));
    }
}
