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
