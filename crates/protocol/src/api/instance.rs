//! What an instance and its sandbox are like.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;
use crate::sandbox::{Confinement, OpenPort};

/// `GET /instance`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Instance {
    /// Slipway's version.
    pub version: String,
    /// Number of the instance, from 1.
    pub number: u32,
    /// Where the stand-alone desktop page is; absent when there is no desktop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desktop_url: Option<String>,
    /// The sandbox.
    pub sandbox: SandboxStatus,
    /// Whether the first-run screen is due.
    pub needs_setup: bool,
    /// Most bytes that one upload to the workspace may have.
    pub max_upload_bytes: u64,
    /// Why nothing can be saved at the moment; runs wait until it can. Absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<Problem>,
}

/// `GET /instance/environment`: what the instance stands on, as the first-run screen explains it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InstanceEnvironment {
    /// Number of the instance, from 1.
    pub number: u32,
    /// Slipway's version.
    pub version: String,
    /// The image that the containers run from; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Ports of this machine that the instance takes.
    pub ports: Vec<InstancePort>,
    /// Disks that it writes to: that of its data first; that of the workspaces once a sandbox is there.
    pub disks: Vec<DiskSpace>,
    /// Whether the sandbox can be reached.
    pub sandbox: SandboxReach,
}

/// A port of this machine that the instance takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct InstancePort {
    /// What for.
    pub purpose: PortPurpose,
    /// Its number.
    pub port: u16,
    /// What it is in an instance of this number when nobody else has it.
    pub usual: u16,
}

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortPurpose {
    /// The UI and the API.
    Ui,
    /// The stand-alone desktop page.
    Desktop,
}

/// How full a disk is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DiskSpace {
    /// What is written there.
    pub purpose: DiskPurpose,
    /// Where, as the program that writes sees it.
    pub path: String,
    /// Its size in bytes.
    pub total_bytes: u64,
    /// What is free for the program that writes, in bytes.
    pub free_bytes: u64,
    /// Whether that is so little that work may break off soon.
    pub is_low: bool,
}

impl DiskSpace {
    /// Below so many free bytes little is left: conversations and pictures fit, a build may not.
    pub const LOW_BYTES: u64 = 2 << 30;
}

/// What is written to a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiskPurpose {
    /// Conversations, pictures and recorded states.
    Data,
    /// The workspaces.
    Workspace,
}

/// Whether the sandbox can be reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SandboxReach {
    /// Whether its tool host is attached.
    pub attached: bool,
    /// Since when it is so.
    pub since: i64,
    /// How the tools are fenced in; absent until a tool host was attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confinement: Option<Confinement>,
    /// Whether a launcher is there, which makes the sandbox's container anew when it is asked to.
    pub launcher: bool,
    /// What is wrong and what to do; absent when it is attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
}

/// Ports that an instance takes when they are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsualPorts {
    /// Of the UI and the API.
    pub ui: u16,
    /// Of the stand-alone desktop page.
    pub desktop: u16,
}

impl UsualPorts {
    /// Distance between the ports of two instances.
    const STRIDE: u16 = 10;

    /// Those of the instance with this number, from 1.
    pub fn of_instance(number: u32) -> Self {
        let further = u16::try_from(number.saturating_sub(1)).unwrap_or(u16::MAX);
        let offset = further.saturating_mul(Self::STRIDE);
        Self { ui: 3000_u16.saturating_add(offset), desktop: 6080_u16.saturating_add(offset) }
    }
}

/// The sandbox as the person should see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SandboxStatus {
    /// Whether its tool host is attached.
    pub attached: bool,
    /// How the tools are fenced in; `None` until a tool host was attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confinement: Option<Confinement>,
    /// Absolute path of the workspace as tools see it; empty until a tool host was attached.
    pub workspace: String,
    /// Absolute path of the directory that further workspaces are in; absent when there can be none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspaces: Option<String>,
    /// Whether it has a desktop.
    pub desktop: bool,
    /// Whether the person has taken control of the desktop, so that the model's input is refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub person_drives: bool,
    /// Ports that the agent's programs listen on; each can be looked at under
    /// `GET /api/v1/ports/{port}/preview`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<OpenPort>,
    /// What the person must know, for example that this is not a container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}
