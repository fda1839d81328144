//! What an instance's things are called in Docker.

use crate::state::InstanceNumber;

/// Names of an instance's things in Docker.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    /// Which instance.
    pub(super) instance: InstanceNumber,
}

impl Names {
    pub(super) fn container(self, part: &str) -> String {
        format!("slipway-{}-{part}", self.instance)
    }

    pub(super) fn network(self) -> String {
        format!("slipway-{}", self.instance)
    }

    /// The sandbox's network in the egress mode `direct`; not the control container's.
    pub(super) fn direct_network(self) -> String {
        format!("slipway-{}-direct", self.instance)
    }

    pub(super) fn data_volume(self) -> String {
        format!("slipway-{}-data", self.instance)
    }

    pub(super) fn socket_volume(self) -> String {
        format!("slipway-{}-ipc", self.instance)
    }
}
