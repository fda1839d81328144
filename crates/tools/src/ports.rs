//! Which TCP ports the agent's programs listen on, and those of people's own shells.

mod news;
mod sockets;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use slipway_protocol::sandbox::ListeningPort;

pub(crate) use self::news::PortNews;
use crate::shell::{ProgramGroup, ShellPool};
use crate::terminals::Terminals;
use crate::workspace::Workspace;

/// Finds listening ports; remembers what it found for as long as the same sockets listen.
pub struct Ports {
    shells: Arc<ShellPool>,
    terminals: Option<Arc<Terminals>>,
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
        Self { shells, terminals: None, workspace, last: Mutex::default() }
    }

    /// Looks at what people's own shells run as well.
    #[must_use]
    pub fn with_terminals(mut self, terminals: Arc<Terminals>) -> Self {
        self.terminals = Some(terminals);
        self
    }

    /// The ports that programs of any conversation listen on, the lowest first. Blocks for some milliseconds
    /// when a socket has come or gone.
    pub fn listening(&self) -> Vec<ListeningPort> {
        let sockets = sockets::listening();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A program may take up a handle while it listens, so what has none yet is looked at again.
        let may_change = |port: &ListeningPort| port.process_id.is_none() && port.terminal_id.is_none();
        if last.sockets != sockets || last.ports.iter().any(may_change) {
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
                        terminal_id: None,
                        command: group.command.clone(),
                    });
                }
            }
        }
        for program in self.terminals.iter().flat_map(|terminals| terminals.programs()) {
            for port in self.workspace.as_owner(|| sockets::of_processes(sockets, &[program.process])) {
                found.entry(port).or_insert_with(|| ListeningPort {
                    port,
                    conversation_id: program.conversation.clone(),
                    process_id: None,
                    terminal_id: Some(program.terminal.clone()),
                    command: program.name(),
                });
            }
        }
        found.into_values().collect()
    }

    fn of_group(&self, sockets: &BTreeMap<u64, u16>, group: &ProgramGroup) -> Vec<u16> {
        self.workspace.as_owner(|| sockets::of_processes(sockets, &group.members))
    }
}
