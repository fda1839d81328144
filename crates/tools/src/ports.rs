//! Which TCP ports the agent's programs listen on.

mod news;
mod sockets;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use slipway_protocol::sandbox::ListeningPort;

pub(crate) use self::news::PortNews;
use crate::shell::{ProgramGroup, ShellPool};
use crate::workspace::Workspace;

/// Finds listening ports; remembers what it found for as long as the same sockets listen.
pub struct Ports {
    shells: Arc<ShellPool>,
    workspace: Arc<Workspace>,
    last: Mutex<Found>,
}

#[derive(Default)]
struct Found {
    sockets: BTreeMap<u64, u16>,
    ports: Vec<ListeningPort>,
}

impl Ports {
    /// Looks at the programs of these shells.
    pub fn new(shells: Arc<ShellPool>, workspace: Arc<Workspace>) -> Self {
        Self { shells, workspace, last: Mutex::default() }
    }

    /// The ports that programs of any conversation listen on, the lowest first. Blocks for some milliseconds
    /// when a socket has come or gone.
    pub fn listening(&self) -> Vec<ListeningPort> {
        let sockets = sockets::listening();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A program may take up a handle while it listens, so what has none yet is looked at again.
        if last.sockets != sockets || last.ports.iter().any(|port| port.process_id.is_none()) {
            last.ports = self.look(&sockets);
            last.sockets = sockets;
        }
        last.ports.clone()
    }

    fn look(&self, sockets: &BTreeMap<u64, u16>) -> Vec<ListeningPort> {
        let mut found: BTreeMap<u16, ListeningPort> = BTreeMap::new();
        for (conversation_id, table) in self.shells.tables() {
            for group in table.programs().into_iter().chain(table.replaced_shells()) {
                for port in self.of_group(sockets, &group) {
                    found.entry(port).or_insert_with(|| ListeningPort {
                        port,
                        conversation_id: conversation_id.clone(),
                        process_id: group.process_id.clone(),
                        command: group.command.clone(),
                    });
                }
            }
        }
        found.into_values().collect()
    }

    fn of_group(&self, sockets: &BTreeMap<u64, u16>, group: &ProgramGroup) -> Vec<u16> {
        self.workspace.as_owner(|| sockets::of_processes(sockets, &group.members))
    }
}
