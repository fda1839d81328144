//! The sandbox: what it may use and do, what it uses, and starting it anew.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::setting::SettingSource;
use crate::id::WorkspaceId;

mod choices;

/// How much power there is in the sandbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SandboxProfile {
    /// The tool host is the container's root, so that system packages can be installed; the agent has no power.
    #[default]
    Installable,
    /// Nobody in the container has any power, and its system cannot be written.
    Strict,
}

/// What programs in the sandbox may reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EgressMode {
    /// Any public host on ports 80 and 443, through the proxy.
    #[default]
    Public,
    /// Of the public hosts only those on the list.
    Allowlist,
    /// Nothing.
    None,
    /// A network of its own without the proxy: weaker, for programs that cannot use one.
    Direct,
}

/// What the sandbox may use and do: the values in force. What another version does not tell has its default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SandboxSettings {
    /// How much power there is in it.
    pub profile: SandboxProfile,
    /// What it may reach.
    pub egress: EgressMode,
    /// Hosts for the mode `allowlist`: `example.com`, or `*.example.com` for everything below it.
    pub egress_hosts: Vec<String>,
    /// Whether the agent may install system packages.
    pub system_packages: bool,
    /// Memory in MiB; 0 for 4096, or half of the machine's where that is less.
    pub memory_mib: u32,
    /// Processor time in percent of one processor; 0 for all but half a processor.
    pub cpu_percent: u32,
    /// Processes and threads.
    pub processes: u32,
    /// Size of the workspace in MiB; 0 for no bound.
    pub workspace_mib: u32,
    /// Seconds that a command gets when its call names none.
    pub command_seconds: u32,
    /// Minutes without a viewer and a window after which the desktop is ended.
    pub desktop_idle_minutes: u32,
    /// Characters of a command's output that the model is given, beginning and end together.
    pub output_chars: u32,
    /// MiB that whole outputs of commands may take up on the sandbox's disk; one command's a quarter of it.
    pub output_mib: u32,
    /// Characters of a file that the model is shown at a time; larger files in parts.
    pub file_chars: u32,
    /// Characters of a web page's text that the model is given at a time.
    pub page_chars: u32,
}

/// What one source says about [`SandboxSettings`]; what is absent is left to others. `PUT /sandbox/settings`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct SandboxChoices {
    /// How much power there is in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<SandboxProfile>,
    /// What it may reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress: Option<EgressMode>,
    /// Hosts for the mode `allowlist`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub egress_hosts: Option<Vec<String>>,
    /// Whether the agent may install system packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_packages: Option<bool>,
    /// Memory in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_mib: Option<u32>,
    /// Processor time in percent of one processor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_percent: Option<u32>,
    /// Processes and threads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<u32>,
    /// Size of the workspace in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace_mib: Option<u32>,
    /// Seconds that a command gets when its call names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command_seconds: Option<u32>,
    /// Minutes without a viewer and a window after which the desktop is ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desktop_idle_minutes: Option<u32>,
    /// Characters of a command's output that the model is given, beginning and end together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_chars: Option<u32>,
    /// MiB that whole outputs of commands may take up on the sandbox's disk; one command's a quarter of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_mib: Option<u32>,
    /// Characters of a file that the model is shown at a time; larger files in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_chars: Option<u32>,
    /// Characters of a web page's text that the model is given at a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_chars: Option<u32>,
}

/// `GET /sandbox/settings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SandboxSettingsReport {
    /// The values in force, or from the next start on.
    pub settings: SandboxSettings,
    /// What is saved in this instance.
    pub saved: SandboxChoices,
    /// Where each value comes from, by the name of its field.
    pub sources: BTreeMap<String, SettingSource>,
    /// Fields whose changes hold only once the sandbox is made anew.
    pub at_next_start: Vec<String>,
    /// Whether `POST /sandbox/reset` works: a launcher listens, who alone can talk to Docker.
    pub can_reset: bool,
}

/// `GET /sandbox/usage`: what the sandbox uses at the moment. Without a container, what the tool host and the
/// processes of its shells use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SandboxUsage {
    /// Processor time since the last look, in percent of one processor; 0 at the first look.
    pub cpu_percent: f64,
    /// Memory in bytes, without what the system could take back at once.
    pub memory_bytes: u64,
    /// Most memory in bytes, where there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_limit: Option<u64>,
    /// Processes and threads.
    pub processes: u64,
    /// Most of them, where there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processes_limit: Option<u64>,
    /// Disk space of the workspace that every instance has, in bytes, as last measured.
    pub workspace_bytes: u64,
    /// Disk space of each further workspace that the person can use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further_workspaces: Vec<WorkspaceUsage>,
    /// Disk space of all workspaces together, those of others among them.
    #[serde(default)]
    pub all_workspaces_bytes: u64,
    /// Most disk space of each workspace, where there is a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace_limit: Option<u64>,
    /// How many processes the kernel has killed because memory ran out.
    pub out_of_memory_kills: u64,
}

/// What a workspace takes up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WorkspaceUsage {
    /// Which.
    pub id: WorkspaceId,
    /// Its disk space in bytes, as last measured.
    pub bytes: u64,
}

/// `GET /sandbox/orders`, for the launcher: what it is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SandboxOrder {
    /// Make the sandbox anew from the image.
    Reset,
    /// Nothing at the moment: ask again.
    Wait,
}

/// Answer of `GET /sandbox/orders`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SandboxOrders {
    /// What to do.
    pub order: SandboxOrder,
}
